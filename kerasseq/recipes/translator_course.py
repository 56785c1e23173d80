"""How a recipe trains a translator."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from keras import ops

from kerasseq.data import PairIds, ParallelText, describe_batches
from kerasseq.data.accumulated_batches import accumulated_batches, counted_batches
from kerasseq.doctor import examine
from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.metrics.rouge_scores import check_rouge
from kerasseq.models import Transformer
from kerasseq.recipes.build import (
    LONGEST,
    build_lengths,
    build_model,
    build_search,
    build_tokenizers,
)
from kerasseq.recipes.corpora import HELD_OUT, PARTS, build_data
from kerasseq.recipes.course import EXAMPLES, Course, Ready
from kerasseq.recipes.evaluate import evaluate
from kerasseq.recipes.prepare import Prepared, is_prepared, prepare
from kerasseq.recipes.run_log import heard
from kerasseq.recipes.start import load_start, start_model
from kerasseq.tasks import Translator
from kerasseq.text import WordVectors
from kerasseq.training import TranslationMetrics, initialize_output_bias
from kerasseq.training.doctor import LOOKED_AT

if typing.TYPE_CHECKING:
    import pathlib

    import keras

    from kerasseq.data.dataset import Dataset
    from kerasseq.doctor import Finding
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask
    from kerasseq.text.tokenizer import Tokenizer


class TranslatorCourse(Course):
    """A Seq2Seq model that learns from pairs of lines; see `Course`."""

    kind: type[AnyTask] = Translator
    unit: str = ParallelText.unit
    later: tuple[str, ...] = tuple(f"val_{name}" for name in TranslationMetrics.NAMES)

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.translation: dict[str, typing.Any] = recipe.get("translation", {})
        self.of_bleu: dict[str, typing.Any] = {
            "tokenize": self.translation.get("bleu_tokenize", "13a"),
            "lowercase": self.translation.get("lowercase", False),
        }
        self.rouge: bool = self.translation.get("rouge", False)
        self.accumulated: int = self.training.get("accumulation_steps", 1)
        self.parts: tuple[str, ...] = HELD_OUT if "prepared" in recipe["data"] else PARTS
        self._prepared: Prepared | None = None

    def check(self) -> None:
        if self.process.count > 1:
            self._check_shared()
        check_tokenize(self.of_bleu["tokenize"])
        if self.rouge:
            check_rouge()

    def _check_shared(self):
        """Refuses what several processes cannot share."""
        prepared = self.recipe["data"].get("prepared")
        if not prepared or not is_prepared(prepared):
            raise ValueError(
                "Expected ids that are prepared, of which each process reads its share; received "
                f"{f'none in {prepared}' if prepared else 'no data.prepared'}. Run kerasseq "
                "prepare first, and name its folder."
            )
        for name in ("ema", "accumulation_steps"):
            if self.training.get(name, 0) > (name == "accumulation_steps"):
                raise ValueError(
                    f"Expected training of several processes without {name}; received "
                    f"{self.training[name]}. Leave it out, or train in one process."
                )

    def data(self, parts: Iterable[str] = PARTS) -> Dataset:
        found = build_data(self.recipe["data"], parts)
        if "guided_alignment" in self.training and found.train:
            found.train.alignments.weight = self.training["guided_alignment"]
        return found

    def examine(self, corpus: Dataset) -> list[Finding]:
        longest = self.recipe["batches"].get("max_length", LONGEST)
        return examine(corpus.train, corpus.validation, longest=longest)

    def load_start(self, folder: str, corpus: Dataset) -> Translator:
        return load_start(folder)

    def train_tokenizers(self, corpus: typing.Any) -> dict[str, Tokenizer]:
        prepared = self._prepare()
        if prepared:
            source, target = prepared.source, prepared.target
        else:
            source, target = build_tokenizers(self.recipe, corpus)
        return {"source": source, "target": target}

    def _prepare(self, start=None):
        """The ids that the recipe has prepared, opened once; None where training reads text."""
        if "prepared" in self.recipe["data"] and self._prepared is None:
            self._prepared = prepare(self.recipe, start)
        return self._prepared

    def get_ready(
        self,
        corpus: Dataset,
        tokenizers: dict[str, Tokenizer],
        start: typing.Any = None,
    ) -> Ready:
        recipe, training, prepared = self.recipe, self.training, self._prepare(start)
        source, target = tokenizers["source"], tokenizers["target"]
        lengths = build_lengths(recipe, start)
        sizes = dict(recipe["batches"])
        if start and "max_length" not in sizes:
            sizes["max_length"] = lengths["max_source_length"], lengths["max_length"]
        warn_of_references(
            list(corpus.validation.targets()), *self.of_bleu.values(), target.lowercase
        )
        order = {"shuffle": True, "seed": training.get("seed", 0)}
        with heard() as of_train:
            if prepared:
                plan = prepared.ids.plan(**order, **sizes, share=self.process)
                batches, report = plan.batches(), plan.describe()
                counted = plan.batches(whole=True)
            else:
                batches = corpus.train.batches(source, target, cache=True, **order, **sizes)
                report = describe_batches(batches)
                counted = batches
        for name in ("weights", "temperature"):
            sizes.pop(name, None)
        with heard() as of_validation:
            if self.process.count > 1:
                ids = PairIds.encode(corpus.validation.strings(), source, target)
                validation = ids.batches(**sizes, share=self.process)
            else:
                validation = corpus.validation.batches(source, target, cache=True, **sizes)
        if start:
            model = start_model(recipe, start)
        else:
            model = build_model(
                self._guided(recipe["model"]) | {"dtype": training.get("precision", "float32")},
                source.vocabulary_size,
                target.vocabulary_size,
            )
        if training.get("rematerialize", False):
            _rematerialize(model)
        if "alignments" in recipe["data"]:
            model.check_aligns()
        covered = self._load_vectors(model, tokenizers)
        if training.get("initialize_output_bias", False):
            initialize_output_bias(model, counted)
        search = start.search if start and "search" not in recipe else None
        translator = Translator(
            model,
            source,
            target,
            search=search or build_search(recipe.get("search", {})),
            **lengths,
            replace_unknown=self.translation.get(
                "replace_unknown", bool(start and start.replace_unknown)
            ),
            examples=corpus.validation.take(EXAMPLES).sources(),
        )
        _decode_one_token(translator)
        lines = [
            *covered,
            *(f"training: {line}" for line in of_train),
            *(f"validation: {line}" for line in of_validation),
        ]
        if self.accumulated > 1:
            batches = accumulated_batches(counted_batches(batches), self.accumulated)
        return Ready(translator, batches, validation, report, lines, prepared)

    def _guided(self, section):
        """The section of the model; a Transformer's alignments guide one head of its last layer but
        one, unless it says otherwise (Garg et al. 2019)."""
        if "alignments" not in self.recipe["data"] or section["kind"] != "Transformer":
            return section
        layers = section.get("num_decoder_layers") or section.get("num_layers", 3)
        return {"alignment_layer": -min(layers, 2), "alignment_heads": 1} | section

    def _load_vectors(self, model, tokenizers):
        """Loads the word vectors that the recipe names; returns a line on the coverage of each."""
        covered = []
        for side, tokenizer in tokenizers.items():
            if f"{side}_vectors" in self.recipe:
                options = dict(self.recipe[f"{side}_vectors"])
                trainable = options.pop("trainable", True)
                vectors = WordVectors.read(options.pop("path"), tokenizer, **options)
                getattr(model, f"{side}_embedding").load_vectors(vectors.table, trainable)
                covered.append(f"{side} vectors cover {vectors.coverage:.1%} of the vocabulary")
        return covered

    def objective(self, task: typing.Any) -> dict[str, typing.Any]:
        smoothing, r_drop = (self.training.get(name, 0.0) for name in ("label_smoothing", "r_drop"))
        return task.objective(smoothing, self.accumulated > 1, r_drop)

    def quality(self, task: typing.Any, validation: typing.Any) -> keras.callbacks.Callback | None:
        every = self.training.get("quality_every")
        return TranslationMetrics(task, validation, every, **self.of_bleu) if every else None

    def looked_at(
        self,
        task: typing.Any,
        validation: typing.Any,
        quality: keras.callbacks.Callback | None,
    ) -> dict[str, typing.Any]:
        return {"translator": task, "pairs": validation.take(LOOKED_AT), "quality": quality}

    def scores(
        self, task: typing.Any, corpus: typing.Any, run: pathlib.Path, part: str
    ) -> dict[str, typing.Any]:
        return evaluate(task, corpus, **self.of_bleu, rouge=self.rouge, run=run, name=part)


def _rematerialize(model):
    if not isinstance(model, Transformer):
        raise ValueError(
            "Expected a Transformer with training.rematerialize, of whose blocks it keeps what "
            f"they return; received a {type(model).__name__}. Leave it out."
        )
    model.rematerialize = True


def _decode_one_token(translator):
    """Decodes one token, so that a search or length that the model cannot use fails here."""
    source, symbols = translator.source, translator.processor.symbols
    ids = ops.convert_to_tensor([[source.unknown_id, source.end_id]], "int32")
    # The state has room for the longest translation.
    memory = translator.model.encode(ids)
    state = translator.model.initial_state(memory, translator.max_length)
    translator.search(translator.model.decode_step, memory, state, **symbols, max_length=1)
