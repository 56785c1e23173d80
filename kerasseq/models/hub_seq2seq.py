"""The sequence-to-sequence models of KerasHub."""

import contextlib
import threading

import keras
import numpy as np
from keras import ops

from kerasseq.models.keras_hub_objects import (
    build_backbone,
    check_kind,
    describe_backbone,
    policy_of,
)
from kerasseq.models.seq2seq import Seq2Seq
from kerasseq.tensors import padding_mask, write_at

# Tasks that decode by `call_encoder` and `call_decoder_with_cache`, and their backbones.
TASKS = {"BartSeq2SeqLM": "BartBackbone", "T5Seq2SeqLM": "T5Backbone"}
SILENT = -1e9  # the logit of an id that has no probability


@keras.saving.register_keras_serializable("kerasseq")
class HubSeq2Seq(Seq2Seq):
    """A `Seq2SeqLM` of KerasHub: BART (Lewis et al. 2020) or T5 (Raffel et al. 2020).

    Ids are those of this package: padding is 0, and a target begins with the start symbol and
    ends with the end symbol. `Translator.from_keras_hub` renumbers a pretrained model so.

    It keeps no attention. Dropout acts where the model is called with `training=True`, as `fit`
    does.

    Args:
        task: keras_hub.models.BartSeq2SeqLM or T5Seq2SeqLM, whose backbone is taken, or the
            description in `get_config`.
        begin_source: int, a token that the encoder reads before every source, or None.
        begin_target: int, a token that the decoder reads before every target, or None.
        silent_ids: list of int, tokens without probability.
        dtype: precision policy for a description; a task keeps its own.

    Raises:
        ValueError: for another kind of model.
    """

    attends = False

    def __init__(
        self, task, begin_source=None, begin_target=None, silent_ids=(), dtype=None, **kwargs
    ):
        super().__init__(dtype=policy_of(task, dtype), **kwargs)
        given = isinstance(task, keras.Model)
        name = type(task).__name__ if given else task.get("class_name")
        check_kind(name, TASKS)
        kinds = (TASKS[name],)
        backbone = task.backbone if given else None
        backbone = backbone or build_backbone(task["backbone"], kinds, self.dtype_policy)
        described = describe_backbone(backbone)
        check_kind(described["class_name"], kinds)
        size = backbone.vocabulary_size
        self.arguments = {
            "task": {"class_name": name, "backbone": described},
            "begin_source": begin_source,
            "begin_target": begin_target,
            "silent_ids": list(silent_ids),
        }
        self.config = self.arguments | {
            "source_vocabulary_size": size,
            "target_vocabulary_size": size,
        }
        self.silent = np.isin(np.arange(size), self.config["silent_ids"])  # (V,)
        self.task = _task(name, backbone)
        self.build()

    @property
    def backbone(self):
        """The keras_hub.models.Backbone."""
        return self.task.backbone

    def encode(self, source, training=False):
        hidden, mask = self._read(source)
        rows, length = ops.shape(source)[0], ops.shape(hidden)[1]
        # Two tokens on a cache of their own leave the memory's keys and values. Of one alone Keras
        # warns that its softmax is 1.
        _, _, cross = self._decoder(
            ops.ones((rows, 2), "int32"),
            self._cache(rows, 2),
            0,
            {"mask": mask, "cross": self._cache(rows, length)},
            hidden,
        )
        return {"mask": mask, "cross": cross}

    def encoder_states(self, source):
        return self._read(source)[0][:, int(self.config["begin_source"] is not None) :]

    def _read(self, source):
        """Encoder outputs `(B, S, D)` and mask `(B, S)`; `begin_source` makes `S` larger by 1."""
        source = _after(self.config["begin_source"], source)
        mask = padding_mask(source)
        return self.task.call_encoder(source, ops.cast(mask, "int32")), mask

    def initial_state(self, memory, max_length):
        rows = ops.shape(memory["mask"])[0]
        begin = self.config["begin_target"]
        if begin is None:
            return {"cache": self._cache(rows, max_length)}
        cache = self._cache(rows, max_length + 1)
        token = ops.full((rows, 1), begin, "int32")
        _, cache, _ = self._decoder(token, cache, ops.zeros((), "int32"), memory)
        return {"cache": cache}

    def decode_step(self, token, state, memory, step):
        position = ops.cast(step, "int32") + int(self.config["begin_target"] is not None)
        logits, cache, _ = self._decoder(token[:, None], state["cache"], position, memory)
        return logits[:, 0], {"cache": cache}, None

    def decode(self, target, memory, training=False):
        begun = int(self.config["begin_target"] is not None)
        target = _after(self.config["begin_target"], target)
        cache = self._cache(ops.shape(target)[0], ops.shape(target)[1])
        return self._decoder(target, cache, 0, memory)[0][:, begun:]

    def _cache(self, rows, length):
        """Zeros `(B, N, 2, T, H, d)` for the keys and values of `T` tokens."""
        backbone = self.backbone
        heads = backbone.num_heads
        dim = getattr(backbone, "key_value_dim", None) or backbone.hidden_dim // heads
        shape = (rows, backbone.num_layers, 2, length, heads, dim)
        return ops.zeros(shape, self.compute_dtype)

    def _decoder(self, tokens, cache, position, memory, hidden=None):
        """KerasHub's decoder on tokens `(B, T)`.

        Args:
            tokens: int tensor `(B, T)`.
            cache: float tensor `(B, N, 2, L, H, d)`.
            position: where the tokens go; the int 0 for as many as the cache holds, or a scalar
                int32 tensor for one.
            memory: dict, as `encode` returns it.
            hidden: the encoder's outputs `(B, S, D)`, of which keys and values are made; None to
                use those of the memory.

        Returns:
            float32 logits `(B, T, V)`, and both caches, written.
        """
        cross = memory["cross"]
        with _writes_by_selection():
            logits, _, cache, cross = self.task.call_decoder_with_cache(
                # With keys and values at hand it is looked at, and not read.
                encoder_hidden_states=cross[:, 0, 0, :, 0] if hidden is None else hidden,
                encoder_padding_mask=ops.cast(memory["mask"], "int32"),
                decoder_token_ids=tokens,
                self_attention_cache=cache,
                self_attention_cache_update_index=position,
                cross_attention_cache=cross,
                cross_attention_cache_update_index=None if hidden is None else 0,
            )
        logits = ops.cast(logits, "float32")
        if self.config["silent_ids"]:
            logits = ops.where(self.silent, ops.cast(SILENT, "float32"), logits)
        return logits, cache, cross

    @property
    def longest_source(self):
        return self._longest(self.config["begin_source"])

    @property
    def longest_target(self):
        return self._longest(self.config["begin_target"])

    def _longest(self, begin):
        """The rows of the position table, but one for a token that is read before; None for T5."""
        rows = getattr(self.backbone, "max_sequence_length", None)
        return rows if rows is None or begin is None else rows - 1

    def get_config(self):
        return super().get_config() | self.arguments


def _task(name, backbone):
    """KerasHub's task around a backbone, without a tokenizer."""
    import keras_hub

    return getattr(keras_hub.models, name)(backbone, compile=False)


def _after(token, ids):
    """Ids `(B, T)` after a token `(B, T + 1)`; as they are without one."""
    if token is None:
        return ids
    return ops.concatenate([ops.full_like(ids[:, :1], token), ids], axis=1)


_LOCK = threading.RLock()


@contextlib.contextmanager
def _writes_by_selection():
    """KerasHub's caches are written by `tensors.write_at` for a while, in this thread.

    `keras.ops.slice_update` is an operation of XLA under TensorFlow, which a served graph and
    TFLite do not have. Each call here fills a whole cache, or writes one position of it.
    """
    here = threading.get_ident()

    def write(inputs, start_indices, updates):
        if threading.get_ident() != here:
            return former(inputs, start_indices, updates)
        position = start_indices[1]
        return updates if isinstance(position, int) else write_at(inputs, updates, position)

    with _LOCK:
        former = ops.slice_update
        ops.slice_update = write
        try:
            yield
        finally:
            ops.slice_update = former
