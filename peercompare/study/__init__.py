"""A study: study.toml in, results out; each step a table on disk."""

from peercompare.study.study import Results, Study, read_study, run_study

__all__ = ["Results", "Study", "read_study", "run_study"]
