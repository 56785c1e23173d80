"""What every reader of a bundle must agree on: texts, their ids and back, rows and answers.

python clients/vectors.py              # clients/vectors/vectors.json, of the bundles beside it
python clients/vectors.py --bundles    # trains the bundles' tokenizers first
python clients/vectors.py --random 2000 FOLDER  # a folder with as many drawn texts more

A bundle here is what rides at the end of a `.tflite` file, without a program before it. The
answers are kerasseq's own; where it has numbers of a model to read, they are drawn here.
"""

import json
import pathlib
import random
import shutil
import string
import sys
import unicodedata
import warnings

import numpy as np

from kerasseq.export.lite_file import read_lite_file, write_lite_file
from kerasseq.processing import find_processor
from kerasseq.processing.begun import Begun
from kerasseq.text.normalize import normalize
from kerasseq.text.piece_messages import piece_messages

FOLDER = pathlib.Path(__file__).parent / "vectors"
FILE = FOLDER / "vectors.json"

# Characters of Unicode 13 at most, which every platform in use knows.
TEXTS = [
    "",
    " ",
    "\t \n\u3000\u2028",
    "a",
    "hello world",
    "  Two  spaces,\tand\na tab.  ",
    "The quick brown fox jumps over the lazy dog.",
    "Zwei Kinder spielen im Schnee – „schön“, nicht wahr?",
    "ÄÖÜ äöü ß ẞ STRASSE",
    "L'été, c'est l'heure d'aller à la plage ; n'est-ce pas ?",
    "¿Dónde está el niño? ¡Aquí!",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Tiếng Việt có nhiều dấu thanh.",
    "İstanbul'da ışık IĞDIR ı i̇",
    "ΟΔΥΣΣΕΥΣ ΣΟΦΟΣ. ΑΣ Σ ΣΑΣ'Α Ά\u0301",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Ёлка, йод и ї",
    "שָׁלוֹם עוֹלָם",
    "السَّلامُ عَلَيْكُمْ، كيف الحال؟",
    "می\u200cخواهم کتاب\u200cها را",
    "a\u200cb \u200dc\u200d d\u200d\u200c",
    "नमस्ते दुनिया। क्\u200dष क्\u200cष",
    "বাংলা ভাষা தமிழ் ಕನ್ನಡ",
    "สวัสดีชาวโลก ຂໍ້ຄວາມ",
    "မြန်မာ ភាសាខ្មែរ བོད་སྐད་",
    "漢字かな交じり文です。「はい」、ﾊﾝｶｸ カタカナ ヽヾ",
    "我们在雪地里玩。㐀𠀀𪜀豈",
    "한국어 문장 \u1112\u1161\u11ab\u1100\u1173\u11af",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ＦＵＬＬ width ｈａｌｆ",
    "𐐀𐐁𐐨 Ꭰꭰ Ⅷ ⅷ Ⓐ",
    "e\u0301 a\u0323\u0302 a\u0302\u0323 q\u0307\u0323 \u0301x",
    "Å Å K Ω ﬁ ﬂ ½ m² ʰ ™ …",
    "😀 👍🏽 👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 🇩🇪 3\ufe0f\u20e3 ❤\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f text\ufe0e",
    "a\x00b\x01c\x1fd\x7fe\x85f\x9fg",
    "\ufeffbom so\xadft zero\u200bwidth word\u2060joiner",
    "\u202eright to left\u202c \u2066isolate\u2069 \u061c\u200e\u200f",
    "bad \ufffd\ufffd\ufffd text \ufffd",
    "private \ue000\uf8ff\U000f0000 use",
    "noncharacter \uffff \U0010fffe",
    "<s> </s> <pad> <unk> [CLS] [SEP] [MASK] [UNK] <mask> ##ing",
    "▁under▁ ▁▁ line ▁",
    "￭joiner￭ ■ ￭",
    "(about 1,234.56) at 12:30, e.g. https://example.org/a?b=c#d",
    "\"straight\" 'quotes' “curly” ‘single’ «guillemets» a - b a—b",
    "it's they're I've I'm we'll he'd IT'S 'sword 't",
    "def f(x): return x**2  # comment",
    "a,b;c:d!e?f.g...h--i__j~~k``l^^m$$n%%o&&p@@q",
    "<num> <num><num>  <sep>x<sep> y<left> <right>z <both> w <both><both> <numx>",
    "NEWERthing newer\u00e9 new ER Newest",
    "unaffable unknownable ununun",
    string.ascii_letters + string.digits,
    "x" * 100,
    "x" * 101 + " y",
    "é" * 99 + "e\u0301",
    "na" * 30 + "batman",
    " ".join(["one two three four five six seven eight nine ten"] * 4),
    "t tt ttt tttt abab baba aabb",
    "ÀÉÎÕÜ àéîõü ÑÇŠŽ ñçšž Øø Łł Đđ Þþ Ææ Œœ",
    "ǅ Ǆ ǆ ŉ ǰ ΐ և ﬀ",
    "\u00a0non\u00a0breaking\u202fnarrow\u2009thin\u200ahair",
    "line\r\nbreaks\rand\vmore\fhere",
    "©®°±²³µ¶·¹º¼½¾×÷",
    "aaaaa xxxxxxx nnnnn aaa xxx aaxxaa xaaax",
    "xttt ayer ttttd",
    "ntttaaa ttttt ",
    "€£¥₹₽ ∑∏√∞≠≤≥ →←↑↓ ♠♣♥♦ ─│┌┐",
]
# The rule of cleaning that speaks of newer characters; tokenizers' own rules may not know these.
CLEANED = ["e\u0301 \U0001e08f", "e\u0301\u0897", "\u1e9b\u0323 \u1e0b\u0323", "a\r\n\r\nb \u2029c"]

TRAINING = [
    "the quick brown fox jumps over the lazy dog .",
    "two children are playing in the snow , aren't they ?",
    "zwei kinder spielen im schnee – schön , nicht wahr ?",
    "a man in an orange hat is starring at something .",
    "ein mann mit einem orangefarbenen hut , der etwas anstarrt .",
    "it's about 1,234.56 (or 12:30) : one two three four five six seven eight nine ten",
    "l'été , c'est l'heure d'aller à la plage ; n'est-ce pas ?",
    "съешь же ещё этих мягких французских булок , да выпей чаю .",
    "οδυσσεύς σοφός , ας πούμε",
    "漢字かな交じり文です。我们在雪地里玩。",
    "नमस्ते दुनिया। السلام عليكم",
    "Unaffable unknown things are newer than the newest ones : playing , played , player .",
    "😀 👍 ❤ and ½ of “quoted” text",
    "t tt ttt abab baba banana batman nananana",
    "aa aaa aaaa xx xxx xxxx nn nnn aa xx nn aaaa xxxx",
    "abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "äöüßéèêàçñ ÄÖÜÉ ' \" ( ) [ ] { } < > / \\ - – — … . , ; : ! ?",
] * 3
LABELS = ["bad", "good", "odd"]


def make_bundles():
    """Trains small tokenizers of every kind, and writes a bundle for each kind of task."""
    from kerasseq.data.numbers import number_pairs
    from kerasseq.text import (
        CharacterTokenizer,
        SentencePieceTokenizer,
        WordPieceTokenizer,
        WordTokenizer,
    )

    corpus = [line for pair in number_pairs(train=150, validation=0, test=0)[0] for line in pair]
    TRAINING.extend(corpus)
    subwords, words = SentencePieceTokenizer.train, WordTokenizer.train
    marks = {"split": "punctuation"}
    symbols = ["<num>", "<sep>", "<left>", "<right>", "<both>"]
    bundles = {
        "words": (
            "translator",
            {
                "source": words(TRAINING, 2, lowercase=True, **marks),
                "target": words(TRAINING, **marks),
            },
            {"max_length": 20, "max_source_length": 16, "replace_unknown": True},
        ),
        "words_by_rule": (
            "translator",
            {"source": words(TRAINING), "target": words(TRAINING, joiners=False, **marks)},
            {"max_length": 20, "max_source_length": 16},
        ),
        "characters": (
            "translator",
            {
                "source": CharacterTokenizer.train(TRAINING, lowercase=True),
                "target": CharacterTokenizer.train([*TRAINING, "\t\n\r  "], keep_whitespace=True),
            },
            {"max_length": 40, "max_source_length": 32},
        ),
        "subwords": (
            "translator",
            {
                "source": with_ties(
                    subwords(
                        TRAINING,
                        250,
                        model_type="unigram",
                        lowercase=True,
                        user_defined_symbols=symbols[:2],
                    )
                ),
                "target": subwords(
                    TRAINING,
                    560,
                    byte_fallback=True,
                    normalization_rule_name="identity",
                    user_defined_symbols=symbols[:2],
                ),
            },
            {
                "max_length": 20,
                "max_source_length": 24,
                "source_before": (5,),
                "source_behind": (7, 6),
                "target_before": (3, 9),
            },
        ),
        "kept": (
            "translator",
            {
                "source": subwords(TRAINING, 300, keep_whitespace=True),
                "target": subwords(
                    TRAINING,
                    560,
                    model_type="unigram",
                    byte_fallback=True,
                    keep_whitespace=True,
                    user_defined_symbols=symbols[:2],
                ),
            },
            {"max_length": 30, "max_source_length": 64},
        ),
        "added": (
            "text_encoder",
            {"tokenizer": with_sides(subwords, symbols)},
            {"max_length": 24},
        ),
        "uncased": (
            "classifier",
            {
                "tokenizer": WordPieceTokenizer(
                    WordPieceTokenizer.train(TRAINING, 260).vocabulary,
                    added_tokens={"NEWER": False, "newest": True, "<num>": False},
                )
            },
            {"max_length": 24, "labels": LABELS, "kind": "multi_label"},
        ),
        "cased": (
            "span_finder",
            {"tokenizer": WordPieceTokenizer.train(TRAINING, 300, lowercase=False)},
            {"max_length": 24, "overlap": 6, "longest": 8, "threshold": 0.0},
        ),
        "accents": (
            "tagger",
            {"tokenizer": WordPieceTokenizer.train(TRAINING, 300, strip_accents=False)},
            {"max_length": 20, "labels": LABELS},
        ),
        "byte_pairs": (
            "classifier",
            {"tokenizer": byte_pairs(False)},
            {"max_length": 24, "labels": LABELS, "kind": "single_label"},
        ),
        "byte_pairs_spaced": (
            "tagger",
            {"tokenizer": byte_pairs(True)},
            {"max_length": 24, "labels": LABELS},
        ),
    }
    for old in FOLDER.glob("*.zip"):
        old.unlink()
    for name, (task, tokenizers, settings) in bundles.items():
        processor = find_processor(task)(**tokenizers, **settings)
        metadata = {"task": task} | processor.get_config() | processor.symbols
        write_lite_file(FOLDER / f"{name}.zip", b"", metadata, tokenizers)


def with_ties(tokenizer):
    """The tokenizer with pieces of which two cuts of "tttt" are equally probable.

    Which of both is chosen is then said by sums in float32.
    """
    model = piece_messages().ModelProto.FromString(tokenizer.model)
    scores = {"t": -5.611299991607666, "▁t": -7.420899868011475, "tt": -8.646502494812012}
    scores |= {"▁tt": -30.0, "▁": -30.0}
    for piece in model.pieces:
        piece.score = scores.pop(piece.piece, piece.score)
    for piece, score in scores.items():
        model.pieces.add(piece=piece, score=score)
    model.trainer_spec.vocab_size = len(model.pieces)
    return type(tokenizer)(model.SerializeToString(), tokenizer.lowercase)


def with_sides(train, symbols):
    """A unigram model with added tokens that take the spaces beside them."""
    from kerasseq.text import SentencePieceTokenizer

    options = {"normalization_rule_name": "identity", "user_defined_symbols": symbols}
    model = train(TRAINING, 230, model_type="unigram", **options).model
    sides = ("", "", "left", "right", "both")
    made = SentencePieceTokenizer(model, added_tokens=dict(zip(symbols, sides, strict=True)))
    return made.with_row(lead=["<s>"], separator=["</s>", "</s>"], close=["</s>"])


def byte_pairs(prefix_space):
    """Byte pairs of GPT-2's kind, trained by Hugging Face's tokenizers."""
    import tokenizers

    from kerasseq.text.byte_pair_tokenizer import BytePairTokenizer

    specials = ["<pad>", "<unk>", "<s>", "</s>", "<mask>", "<num>", "<left>"]
    trained = tokenizers.ByteLevelBPETokenizer()
    trained.train_from_iterator(TRAINING, 400, special_tokens=specials, show_progress=False)
    model = json.loads(trained._tokenizer.to_str())["model"]
    vocabulary = sorted(model["vocab"], key=model["vocab"].get)
    merges = [tuple(each.split(" ") if isinstance(each, str) else each) for each in model["merges"]]
    added = {"<mask>": "left", "<num>": "", "<left>": "left"}
    made = BytePairTokenizer.from_merges(vocabulary, merges, prefix_space, added)
    return made.with_row(["<s>"], ["</s>", "</s>"], ["</s>"], ["<mask>"])


def answers():
    """The vectors: a dict of JSON values."""
    found = {"texts": TEXTS, "cleaned": [[text, normalize(text)] for text in TEXTS + CLEANED]}
    found |= {"tokenizers": {}, "tasks": {}}
    draw = random.Random(1)
    for path in sorted(FOLDER.glob("*.zip")):
        metadata, tokenizers = read_lite_file(path)
        for side, tokenizer in sorted(tokenizers.items()):
            found["tokenizers"][f"{path.stem}/{side}"] = of_tokenizer(tokenizer, draw)
        kind = find_processor(metadata["task"])
        processor = kind(**tokenizers, **kind.read_config(metadata))
        found["tasks"][path.stem] = list(of_task(processor, draw))
    return found


def of_tokenizer(tokenizer, draw):
    """Ids of every text, the texts they come back as, and those of other sequences of ids."""
    ids = [tokenizer.encode(text) for text in TEXTS]
    drawn = [draw.choices(range(tokenizer.vocabulary_size), k=12) for _ in range(12)]
    drawn += [[0, tokenizer.start_id, *ids[7][:5], tokenizer.end_id, 5, 6], [tokenizer.end_id], []]
    return {
        "ids": ids,
        "back": [tokenizer.decode(each) for each in ids],
        "decoded": [[each, tokenizer.decode(each)] for each in drawn],
    }


def of_task(processor, draw):
    """Rows of inputs, what a model may have answered to each, and what that says."""
    for given in inputs_of(processor):
        cleaned = processor.clean(given)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = processor.rows(cleaned)
        outputs = [outputs_of(processor, row, draw) for row in rows]
        arrays = [{k: np.array(v, kinds(k)) for k, v in each.items()} for each in outputs]
        found = processor.distinct(processor.read(cleaned, rows, arrays))
        yield {
            "input": {"text": given.text, "prefix": given.prefix, "glossary": None}
            if isinstance(given, Begun)
            else given,
            "program": processor.program_of(rows[0]),
            "rows": [{k: v[0].tolist() for k, v in processor.one(row).items()} for row in rows],
            "outputs": outputs,
            "said": plain(processor.say(found)),
            "texts": [each.text for each in found if hasattr(each, "text")],
            "truncated": bool(getattr(found[0], "truncated", False)),
        }


def inputs_of(processor):
    """Some inputs of a kind of task."""
    texts = [TEXTS[i] for i in (0, 4, 5, 7, 14, 25, 30, 32, 43, 48, 56)]
    if processor.name == "translator":
        texts = [*map(Begun, texts), Begun(TEXTS[6], "zwei kinder"), Begun(TEXTS[5], "")]
        return [each if each.prefix else each.text for each in texts]
    if processor.name == "span_finder":
        return [[TEXTS[5], each] for each in texts] + [[TEXTS[56], TEXTS[56]], ["", TEXTS[44]]]
    pairs = [[TEXTS[5], TEXTS[6]], [TEXTS[4], TEXTS[56]], [TEXTS[56], TEXTS[4]], ["", TEXTS[56]]]
    words = [["two", "", "Schnee,", "e\u0301", " spaced "]] if processor.name == "tagger" else []
    return texts + words + pairs * (processor.name == "classifier")


def outputs_of(processor, row, draw):
    """Numbers as a program of the kind of task returns them, for one row."""
    if processor.name == "translator":
        return translated(processor, row, draw)
    if processor.name == "span_finder":
        last = row.start + max(0, len(row.units) - 1)
        first = draw.randint(row.start, last)
        return {"outputs": [first, draw.randint(first, last), draw.randint(-300, 900) / 64]}
    shape = {"tagger": (processor.row_length, 3), "classifier": (3,), "text_encoder": (4,)}
    numbers = np.array([draw.randint(0, 64) / 64 for _ in range(np.prod(shape[processor.name]))])
    return {"outputs": numbers.reshape(shape[processor.name]).tolist()}


def translated(processor, row, draw):
    """Three hypotheses, of which two read alike."""
    target, longest = processor.target, processor.max_length
    tokens, lengths = [], []
    for number in range(3):
        written = draw.choices(range(4, target.vocabulary_size), k=draw.randint(1, 6))
        if number == 0 and processor.replace_unknown:
            written[1:1] = [target.unknown_id] * 2
        if number == 1 and tokens:
            written = tokens[0][len(processor.pair_symbols.prefix) : lengths[0] - 1]
        written = [*processor.pair_symbols.prefix, *written, target.end_id]
        lengths.append(len(written))
        tokens.append(written + [0] * (longest - len(written)))
    found = {"tokens": tokens, "lengths": lengths, "scores": [-0.5, -1.0, -1.5]}
    if processor.replace_unknown:
        found["attention"] = [
            [[draw.randint(0, 64) / 64 for _ in range(processor.row_length)] for _ in each]
            for each in tokens
        ]
    return found


def kinds(name):
    """The dtype of an output."""
    return "int32" if name in ("tokens", "lengths") else "float32"


def plain(said):
    """What a call says, as JSON."""
    return said.tolist() if isinstance(said, np.ndarray) else said


def random_texts(count):
    """Texts of stretches of everything: characters, marks, what is cleaned, words, symbols."""
    draw = random.Random(7)
    every = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    every = [each for each in every if unicodedata.category(each) != "Cn"]
    words = [
        "<num>",
        "<sep>",
        " <both> ",
        "<left>",
        "<right>",
        "newest",
        "NEWER",
        "<mask>",
        "[SEP]",
    ]
    pools = [
        every,
        [each for each in every if unicodedata.combining(each)],
        list(" \t\n\u200c\u200d\u2060\ufffd\u3000▁￭Σσς'.İI"),
        [each for text in TEXTS + TRAINING for each in text],
        words + [word + " " for line in TRAINING for word in line.split()],
    ]
    weights = [2, 2, 3, 5, 8]
    for _ in range(count):
        chosen = draw.choices(pools, weights, k=draw.randint(1, 14))
        yield "".join(each for pool in chosen for each in draw.choices(pool, k=draw.randint(1, 3)))


def main(arguments):
    """Writes the vectors."""
    folder = FOLDER
    if "--bundles" in arguments:
        make_bundles()
    if "--random" in arguments:
        count, folder = int(arguments[1]), pathlib.Path(arguments[2])
        TEXTS.extend(random_texts(count))
        folder.mkdir(parents=True, exist_ok=True)
        for path in FOLDER.glob("*.zip"):
            shutil.copy(path, folder)
    found = answers()
    text = json.dumps(found, ensure_ascii=True, separators=(",", ":"))
    (folder / FILE.name).write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    count = sum(len(each["ids"]) for each in found["tokenizers"].values())
    inputs = sum(map(len, found["tasks"].values()))
    print(f"{folder / FILE.name}: {count} texts with ids, {inputs} inputs of tasks")


if __name__ == "__main__":
    main(sys.argv[1:])
