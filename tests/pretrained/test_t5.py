"""Folders of T5, its version 1.1 and mT5, held against transformers' own classes."""

import json
import unicodedata

import keras
import numpy as np
import pytest
import safetensors.numpy
import torch
import transformers
from tokenizer_folders import T5_IDS, check_equal, hard_texts, read_lines, save, train_pieces

from kerasseq import Translator
from kerasseq.decoding import Beam, Greedy
from kerasseq.pretrained.folder import Folder
from kerasseq.pretrained.spiece import read_spiece
from kerasseq.pretrained.t5_places import t5_places
from kerasseq.pretrained.tokenizers import read_tokenizer
from kerasseq.pretrained.translators import read_translator
from kerasseq.pretrained.weights import tensors_of

TOLERANCE = 1e-4
LENGTH = 12  # of what is generated
SIZES = {
    "d_model": 24, "d_kv": 5, "num_heads": 3, "d_ff": 40, "num_layers": 3, "num_decoder_layers": 2,
    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 11,
}  # fmt: skip
PADDED = 9  # rows of the embeddings that are no token's
KINDS = {
    "t5": ("T5", {}),
    "t5-1.1": ("T5", {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}),
    "mt5": ("MT5", {"tie_word_embeddings": False}),
    "mt5-tied": ("MT5", {"feed_forward_proj": "gated-silu"}),
}


@pytest.fixture(scope="module")
def lines(data_folder, number_text):
    return read_lines(data_folder, number_text)


@pytest.fixture(scope="module")
def tokenizer_folder(lines, tmp_path_factory):
    model = train_pieces(lines[:500], "unigram", 90, **T5_IDS)
    path = tmp_path_factory.mktemp("tokenizer")
    return save(path, "T5Tokenizer", "spiece.model", model, extra_ids=7)


def write(folder, tokenizer_folder, kind, **options):
    """Saves a model of random weights and its tokenizer; the model."""
    family, further = KINDS[kind]
    tokenizer = transformers.AutoTokenizer.from_pretrained(tokenizer_folder)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer) + PADDED, **SIZES | further
    )
    torch.manual_seed(3)
    model = getattr(transformers, f"{family}ForConditionalGeneration")(config).eval()
    if "tie_word_embeddings" in further:
        model.lm_head.weight = torch.nn.Parameter(torch.empty(len(model.shared.weight), 24))
    for name, parameter in model.named_parameters():
        torch.nn.init.normal_(parameter, float("layer_norm" in name), 0.2)
    # Small beside what the layers add, or a tied decoder would repeat its tokens.
    torch.nn.init.normal_(model.shared.weight, 0.0, 0.4)
    torch.nn.init.normal_(model.lm_head.weight, 0.0, 0.4)
    model.lm_head.weight.data[1] *= 2  # so that some hypotheses end
    if config.to_dict().get("scale_decoder_outputs"):
        model.decoder.final_layer_norm.weight.data *= 24**0.5
    model.save_pretrained(folder, **options)
    tokenizer.save_pretrained(folder)
    return model


@pytest.fixture(scope="module", params=KINDS)
def pair(request, tokenizer_folder, tmp_path_factory):
    """A folder, transformers' model, and what is read of the folder."""
    folder = tmp_path_factory.mktemp(request.param)
    reference = write(folder, tokenizer_folder, request.param)
    return folder, reference, read_translator(folder)


def order_of(found, folder):
    """The former id of each of our ids, that of padding for our start symbol, and whether it is
    a token's that may be written."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pieces = found.source.vocabulary
    count = len(pieces) - PADDED
    assert pieces[:4] == ["<pad>", "<unk>", "<s>", "</s>"] and pieces[count].startswith("<row ")
    ids = [tokenizer.convert_tokens_to_ids(piece) for piece in pieces[:count]]
    ids[2] = 0
    assert sorted(ids) == [0, *range(len(tokenizer))]
    tokens = np.isin(np.arange(len(pieces)), [0, 2, *range(count, len(pieces))], invert=True)
    return np.array([*ids, *range(len(tokenizer), len(tokenizer) + PADDED)]), tokens


def sources(found, number=200):
    """Random sources that end with the end symbol, of many lengths, padded."""
    numbers, size = np.random.default_rng(2), found.source.vocabulary_size - PADDED
    rows = np.zeros((number, 24), "int32")
    for row in rows:
        length = numbers.integers(0, 24)
        row[:length] = numbers.integers(4, size, length)
        row[length] = 3
    return rows


def torch_inputs(rows, order):
    return {
        "input_ids": torch.tensor(order[rows]),
        "attention_mask": torch.tensor(rows != 0).long(),
    }


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_states_and_logits_of_passes_and_steps_are_equal(pair):
    folder, reference, found = pair
    (order, tokens), model = order_of(found, folder), found.model
    source = sources(found, 30)
    target = np.random.default_rng(4).integers(3, len(order) - PADDED, (30, 15)).astype("int32")
    target[:, 0] = 2
    with torch.no_grad():
        expected = reference(
            **torch_inputs(source, order), decoder_input_ids=torch.tensor(order[target])
        )
    states = numpy_of(model.encoder_states(source))
    expected_states = expected.encoder_last_hidden_state.numpy()
    real = source != 0
    assert np.abs(states - expected_states)[real].max() <= TOLERANCE
    logits = numpy_of(model({"source": source, "target": target}))
    expected = expected.logits.numpy()[..., order]
    assert np.abs(logits - expected)[..., tokens].max() <= TOLERANCE < expected.std()
    assert logits[..., ~tokens].max() < -9000
    memory = model.encode(source)
    state = model.initial_state(memory, 15)
    for t in range(15):
        step, state, _ = model.decode_step(target[:, t], state, memory, t)
        assert np.abs(numpy_of(step) - expected[:, t])[:, tokens].max() <= TOLERANCE


def test_searches_find_the_same_tokens(pair):
    folder, reference, found = pair
    (order, tokens), source = order_of(found, folder), sources(found)
    never = sorted({*order[~tokens].tolist()})
    given = torch_inputs(source, order) | {"max_new_tokens": LENGTH, "decoder_start_token_id": 0}
    expected = reference.generate(**given, num_beams=1, suppress_tokens=never)
    check_tokens(found.model, source, Greedy(), order, expected)
    # What may not come has no probability here; transformers takes it from no other token.
    head = reference.lm_head
    reference.lm_head = torch.nn.Linear(*reversed(head.weight.shape))
    reference.lm_head.weight = head.weight
    reference.lm_head.bias.data = torch.zeros(len(head.weight))
    reference.lm_head.bias.data[never] = -1e4
    try:
        expected = reference.generate(**given, num_beams=4)
    finally:
        reference.lm_head = head
    check_tokens(found.model, source, Beam(4, 1.0, length_offset=0.0), order, expected)


def check_tokens(model, source, search, order, expected):
    hypotheses = model.generate(source, search, 2, 3, LENGTH)
    found = order[numpy_of(hypotheses.tokens)[:, 0]]
    expected = expected.numpy()[:, 1:]
    expected = np.pad(expected, [(0, 0), (0, LENGTH - expected.shape[1])])
    ended = np.cumsum(expected == 1, axis=1) - (expected == 1)  # what follows the end is filled
    np.testing.assert_array_equal(found, np.where(ended, 0, expected))
    lengths = (found != 0).sum(1)
    assert len(np.unique(found, axis=0)) > 60 and lengths.min() < LENGTH == lengths.max()


def test_texts_come_out_as_transformers_writes_them(tokenizer_folder, lines, tmp_path):
    reference = write(tmp_path / "folder", tokenizer_folder, "t5", max_shard_size="20KB")
    assert (tmp_path / "folder" / "model.safetensors.index.json").is_file()
    translator = Translator.from_hugging_face(tmp_path / "folder", max_length=LENGTH)
    assert type(translator.search) is Greedy
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "folder")
    texts = [f"translate English to German: {line}" for line in lines[:20]]
    texts += ["The <extra_id_0> walks in <extra_id_1> park", "ﬁn  ½"]
    rows = tokenizer(texts, return_tensors="pt", padding=True)
    never = [0, *range(len(tokenizer), len(tokenizer) + PADDED)]
    ids = reference.generate(
        **rows, max_new_tokens=LENGTH, suppress_tokens=never, decoder_start_token_id=0
    )
    kept = [[i for i in row if i > 1] for row in ids.tolist()]
    expected = [tokenizer.decode(row) for row in kept]
    assert translator(texts) == expected
    assert len(set(expected)) > 10
    translator.save(tmp_path / "saved")
    assert Translator.load(tmp_path / "saved")(texts) == expected


def test_a_folder_with_spiece_model_alone_cuts_as_transformers_does(
    tokenizer_folder, lines, tmp_path
):
    source = tokenizer_folder.parent / "source"
    config = {"extra_ids": 7, "tokenizer_class": "T5Tokenizer"}
    (tmp_path / "spiece.model").write_bytes((source / "spiece.model").read_bytes())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    folder = Folder(tmp_path)
    found = read_tokenizer(folder, "spiece.model", read_spiece(folder))
    texts = ["a <extra_id_0>dog", *hard_texts(found.tokenizer, number=300)]
    texts = [unicodedata.normalize("NFKC", text) for text in texts] + lines[:500]
    used = check_equal(found, tokenizer_folder, texts)
    assert 1 in used and used & set(found.tokenizer.added_ids.values())
    config["extra_ids"] = 10**9
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ValueError, match="at most 10000 extra_ids.*received 1000000000"):
        read_spiece(folder)
    (tmp_path / "spiece.model").write_bytes(train_pieces(lines[:50], "bpe", 80, **T5_IDS))
    with pytest.raises(ValueError, match="unigram model"):
        read_spiece(folder)
    (tmp_path / "spiece.model").write_bytes(b"no model")
    with pytest.raises(ValueError, match="SentencePiece model.*8 bytes"):
        read_spiece(folder)


TOKENS = {"pad_token_id", "eos_token_id", "decoder_start_token_id", "forced_bos_token_id"}


def changed(folder, path, **fields):
    """A copy of a folder with other fields in `config.json`, and in `generation_config.json` if
    they are tokens; `...` takes a field out."""
    path.mkdir()
    for file in folder.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    for name in ("config.json", "generation_config.json"):
        config = json.loads((path / name).read_text(encoding="utf-8"))
        if name == "config.json" or fields.keys() & TOKENS:
            config |= fields
        config = {name: value for name, value in config.items() if value is not ...}
        (path / name).write_text(json.dumps(config), encoding="utf-8")
    return path


def retouched(path, edit):
    """Changes the tensors of a folder by a function of the dict of them."""
    tensors = safetensors.numpy.load_file(path / "model.safetensors")
    edit(tensors)
    safetensors.numpy.save_file(tensors, path / "model.safetensors")
    return path


@pytest.fixture(scope="module")
def folders(tokenizer_folder, tmp_path_factory):
    """A folder of each kind."""
    found = {name: tmp_path_factory.mktemp(name) for name in KINDS}
    for name, folder in found.items():
        write(folder, tokenizer_folder, name)
    return found


def logits_of(found):
    ids = sources(found, 4)
    return numpy_of(found.model({"source": ids, "target": ids}))


OLD = {"transformers_version": "4.40.0", "scale_decoder_outputs": ..., "dense_act_fn": ...}
OLD |= {"is_gated_act": ..., "relative_attention_max_distance": 11, "n_positions": 512}


def test_folders_of_older_versions_are_read_alike(folders, tmp_path):
    expected = {name: logits_of(read_translator(folder)) for name, folder in folders.items()}

    def as_before(tensors):
        shared = tensors["shared.weight"]
        for name in ("encoder.embed_tokens", "decoder.embed_tokens", "lm_head"):
            tensors[f"{name}.weight"] = shared
        name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
        tensors[name] = np.zeros((8, 3), "float32")

    old = changed(folders["t5"], tmp_path / "t5", tie_word_embeddings=..., **OLD)
    old = retouched(old, as_before)
    np.testing.assert_array_equal(logits_of(read_translator(old)), expected["t5"])
    for name in ("t5-1.1", "mt5"):
        old = changed(folders[name], tmp_path / name, tie_word_embeddings=False, **OLD)
        np.testing.assert_array_equal(logits_of(read_translator(old)), expected[name])


def test_every_tensor_has_its_place(folders):
    for name, folder in folders.items():
        tensors = safetensors.numpy.load_file(folder / "model.safetensors")
        written = {}
        for layer, *names in t5_places(read_translator(folder).model):
            written |= tensors_of(layer, *names)
        for place, array in written.items():
            np.testing.assert_array_equal(array, tensors[place])
        left = {"shared.weight"} | ({"lm_head.weight"} if name in ("t5-1.1", "mt5") else set())
        assert tensors.keys() - written.keys() == left


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model_type": "umt5"}, "'model_type' of .*t5, mt5 .*'umt5'"),
        ({"architectures": ["T5EncoderModel"]}, "T5ForConditionalGeneration.*T5EncoderModel"),
        ({"architectures": None}, "'architectures'.*None"),
        ({"feed_forward_proj": "gated-gelu_10"}, "'feed_forward_proj'.*'gated-gelu_10'"),
        ({"feed_forward_proj": ["relu"]}, "'feed_forward_proj'"),
        ({"is_gated_act": True}, "'is_gated_act' to be False"),
        ({"dense_act_fn": "gelu"}, "'dense_act_fn' to be 'relu'"),
        ({"is_decoder": True}, "'is_decoder'"),
        ({"is_encoder_decoder": False}, "'is_encoder_decoder'"),
        ({"d_kv": 6}, r"SelfAttention\.q\.weight of shape \(18, 24\)"),
        ({"num_heads": 2}, r"relative_attention_bias\.weight of shape \(8, 2\)"),
        ({"d_ff": 48}, r"DenseReluDense\.wo\.weight of shape \(24, 48\)"),
        ({"num_layers": 4}, r"encoder\.block\.3"),
        ({"num_layers": 10**9}, r"encoder\.block\.3"),
        ({"num_layers": 2}, r"encoder\.block\.2.* too"),
        ({"num_decoder_layers": 3}, r"decoder\.block\.2"),
        ({"num_decoder_layers": 0}, "'num_decoder_layers' of at least 1"),
        ({"layer_norm_epsilon": "small"}, "'layer_norm_epsilon'"),
        ({"dropout_rate": -1}, "'dropout_rate'"),
        ({"relative_attention_num_buckets": 10}, r"of shape \(10, 3\)"),
        ({"relative_attention_num_buckets": 1}, "'relative_attention_num_buckets' of at least 4"),
        ({"relative_attention_num_buckets": 10**5}, "at most 1024.*received 100000 and 11"),
        ({"relative_attention_max_distance": 4}, "more than half.*received 8 and 4"),
        ({"relative_attention_max_distance": 10**9}, "at most 65536"),
        ({"pad_token_id": 1}, "'pad_token_id' to be 0.*received 1"),
        ({"eos_token_id": [1, 2]}, "one token's id as 'eos_token_id'"),
        ({"forced_bos_token_id": 5}, "'forced_bos_token_id' to be None.*received 5"),
        ({"decoder_start_token_id": 5}, "'decoder_start_token_id' to be 0.*received 5"),
        ({"vocab_size": 20}, "'vocab_size' of 97 or a few more"),
        ({"vocab_size": 200}, r"shared\.weight of shape \(200, 24\)"),
        ({"tie_word_embeddings": "yes"}, "'tie_word_embeddings' to be True or False"),
        ({"scale_decoder_outputs": 1}, "'scale_decoder_outputs' to be True or False"),
        ({"tokenizer_class": "ByT5Tokenizer"}, "'tokenizer_class'.*ByT5Tokenizer"),
        ({"num_hidden_layers": 5}, "'num_hidden_layers'"),
        ({"quantization_config": {"bits": 8}}, "'quantization_config'"),
        ({"some_new_field": 3}, "'some_new_field': 3"),
    ],
)
def test_a_field_that_is_not_supported_is_refused_by_name(folders, tmp_path, fields, message):
    folder = changed(folders["t5"], tmp_path / "changed", **fields)
    with pytest.raises(ValueError, match=message):
        read_translator(folder)


def test_tensors_and_fields_that_do_not_fit_are_refused(folders, tmp_path):
    def check(name, message, edit=None, **fields):
        path = tmp_path / str(len(list(tmp_path.iterdir())))
        folder = changed(folders[name], path, **fields)
        if edit:
            retouched(folder, edit)
        with pytest.raises(ValueError, match=message):
            read_translator(folder)

    tied = "'tie_word_embeddings' in .* to be True for a t5"
    check("t5-1.1", tied, transformers_version="4.40.0", scale_decoder_outputs=...)
    check("mt5-tied", tied, transformers_version="4.40.0")
    check("t5", tied, **OLD, tie_word_embeddings=False)

    def other_table(tensors):
        tensors["decoder.embed_tokens.weight"] = tensors["shared.weight"] + 1

    check("t5", r"decoder\.embed_tokens\.weight to be shared\.weight", other_table)
    check("t5", r"'extra\.weight' too", lambda t: t.update({"extra.weight": np.ones(3)}))
    check("t5", "final_layer_norm", lambda t: t.pop("encoder.final_layer_norm.weight"))
