"""What /openapi.json says of the REST API is so: schemathesis asks by it."""

import pytest
import schemathesis
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from kerasseq.serving import ServedModel, make_app

PREDICT = "/v1/models/served:predict"


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """The schema of an application with one and with two inputs."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
        def text(self, text):
            return {"text": tf.strings.join([text, text]), "length": tf.strings.length(text)}

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 2], tf.float32, "a"), tf.TensorSpec([None], tf.int32, "b")
            ]
        )  # fmt: skip
        def add(self, a, b):
            return {"sum": a[:, 0] + tf.cast(b, tf.float32)}

    module, folder = Model(), tmp_path_factory.mktemp("served")
    signatures = {"serving_default": module.text, "add": module.add}
    tf.saved_model.save(module, str(folder / "1"), signatures)
    app = make_app(ServedModel(folder), "served")
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_it_answers_as_it_says(api, mode):
    """Requests that fit the description, and others, to every address."""
    seen = set()
    for found in api.get_all_operations():
        operation = found.ok()
        if mode == GenerationMode.NEGATIVE and not operation.body:
            continue  # a GET of a fixed address cannot be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=100,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        def ask(case):
            answer = case.call_and_validate()
            seen.add((case.path, answer.status_code))

        ask()
    assert (PREDICT, 200 if mode == GenerationMode.POSITIVE else 400) in seen
    assert max(status for _, status in seen) < 500
