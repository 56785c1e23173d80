"""Subwords that are cut another way every time."""

from kerasseq.text.normalize import normalize_graph


class SampledPieces:
    """Subword regularisation in a graph, for training.

    A byte-pair model skips each merge with a probability (BPE-dropout, Provilkov et al. 2020);
    a unigram model draws from all segmentations, smoothed by it (Kudo 2018).

    Args:
        tokenizer: SentencePieceTokenizer.
        dropout: float in (0, 1), 0.1 as a rule.

    Raises:
        ValueError: for a tokenizer without subwords, or a number outside (0, 1).
    """

    is_constant = False

    def __init__(self, tokenizer, dropout):
        if not hasattr(tokenizer, "make_sampling_graph") or not 0 < dropout < 1:
            raise ValueError(
                "Expected a SentencePieceTokenizer and a subword_dropout between 0 and 1; received "
                f"{type(tokenizer).__name__} and {dropout}. Change one of them."
            )
        self.graph = tokenizer.make_sampling_graph(dropout)

    def tokenize(self, texts):
        """TensorFlow strings `(B,)` to an int32 ragged tensor `(B, None)`."""
        return self.graph.tokenize(normalize_graph(texts))
