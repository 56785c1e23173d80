"""Which of sacreBLEU's tokenizers run here, and whether one fits a text."""

import pathlib
import re
import warnings

import sacrebleu
from sacrebleu.tokenizers.tokenizer_spm import SPM_MODELS
from sacrebleu.utils import SACREBLEU_DIR

KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Thai, Lao, Tibetan, Myanmar and Khmer: no spaces between words, and no tokenizer of their own.
OTHERS = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f"
WITHOUT_SPACES = re.compile(f"[{KANA}{IDEOGRAPHS}{OTHERS}]")
LONGEST_WORD = 6  # characters, in the mean: words of these scripts have 2 to 5


def check_tokenize(tokenize):
    """Refuses a tokenizer that sacreBLEU does not have, or that cannot run here.

    One that would first fetch its model from the network is refused too.

    Raises:
        ValueError: names it, and what it needs.
    """
    every = ", ".join(sacrebleu.BLEU.TOKENIZERS)
    if tokenize not in sacrebleu.BLEU.TOKENIZERS:
        raise ValueError(
            f"Expected a tokenizer of sacreBLEU, {every}; received {tokenize!r}. Choose one."
        )
    reason = missing(tokenize)
    if reason:
        raise ValueError(
            f"Expected a tokenizer of sacreBLEU that can run here; received {tokenize!r}. "
            f"{reason} Or choose one of none, zh, 13a, intl, char."
        )


def missing(tokenize):
    """What a tokenizer of sacreBLEU needs that is not here: a sentence, or "" """
    if tokenize in SPM_MODELS:
        url = SPM_MODELS[tokenize]["url"]
        path = pathlib.Path(SACREBLEU_DIR) / "models" / url.rsplit("/", 1)[-1]
        if not path.is_file():
            return f"It needs a model that would be downloaded: put {url} at {path}."
    try:
        sacrebleu.BLEU(tokenize=tokenize)
    except (RuntimeError, ImportError, OSError, AssertionError) as error:
        return f"{' '.join(str(error).split()) or type(error).__name__}."
    return ""


def warn_of_references(references, tokenize, lowercase=False, writes_lowercase=False):
    """Warns of references on which BLEU, so computed, says little of a right translation.

    Args:
        references: list of str.
        tokenize: sacreBLEU's tokenizer, one that runs here.
        lowercase: bool, whether case is ignored.
        writes_lowercase: bool, whether the tokenizer that writes the translations knows lower
            case alone.
    """
    if writes_lowercase and not lowercase and any(line != line.lower() for line in references):
        warnings.warn(
            "Expected lower-case references for translations that are lower-case; received "
            "references with capitals, each of which counts as an error. Compute BLEU with "
            "lowercase=True, or train a target tokenizer that keeps case.",
            stacklevel=1,
        )
    bleu = sacrebleu.BLEU(tokenize=tokenize, force=True)
    words = [word for line in references for word in bleu.tokenizer(line).split()]
    unspaced = [word for word in words if WITHOUT_SPACES.search(word)]
    length = sum(map(len, unspaced))
    if 2 * length > sum(map(len, words)) and length > LONGEST_WORD * len(unspaced):
        warnings.warn(
            "Expected spaces between the words that BLEU counts; received references in a script "
            f"without them, which tokenize={tokenize!r} leaves whole: a translation that is "
            f"nearly right scores 0. Compute BLEU with tokenize={fitting(unspaced)!r}, and read "
            "chrf.",
            stacklevel=1,
        )
    elif not bleu.corpus_score(references, [references]).score:
        warnings.warn(
            "Expected a reference of four words at least, the longest that BLEU counts; received "
            f"shorter ones alone (tokenize={tokenize!r}): BLEU is 0 even of a perfect "
            "translation. Read exact_match and chrf, or compute BLEU with tokenize='char'.",
            stacklevel=1,
        )


def fitting(words):
    """The tokenizer that cuts words of scripts without spaces, of those that run here."""
    text = "".join(words)
    if re.search(f"[{KANA}]", text):
        return "char" if missing("ja-mecab") else "ja-mecab"
    ideographs = len(re.findall(f"[{IDEOGRAPHS}]", text))
    return "zh" if 2 * ideographs > len(text) else "char"
