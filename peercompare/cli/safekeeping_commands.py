"""Subcommands that keep a corpus safe on disk: encrypt, decrypt."""

from __future__ import annotations

import argparse
from pathlib import Path

from peercompare.cli.shared import DONE, add_command, must_exist, tell


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    words = "Encrypt the files of a corpus folder; they are decrypted in memory when it is opened."
    _add_key(add_command(commands, "encrypt", words, _encrypt), "made where there is none yet")
    words = "Decrypt the files of a corpus folder for good."
    _add_key(add_command(commands, "decrypt", words, _decrypt), "with which it was encrypted")


def _add_key(parser: argparse.ArgumentParser, which: str) -> None:
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="KEY",
        help=f"the key, {which}; outside of every corpus and study (default: $PEERCOMPARE_KEY_FILE)",
    )


def _encrypt(options: argparse.Namespace) -> int:
    from peercompare.safekeeping.encryption import encrypt_corpus

    must_exist(options.corpus)
    done = encrypt_corpus(options.corpus, key_file=options.key_file)
    if done.key_made:
        tell(f"Made the key {done.key_file}. Whoever loses it loses the corpus: keep a copy in a safe place.")
    print(f"{options.corpus}: {done.n_files} files encrypted; corpus.toml and the audit log stay plain.")
    tell(
        f"To open it: export PEERCOMPARE_KEY_FILE={done.key_file}. Copies made before, and the history of "
        "version control, are plain still; so may be unused blocks of the disk for a while."
    )
    return DONE


def _decrypt(options: argparse.Namespace) -> int:
    from peercompare.safekeeping.encryption import decrypt_corpus

    must_exist(options.corpus)
    done = decrypt_corpus(options.corpus, key_file=options.key_file)
    print(f"{options.corpus}: {done.n_files} files decrypted.")
    return DONE
