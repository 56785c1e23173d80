"""Fine-tuning a BERT for classification in transformers with PyTorch."""

import math
import time

import torch
from transformers import BertForSequenceClassification, BertTokenizer, get_scheduler


def torch_accuracy(folder, train, test, length, seed, settings):
    """Accuracy on the test texts, and seconds of training."""
    torch.manual_seed(seed)
    names = train.label_names()
    tokenizer = BertTokenizer.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder, num_labels=len(names))
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": settings["weight_decay"]},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=settings["learning_rate"],
    )
    size = settings["batch_size"]
    steps = settings["epochs"] * math.ceil(len(train) / size)
    schedule = get_scheduler("linear", optimizer, steps // 10, steps)
    texts = list(train.texts())
    labels = torch.tensor([names.index(label) for label in train.labels()])

    def encode(some):
        return tokenizer(
            some, padding=True, truncation=True, max_length=length, return_tensors="pt"
        )

    started = time.perf_counter()
    model.train()
    for _ in range(settings["epochs"]):
        for chosen in torch.randperm(len(texts)).split(size):
            batch = encode([texts[i] for i in chosen])
            model(**batch, labels=labels[chosen]).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    seconds = time.perf_counter() - started
    model.eval()
    right = 0
    held_out = list(zip(test.texts(), test.labels(), strict=True))
    with torch.no_grad():
        for start in range(0, len(held_out), 64):
            some, expected = zip(*held_out[start : start + 64], strict=True)
            found = model(**encode(list(some))).logits.argmax(-1).tolist()
            right += sum(names[f] == e for f, e in zip(found, expected, strict=True))
    return right / len(held_out), seconds
