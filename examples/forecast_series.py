"""A numeric series: the encoder-decoder against last season's values.

python examples/forecast_series.py series.csv COLUMN SEASON [LONGER]

SEASON is the number of steps of one season, 12 for months; that many steps are forecast from
the four seasons before them, or, where there is a longer season too (a week above a day), from
one of those. The last fifth of the series is only measured.
"""

import csv
import sys

import keras
import numpy as np

import kerasseq as ks


def windows(values, seasons, first, last):
    """Cuts windows whose forecast lies in `[first, last)`: features, last value, future."""
    season, past = seasons[0], max(4 * seasons[0], *seasons)
    phases = [2 * np.pi * np.arange(len(values)) / each for each in seasons]
    waves = [wave(phase) for phase in phases for wave in (np.sin, np.cos)]
    features = np.stack([values, *waves], axis=1).astype("float32")
    starts = range(max(first, past), last - season + 1)
    return (
        np.stack([features[start - past : start] for start in starts]),
        np.stack([features[start - 1 : start, :1] for start in starts]),
        np.stack([features[start : start + season, :1] for start in starts]),
    )


def main(path, column, *seasons):
    """Trains on the first part, forecasts the last fifth, prints the mean absolute errors."""
    keras.utils.set_random_seed(1)
    seasons = [int(season) for season in seasons]
    season = seasons[0]
    with open(path, newline="", encoding="utf-8") as file:
        series = np.array([float(row[column]) for row in csv.DictReader(file)])
    valid, test = round(0.7 * len(series)), round(0.8 * len(series))
    mean, deviation = series[:valid].mean(), series[:valid].std()
    values = (series - mean) / deviation

    model = ks.models.RecurrentForecaster(1 + 2 * len(seasons), 1, hidden_dim=64, dropout=0.2)
    model.compile(keras.optimizers.Adam(2e-3, global_clipnorm=1.0), loss="mae")

    def examples(first, last):
        source, before, future = windows(values, seasons, first, last)
        return {
            "source": source,
            "target": np.concatenate([before, future[:, :-1]], axis=1),
        }, future

    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    model.fit(
        *examples(0, valid),
        validation_data=examples(valid, test),
        epochs=100,
        batch_size=32,
        callbacks=[stop],
        verbose=2,
    )
    source, before, future = windows(values, seasons, test, len(values))
    forecast = keras.ops.convert_to_numpy(model.forecast(source, before[:, 0], season))
    guesses = {"encoder-decoder": forecast}
    for each in seasons:
        begin = source.shape[1] - each
        guesses[f"{each} steps before"] = source[:, begin : begin + season, :1]
    for name, guess in guesses.items():
        error = deviation * np.abs(guess - future).mean()
        print(f"{name}: mean absolute error {error:.3f} over {len(future)} forecasts of {season}")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
