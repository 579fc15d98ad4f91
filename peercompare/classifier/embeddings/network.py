"""What fine-tuning trains: a copy of an encoder, of which the upper layers may change, and a linear layer."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from peercompare.classifier.embeddings.encoder import Encoder
from peercompare.errors import InputError

if TYPE_CHECKING:
    import torch

DECAY = 0.9
"""What a layer's learning rate is of that of the layer above."""

DROPOUT = 0.1
HEAD = "head."


class StanceNetwork:
    """Embeds texts and scores classes.

    Parameters
    ----------
    encoder : Encoder
        Copied; the encoder itself does not change.
    n_classes : int
    n_layers : int, optional
        How many of the upper layers are trained; a third of them, rounded up, where left out.

    Raises
    ------
    InputError
        If the encoder has fewer layers, or none that can be told.
    """

    def __init__(self, encoder: Encoder, n_classes: int, *, n_layers: int | None = None) -> None:
        import torch

        self.body = copy.deepcopy(encoder.network)
        layers = layers_of(self.body)
        n_layers = -(-len(layers) // 3) if n_layers is None else n_layers
        if not 1 <= n_layers <= len(layers):
            raise InputError(f"{n_layers} layers cannot be trained of an encoder with {len(layers)}")
        self.n_layers, self.layers = n_layers, list(layers)[-n_layers:]
        self.body.requires_grad_(False)
        for layer in self.layers:
            layer.requires_grad_(True)
        self.head = torch.nn.Linear(encoder.n_dimensions, n_classes)
        self.dropout = torch.nn.Dropout(DROPOUT)

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Return one score for each class and text."""
        return self.head(self.dropout(self.embedded(texts).to(self.head.weight.dtype)))

    def embedded(self, texts: Sequence[str]) -> torch.Tensor:
        """Return embeddings as they are before they are brought to unit length."""
        features = self.body.preprocess(list(texts))
        for module in self.body:
            if type(module).__name__ != "Normalize":
                features = module(features)
        return features["sentence_embedding"]

    def train(self) -> StanceNetwork:
        """Switch dropout on in the parts that are trained."""
        self.body.eval()
        for part in (*self.layers, self.head, self.dropout):
            part.train()
        return self

    def eval(self) -> StanceNetwork:
        """Switch dropout off."""
        for part in (self.body, self.head, self.dropout):
            part.eval()
        return self

    def rates(self, top: float, head: float) -> list[dict[str, Any]]:
        """Return the parts that are trained with their learning rates, as an optimizer takes them."""
        powers = range(len(self.layers) - 1, -1, -1)
        groups = [
            {"params": list(layer.parameters()), "lr": top * DECAY**power}
            for layer, power in zip(self.layers, powers, strict=True)
        ]
        return [*groups, {"params": list(self.head.parameters()), "lr": head}]

    def trained(self) -> list[torch.Tensor]:
        """Return every parameter that is trained."""
        return [each for group in self.rates(1.0, 1.0) for each in group["params"]]

    def changed(self) -> dict[str, torch.Tensor]:
        """Return by name the weights that differ from the encoder's, and those of the linear layer."""
        own = {name: each.detach() for name, each in self.body.named_parameters() if each.requires_grad}
        return {**own, **{HEAD + name: each.detach() for name, each in self.head.named_parameters()}}

    def change(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `changed` returned.

        Raises
        ------
        KeyError, RuntimeError
            If they do not fit the encoder.
        """
        mine = self.changed()
        if set(mine) != set(weights):
            raise KeyError("the weights are not those of this encoder's layers")
        for name, values in weights.items():
            if mine[name].shape != values.shape:
                raise RuntimeError(f"{name} has the shape {tuple(values.shape)}")
            mine[name].copy_(values)


def layers_of(body: Any) -> Sequence[Any]:
    """Return the encoder's layers, lowest first: the longest list of modules in it.

    Raises
    ------
    InputError
        If there is none.
    """
    import torch

    lists = [each for each in body.modules() if isinstance(each, torch.nn.ModuleList)]
    longest = max(lists, key=len, default=[])
    if not len(longest):
        raise InputError(
            "The encoder has no layers that could be trained", remedy="use it frozen: --model embedding"
        )
    return longest


def half_precision() -> bool:
    """Tell whether this processor multiplies in bfloat16, which takes about half the time."""
    import torch

    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
