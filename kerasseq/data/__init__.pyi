from .accumulated_batches import accumulated_batches as accumulated_batches
from .aligner import align as align
from .buckets import Buckets as Buckets
from .captioned_images import CaptionedImages as CaptionedImages
from .dataset import Dataset as Dataset
from .datasets import load as load
from .describe_batches import describe_batches as describe_batches
from .emoji import emoji as emoji
from .images import augment_image as augment_image
from .images import load_image as load_image
from .images import read_image as read_image
from .labelled_text import LabelledText as LabelledText
from .masked_text import MaskedText as MaskedText
from .numbers import number_pairs as number_pairs
from .pair_ids import PairIds as PairIds
from .parallel_text import ParallelText as ParallelText
from .question_answers import Question as Question
from .question_answers import QuestionAnswers as QuestionAnswers
from .read_corpus import read_corpus as read_corpus
from .tagged_text import TaggedText as TaggedText
from .time_series import TimeSeries as TimeSeries
from .word_alignments import WordAlignments as WordAlignments

__all__ = [
    "Buckets",
    "CaptionedImages",
    "Dataset",
    "LabelledText",
    "MaskedText",
    "PairIds",
    "ParallelText",
    "Question",
    "QuestionAnswers",
    "TaggedText",
    "TimeSeries",
    "WordAlignments",
    "accumulated_batches",
    "align",
    "augment_image",
    "describe_batches",
    "emoji",
    "load",
    "load_image",
    "number_pairs",
    "read_corpus",
    "read_image",
]
