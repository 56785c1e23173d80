"""What the models with a recurrent decoder have in common."""

from kerasseq.models.seq2seq import Seq2Seq


class RecurrentDecoding(Seq2Seq):
    """A Seq2Seq that decodes with an `AttentionDecoder` or a `RecurrentDecoder`.

    A subclass makes `self.decoder`, implements `encode`, whose memory is the decoder's, and
    ends its constructor with `self.build()`.
    """

    @property
    def attends(self):
        return self.decoder.attends

    @property
    def target_embedding(self):
        """TokenEmbedding of the target."""
        return self.decoder.embedding

    @property
    def output_bias(self):
        """The bias `(V,)` of the logits; None where the target embedding makes them."""
        dense = getattr(self.decoder, "output_dense", None)
        return dense and dense.bias

    def initial_state(self, memory, max_length):
        return self.decoder.initial_state(memory)

    def decode_step(self, token, state, memory, step):
        return self.decoder.step(token, state, memory)

    def decode(self, target, memory, training=False):
        return self.decoder(target, memory, training=training)
