"""What a card does of what it can: training and decoding beside PyTorch and transformers.

python benchmarks/gpu.py [--small]

Each library has a process of its own on the same device, kerasseq under JAX. Measured are

- the device's rate of bfloat16 matrix products, the better of both libraries' (the peak);
- training the Transformer base of Vaswani et al. 2017 (6 + 6 blocks of 512, one table of 37,000
  tokens) in bfloat16, 256 pairs of 64 tokens a step, beside `nn.Transformer` (attention by
  `scaled_dot_product_attention`, `torch.compile`, fused Adam): target tokens a second, and the
  share of the peak that its matrix products are;
- writing 64 tokens with a beam of 4 by the same sizes, 64 sources at once, beside `generate` of
  transformers' Marian: sentences a second;
- training the LSTM with Luong attention of the recipe `multi30k_luong`, beside PyTorch, whose
  encoder is cuDNN's: target tokens a second.

Weights and ids are random; medians of the turns. `--small` does the same with a model for a
processor, in float32 and without `torch.compile`: it shows that all of it runs.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time

SYMBOLS, START, END = 4, 2, 3  # ids that no text has


class Sizes:
    """The sizes of a comparison."""

    def __init__(self, small):
        self.small = small
        self.vocabulary, self.rows, self.tokens = (60, 4, 6) if small else (37_000, 256, 64)
        self.blocks = dict(
            zip(
                ("hidden_dim", "num_layers", "num_heads", "feed_forward_dim"),
                (16, 1, 2, 32) if small else (512, 6, 8, 2048),
                strict=True,
            )
        )
        self.luong = (8, 16) if small else (256, 512)
        self.luong_vocabulary = 60 if small else 8000
        self.matrix = 64 if small else 8192
        self.sources = 2 if small else 64  # decoded at once
        self.steps, self.turns = (2, 1) if small else (20, 5)

    def ids(self, vocabulary, rows=None):
        """Sources and targets `(B, T)` and `(B, T + 1)`."""
        import numpy as np

        draws, rows = np.random.default_rng(0), rows or self.rows
        shapes = (rows, self.tokens), (rows, self.tokens + 1)
        return [draws.integers(SYMBOLS, vocabulary, shape).astype("int32") for shape in shapes]

    def products(self):
        """The floating-point operations of the matrix products of a training step."""
        d, ff = self.blocks["hidden_dim"], self.blocks["feed_forward_dim"]
        length, tokens = self.tokens, self.rows * self.tokens
        encoder = 4 * d * d + 2 * d * ff + 2 * length * d
        decoder = 8 * d * d + 2 * d * ff + 4 * length * d
        forward = tokens * (self.blocks["num_layers"] * (encoder + decoder) + d * self.vocabulary)
        return 3 * 2 * forward  # the gradients of both factors take as much each


def median(sizes, run, wait=lambda: None):
    """Seconds of a turn of `run`, after one that is not counted."""
    seconds = []
    for _ in range(sizes.turns + 1):
        started = time.perf_counter()
        run()
        wait()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def with_kerasseq(sizes):
    """Yields names and rates of kerasseq under JAX."""
    import jax
    import keras
    import numpy as np
    from jax import numpy as jnp

    from kerasseq import models, training
    from kerasseq.compiled import compiled
    from kerasseq.decoding import Beam
    from kerasseq.recipes import load_recipe

    yield "device", jax.devices()[0].device_kind
    one = jnp.ones((sizes.matrix, sizes.matrix), "bfloat16")
    product = jax.jit(lambda x: jax.lax.fori_loop(0, sizes.steps, lambda _, y: x @ y * 1e-4, x))
    seconds = median(sizes, lambda: product(one).block_until_ready())
    yield "peak", 2 * sizes.matrix**3 * sizes.steps / seconds

    policy = keras.DTypePolicy("float32" if sizes.small else "mixed_bfloat16")

    def train(model, vocabulary):
        source, target = sizes.ids(vocabulary)
        model.compile(keras.optimizers.Adam(1e-4), loss=training.SequenceCrossentropy(0.1))
        given = {"source": source, "target": target[:, :-1]}, target[:, 1:]
        weights = np.ones(target[:, 1:].shape, "float32")
        batches = ((*given, weights) for _ in itertools.count())
        return (
            weights.size
            * sizes.steps
            / median(sizes, lambda: model.fit(batches, steps_per_epoch=sizes.steps, verbose=0))
        )

    keras.utils.set_random_seed(1)
    model = models.Transformer(
        sizes.vocabulary, sizes.vocabulary, **sizes.blocks, share_embeddings=True, dtype=policy
    )
    yield "training a Transformer", train(model, sizes.vocabulary)
    yield "weights", model.count_params()

    (source, _), longest = sizes.ids(sizes.vocabulary, sizes.sources), sizes.tokens
    beam = Beam(4, min_length=longest - 1)
    write = compiled(lambda ids: model.generate(ids, beam, START, END, longest), model)
    seconds = median(sizes, lambda: np.asarray(keras.tree.flatten(write(source))[0]))
    yield "writing with a beam of 4", sizes.sources / seconds

    options = {k: v for k, v in load_recipe("multi30k_luong")["model"].items() if k != "kind"}
    options |= dict(zip(("embedding_dim", "hidden_dim"), sizes.luong, strict=True))
    model = models.AttentionSeq2Seq(*[sizes.luong_vocabulary] * 2, **options, dtype=policy)
    yield "training an LSTM with attention", train(model, sizes.luong_vocabulary)


def with_torch(sizes):
    """Yields names and rates of PyTorch, and of transformers."""
    import torch
    import transformers

    from peers.torch_luong import TorchLuong
    from peers.torch_transformer import TorchTransformer

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    half = torch.float32 if sizes.small else torch.bfloat16

    one = torch.ones(sizes.matrix, sizes.matrix, device=device, dtype=torch.bfloat16)
    seconds = median(sizes, lambda: [one @ one for _ in range(sizes.steps)], wait)
    yield "peak", 2 * sizes.matrix**3 * sizes.steps / seconds

    def train(model, vocabulary):
        model = model.to(device)
        called = model if sizes.small else torch.compile(model)
        optimizer = torch.optim.Adam(model.parameters(), 1e-4, fused=True)
        loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
        source, target = (torch.from_numpy(each).long() for each in sizes.ids(vocabulary))

        def step():
            given, following = source.to(device), target.to(device)
            optimizer.zero_grad()
            with torch.autocast(device.type, half, enabled=not sizes.small):
                logits = called(given, following[:, :-1])
                loss = loss_of(logits.flatten(0, 1), following[:, 1:].flatten())
            loss.backward()
            optimizer.step()

        seconds = median(sizes, lambda: [step() for _ in range(sizes.steps)], wait)
        return sizes.rows * sizes.tokens * sizes.steps / seconds

    torch.manual_seed(1)
    blocks = sizes.blocks
    yield (
        "training a Transformer",
        train(TorchTransformer(sizes.vocabulary, *blocks.values()), sizes.vocabulary),
    )

    sides = {
        f"{side}_{name}": blocks[key]
        for side in ("encoder", "decoder")
        for name, key in (
            ("layers", "num_layers"),
            ("attention_heads", "num_heads"),
            ("ffn_dim", "feed_forward_dim"),
        )
    }
    config = transformers.MarianConfig(
        vocab_size=sizes.vocabulary, d_model=blocks["hidden_dim"], **sides, pad_token_id=0,
        bos_token_id=START, eos_token_id=END, decoder_start_token_id=START, forced_eos_token_id=END,
    )  # fmt: skip
    marian = transformers.MarianMTModel(config).to(device, half).eval()
    source = torch.from_numpy(sizes.ids(sizes.vocabulary, sizes.sources)[0]).long().to(device)
    length = sizes.tokens + 1  # the token that begins is counted

    def write():
        return marian.generate(source, num_beams=4, min_length=length, max_length=length)

    yield "writing with a beam of 4", sizes.sources / median(sizes, write, wait)
    luong = TorchLuong(*[sizes.luong_vocabulary] * 2, *sizes.luong)
    yield "training an LSTM with attention", train(luong, sizes.luong_vocabulary)


LIBRARIES = {"kerasseq": with_kerasseq, "PyTorch": with_torch}
UNITS = {"writing with a beam of 4": "sentences/s"}


def main(small):
    """Runs each library in its process, and prints the table."""
    found = {}
    for library in LIBRARIES:
        command = [sys.executable, __file__, "--of", library, *(["--small"] * small)]
        environment = os.environ | {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3"}
        said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
        if said.returncode:
            sys.exit(f"{library} ended with exit status {said.returncode}.")
        found[library] = dict(map(json.loads, said.stdout.splitlines()))
    ours, theirs = found["kerasseq"], found["PyTorch"]
    sizes, peak = Sizes(small), max(ours["peak"], theirs["peak"])
    print(f"{ours['device']}: {peak / 1e12:,.1f} TFLOP/s in bfloat16 products")
    print(f"a Transformer of {ours['weights']:,} weights; medians of {sizes.turns} turn(s)")
    for name in theirs:
        if name == "peak":
            continue
        unit = UNITS.get(name, "target tokens/s")
        shares = ""
        if name == "training a Transformer":
            each = sizes.products() / (sizes.rows * sizes.tokens) / peak
            shares = f"; {each * ours[name]:.1%} and {each * theirs[name]:.1%} of the peak"
        print(
            f"{name}: kerasseq {ours[name]:,.0f}, PyTorch {theirs[name]:,.0f} {unit}, "
            f"×{ours[name] / theirs[name]:.2f}{shares}"
        )


if __name__ == "__main__":
    if "--of" in sys.argv:
        for pair in LIBRARIES[sys.argv[sys.argv.index("--of") + 1]](Sizes("--small" in sys.argv)):
            print(json.dumps(pair), flush=True)
    elif set(sys.argv[1:]) <= {"--small"}:
        main("--small" in sys.argv)
    else:
        sys.exit(__doc__)
