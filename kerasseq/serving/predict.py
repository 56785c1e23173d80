"""TF Serving's predict request: rows or columns of inputs to the same of outputs."""

import base64
import binascii
import json
import typing

from kerasseq.serving.bad_request import BadRequest

DEEPEST = 8  # lists in a list
SEND = 'Send {"instances": [a row, another]}.'
IMAGE_INPUT = "image"  # the input of an exported captioner: the body alone limits its bytes


class Question(typing.NamedTuple):
    """What a request asks.

    Attributes:
        signature: str.
        tensors: dict of arrays by name.
        by_row: bool, whether rows are asked and answered, or columns.
        stream: bool, whether the answer to its one row is told as it is written.
    """

    signature: str
    tensors: dict
    by_row: bool
    stream: bool = False


def read_question(model, body, limits):
    """Reads the body of a predict request.

    Args:
        model: ServedModel.
        body: bytes, JSON with `instances` (a list of rows) or `inputs` (columns), and
            `signature_name` if not "serving_default"; of one row `stream`, true.
        limits: Limits.

    Returns:
        Question.

    Raises:
        BadRequest: for anything else.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"Expected JSON; received something else ({error}).") from error
    if not isinstance(request, dict) or ("instances" in request) == ("inputs" in request):
        raise BadRequest(
            'Expected a JSON object with either "instances" or "inputs"; received '
            f"{in_json(request)}. {SEND}"
        )
    if others := set(request) - {"signature_name", "instances", "inputs", "stream"}:
        raise BadRequest(
            'Expected "signature_name", "stream", and "instances" or "inputs", alone; received '
            f"{', '.join(map(repr, sorted(others)))!s:.60} too."
        )
    signature = request.get("signature_name")
    signature = "serving_default" if signature in (None, "") else signature
    check_signature(model, signature)
    names = model.inputs(signature)
    by_row = "instances" in request
    columns = _columns(request["instances"], names) if by_row else request["inputs"]
    if not isinstance(columns, dict):
        columns = {names[0]: columns} if len(names) == 1 else {}
    check_signature(model, signature, columns)
    for name, column in columns.items():
        if not isinstance(column, list):
            raise BadRequest(
                f"Expected {name} as a list of rows; received {in_json(column)}. Send "
                f'{{"inputs": {{"{name}": [a row, another]}}}}.'
            )
    sizes = {name: len(column) for name, column in columns.items()}
    check_rows(sizes, limits)
    stream = request.get("stream", False)
    if not isinstance(stream, bool) or (stream and max(sizes.values()) != 1):
        raise BadRequest('Expected "stream" as true, of one row, or false.')
    columns = {name: _value(name, rows, limits) for name, rows in columns.items()}
    try:
        return Question(signature, model.tensors(signature, columns), by_row, stream)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def check_signature(model, signature, inputs=None):
    """Refuses a signature that a model lacks, or inputs by name that are not the signature's.

    Args:
        model: ServedModel.
        signature: str, or what a client sent for one.
        inputs: iterable of str; None to look at the signature alone.
    """
    if not isinstance(signature, str) or signature not in model.signatures:
        raise BadRequest(
            f"Expected a signature_name of {', '.join(sorted(model.signatures))}; received "
            f"{signature!r:.60}."
        )
    if inputs is not None and sorted(inputs) != model.inputs(signature):
        raise BadRequest(
            f"Expected inputs {', '.join(model.inputs(signature))}; received "
            f"{', '.join(sorted(inputs))!s:.200}."
        )


def check_rows(sizes, limits):
    """Refuses inputs of these numbers of rows, a dict by name; None is an input without rows."""
    counts = set(sizes.values())
    if len(counts) != 1 or not 0 < (max(counts) or 0) <= limits.batch:
        # By their names, for gRPC has them in any order.
        numbers = ((name, "no rows" if n is None else n) for name, n in sorted(sizes.items()))
        said = ", ".join(f"{number} of {name}" for name, number in numbers)
        raise BadRequest(
            f"Expected 1 to {limits.batch} rows, as many of every input; received {said}."
        )


def check_text(name, text, limits):
    """Refuses a string, a str or bytes, of more characters than an input of this name may have."""
    longest = limits.body if name == IMAGE_INPUT else limits.text
    length = len(text if isinstance(text, str) else text.decode("utf-8", "replace"))
    if length > longest:
        raise BadRequest(
            f"Expected strings of at most {longest} characters; received {length}.", 413
        )


def write_answer(outputs, by_row):
    """The body of an answer.

    Args:
        outputs: dict of lists by name, of as many rows.
        by_row: bool, as of Question.

    Returns:
        dict of `predictions` (rows) or `outputs` (columns); one output alone has no name.
    """
    if not by_row:
        return {"outputs": next(iter(outputs.values())) if len(outputs) == 1 else outputs}
    if len(outputs) == 1:
        return {"predictions": next(iter(outputs.values()))}
    rows = zip(*outputs.values(), strict=True)
    return {"predictions": [dict(zip(outputs, row, strict=True)) for row in rows]}


def _columns(instances, names):
    """Rows of inputs to a list of each."""
    if not isinstance(instances, list) or not instances:
        raise BadRequest(
            'Expected "instances" as a list of at least one row; received '
            f"{in_json(instances)}. {SEND}"
        )
    rows = [
        row if isinstance(row, dict) and "b64" not in row else {names[0]: row} for row in instances
    ]
    for index, row in enumerate(rows):
        if sorted(row) != names:
            raise BadRequest(
                f"Expected every row to have {', '.join(names)}, and nothing else; received "
                f"{', '.join(row) or 'nothing'!s:.80} in row {index}, the first being 0."
            )
    return {name: [row[name] for row in rows] for name in names}


def _value(name, value, limits, depth=0):
    """One input: a string, also as base64, a number, or a list of them."""
    if isinstance(value, list):
        if depth == DEEPEST:
            raise BadRequest(f"Expected lists nested at most {DEEPEST} deep; received deeper ones.")
        return [_value(name, each, limits, depth + 1) for each in value]
    if isinstance(value, dict) and list(value) == ["b64"]:
        try:
            content = base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise BadRequest(
                f"Expected base64 in b64; received something else ({error})."
            ) from error
        check_text(name, content, limits)
        return content
    if isinstance(value, str):
        check_text(name, value, limits)
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadRequest(
                "Expected text that UTF-8 can hold; received half of a surrogate pair."
            ) from error
    if isinstance(value, bool | int | float):
        return value
    raise BadRequest(
        f"Expected strings, numbers or lists of them as {name}; received {in_json(value)}."
    )


def in_json(value):
    """What a value is in JSON's words: str."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"the number {json.dumps(value)!s:.20}"
    if isinstance(value, str):
        return f"the string {json.dumps(value, ensure_ascii=False)!s:.40}"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return f"an object of {', '.join(map(json.dumps, value)) or 'nothing'!s:.60}"
