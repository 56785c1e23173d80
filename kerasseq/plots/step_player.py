"""One translation as a page that plays it, step by step."""

import json
import pathlib

from kerasseq.files import write_file

PAGE = pathlib.Path(__file__).with_name("step_player.html")


def step_player(trace, path):
    """Writes what `step_page` gives to a file.

    Args:
        trace: `kerasseq.tasks.Trace`.
        path: path of the `.html` file.
    """
    write_file(path, step_page(trace))


def step_page(trace):
    """A self-contained page, a str of HTML, that plays a search, step by step.

    The encoder reads the source in one step: below each token a tile shows its state, one field
    for each number, blue above 0 and orange below. At every step of the best translation the
    decoder's attention is drawn as ribbons, the likeliest next tokens as bars: all on one screen.
    Below, folded until asked for, is the tree of all hypotheses of the search, with their
    log-probabilities. Space plays and pauses, the arrow keys step, the slider scrubs.

    Args:
        trace: `kerasseq.tasks.Trace`.
    """
    nodes = [
        {
            "parent": node.parent,
            "token": node.token,
            "score": node.score,
            "candidates": node.candidates,
            "attention": None if node.attention is None else node.attention.tolist(),
        }
        for node in trace.nodes
    ]
    translations = [
        {
            "text": found.text,
            "score": found.score,
            "tokens": found.tokens,
            "finished": bool(found.finished),
            "truncated": bool(found.truncated),
            "path": way,
        }
        for found, way in zip(trace.translations, trace.paths, strict=True)
    ]
    data = {
        "source": trace.source_tokens,
        "states": trace.encoder_states.astype(float).round(4).tolist(),
        "steps": trace.steps,
        "nodes": nodes,
        "translations": translations,
    }
    # A "</script>" in a text must not end the block.
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return PAGE.read_text(encoding="utf-8").replace("{{data}}", text)
