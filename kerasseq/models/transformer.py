"""The Transformer (Vaswani et al. 2017)."""

import keras
from keras import ops

from kerasseq.layers import activations, norms
from kerasseq.layers.alignment import read_alignment, without_first
from kerasseq.layers.embeddings import TokenEmbedding
from kerasseq.layers.positions import PositionEncoding, RelativePositions
from kerasseq.layers.rematerialized import call
from kerasseq.layers.transformer_blocks import EncoderBlock
from kerasseq.models.seq2seq import Seq2Seq
from kerasseq.models.transformer_options import DECODER_BLOCKS, check_options
from kerasseq.tensors import causal_mask, padding_mask


@keras.saving.register_keras_serializable("kerasseq")
class Transformer(Seq2Seq):
    """Encoder-decoder of self-attention blocks, with a key/value cache while decoding.

    Args:
        source_vocabulary_size: int.
        target_vocabulary_size: int `V`.
        hidden_dim: int `D`.
        num_layers: int, blocks of the encoder, and of the decoder unless it has its own number.
        num_heads: int `H`; must divide `D` unless there is a `head_dim`.
        feed_forward_dim: int; default `4 * D`.
        dropout: float, on embeddings and sublayer outputs.
        attention_dropout: float, on attention weights.
        activation_dropout: float, on the inner activations of the feed-forward networks.
        activation: name or callable, of the feed-forward networks.
        norm_first: bool, pre-norm instead of post-norm.
        positions: "sinusoidal", "sinusoidal_halves", "sinusoidal_apart" or "learned", see
            `PositionEncoding`; or "relative", one table for the encoder and one for the decoder:
            `RelativePositions`.
        max_length: int, rows of a table of absolute positions; longer batches are refused by `fit`.
        tie_embeddings: bool, the output layer shares the target embedding.
        share_embeddings: bool, source and target share one embedding and one vocabulary.
        begin_source: False, or the id of a token that the encoder reads before the source, such
            as the tokenizer's `start_id`: heads without a target can attend to it. True means 2.
            The returned attention leaves this token out and is rescaled to sum to 1.
        embedding_initializer: name or initializer; see `TokenEmbedding`.
        epsilon: float, of the normalisations.
        num_decoder_layers: int, blocks of the decoder; default `num_layers`. A deep encoder and a
            shallow decoder translate faster (Kasai et al. 2021).
        decoder: "attention", or "ssru" for recurrent units in the place of the decoder's
            self-attention (Kim et al. 2019); see `SSRU`.
        scale_embedding: bool, multiplies embeddings by `√D` (Vaswani et al. 2017, section 3.4).
        embedding_norm: bool, a normalisation behind embeddings and positions.
        output_bias: bool, a bias of the logits with tied embeddings too; untied there always is.
            "fixed" is one that training leaves, as of a model that has none but for silent tokens.
        norm: "layer" or "rms", every normalisation; see `kerasseq.layers.norms`.
        gated, use_bias, head_dim, scale_attention: of the blocks; see `EncoderBlock`.
        relative_buckets: two ints, the buckets of relative positions and their `max_distance`.
        scale_output: bool, multiplies what the output layer reads by `D^-½`.
        output_dropout: float, on what the encoder and the decoder give.
        first_position: int, the position of the first token in a sinusoidal table.
        alignment_layer, alignment_heads: int, the decoder's layer whose attention is returned, -1
            the last, and of how many of its heads the mean, None all. Alignments guide it; Garg et
            al. 2019 have one head of the last layer but one: -2 and 1.

    Memory: `mask` `(B, S)` and, for each block, `key` and `value` `(B, H, S, d)`. State: for each
    block, `key` and `value` `(B, H, T, d)`, of an SSRU `cell` `(B, D)`. `decode_step`
    returns the attention of the alignment's heads.

    Raises:
        ValueError: for `share_embeddings` with two sizes of vocabulary, `num_heads` that do not
            divide `D`, another `decoder`, `norm` or kind of positions, an SSRU with relative
            positions, or an alignment's layer or heads that the decoder does not have.
    """

    def __init__(
        self,
        source_vocabulary_size,
        target_vocabulary_size,
        hidden_dim=256,
        num_layers=3,
        num_heads=8,
        feed_forward_dim=None,
        dropout=0.1,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation="relu",
        norm_first=False,
        positions="sinusoidal",
        max_length=512,
        tie_embeddings=True,
        share_embeddings=False,
        begin_source=False,
        embedding_initializer=None,
        epsilon=1e-5,
        num_decoder_layers=None,
        decoder="attention",
        scale_embedding=True,
        embedding_norm=False,
        output_bias=False,
        norm="layer",
        gated=False,
        use_bias=True,
        head_dim=None,
        scale_attention=True,
        relative_buckets=(32, 128),
        scale_output=False,
        output_dropout=0.0,
        first_position=0,
        alignment_layer=-1,
        alignment_heads=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        num_decoder_layers = num_decoder_layers or num_layers
        of_blocks = {
            "num_heads": num_heads,
            "feed_forward_dim": feed_forward_dim or 4 * hidden_dim,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "activation_dropout": activation_dropout,
            "activation": activations.serialize(activations.get(activation)),
            "norm_first": norm_first,
            "epsilon": epsilon,
            "norm": norm,
            "gated": gated,
            "use_bias": use_bias,
            "head_dim": head_dim,
            "scale_attention": scale_attention,
        }
        self.config = of_blocks | {
            "source_vocabulary_size": source_vocabulary_size,
            "target_vocabulary_size": target_vocabulary_size,
            "hidden_dim": hidden_dim,
            "num_layers": num_layers,
            "positions": positions,
            "max_length": max_length,
            "tie_embeddings": tie_embeddings,
            "share_embeddings": share_embeddings,
            "begin_source": 2 if begin_source is True else begin_source,
            "embedding_initializer": keras.initializers.serialize(embedding_initializer),
            "num_decoder_layers": num_decoder_layers,
            "decoder": decoder,
            "scale_embedding": scale_embedding,
            "embedding_norm": embedding_norm,
            "output_bias": output_bias,
            "relative_buckets": list(relative_buckets),
            "scale_output": scale_output,
            "output_dropout": output_dropout,
            "first_position": first_position,
            "alignment_layer": alignment_layer,
            "alignment_heads": alignment_heads,
        }
        check_options(self.config)
        if positions != "relative":
            self.longest_target = max_length
            self.longest_source = max_length - bool(begin_source)
        policy = self.dtype_policy
        embedding = hidden_dim, scale_embedding, embedding_initializer
        fixed = output_bias == "fixed"
        bias = output_bias if tie_embeddings or fixed else False
        self.target_embedding = TokenEmbedding(
            target_vocabulary_size, *embedding, bias, dtype=policy
        )
        self.source_embedding = (
            self.target_embedding
            if share_embeddings
            else TokenEmbedding(source_vocabulary_size, *embedding, dtype=policy)
        )
        self.source_positions, self.target_positions = (
            RelativePositions(num_heads, *relative_buckets, both, dtype=policy)
            if positions == "relative"
            else PositionEncoding(positions, max_length, first_position, dtype=policy)
            for both in (True, False)
        )
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.output_dropout = keras.layers.Dropout(output_dropout, dtype=policy)
        self.encoder_blocks = [EncoderBlock(**of_blocks, dtype=policy) for _ in range(num_layers)]
        self.decoder_blocks = [
            DECODER_BLOCKS[decoder](**of_blocks, dtype=policy) for _ in range(num_decoder_layers)
        ]
        norm_arguments = {"kind": norm, "epsilon": epsilon, "dtype": policy}
        if embedding_norm:
            self.source_norm, self.target_norm = (norms.make(**norm_arguments) for _ in range(2))
        if norm_first:
            self.encoder_norm, self.decoder_norm = (norms.make(**norm_arguments) for _ in range(2))
        if not tie_embeddings:
            width = target_vocabulary_size
            self.output_dense = keras.layers.Dense(width, use_bias=not fixed, dtype=policy)
        for block in self.decoder_blocks:
            block.build((None, None, hidden_dim))
        self.build()

    @property
    def output_bias(self):
        """The bias `(V,)` of the logits, or None."""
        bias, tied = self.target_embedding.output_bias, self.config["tie_embeddings"]
        return bias if tied or bias is not None else self.output_dense.bias

    def encode(self, source, training=False):
        x, mask = self._read(source, training)
        blocks = [block.project_memory(x) for block in self.decoder_blocks]
        return {"mask": mask, "blocks": blocks}

    def encoder_states(self, source):
        return self._read(source)[0][:, int(bool(self.config["begin_source"])) :]

    def _read(self, source, training=False):
        """Encoder outputs `(B, S, D)`, mask `(B, S)`; `begin_source` makes `S` larger by 1."""
        if self.config["begin_source"]:
            start = ops.full_like(source[:, :1], self.config["begin_source"])
            source = ops.concatenate([start, source], axis=1)
        mask = padding_mask(source)
        x = self.source_positions(self.source_embedding(source))  # (B, S, D)
        x = self.source_norm(x) if self.config["embedding_norm"] else x
        x = self.dropout(x, training=training)
        bias = self.source_positions.bias(ops.shape(source)[1])
        for block in self.encoder_blocks:
            x, _ = call(self.rematerialize, block, x, mask, training=training, bias=bias)
        x = self.encoder_norm(x) if self.config["norm_first"] else x
        return self.output_dropout(x, training=training), mask

    def initial_state(self, memory, max_length):
        sizes = ops.shape(memory["mask"])[0], max_length, self.config["hidden_dim"]
        attentions = [block.self_attention for block in self.decoder_blocks]
        return {"blocks": [each.initial_cache(*sizes) for each in attentions]}

    def spread(self, memory, times):
        return memory  # which the cross-attention reads once for all hypotheses of a source

    def decode_step(self, token, state, memory, step):
        x = self._embed_target(token[:, None], start=step)[:, 0]  # (B * K, D)
        bias = None
        if self.config["positions"] == "relative":
            length = state["blocks"][0]["key"].shape[2] or step + 1
            bias = self.target_positions.bias(1, length, start=step)  # (1, H, 1, T)
        caches, every = [], []
        for block, cache, keys in zip(
            self.decoder_blocks, state["blocks"], memory["blocks"], strict=True
        ):
            x, weights, cache = block.step(x, cache, step, keys, memory["mask"], bias)
            caches.append(cache)
            every.append(weights)
        return self._logits(x), {"blocks": caches}, self._aligned(every)  # attention (B * K, S)

    def decode(self, target, memory, training=False):
        return self._logits(self._read_target(target, memory, training)[0], training)

    def decode_attending(self, target, memory, training=False):
        x, every = self._read_target(target, memory, training)
        return self._logits(x, training), self._aligned(every)

    def attention(self, source, target):
        """The attention of every layer and head to the source.

        Args:
            source: int tensor `(B, S)`.
            target: int tensor `(B, T)`, beginning with the start symbol.

        Returns:
            float32 tensor `(B, N, H, T, S)`.
        """
        _, weights = self._read_target(target, self.encode(source), training=False)
        weights = ops.cast(ops.stack(weights, axis=1), "float32")  # (B, N, H, T, S)
        return self._of_source(weights)

    def _read_target(self, target, memory, training):
        """Decoder outputs `(B, T, D)`, and each block's attention to the memory `(B, H, T, S)`."""
        x = self._embed_target(target)  # (B, T, D)
        x = self.dropout(x, training=training)
        length = ops.shape(target)[1]
        mask, bias = causal_mask(length), self.target_positions.bias(length)  # (1, …, T, T)
        every = []
        for block, keys in zip(self.decoder_blocks, memory["blocks"], strict=True):
            given = x, mask, keys, memory["mask"]
            x, weights = call(self.rematerialize, block, *given, training=training, bias=bias)
            every.append(weights)
        return x, every

    def _embed_target(self, target, start=0):
        """Ids `(B, T)`, the first at position `start`, to vectors `(B, T, D)`."""
        x = self.target_positions(self.target_embedding(target), start=start)
        return self.target_norm(x) if self.config["embedding_norm"] else x

    def _aligned(self, every):
        """The returned attention `(B, …, S)`, of each block's `(B, H, …, S)`."""
        heads = (self.config[f"alignment_{name}"] for name in ("layer", "heads"))
        return self._of_source(read_alignment(every, *heads))

    def _of_source(self, weights):
        """Attention `(…, S)` without that to the token of `begin_source`."""
        return without_first(weights) if self.config["begin_source"] else weights

    def _logits(self, x, training=False):
        x = self.decoder_norm(x) if self.config["norm_first"] else x
        x = self.output_dropout(x, training=training)
        x = x * self.config["hidden_dim"] ** -0.5 if self.config["scale_output"] else x
        if self.config["tie_embeddings"]:
            return ops.cast(self.target_embedding.logits(x), "float32")
        logits, fixed = ops.cast(self.output_dense(x), "float32"), self.target_embedding.output_bias
        return logits if fixed is None else logits + fixed

    def get_config(self):
        return super().get_config() | self.config
