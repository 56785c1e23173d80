"""The forecaster: answers, saved, loaded, exported."""

import keras
import numpy as np
import pytest

from closeness import assert_close
from kerasseq import Forecaster
from kerasseq.export import LiteForecaster, SavedForecaster
from kerasseq.models import RecurrentForecaster
from kerasseq.tasks import load

NUMBERS = np.random.default_rng(0)
SERIES = [
    (
        NUMBERS.standard_normal((7, 3)).astype("float32"),
        NUMBERS.standard_normal(2).astype("float32"),
    )
    for _ in range(4)
]


@pytest.fixture(params=["bahdanau", "luong_general"])
def forecaster(request):
    keras.utils.set_random_seed(2)
    model = RecurrentForecaster(3, 2, 8, 2, "gru", request.param)
    return Forecaster(model, 7, 5, examples=SERIES)


def test_it_answers_what_the_model_forecasts(forecaster):
    source, last = (np.stack(column) for column in zip(*SERIES, strict=True))
    expected = keras.ops.convert_to_numpy(forecaster.model.forecast(source, last, 5))
    assert_close(np.stack(forecaster(SERIES)), expected)
    assert_close(forecaster(SERIES[0]), expected[0])


def test_save_and_load(forecaster, tmp_path):
    forecaster.save(tmp_path)
    again = load(tmp_path)
    assert type(again) is Forecaster and (again.length, again.horizon) == (7, 5)
    assert_close(again(SERIES[1]), forecaster(SERIES[1]))
    assert_close(again.examples[0][0], SERIES[0][0])


def test_exports_forecast_as_python_does(forecaster, tmp_path, capsys, as_tf_serving):
    found = forecaster.export(tmp_path / "1")
    assert found == {"inputs": 4, "difference": pytest.approx(0, abs=1e-4)}
    assert "4 answers within" in capsys.readouterr().out
    source, last = (np.stack(column) for column in zip(*SERIES, strict=True))
    served = as_tf_serving(tmp_path / "1", {"source": source, "last": last}, "values")
    assert_close(served, forecaster(SERIES))
    assert_close(SavedForecaster(tmp_path / "1")(SERIES), served)
    for quantize in (None, "float16", "int8"):
        path = tmp_path / f"{quantize}.tflite"
        forecaster.export(path, quantize=quantize)
        lite = LiteForecaster(path)
        operators = {detail["op_name"] for detail in lite.interpreter._get_ops_details()}
        assert not [name for name in operators if name.startswith("Flex") or name == "CUSTOM"]
    with pytest.raises(ValueError, match=r"\.tflite.*received "):
        forecaster.export(tmp_path / "2", quantize="int8")


def test_a_forecaster_trained_in_bfloat16_leaves_in_float32(forecaster, tmp_path):
    config = forecaster.model.get_config() | {"dtype": "mixed_bfloat16"}
    mixed = Forecaster(RecurrentForecaster.from_config(config), 7, 5, examples=SERIES)
    mixed.model.set_weights(forecaster.model.get_weights())
    for name in ("1", "model.tflite"):
        assert mixed.export(tmp_path / name)["difference"] < 1e-4
    assert_close(SavedForecaster(tmp_path / "1")(SERIES), forecaster(SERIES))


def test_an_export_that_fails_is_removed_and_an_earlier_file_stays(
    forecaster, tmp_path, monkeypatch
):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"an earlier file")
    kind = type(forecaster.processor)
    monkeypatch.setattr(kind, "clean", lambda _, given: [np.float32(np.nan) * x for x in given])
    for name in ("1", "model.tflite"):
        with pytest.raises(RuntimeError, match="received nan"):
            forecaster.export(tmp_path / name, SERIES)
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"an earlier file"


def test_a_series_has_numbers_alone(forecaster):
    source, last = SERIES[0]
    for value in (np.nan, np.inf):
        for given in ((source * value, last), (source, last * value)):
            with pytest.raises(ValueError, match=r"Expected finite numbers .*; received NaN or"):
                forecaster(given)
    for given in (("a", "b"), "ab", (source, None)):
        with pytest.raises(ValueError, match=r"^Expected .*; received "):
            forecaster(given)


@pytest.mark.parametrize(
    "given", [5, SERIES[0][0], [(SERIES[0][0][:6], SERIES[0][1])], [(SERIES[0][0], [1.0])]]
)
def test_series_of_another_shape_get_one_sentence(forecaster, given):
    with pytest.raises(ValueError, match=r"Expected .*; received"):
        forecaster(given)
