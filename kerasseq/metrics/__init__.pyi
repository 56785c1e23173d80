from .alignment_error_rate import alignment_error_rate as alignment_error_rate
from .answer_scores import answer_scores as answer_scores
from .corpus_scores import corpus_scores as corpus_scores
from .entity_scores import entities as entities
from .entity_scores import entity_scores as entity_scores
from .label_scores import label_scores as label_scores
from .perplexity import Perplexity as Perplexity
from .repeats_itself import repeats_itself as repeats_itself
from .repeats_itself import share_repeating as share_repeating
from .rouge_scores import rouge_scores as rouge_scores
from .token_accuracy import TokenAccuracy as TokenAccuracy

__all__ = [
    "Perplexity",
    "TokenAccuracy",
    "alignment_error_rate",
    "answer_scores",
    "corpus_scores",
    "entities",
    "entity_scores",
    "label_scores",
    "repeats_itself",
    "rouge_scores",
    "share_repeating",
]
