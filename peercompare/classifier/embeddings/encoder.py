"""Sentence encoders: loading one from a folder or a hub, telling it apart from others, embedding texts.

An encoder is whatever sentence-transformers can load with weights in safetensors: nothing is unpickled, and
no code that comes with a model is run. Texts are embedded on this computer; a hub is asked for weights alone,
and only where a name is given that is no folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from peercompare.classifier.reading import FIGURE, NAME, TITLE, read
from peercompare.errors import InputError, ModelError
from peercompare.progress import progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from peercompare.classifier.embeddings.cache import EmbeddingCache

EXTRA = 'pip install "peercompare[embeddings]"'
MAX_TOKENS = 128
"""Segments have at most 60 words; what is longer is cut."""

BATCH = 64

WORDING = {NAME: "someone", TITLE: "worker", FIGURE: "some"}
"""Words that an encoder knows, in place of masks that it does not."""

_MASKS = re.compile("|".join(WORDING))


@dataclass(frozen=True, eq=False, repr=False)
class Encoder:
    """A loaded sentence encoder; get one with `load_encoder`.

    Parameters
    ----------
    network : SentenceTransformer
        On the processor, in evaluation mode.
    name : str
        Folder or hub name that it was asked for by.
    sha256 : str
        Of its weights, its vocabulary and the length at which it cuts: equal hashes mean equal embeddings.
    """

    network: SentenceTransformer
    name: str
    sha256: str

    @property
    def n_dimensions(self) -> int:
        """Length of an embedding."""
        return int(self.network.get_embedding_dimension())

    def embed(
        self, texts: Sequence[str], *, cache: EmbeddingCache | None = None, titles: Sequence[str] = ()
    ) -> np.ndarray:
        """Embed texts; each different text once.

        Parameters
        ----------
        texts : sequence of str, length n_texts
            Names, titles and figures in them are not embedded; see `worded`.
        cache : EmbeddingCache, optional
            Asked first, and told what it did not know.
        titles : sequence of str, default ()
            Titles of posts.

        Returns
        -------
        np.ndarray of float32, shape (n_texts, n_dimensions)
            Rows of unit length where the encoder makes them so.
        """
        different = list(dict.fromkeys(texts))
        how = f"{self.sha256}:{hashlib.sha256(json.dumps([WORDING, *titles]).encode()).hexdigest()[:12]}"
        known = cache.get(how, different) if cache is not None else {}
        missing = [text for text in different if text not in known]
        fresh = dict(zip(missing, self._computed(worded(missing, titles)), strict=True))
        if cache is not None and fresh:
            cache.put(how, fresh)
        found = {**known, **fresh}
        rows = [found[text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.n_dimensions), dtype=np.float32)

    def _computed(self, texts: list[str]) -> np.ndarray:
        """Embed texts in batches of like length."""
        import torch

        out = np.empty((len(texts), self.n_dimensions), dtype=np.float32)
        order = by_length(texts)
        with deterministic(), torch.inference_mode():
            for rows in progress(batches(order, BATCH), description="embedding"):
                features = self.network.preprocess([texts[row] for row in rows])
                out[rows] = self.network(features)["sentence_embedding"].float().numpy()
        return out

    def __deepcopy__(self, memo: dict) -> Encoder:
        """Hand back the same encoder, which nothing changes: scikit-learn copies what it clones."""
        return self

    def __repr__(self) -> str:
        return f"<Encoder {self.name}: {self.n_dimensions} dimensions, sha256 {self.sha256[:12]}>"


def worded(texts: Sequence[str], titles: Sequence[str] = ()) -> list[str]:
    """Word texts as an encoder reads them: contractions written out, names, titles and figures masked.

    >>> worded(["She'll meet Ann at 9, and won't be late."])
    ['she will meet someone at some, and will not be late.']
    """
    plain = (read(text, titles=titles).plain for text in texts)
    return [_MASKS.sub(lambda found: WORDING[found.group()], text) for text in plain]


def by_length(texts: Sequence[str]) -> np.ndarray:
    """Return positions of texts from the shortest to the longest; equal ones in their order."""
    return np.argsort([len(text) for text in texts], kind="stable")


def batches(order: np.ndarray, size: int) -> list[np.ndarray]:
    """Part an order into batches."""
    return [order[start : start + size] for start in range(0, len(order), size)]


def need_extra() -> None:
    """Raise where sentence-transformers or torch is not installed.

    Raises
    ------
    InputError
        Which names the command that installs them.
    """
    try:
        import sentence_transformers  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        raise InputError(
            "Models with embeddings need sentence-transformers and torch, which are not installed here",
            remedy=f"install the extra: {EXTRA}; the README says how to choose a build of torch",
        ) from None


def load_encoder(where: str | Path | Encoder) -> Encoder:
    """Load a sentence encoder from a folder, or by its name from a hub.

    Parameters
    ----------
    where : str, Path or Encoder
        A folder that sentence-transformers or transformers wrote; else a name, which sentence-transformers
        looks up in its own cache and then on its hub. A loaded encoder is handed back.

    Returns
    -------
    Encoder
        On the processor; texts are cut after 128 tokens.

    Raises
    ------
    InputError
        If the extra is not installed, or the encoder cannot be loaded; weights must be safetensors.
    """
    if isinstance(where, Encoder):
        return where
    need_extra()
    network = _loaded(str(where))
    network.eval()
    network.max_seq_length = min(network.max_seq_length or MAX_TOKENS, MAX_TOKENS)
    return Encoder(network, str(where), network_sha256(network))


def _loaded(where: str) -> SentenceTransformer:
    """Load a network without pickle and without code from outside."""
    from sentence_transformers import SentenceTransformer

    with quiet():
        try:
            return SentenceTransformer(
                where,
                device="cpu",
                trust_remote_code=False,
                local_files_only=Path(where).is_dir(),
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # libraries below fail in many ways; all mean that there is no encoder
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise InputError(
                f"The encoder {where!r} cannot be loaded: {first}",
                remedy="name a folder that holds a sentence encoder with weights in safetensors, or a name "
                "that sentence-transformers knows",
            ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the bars of the libraries below off the screen while weights are read or written."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def network_sha256(network: SentenceTransformer) -> str:
    """Hash what an encoder computes with: weights, vocabulary, and the length at which it cuts.

    The folder that it came from plays no part, so that a copy has the same hash.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        values = tensor.detach().cpu().contiguous().numpy()
        digest.update(f"{name}{values.dtype}{values.shape}".encode())
        digest.update(values.tobytes())
    vocabulary = json.dumps(sorted(network.tokenizer.get_vocab().items()))
    digest.update(f"{vocabulary}{network.max_seq_length}".encode())
    return digest.hexdigest()


@contextmanager
def deterministic(seed: int | None = None) -> Iterator[None]:
    """Let torch compute the same from the same seed, and leave its settings as they were.

    Sums over several threads may still differ between computers, and between numbers of threads.
    """
    import torch

    strict = torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.use_deterministic_algorithms(True)
        if seed is not None:
            torch.manual_seed(seed)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(strict)


def check_encoder(encoder: Encoder, sha256: str, *, what: str) -> Encoder:
    """Refuse an encoder that is another than the one expected.

    Raises
    ------
    ModelError
        If its hash differs.
    """
    if encoder.sha256 != sha256:
        raise ModelError(
            f"{what} was made with another encoder than {encoder.name}",
            remedy=f"use the one with sha256 {sha256[:12]}..., or train again",
        )
    return encoder


def seed_of(random_state: Any) -> int:
    """Return a seed from what scikit-learn calls a random state."""
    from sklearn.utils import check_random_state

    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def text_keys(texts: Iterable[str]) -> list[str]:
    """Return the sha256 of each text, by which the cache knows it; blanks do not count."""
    return [hashlib.sha256(" ".join(text.split()).encode("utf-8")).hexdigest() for text in texts]
