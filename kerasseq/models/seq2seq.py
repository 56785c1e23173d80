"""The protocol that every sequence-to-sequence model speaks."""

import keras
from keras import ops

from kerasseq.layers.alignment import guided_alignment
from kerasseq.models.model import Model
from kerasseq.replicas import number_of_replicas
from kerasseq.stages import in_stages
from kerasseq.tensors import lengths, negative_log_likelihood, padding_mask, repeat_rows


class Seq2Seq(Model):
    """A model that encodes a source once and decodes a target step by step.

    Four nouns: *memory* is what the encoder made of a source; *state* is what changes at
    every step; *token* is the id that went in last; *step* is the index of the position
    being decoded. Memory and state are nested dicts whose every leaf is `(B, …)`.

    A subclass implements `encode`, `initial_state`, `decode_step` and `decode`, and ends its
    constructor with `self.build()`. `decode`, and `decode_step` repeated, give the
    same logits; so does `decode_attending`, which one that can learn from alignments implements.
    `encoder_states` is for those who look inside.

    Attributes:
        attends: bool, whether `decode_step` returns attention; None stands for it otherwise.
        longest_source, longest_target: int, the most tokens that the model has positions for, or
            None where there is no most.
        rematerialize: bool, of a Transformer: a training step computes each block twice, and keeps
            of it what it returns alone. Set it before the model is compiled.

    Call arguments:
        inputs: dict of `source` `(B, S)` and `target` `(B, T)`, int32 ids padded with 0;
            the target begins with the start symbol. With `links`, float `(B, T, S)`, what position
            `t` attends to is guided: `guided_alignment` is added to the loss of `fit`.
        training: bool.

    Returns:
        float32 logits `(B, T, V)`: position `t` scores the token after `target[:, t]`.

    Raises:
        ValueError: for `links` of a model that alignments cannot guide.
    """

    attends = True
    longest_source = None
    longest_target = None
    rematerialize = False

    @property
    def longest(self):
        return {"source": self.longest_source, "target": self.longest_target}

    def encode(self, source, training=False):
        """Ids `(B, S)` to the memory."""
        raise NotImplementedError(f"{type(self).__name__} must implement encode.")

    def encoder_states(self, source):
        """The outputs of the encoder's top layer, one for each token of a source: `(B, S, D)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement encoder_states.")

    def initial_state(self, memory, max_length):
        """The state before the first of at most `max_length` (int) steps."""
        raise NotImplementedError(f"{type(self).__name__} must implement initial_state.")

    def spread(self, memory, times):
        """The memory that `decode_step` reads for `times` (int) hypotheses of each source.

        Here each row stands so many times, copies side by side. A model whose step shares a
        source's row among its hypotheses overrides this, and returns the memory as it is.
        """
        return repeat_rows(memory, times)

    def decode_step(self, token, state, memory, step):
        """One step: `token` `(B,)` to logits `(B, V)`, new state, attention `(B, S)` or None.

        With the `K` hypotheses of each source side by side, token, state and what is returned
        have `B * K` rows, and the memory is what `spread` made of it.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement decode_step.")

    def decode(self, target, memory, training=False):
        """Teacher forcing: the whole target `(B, T)` to float32 logits `(B, T, V)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement decode.")

    def decode_attending(self, target, memory, training=False):
        """`decode`, and the attention that `decode_step` returns: float32 `(B, T, S)`."""
        raise NotImplementedError(f"{type(self).__name__} must implement decode_attending.")

    def check_aligns(self):
        """Refuses to learn from alignments where there is no attention that they could guide.

        Raises:
            ValueError: see above.
        """
        if not self.attends or type(self).decode_attending is Seq2Seq.decode_attending:
            raise ValueError(
                "Expected a Transformer or an AttentionSeq2Seq to learn from alignments; received "
                f"a {type(self).__name__}. Leave the alignments out, or choose another model."
            )

    def call(self, inputs, training=False):
        memory, target = self.encode(inputs["source"], training=training), inputs["target"]
        if "links" not in inputs:
            return self.decode(target, memory, training=training)
        self.check_aligns()
        logits, attention = self.decode_attending(target, memory, training=training)
        self.add_loss(guided_alignment(attention, inputs["links"], padding_mask(target)))
        return logits

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """As `keras.Model.compute_loss`; with an `r_drop` of the loss, of two readings of `x`."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        weight = getattr(self.loss, "r_drop", 0.0)
        if not (weight and training):
            return loss
        again = self(x, training=True)  # other units are dropped
        other = super().compute_loss(x, y, again, sample_weight, training)
        apart = self.loss.divergence(y_pred, again, sample_weight) / number_of_replicas()
        apart = self.of_whole_batch(apart, y_pred, sample_weight)
        return (loss + other + weight * apart) / 2.0

    def build(self, input_shape=None):
        """Creates every weight, by one pass over two tokens."""
        if not self.built:
            self.built = True
            tokens = ops.ones((1, 2), "int32")
            self.call({"source": tokens, "target": tokens})

    def export(self, filepath, format="tf_saved_model", input_signature=None, **options):
        """Keras' export, of teacher forcing: `source` and `target` to logits.

        A task's own export writes what answers text.

        Args:
            filepath, format: as for `keras.Model.export`.
            input_signature: as there; by default batches of any size and length.
            **options: as there.

        Raises:
            ValueError: under PyTorch, whose export takes no dict of inputs.
        """
        if keras.backend.backend() == "torch":
            raise ValueError(
                "Expected the TensorFlow or the JAX backend for Keras' export; received 'torch'. "
                "Save the model, and load it with KERAS_BACKEND=tensorflow."
            )
        signature = input_signature or [self.inputs_spec()]
        return super().export(filepath, format, input_signature=signature, **options)

    def inputs_spec(self):
        """What a call takes: a dict of keras.InputSpec, open in batch and length."""
        ids = keras.InputSpec("int32", (None, None))
        return {"source": ids, "target": ids}

    def generate(self, source, search, start_id, end_id, max_length, **given):
        """Encodes a source and searches for its target.

        Args:
            source: tensor `(B, S)` or `(B, S, …)`, what `encode` takes.
            search: `kerasseq.decoding.Search`.
            start_id: int, the token that begins a target.
            end_id: int, the token that ends one.
            max_length: int, the most tokens of a target.
            **given: further arguments of the search, as `prefix` is.

        Returns:
            what the search returns.
        """
        memory = self.encode(source)
        state, loop = in_stages(self.initial_state, memory, max_length)
        if search.max_length_ratio and len(source.shape) == 2:
            given["source_lengths"] = lengths(source)
        return search(
            self.decode_step, memory, state, start_id, end_id, max_length, spread=self.spread,
            loop=loop, **given,
        )  # fmt: skip

    def score(self, source, target, next_tokens):
        """Log-probability of given targets.

        Args:
            source: int tensor `(B, S)`.
            target: int tensor `(B, T)`, beginning with the start symbol.
            next_tokens: int tensor `(B, T)`, `target` shifted left, ending with the end
                symbol, padded with 0.

        Returns:
            float32 tensor `(B,)`: the sum of `log p` over the real tokens.
        """
        logits = self({"source": source, "target": target}, training=False)
        losses = negative_log_likelihood(next_tokens, logits)
        return -ops.sum(losses * ops.cast(padding_mask(next_tokens), losses.dtype), axis=-1)
