"""Weights that others trained, in our models: the same numbers at every step."""

import json

import numpy as np
import onnx
import onnxruntime
import torch
from keras import ops

from closeness import assert_close
from kerasseq.decoding import Beam, Greedy
from kerasseq.models import AttentionSeq2Seq, RecurrentSeq2Seq
from published import folder_of


def gru_weights(w_ih, w_hh, b_ih, b_hh, order=(1, 0, 2)):
    """PyTorch's GRU weights (r, z, n) as Keras's (z, r, h); ONNX has Keras's order already."""

    def gates(array):
        blocks = np.split(array, 3)
        return np.concatenate([blocks[i] for i in order]).T

    return [gates(w_ih), gates(w_hh), np.stack([gates(b_ih), gates(b_hh)])]


# English spelling to sounds: one GRU layer each side, the last state handed over.

LETTERS = ["<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz"]


def g2p():
    with np.load(folder_of("g2p_en") / "checkpoint20.npz") as saved:
        weights = dict(saved)
    model = RecurrentSeq2Seq(29, 74, 256, 256, num_layers=1, cell="gru", dropout=0.0)
    model.source_embedding.table.assign(weights["enc_emb"])
    model.target_embedding.table.assign(weights["dec_emb"])
    for layer, side in ((model.encoder.stack[0], "enc"), (model.decoder.stack[0], "dec")):
        names = [f"{side}_{name}" for name in ("w_ih", "w_hh", "b_ih", "b_hh")]
        layer.set_weights(gru_weights(*(weights[name] for name in names)))
    model.decoder.output_dense.set_weights([weights["fc_w"].T, weights["fc_b"]])
    return model, {name: torch.from_numpy(value) for name, value in weights.items()}


def torch_cell(weights, side, x, h):
    names = [f"{side}_{name}" for name in ("w_ih", "w_hh", "b_ih", "b_hh")]
    return torch.gru_cell(x, h, *(weights[name] for name in names))


def test_a_published_gru_spells_as_it_was_trained():
    model, weights = g2p()
    for word, sounds in (("tensor", "T EH1 N S ER0"), ("keras", "K EH1 R AH0 Z")):
        source = np.array([[LETTERS.index(letter) for letter in word] + [2]], "int32")
        h = torch.zeros(1, 256)
        for letter in source[0]:
            h = torch_cell(weights, "enc", weights["enc_emb"][letter : letter + 1], h)
        memory = model.encode(source)
        state = model.initial_state(memory, 20)
        token, chosen = 2, []
        for step in range(20):
            h = torch_cell(weights, "dec", weights["dec_emb"][token : token + 1], h)
            expected = (h @ weights["fc_w"].T + weights["fc_b"]).numpy()
            logits, state, _ = model.decode_step(np.array([token], "int32"), state, memory, step)
            assert_close(ops.convert_to_numpy(logits), expected)
            token = int(expected.argmax())
            chosen.append(token)
            if token == 3:
                break
        found = Greedy()(model.decode_step, memory, model.initial_state(memory, 20), 2, 3, 20)
        assert ops.convert_to_numpy(found.tokens)[0, 0, : len(chosen)].tolist() == chosen
        assert len(chosen) - 1 == len(sounds.split())


# Arabic names to Latin letters: two bidirectional GRU layers, Luong's general attention.


def romanizer():
    folder = folder_of("arabic_name_romanizer") / "resources"
    parts = {name: onnx.load(folder / f"{name}.onnx") for name in ("encoder", "decoder")}
    encoder, decoder = (
        {each.name: onnx.numpy_helper.to_array(each) for each in part.graph.initializer}
        for part in parts.values()
    )
    model = AttentionSeq2Seq(
        160, 160, 256, 256, 2, "gru", input_feeding=False, readout_bias=True, bridge="mean"
    )
    model.source_embedding.table.assign(encoder["m.emb.weight"])
    model.target_embedding.table.assign(decoder["m.emb.weight"])
    nodes = [node for node in parts["encoder"].graph.node if node.op_type == "GRU"]
    for layer, node in zip(model.encoder.stack, nodes, strict=True):
        w, r, b = (encoder[name] for name in node.input[1:4])
        both = [
            gru_weights(w[way], r[way], *np.split(b[way], 2), order=(0, 1, 2)) for way in (0, 1)
        ]
        layer.set_weights([*both[0], *both[1]])
    for (bridge,) in model.bridge:
        bridge.set_weights([encoder["m.bridge.weight"].T, encoder["m.bridge.bias"]])
    for depth, cell in enumerate(model.decoder.cell.cells):
        names = [
            f"m.decoder.{w}_l{depth}" for w in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        cell.set_weights(gru_weights(*(decoder[name] for name in names)))
    products = [node.input[1] for node in parts["decoder"].graph.node if node.op_type == "MatMul"]
    query, combine = (decoder[name] for name in products if name in decoder)
    model.decoder.cell.attention.key.set_weights([query.T])
    hidden, context = np.split(combine, 2)
    readout = [np.concatenate([context, hidden]), decoder["m.combine.bias"]]
    model.decoder.cell.readout.set_weights(readout)
    model.decoder.output_dense.set_weights([decoder["m.out.weight"].T, decoder["m.out.bias"]])
    return model, folder


def test_a_published_attention_model_romanizes_as_its_own_runtime_does():
    model, folder = romanizer()
    sessions = [
        onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"])
        for name in ("encoder", "decoder")
    ]
    symbols = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["tokens"]
    start, end = symbols.index("<BOS>"), symbols.index("<EOS>")
    for name, latin in (("محمد", "Mohamed"), ("فاطمة", "Fatima")):
        given = ["<UNK_COUNTRY>", "<ROLE_GIVEN>", *name, "<EOS>"]
        source = np.array([[symbols.index(symbol) for symbol in given]])
        mask = np.zeros(source.shape, bool)
        encoded, _, hidden = sessions[0].run(None, {"src": source, "src_mask": mask})
        memory = model.encode(source.astype("int32"))
        assert_close(ops.convert_to_numpy(memory["values"]), encoded)
        state, prefix = model.initial_state(memory, 12), [start]
        for step in range(12):
            fed = {"prefix": np.array([prefix]), "memory": encoded, "src_mask": mask}
            expected, hidden = sessions[1].run(None, {**fed, "hidden": hidden})
            token = np.array(prefix[-1:], "int32")
            logits, state, _ = model.decode_step(token, state, memory, step)
            found = ops.convert_to_numpy(ops.log_softmax(logits))
            assert_close(found, expected)
            prefix.append(int(expected.argmax()))
        state = model.initial_state(memory, 12)
        best = Beam(4)(model.decode_step, memory, state, start, end, 12)
        tokens = ops.convert_to_numpy(best.tokens)[0, 0]
        assert "".join(symbols[i] for i in tokens if i not in (0, end)) == latin
