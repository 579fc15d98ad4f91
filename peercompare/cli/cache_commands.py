"""The subcommand about what is kept between runs to save time: where it is, how much, and its removal."""

from __future__ import annotations

import argparse

from peercompare.cli.shared import DONE, add_command, tell

KINDS = {"answers": "predictions of folds", "embeddings": "embeddings"}
"""What is kept, and what a message calls it."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add ``cache``."""
    words = "Show where results are kept between runs to save time and how many, or remove them."
    parser = add_command(commands, "cache", words, _cache)
    parser.add_argument(
        "act",
        nargs="?",
        choices=["show", "clean"],
        default="show",
        help="show (default), or clean: remove everything, which costs nothing but time",
    )


def _cache(options: argparse.Namespace) -> int:
    from peercompare.caches import SWITCH, cache_folder

    folder = cache_folder()
    if folder is None:
        tell(f"Nothing is kept: {SWITCH} is off.")
        return DONE
    if options.act == "clean":
        print(f"{folder}: {emptied() or 'nothing'} removed.")
        return DONE
    print(f"{folder} (set {SWITCH} to another folder, or to off)")
    for kind, (n, n_bytes) in _held().items():
        print(f"  {n} {KINDS[kind]}, {n_bytes / 2**20:.1f} MB")
    return DONE


def _held() -> dict[str, tuple[int, int]]:
    """Count what is kept, and its bytes, by kind."""
    from peercompare.caches import cache_folder
    from peercompare.classifier.embeddings.cache import FILE, user_cache
    from peercompare.classifier.remembered import answers_store

    path = cache_folder() / FILE
    embeddings = (len(user_cache()), path.stat().st_size) if path.is_file() else (0, 0)
    return {"answers": answers_store().size(), "embeddings": embeddings}


def emptied() -> str:
    """Remove everything that is kept, and say in words what it was; nothing where nothing was."""
    from peercompare.classifier.embeddings.cache import clear_user_cache
    from peercompare.classifier.remembered import answers_store

    store = answers_store()
    counts = {"answers": store.clear() if store else 0, "embeddings": clear_user_cache()}
    return " and ".join(f"{n} {KINDS[kind]}" for kind, n in counts.items() if n)
