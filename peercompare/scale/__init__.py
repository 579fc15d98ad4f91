"""The same predictions and estimates over partitions, on Dask: this machine's processes or a cluster.

Texts stay where they are: tasks name files and rows, every worker reads them past the same gates, and what
comes back are numbers that add up. Needs the extra ``scale``. Nothing is imported here, so that a scheduler
that is not there is told at once: take `connected` from ``peercompare.scale.connecting``, and what to do on
it from ``predicting``, ``agreeing`` and ``drifting``.
"""
