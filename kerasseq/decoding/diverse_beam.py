"""Beam search in groups that keep away from each other's words."""

from __future__ import annotations

import typing

from kerasseq.decoding.beam import Beam
from kerasseq.decoding.ranks import first_false, pick
from kerasseq.decoding.search import Hypotheses, check_beam
from kerasseq.lazily import ops
from kerasseq.text.checks import check_number, check_whole

if typing.TYPE_CHECKING:
    from kerasseq.decoding.search import Options


class DiverseBeam(Beam):
    """Searches with `G` beams of `K / G` hypotheses each, that differ from each other.

    At every step the groups choose one after the other (Vijayakumar et al. 2016, Algorithm 1, with
    Hamming diversity): a token counts `λ` less for each hypothesis of the groups before that goes
    on with it at this step. That weighs in choosing alone: a score is the `Beam`'s, so that the
    first group is a beam of `K / G`, and hypotheses of all groups compare. The best of all groups
    come first.

    Args:
        beam_size: int `K`, a multiple of `groups`.
        length_penalty: float, as for `Beam`.
        groups: int `G`.
        diversity: float `λ` of 0 or more, in nats.
        **options: as for `Beam`.

    Raises:
        ValueError: for a beam that the groups do not divide, or a negative diversity; when called,
            with a glossary.
    """

    def __init__(
        self,
        beam_size: int = 6,
        length_penalty: float = 1.0,
        *,
        groups: int = 3,
        diversity: float = 0.5,
        n_best: int = 1,
        coverage_penalty: float = 0.0,
        length_offset: float = 5.0,
        early_stopping: bool = False,
        **options: typing.Unpack[Options],
    ) -> None:
        super().__init__(
            beam_size, length_penalty, n_best=n_best, coverage_penalty=coverage_penalty,
            length_offset=length_offset, early_stopping=early_stopping, **options,
        )  # fmt: skip
        check_whole("groups", groups)
        check_number("diversity", diversity, least=0)
        if beam_size % groups:
            raise ValueError(
                "Expected a beam_size that is a multiple of groups; received "
                f"beam_size={beam_size} and groups={groups}. Change one of them."
            )
        self.groups = groups
        self.diversity = diversity

    def __call__(self, *arguments: typing.Any, **options: typing.Any) -> Hypotheses:
        if options.get("terms"):
            raise ValueError(
                f'Expected one beam with a glossary; received {self!r}. Pass search="beam".'
            )
        found = super().__call__(*arguments, **options).present()  # of each group, (B * G, n, …)
        count = self.groups * found["scores"].shape[1]
        found = {
            name: ops.reshape(
                leaf, (-1, count, *(ops.shape(leaf)[axis] for axis in range(2, len(leaf.shape))))
            )
            for name, leaf in found.items()
        }  # (B, G * n, …)
        _, ranks = ops.top_k(found["scores"], self.n_best)
        return Hypotheses(**({"attention": None} | pick(found, ranks)))

    def _continuations(self, scores, log_p, ids, rows, end_id):
        size, each = self.beam_size // self.groups, log_p.shape[-1]
        check_beam(size, each)
        best = ops.reshape(log_p, (rows, size, each)) + scores[:, :, None]
        best, ids = (
            ops.reshape(leaf, (-1, self.groups, size * each)) for leaf in (best, ids)
        )  # (B, G, K / G * M)
        found, taken = [], None
        for group in range(self.groups):
            own, tokens = best[:, group], ids[:, group]  # (B, K / G * M)
            by = own
            if taken is not None:
                same = ops.equal(tokens[:, :, None], taken[:, None])  # (B, K / G * M, chosen)
                by = own - self.diversity * ops.sum(ops.cast(same, "float32"), axis=-1)
            places = ops.cast(ops.top_k(by, 2 * size)[1], "int32")  # (B, 2 K / G)
            chosen = pick((own, tokens), places)
            found.append((*chosen, places // each))
            going_on = pick(chosen[1], first_false(ops.equal(chosen[1], end_id)))
            taken = going_on if taken is None else ops.concatenate([taken, going_on], axis=1)
        scores, tokens, parents = (
            ops.reshape(ops.stack(leaves, axis=1), (rows, 2 * size))
            for leaves in zip(*found, strict=True)
        )
        return scores, parents, tokens

    def widened(self, count: int) -> typing.Self:
        size = max(self.beam_size, count + -count % self.groups)
        return self.replace(beam_size=size, n_best=size)

    def get_config(self) -> dict[str, typing.Any]:
        return super().get_config() | {"groups": self.groups, "diversity": self.diversity}
