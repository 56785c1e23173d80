"""The names of a head's labels, and what their logits mean, as `config.json` says them."""

from kerasseq.pretrained.fields import same

PROBLEMS = {
    "single_label_classification": "single_label",
    "multi_label_classification": "multi_label",
    "regression": "regression",
}


def names_of_labels(folder, output, given, new):
    """The names of the labels, in the order of the logits.

    Args:
        folder: HuggingFaceFolder.
        output: str, the last layer's tensors.
        given: list of str from the user, or None.
        new: bool, whether the last layer is new.

    Returns:
        list of str.

    Raises:
        ValueError: for names that are missing, or do not fit the layer.
    """
    if given is not None:
        given = list(given)
    if new:
        if not given:
            raise ValueError(
                f"Expected labels for a new {output} of {folder.path}; received none. Give "
                "labels=[…], and train with fit."
            )
        return given
    name, width = f"{output}.weight", folder.options["hidden_dim"]
    count = folder.weights.array(name).size // width
    folder.weights.check(name, (count, width))
    if given is not None:
        if len(given) != count:
            raise ValueError(
                f"Expected {count} labels, one a logit of {output} in {folder.path}; received "
                f'{len(given)}. Name {count}, or give head="new" for an untrained layer.'
            )
        return given
    names = folder.config.get("id2label")
    expected = [str(number) for number in range(count)]
    if names is None and same(folder.config.get("num_labels") or 2, count):
        names = {number: f"LABEL_{number}" for number in expected}
    if not isinstance(names, dict) or sorted(names) != sorted(expected):
        raise ValueError(
            f"Expected 'id2label' with {count} names, one a logit of {output}, in "
            f"{folder.where}; received {names!r:.80}. Choose a folder whose weights fit."
        )
    return [str(names[number]) for number in expected]


def kind_of_labels(folder, count, new):
    """ "single_label", "multi_label" or "regression".

    One logit is a value, as Hugging Face trains it, unless `problem_type` says otherwise.

    Args:
        folder: HuggingFaceFolder.
        count: int, the labels.
        new: bool, whether the head is new: then the folder's `problem_type` is another's.

    Raises:
        ValueError: for another `problem_type`, or one that does not fit the labels.
    """
    problem = None if new else folder.config.get("problem_type")
    if problem is None:
        return "regression" if count == 1 else "single_label"
    one = count == 1 and problem == "single_label_classification"
    if problem not in tuple(PROBLEMS) or one:
        raise ValueError(
            f"Expected 'problem_type' of {', '.join(PROBLEMS)} in {folder.where}, and more than "
            f"one label for the first; received {problem!r:.80} and {count}. Choose another model."
        )
    return PROBLEMS[problem]
