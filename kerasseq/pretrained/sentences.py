"""What the library sentence-transformers puts beside a model: how its vectors are pooled."""

from kerasseq.models.sentence_encoder import SentenceEncoder
from kerasseq.pretrained.fields import check_fields, number
from kerasseq.pretrained.heads import Pretrained
from kerasseq.pretrained.hugging_face import HuggingFaceFolder
from kerasseq.untrusted import door

MODULES, LENGTH = "modules.json", "sentence_bert_config.json"
# What would change a text before it is read, and the file that says it.
OF_TEXT = {"do_lower_case": LENGTH, "default_prompt_name": "config_sentence_transformers.json"}
# As the library has written them, the later names without "_token".
POOLINGS = {
    "pooling_mode_cls_token": "first",
    "pooling_mode_cls": "first",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_max": "max",
}
LONGEST = 256


@door("a folder of Hugging Face's layout", "Copy the folder again.")
def read_text_encoder(path, pooling=None, normalize=None, dtype=None):
    """A SentenceEncoder of a folder; see `TextEncoder.from_hugging_face`.

    Returns:
        Pretrained, and the most tokens that are read of a text.
    """
    found = HuggingFaceFolder(path)
    folder = found.folder
    own_pooling, own_normalize = read_modules(folder)
    pooling = pooling or own_pooling
    if pooling is None:
        raise ValueError(
            f"Expected {MODULES} of sentence-transformers in {folder.path}, which says how to "
            'pool, or pooling="mean", "first" or "max"; received neither. Give it.'
        )
    normalize = own_normalize if normalize is None else normalize
    tokenizer = found.tokenizer()
    encoder = found.encoder(tokenizer, dtype)
    model = SentenceEncoder(encoder, pooling, bool(normalize), dtype=dtype)
    length = min(LONGEST, encoder.max_length)
    for field, name in OF_TEXT.items():
        if folder.has(name):
            check_fields(str(folder.path / name), {field: folder.json(name).get(field)})
    if folder.has(LENGTH):
        settings, where = folder.json(LENGTH), str(folder.path / LENGTH)
        if settings.get("max_seq_length") is not None:
            length = number(where, settings, "max_seq_length", int, 5)
    return Pretrained(model, tokenizer), min(length, encoder.max_length)


def read_modules(folder):
    """How a folder pools and whether it normalises: a str and a bool, or None and None."""
    if not folder.has(MODULES):
        return None, None
    modules = folder.list(MODULES)
    kinds = [str(each.get("type", "")).split(".")[-1] for each in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        raise ValueError(
            f"Expected the modules Transformer, Pooling and perhaps Normalize in "
            f"{folder.path / MODULES}; received {', '.join(kinds):.80}. Choose another model."
        )
    where = modules[1].get("path")
    if where != "1_Pooling":
        raise ValueError(
            f"Expected the path '1_Pooling' in {folder.path / MODULES}; received {where!r:.60}. "
            "Copy the folder again."
        )
    settings = folder.json("1_Pooling/config.json")
    chosen = [name for name, value in settings.items() if "pooling_mode" in name and value is True]
    mode = settings.get("pooling_mode")
    chosen += [f"pooling_mode_{mode}"] if mode else []
    if len(chosen) != 1 or chosen[0] not in POOLINGS or settings.get("include_prompt") is False:
        raise ValueError(
            f"Expected one pooling of {', '.join(POOLINGS)} in "
            f"{folder.path / '1_Pooling' / 'config.json'}; received "
            f"{', '.join(chosen) or 'none':.80}. Choose another model."
        )
    return POOLINGS[chosen[0]], kinds[2:] == ["Normalize"]


def sentence_files(model, max_length):
    """The files that say how a SentenceEncoder pools: dict from names to what their JSON holds."""
    kinds = [("", "models.Transformer"), ("1_Pooling", "models.Pooling")]
    kinds += [("2_Normalize", "models.Normalize")] if model.normalize else []
    mode = {"first": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}
    modes = {f"pooling_mode_{name}": ours == model.pooling for ours, name in mode.items()}
    return {
        MODULES: [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.{kind}"}
            for i, (path, kind) in enumerate(kinds)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": model.encoder.output_dim} | modes,
        LENGTH: {"max_seq_length": max_length, "do_lower_case": False},
    }
