"""The network of `filmgraph.encoder` in training: BERT (Devlin et al. 2019, arXiv:1810.04805) with heads for pairs.

`from_onnx` starts it from a pretrained model of 384 dimensions, whole or cut down to some of its layers; `write` leaves
it as the file that the package reads, in eight bits and with the word pieces that are used.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from filmgraph.encoder import CLASSES, KINDS, RELATIONS, STANCES, TRAITS

__all__ = ["HEADS", "Batch", "Network", "from_onnx", "start_kinds", "write"]

HEADS = (CLASSES, RELATIONS, STANCES)
WIDTH, ATTENTION_HEADS, INNER = 384, 12, 1536
LONGEST = 512
DROPOUT = 0.1
FEWEST = 3
"""How often a piece must be seen to be kept; a word whose pieces are not is cut into shorter ones."""
LIKE = {
    "[reviewed]": "it", "[earlier]": "movie", "[later]": "film", "[film]": "film", "[akin earlier]": "original",
    "[akin later]": "sequel", "[akin]": "sequel", "[person]": "director", "[maker]": "director", "[work]": "novel",
    "[series]": "series", "[own series]": "series", "[influence]": "formula",
}  # fmt: skip
"""The word whose embedding the token of a kind of mention starts from."""

Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
"""tokens (sentences x length), which of them are real, and for each pair: its sentence, the places of subject and
object, its traits (pairs x traits)."""


class Layer(nn.Module):
    """Self-attention and a feed-forward net, each added to what it reads and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.Linear(WIDTH, 3 * WIDTH)
        self.gather = nn.Linear(WIDTH, WIDTH)
        self.gathered = nn.LayerNorm(WIDTH, 1e-12)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.narrowed = nn.LayerNorm(WIDTH, 1e-12)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, hidden: Tensor | None = None, wanted: Tensor | None = None) -> Tensor:
        """The states it makes of all tokens, or of the `wanted` places; `hidden` is added to all scores."""
        sentences, length, _ = states.shape
        parts = self.attend(states).view(sentences, length, 3 * ATTENTION_HEADS, WIDTH // ATTENTION_HEADS)
        query, key, value = parts.transpose(1, 2).split(ATTENTION_HEADS, 1)
        if wanted is not None:
            states, query = states[:, wanted], query[:, :, wanted]
        # not scaled_dot_product_attention: its backward pass takes most of the time on a processor without a GPU
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(WIDTH // ATTENTION_HEADS)
        scores = scores if hidden is None else scores + hidden
        read = torch.matmul(scores.softmax(-1).to(value.dtype), value).transpose(1, 2)
        states = self.gathered(states + self.gather(read.flatten(2)))
        wide = nn.functional.gelu(self.widen(states))
        return self.narrowed(states + self.dropout(self.narrow(wide)))


class Network(nn.Module):
    """Tokens → for each pair the logits of its class, relation and stance. The embeddings of words stay as they are."""

    def __init__(self, pieces: int, layers: int, first_kind: int) -> None:
        super().__init__()
        self.first_kind = first_kind
        self.words = nn.Embedding(pieces, WIDTH).requires_grad_(False)
        self.kinds = nn.Embedding(len(KINDS), WIDTH)
        self.places = nn.Embedding(LONGEST, WIDTH)
        self.embedded = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pair = nn.Linear(4 * WIDTH, WIDTH)
        self.traits = nn.ModuleList(nn.Embedding(size, WIDTH) for size in TRAITS)
        self.heads = nn.Linear(WIDTH, sum(map(len, HEADS)))
        self.dropout = nn.Dropout(DROPOUT)
        for trait in self.traits:
            nn.init.normal_(trait.weight, std=0.02)

    def forward(self, batch: Batch) -> Sequence[Tensor]:
        tokens, real, sentence, subjects, objects, traits = batch
        hidden = torch.where(real, 0.0, -1e4)[:, None, None, :]
        states = self.dropout(self.embedded(self.embed(tokens) + self.places.weight[: tokens.shape[1]]))
        for layer in self.layers:
            states = layer(states, hidden.to(states.dtype))
        states = states.float()
        told = sum(table(traits[:, n]) for n, table in enumerate(self.traits))
        return self.judge(states[sentence, subjects], states[sentence, objects], states[sentence, 0], told)

    def embed(self, tokens: Tensor) -> Tensor:
        kind = tokens - self.first_kind
        is_kind = (kind >= 0) & (kind < len(KINDS))
        return torch.where(is_kind[..., None], self.kinds(kind.clamp(0, len(KINDS) - 1)), self.words(tokens))

    def judge(self, subject: Tensor, object_: Tensor, sentence: Tensor, told: Tensor) -> Sequence[Tensor]:
        """The logits of pairs by the states of their ends and of their sentence, and what else they are `told`."""
        read = torch.cat([subject, object_, subject * object_, sentence], -1)
        held = nn.functional.gelu(self.pair(self.dropout(read)) + told)
        return self.heads(self.dropout(held)).split([len(head) for head in HEADS], -1)


# ── where it starts ─────────────────────────────────────────────────────────────────────────


def from_onnx(file: Path, layers: Sequence[int], first_kind: int) -> Network:
    """A network with the given layers of a pretrained BERT as sentence-transformers exports it."""
    graph = onnx.load(str(file)).graph
    held = {each.name: torch.tensor(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    products = [
        held[node.input[1]] for node in graph.node if node.op_type == "MatMul" and node.input[1] in held
    ]
    made = Network(len(held["embeddings.word_embeddings.weight"]), len(layers), first_kind)
    state = made.state_dict()
    state["words.weight"] = held["embeddings.word_embeddings.weight"]
    state["places.weight"] = (
        held["embeddings.position_embeddings.weight"] + held["embeddings.token_type_embeddings.weight"][0]
    )
    for part in ("weight", "bias"):
        state[f"embedded.{part}"] = held[f"embeddings.LayerNorm.{part}"]
    for n, layer in enumerate(layers):
        weights = [product.T for product in products[6 * layer : 6 * layer + 6]]
        _fill_layer(state, f"layers.{n}.", held, f"encoder.layer.{layer}.", weights)
    made.load_state_dict(state)
    return made


def _fill_layer(
    state: dict[str, Tensor], ours: str, held: Mapping[str, Tensor], theirs: str, weights: Sequence[Tensor]
) -> None:
    state[f"{ours}attend.weight"] = torch.cat(list(weights[:3]))
    state[f"{ours}attend.bias"] = torch.cat(
        [held[f"{theirs}attention.self.{part}.bias"] for part in ("query", "key", "value")]
    )
    dense = {"gather": "attention.output.dense", "widen": "intermediate.dense", "narrow": "output.dense"}
    for (name, other), weight in zip(dense.items(), weights[3:], strict=True):
        state[f"{ours}{name}.weight"], state[f"{ours}{name}.bias"] = weight, held[f"{theirs}{other}.bias"]
    for name, other in (("gathered", "attention.output.LayerNorm"), ("narrowed", "output.LayerNorm")):
        for part in ("weight", "bias"):
            state[f"{ours}{name}.{part}"] = held[f"{theirs}{other}.{part}"]


def start_kinds(network: Network, pieces: Mapping[str, int]) -> None:
    """Let the token of each kind of mention begin as a word that could stand in its place."""
    with torch.no_grad():
        for n, kind in enumerate(KINDS):
            word = network.words.weight[pieces[LIKE[kind]]]
            network.kinds.weight[n] = word + torch.randn(WIDTH) * 0.01


# ── what the package reads ──────────────────────────────────────────────────────────────────


class _OneSentence(nn.Module):
    """The network for a single sentence without padding, over the pieces that are kept, as chances.

    The last layer works out only the states that are asked about, and all traits are looked up in one table.
    """

    def __init__(self, network: Network, kept: Sequence[int]) -> None:
        super().__init__()
        self.network = network
        with torch.no_grad():
            self.words = nn.Embedding.from_pretrained(network.embed(torch.tensor(kept)))
            self.traits = nn.Embedding.from_pretrained(torch.cat([table.weight for table in network.traits]))
        self.first_traits = torch.tensor([sum(TRAITS[:n]) for n in range(len(TRAITS))])

    def forward(
        self, tokens: Tensor, subjects: Tensor, objects: Tensor, traits: Tensor
    ) -> tuple[Tensor, ...]:
        network = self.network
        states = network.embedded(self.words(tokens[None]) + network.places.weight[: tokens.shape[0]])
        *lower, last = network.layers
        for layer in lower:
            states = layer(states)
        wanted = torch.cat([torch.zeros(1, dtype=torch.long), subjects, objects])
        states = last(states, wanted=wanted)[0]
        pairs = subjects.shape[0]
        sentence, first, second = states[:1].expand(pairs, WIDTH), states[1 : pairs + 1], states[pairs + 1 :]
        logits = network.judge(first, second, sentence, self.traits(traits + self.first_traits).sum(1))
        return tuple(head.softmax(-1) for head in logits)


def write(network: Network, pieces: Mapping[str, int], used: Iterable[int], file: Path, digest: str) -> None:
    """The trained network as ONNX in eight bits, with the pieces that are `used` more than once or twice and a digest
    of the data."""
    names = {number: piece for piece, number in pieces.items()}
    counts = Counter(used)
    always = {
        number for piece, number in pieces.items() if piece.isascii() and len(piece.removeprefix("##")) == 1
    }
    always |= {pieces[piece] for piece in ("[CLS]", "[SEP]", "[UNK]", *KINDS)}
    kept = sorted(always | {number for number, count in counts.items() if count >= FEWEST})
    network.eval()
    example = tuple(torch.tensor(each) for each in ([0, 1, 2, 3], [1, 1], [2, 3], [[0] * len(TRAITS)] * 2))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.onnx")
        torch.onnx.export(
            _OneSentence(network, kept), example, str(whole), opset_version=17, dynamo=False,
            input_names=["tokens", "subjects", "objects", "traits"],
            output_names=["classes", "relations", "stances"],
            dynamic_axes={
                "tokens": {0: "length"}, "subjects": {0: "pairs"}, "objects": {0: "pairs"}, "traits": {0: "pairs"},
                "classes": {0: "pairs"}, "relations": {0: "pairs"}, "stances": {0: "pairs"},
            },
        )  # fmt: skip
        quantize_dynamic(
            str(whole), str(file), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
        )
    model = onnx.load(str(file))
    onnx.helper.set_model_props(
        model, {"pieces": "\n".join(names[number] for number in kept), "digest": digest}
    )
    file.write_bytes(model.SerializeToString(deterministic=True))
