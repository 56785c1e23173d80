"""A translator's ways in from other tools, and out to them."""

from __future__ import annotations

import typing

from kerasseq import pretrained
from kerasseq.processing.symbols import PLAIN
from kerasseq.tasks.from_transformers import FromTransformers

if typing.TYPE_CHECKING:
    import keras

    from kerasseq.decoding.search import Search
    from kerasseq.files import AnyPath
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.processing.processor import Processor
    from kerasseq.processing.symbols import PairSymbols
    from kerasseq.text.tokenizer import Tokenizer


class Interchange(FromTransformers):
    """The constructors and writers of `Translator` for what other tools read and write."""

    model: Seq2Seq
    processor: Processor

    if typing.TYPE_CHECKING:

        @property
        def source(self) -> Tokenizer: ...

        @property
        def target(self) -> Tokenizer: ...

        @property
        def pair_symbols(self) -> PairSymbols: ...

        def chosen(self, search: Search | str | None = None) -> Search: ...

    @classmethod
    def from_bergamot(
        cls,
        folder: AnyPath,
        search: Search | str = "greedy",
        *,
        dtype: str | None = None,
        **options: typing.Any,
    ) -> typing.Self:
        """A translator of Firefox Translations (Bergamot): a student that Marian trained.

        Args:
            folder: path of a folder with `model.*.bin` and `vocab.*.spm`.
            search: Search, or its name; Firefox translates greedily.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            **options: as for the class.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged file, or anything that is not supported, by its name.
        """
        return cls(*pretrained.read_bergamot(folder, dtype), search, **options)

    @classmethod
    def from_keras_hub(
        cls,
        given: AnyPath | keras.Model,
        search: Search | str = "beam",
        max_length: int | None = None,
        max_source_length: int | None = None,
        *,
        dtype: str | None = None,
        **options: typing.Any,
    ) -> typing.Self:
        """A translator of a `Seq2SeqLM` of KerasHub: a T5 or a BART.

        Nothing is downloaded: what is on the net is fetched with KerasHub's `from_preset` first.

        Args:
            given: keras_hub.models.T5Seq2SeqLM or BartSeq2SeqLM with its preprocessor, or the
                path of a folder that its `save_to_preset` wrote.
            search: Search, or its name.
            max_length, max_source_length: as for the class; by default 100 and 256, or what the
                model has positions for.
            dtype: precision policy, "mixed_bfloat16" to train faster on some processors.
            **options: as for the class.

        Raises:
            FileNotFoundError: for a missing folder or file.
            ValueError: for another kind of model, a damaged file, or anything that is not
                supported, by its name.
        """
        found = pretrained.read_hub_translator(given, dtype)
        longest = found.model.longest_target, found.model.longest_source
        max_length = max_length or min(100, longest[0] or 100)
        max_source_length = max_source_length or min(256, longest[1] or 256)
        return cls(*found, search, max_length, max_source_length, **options)

    @classmethod
    def from_hugging_face(
        cls,
        path: AnyPath,
        search: Search | str | None = None,
        *,
        source_language: str | None = None,
        target_language: str | None = None,
        dtype: str | None = None,
        **options: typing.Any,
    ) -> typing.Self:
        """A translator, or what else turns text into text, in Hugging Face's layout.

        Read are Marian (OPUS-MT), BART, mBART, M2M100, NLLB, Pegasus, T5, flan-t5 and mT5:
        `config.json`, `generation_config.json`, `model.safetensors` or its shards, and the
        tokenizer's files. A T5's task ("translate English to German: ") is text before each line.
        Every field that changes a number or a token counts, or is refused by its name; nothing
        in the folder is run. Padding is never written, whatever the folder says.

        Args:
            path: path of the folder, or a name on the Hugging Face hub, which is downloaded.
            search: Search, or its name; by default the one that the folder asks for, with
                Hugging Face's scores.
            source_language, target_language: str, of a model of several languages, as its
                vocabulary calls them; an unknown one is refused with those that it has.
            dtype: precision policy.
            **options: as for the class; `max_length` is the folder's by default, and
                `max_source_length` the model's positions.

        Raises:
            FileNotFoundError: for a missing file.
            ValueError: for a damaged file, or anything that is not supported, by its name.
            ImportError: for a name on the hub, without `huggingface_hub`.
        """
        languages = source_language, target_language
        found = pretrained.read_translator(path, languages, search, dtype)
        return cls(found.model, found.source, found.target, **(found.options | options))

    def save_hugging_face(self, folder: AnyPath, search: Search | str | None = None) -> None:
        """Writes a folder of Hugging Face's layout, which transformers' classes load.

        The translator's settings say the family: Marian, BART, mBART, Pegasus or T5. Logits are
        the translator's, and so is the text that `generate` finds; `from_hugging_face` reads the
        folder again. Texts are read alike but for what `kerasseq.text.normalize` does first, and
        for symbols in a text, such as "</s>", which are text here.

        Args:
            folder: path of a new folder.
            search: Search, or its name, that `generate` does by default: the translator's own,
                unless another is given. Of a beam transformers knows the scores without
                `length_offset` alone, `Beam(4, length_offset=0.0)`.

        Raises:
            FileExistsError: when there is something at the path.
            ValueError: for what these families do not have, by its name.
        """
        pretrained.write_translator(self.model, self.processor, self.chosen(search), folder)

    def save_ctranslate2(
        self,
        folder: AnyPath,
        *,
        quantization: typing.Literal["int8", "int8_float32", "float16", "bfloat16"] | None = None,
    ) -> None:
        """Writes a Transformer for the engine CTranslate2, which needs no TensorFlow.

        The engine reads and writes tokens:

            engine = ctranslate2.Translator(folder)
            read = [translator.source.tokens(text)]
            (found,) = engine.translate_batch(read, beam_size=1, min_decoding_length=0)
            text = translator.target.join(found.hypotheses[0])

        Args:
            folder: path of a new folder; the tokenizers are saved in it too, as `source` and
                `target`.
            quantization: how the engine keeps the matrices; None for float32.

        Raises:
            ImportError: without the package ctranslate2.
            FileExistsError: when there is something at the path.
            ValueError: for a model or tokenizers that the engine does not take, by what it has
                not.
        """
        if (symbols := self.pair_symbols) != PLAIN:
            raise ValueError(
                "Expected a translator without symbols around its texts for CTranslate2, whose "
                f"caller would have to give them; received {symbols}. Export a SavedModel or a "
                ".tflite file."
            )
        pretrained.write_ctranslate2(self.model, self.source, self.target, folder, quantization)
