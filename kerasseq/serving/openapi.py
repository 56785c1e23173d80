"""The REST API in OpenAPI 3.1, as the signatures of a model have it."""

LARGEST = 3.4028234e38  # of float32
LEAVES = {
    "DT_STRING": {"type": "string"},
    "DT_BOOL": {"type": "boolean"},
    "DT_FLOAT": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
    "DT_INT32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "DT_INT64": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "DT_UINT8": {"type": "integer", "minimum": 0, "maximum": 255},
}
BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
ERRORS = {
    "400": "What is wrong with the request.",
    "404": "There is no such address or version.",
    "405": "The address takes the other method.",
    "413": "The body or a string is too long.",
    "503": "It took too long, or too many wait.",
}


def describe_api(model, address, limits):
    """Describes how to ask.

    Args:
        model: ServedModel.
        address: str, "/v1/models/NAME".
        limits: Limits.

    Returns:
        dict of JSON values.
    """
    signatures = model.signatures.items()
    asked = [
        _question(name, each, rows, limits)
        for name, each in signatures
        for rows in ("instances", "inputs")
        # That several columns have as many rows, no schema can say; they are read all the same.
        if rows == "instances" or len(each["inputs"]) == 1
    ]
    answers = {
        "oneOf": [
            _object({"predictions": {"type": "array"}}),
            _object({"outputs": {"type": ["array", "object"]}}),
        ]
    }
    body = {"required": True, "content": _json({"anyOf": asked})}
    status = _object({"model_version_status": {"type": "array", "items": {"type": "object"}}})
    metadata = _object({"model_spec": {"type": "object"}, "metadata": {"type": "object"}})
    paths = {
        "/healthz": {"get": _answers({"status": {"const": "ok"}})},
        "/metrics": {"get": _answers(None)},
    }
    version = {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}
    for place, named in ((address, []), (f"{address}/versions/{{version}}", [version])):
        wrong = ["404"] * bool(named)
        both = {"parameters": named} if named else {}
        paths[place] = both | {"get": _answers(status["properties"], wrong)}
        paths[f"{place}/metadata"] = both | {"get": _answers(metadata["properties"], wrong)}
        predicted = {"200": {"description": "The answers.", "content": _json(answers)}}
        refused = _refusals(["400", "413", "503", *wrong])
        paths[f"{place}:predict"] = both | {
            "post": {"requestBody": body, "responses": predicted | refused}
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": address.rpartition("/")[2], "version": model.version},
        "paths": paths,
    }


def _question(name, signature, rows, limits):
    """The schema of a request to one signature, by rows, or by the one column."""
    inputs = {key: _nested(each) for key, each in signature["inputs"].items()}
    many = {"type": "array", "minItems": 1, "maxItems": limits.batch}
    if rows == "instances":
        only = list(inputs.values()) if len(inputs) == 1 else []
        asked = many | {"items": {"anyOf": [_object(inputs), *only]}}
    else:
        ((key, each),) = inputs.items()
        column = many | {"items": each}
        asked = {"anyOf": [_object({key: column}), column]}
    found = _object({"signature_name": {"const": name}, rows: asked})
    found["properties"]["stream"] = {"const": False}
    if name == "serving_default":
        found["required"].remove("signature_name")
        found["properties"]["signature_name"] = {"enum": [name, "", None]}
    return found


def _nested(tensor):
    """The schema of one row of an input."""
    leaf = dict(LEAVES[tensor["dtype"]])
    if tensor["dtype"] == "DT_STRING":
        coded = _object({"b64": {"type": "string", "pattern": BASE64}})
        leaf = {"anyOf": [leaf, coded]}
    for size in reversed([int(each["size"]) for each in tensor["tensor_shape"].get("dim", [])[1:]]):
        bounds = {"minItems": size, "maxItems": size} if size >= 0 else {}
        leaf = {"type": "array", "items": leaf} | bounds
    return leaf


def _object(properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _json(schema):
    return {"application/json": {"schema": schema}}


def _answers(properties, wrong=()):
    """A GET: a JSON object of these properties, or text; and what else may be said."""
    content = _json(_object(properties)) if properties else {"text/plain": {}}
    return {"responses": {"200": {"description": "It.", "content": content}} | _refusals(wrong)}


def _refusals(statuses):
    error = _json(_object({"error": {"type": "string"}}))
    return {each: {"description": ERRORS[each], "content": error} for each in statuses}
