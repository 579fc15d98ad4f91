"""Schedulers and workers of Dask in processes of their own, and texts with a word that must not travel."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd

TELLING = {
    "none": ["Bus leaves at nine", "Parking behind the hall"],
    "shared": ["We dig together here", "Our shed stands open"],
    "both": ["Fresh beans taste good", "Clean rakes last longer"],
    "managed": ["The warden counts rakes", "Sign the quota sheet"],
}
FILLER = "today tomorrow slowly often again near north south early late".split()
SECRET = "marshbird"
"""A word in every text: wherever it is found, a text has been."""


def sentences(n, seed):
    """Texts, and the label that each tells."""
    rng = np.random.default_rng(seed)
    labels = [list(TELLING)[at] for at in rng.integers(len(TELLING), size=n)]
    texts = [f"{rng.choice(TELLING[label])} {SECRET} {' '.join(rng.choice(FILLER, 4))}" for label in labels]
    return texts, labels


def rows_of(n, seed):
    texts, labels = sentences(n, seed)
    ids = {
        "segment_id": [f"t{seed}-{at}" for at in range(n)],
        "document_id": [f"d{at // 9}" for at in range(n)],
    }
    return pd.DataFrame({**ids, "text": texts, "label": labels}).astype(object)


def same_parts(one, other):
    """Say whether two folders hold the same predictions in the same parts."""
    names = [[path.name for path in sorted(folder.iterdir())] for folder in (one, other)]
    assert names[0] == names[1]
    assert (one / "state.json").read_bytes() == (other / "state.json").read_bytes()
    for name in names[0][:-1]:
        left, right = pd.read_parquet(one / name), pd.read_parquet(other / name)
        pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=0, atol=1e-9)


def until(found, *, seconds=90):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


class Cluster:
    """A scheduler and workers in processes of their own, which end with the block.

    Parameters
    ----------
    folder : Path
        Where they write what they log, and what they spill.
    port : int
        Of the scheduler; 0 for any.
    """

    def __init__(self, folder, port=0):
        self.folder, self.processes, self.logs = folder, [], []
        self._file = folder / "scheduler.json"
        self._file.unlink(missing_ok=True)
        told = [
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-dashboard",
            "--scheduler-file",
            str(self._file),
        ]
        self.scheduler = self._started("scheduler", told)
        until(self._file.is_file)
        self.address = json.loads(self._file.read_text())["address"]

    def _started(self, kind, told, **more):
        log = self.folder / f"{kind}-{len(self.processes)}.log"
        self.logs.append(log)
        environment = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "debug", "OMP_NUM_THREADS": "1", **more}
        with open(log, "wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *told],
                stdout=stream, stderr=stream, env=environment, cwd=self.folder,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, **environment):
        """Start a worker of one thread, without a nanny that would start it again."""
        told = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        told += ["--memory-limit", "1GB", "--local-directory", str(self.folder / "scratch")]
        return self._started("worker", [self.address, *told], **environment)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def logged(self):
        """All that was logged."""
        return "".join(log.read_text(errors="replace") for log in self.logs)


def command(*told):
    """Start `peercompare` in a process of its own."""
    code = "import sys; from peercompare.cli import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, told)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
