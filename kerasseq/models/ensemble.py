"""Several models that decode together."""

import keras
from keras import ops

from kerasseq.models.get import describe, deserialize
from kerasseq.models.seq2seq import Seq2Seq


@keras.saving.register_keras_serializable("kerasseq")
class Ensemble(Seq2Seq):
    """Averages the distributions of several models at every step.

    `p(v) = 1/N Σ p_n(v)`. Sutskever et al. 2014 (section 3.6) decode with ensembles. Members may
    be of any architecture but must share both vocabularies: probabilities are averaged over
    target tokens, and each line is tokenised once. A search receives `log p` as logits.

    Args:
        members: list of Seq2Seq that read text and write text.

    Memory and state: `members`, a list of each member's memory or state. The attention is the
    mean over the members that attend.

    Raises:
        ValueError: for an empty list, for vocabularies of unequal size, or for a model that does
            not read and write text, such as `ImageCaptioner` and `RecurrentForecaster`.
    """

    def __init__(self, members, **kwargs):
        super().__init__(**kwargs)
        other = next((each for each in members if not _of_text(each)), None)
        if other is not None:
            raise ValueError(
                f"Expected models that read and write text; received {type(other).__name__}. Take "
                "RecurrentSeq2Seq, AttentionSeq2Seq or Transformer."
            )
        sizes = {
            tuple(each.config[f"{side}_vocabulary_size"] for side in ("source", "target"))
            for each in members
        }
        if len(sizes) != 1:
            raise ValueError(
                "Expected models with one source and one target vocabulary; received "
                f"{sorted(sizes) or 'no model'}. Train all of them with the same tokenizers."
            )
        self.members = list(members)
        self.attends = any(member.attends for member in members)
        self.build()

    @property
    def config(self):
        """dict, with the vocabulary sizes of the members."""
        return self.members[0].config

    @property
    def longest_source(self):
        return _shortest(member.longest_source for member in self.members)

    @property
    def longest_target(self):
        return _shortest(member.longest_target for member in self.members)

    def encode(self, source, training=False):
        return {"members": [each.encode(source, training=training) for each in self.members]}

    def encoder_states(self, source):
        """The encoder outputs of all members, concatenated: `(B, S, sum of widths)`."""
        return ops.concatenate([each.encoder_states(source) for each in self.members], axis=-1)

    def initial_state(self, memory, max_length):
        pairs = zip(self.members, memory["members"], strict=True)
        return {"members": [each.initial_state(own, max_length) for each, own in pairs]}

    def spread(self, memory, times):
        pairs = zip(self.members, memory["members"], strict=True)
        return {"members": [each.spread(own, times) for each, own in pairs]}

    def decode_step(self, token, state, memory, step):
        found = [
            each.decode_step(token, own_state, own_memory, step)
            for each, own_state, own_memory in zip(
                self.members, state["members"], memory["members"], strict=True
            )
        ]
        attentions = [attention for _, _, attention in found if attention is not None]
        return (
            mean_log_probability([logits for logits, _, _ in found]),
            {"members": [own for _, own, _ in found]},
            sum(attentions) / len(attentions) if attentions else None,
        )

    def decode(self, target, memory, training=False):
        pairs = zip(self.members, memory["members"], strict=True)
        return mean_log_probability(
            [each.decode(target, own, training=training) for each, own in pairs]
        )

    def get_config(self):
        return super().get_config() | {"members": [describe(each) for each in self.members]}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        return cls([deserialize(each) for each in config.pop("members")], **config)


def _of_text(model):
    return isinstance(model, Seq2Seq) and "source_vocabulary_size" in model.config


def _shortest(lengths):
    """The least of several lengths, of which None are without end."""
    return min((length for length in lengths if length is not None), default=None)


def mean_log_probability(logits):
    """The log of the mean distribution of a list of logits `(…, V)`."""
    log_p = ops.stack([ops.log_softmax(each, axis=-1) for each in logits])  # (N, …, V)
    return ops.logsumexp(log_p, axis=0) - ops.log(float(len(logits)))
