"""Everything that one search looked at: for plots of it."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np

from kerasseq.compiled import step_by_step
from kerasseq.lazily import ops
from kerasseq.notebook import frame

if typing.TYPE_CHECKING:
    from kerasseq.processing.translations import Translation
    from kerasseq.tasks.translator import Translator


HEIGHT = 720  # pixels of the page in a notebook


@dataclasses.dataclass(frozen=True)
class Node:
    """A hypothesis that lived at one step.

    Attributes:
        parent: int, the place in the trace of the hypothesis it went on from; None at the start.
        token: str, what it was continued with.
        log_probability: float, of that token.
        score: float, the sum of all its tokens' log-probabilities.
        candidates: list of pairs of str and float, the likeliest next tokens and their
            probabilities.
        attention: float array `(S)` of the next token, or None for a model that does not attend.
    """

    parent: int | None
    token: str
    log_probability: float
    score: float
    candidates: list[tuple[str, float]]
    attention: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class Trace:
    """One translation, step by step. A notebook shows the page that plays it.

    Attributes:
        source_tokens: list of `S` str, with the end symbol.
        encoder_states: float array `(S, D)`, what the encoder's top layer made of each.
        steps: list of lists of int, the places in `nodes` of the hypotheses of each step.
        nodes: list of Node, in order of appearance.
        translations: list of Translation, best first, all that the search returns.
        paths: list of lists of int, the nodes that each translation went through.
    """

    source_tokens: list[str]
    encoder_states: np.ndarray
    steps: list[list[int]]
    nodes: list[Node]
    translations: list[Translation]
    paths: list[list[int]]

    def __repr__(self) -> str:
        return f"<Trace of {len(self.steps)} steps to {self.translations[0].text!r}>"

    def _repr_html_(self) -> str:
        from kerasseq.plots.step_player import step_page

        return frame(step_page(self), HEIGHT)


def trace(translator: Translator, text: str, *, candidates: int = 5) -> Trace:
    """Translates one line with the translator's own search, and keeps what it saw.

    Args:
        translator: Translator, of greedy or beam search.
        text: str.
        candidates: int, likeliest next tokens to keep of every hypothesis.

    Returns:
        Trace.
    """
    model, vocabulary = translator.model, translator.target.vocabulary
    search = translator.search.replace(return_attention=model.attends).all_best()
    (row,) = translator.processor.rows(text)
    ids = row.ids
    nodes, rows, places, steps = [], [], {}, {}

    def place_of(parent, word, log_p, attention):
        """The node of a word after its parent, made when it is first met."""
        if (parent, word) not in places:
            places[parent, word] = len(nodes)
            gained, before = (
                (rows[parent][word], nodes[parent].score) if parent >= 0 else (0.0, 0.0)
            )
            best = np.argsort(-log_p, kind="stable")[:candidates]
            nodes.append(
                Node(
                    parent if parent >= 0 else None,
                    vocabulary[word],
                    float(gained),
                    float(before + gained),
                    [(vocabulary[i], float(np.exp(log_p[i]))) for i in best],
                    attention,
                )
            )
            rows.append(log_p)
        return places[parent, word]

    def decode_step(token, state, memory, step):
        # The place of its own node rides in each hypothesis' state, so that a search that
        # reorders states says by itself which went on from which.
        logits, new, attention = model.decode_step(token, state["model"], memory, step)
        log_p = ops.convert_to_numpy(ops.log_softmax(logits, axis=-1))
        looks = [None] * len(log_p) if attention is None else ops.convert_to_numpy(attention)
        pairs = zip(*map(ops.convert_to_numpy, (state["node"], token)), strict=True)
        here = [place_of(*map(int, pair), log_p[i], looks[i]) for i, pair in enumerate(pairs)]
        steps[int(step)] = sorted(set(here))
        return logits, {"model": new, "node": ops.convert_to_tensor(here, "int32")}, attention

    with step_by_step():
        source = ops.convert_to_tensor([ids], "int32")
        encoder_states = ops.cast(model.encoder_states(source)[0], "float32")
        memory = model.encode(source)
        state = {
            "model": model.initial_state(memory, translator.max_length),
            "node": ops.full((1,), -1, "int32"),
        }
        length = translator.max_length
        found = search(
            decode_step, memory, state, **translator.processor.symbols, max_length=length,
            source_lengths=ops.convert_to_tensor([len(ids)], "int32"),
        )  # fmt: skip
    outputs = {name: leaf[0] for name, leaf in found.to_numpy().present().items()}
    translations = translator.processor.read(text, [row], [outputs])
    prefix = [vocabulary[i] for i in translator.processor.pair_symbols.prefix]
    return Trace(
        [translator.source.vocabulary[i] for i in ids],
        ops.convert_to_numpy(encoder_states),
        list(steps.values()),
        nodes,
        translations,
        [_path(nodes, [*prefix, *each.tokens]) for each in translations],
    )


def _path(nodes, tokens):
    """The nodes of a hypothesis: the start, and every token that was gone on from."""
    path = [0]
    for token in tokens:
        following = (
            i for i, node in enumerate(nodes) if node.parent == path[-1] and node.token == token
        )
        place = next(following, None)
        if place is None:  # the last token, from which nothing went on
            break
        path.append(place)
    return path
