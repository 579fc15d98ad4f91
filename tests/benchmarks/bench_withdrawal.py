"""What withdrawing one person does to a study's numbers: python tests/benchmarks/bench_withdrawal.py PERSON.

Copies the shipped corpora and the shipped study into a temporary folder, runs it up to the drift stage,
carries the withdrawal out, runs it again, and prints the estimates before and after with their difference:
those of the whole and of the sites in full, the rest as the median and largest difference of each grouping.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from peercompare.cli import main
from peercompare.study import run_study

ROOT = Path(__file__).resolve().parents[2]
KEY = ["corpus", "group_by", "group", "dimension", "estimand", "variant", "labels"]


def estimates(study):
    """Return the estimates of a study, run up to its drift stage."""
    return run_study(study, until="drift").table("estimates")


def compare(before, after):
    """Return both estimates side by side, and their difference."""
    columns = [*KEY, "estimate", "lower", "upper"]
    table = before[columns].merge(after[columns], on=KEY, how="outer", suffixes=("_before", "_after"))
    return table.assign(difference=table["estimate_after"] - table["estimate_before"])


def show(person, table):
    """Print what changed."""
    spoken = table[table["corpus"] == "session_transcripts"]
    chosen = spoken[
        spoken["group_by"].isin(["all", "site_id"])
        & spoken["estimand"].isin(["index", "slope", "share_peer", "share_clinical"])
        & (spoken["dimension"] == "all")
        & (spoken["variant"] == "as_coded")
    ]
    columns = [
        "group_by", "group", "estimand", "labels", "estimate_before", "lower_before",
        "upper_before", "estimate_after", "lower_after", "upper_after", "difference",
    ]  # fmt: skip
    groups = table.dropna(subset=["difference"]).groupby(["corpus", "labels", "group_by", "estimand"])
    sizes = groups["difference"].agg(
        n="size", median=lambda d: d.abs().median(), largest=lambda d: d.abs().max()
    )
    gone = (table["estimate_before"].notna() & table["estimate_after"].isna()).sum()
    new = (table["estimate_before"].isna() & table["estimate_after"].notna()).sum()
    pieces = [
        f"withdrawing {person}: session_transcripts, as coded, all dimensions",
        chosen[columns].to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep=""),
        sizes.round(3).to_string(),
        f"{gone} estimates are not given any more, {new} are given that were not",
    ]
    sys.stdout.write("\n\n".join(pieces) + "\n")


def run(person):
    """Run the study before and after."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("corpora", "notebooks"):
            shutil.copytree(ROOT / part, folder / part, copy_function=shutil.copyfile)
        study = folder / "notebooks" / "study.toml"
        before = estimates(study)
        words = ["consent", "withdraw", person, "--corpus", folder / "corpora" / "session_transcripts"]
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            main([str(word) for word in [*words, "--study", study, "--apply"]])
        show(person, compare(before, estimates(study)))


if __name__ == "__main__":
    for each in sys.argv[1:] or ["W02"]:
        run(each)
