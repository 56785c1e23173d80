"""The Beam pipeline that answers parts, as a process of its own.

python -m kerasseq.bulk.pipeline JSON
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

import apache_beam as beam
from apache_beam.ml.inference.base import RunInference
from apache_beam.options.pipeline_options import PipelineOptions

from kerasseq.bulk.handler import TranslatorHandler
from kerasseq.bulk.work_folder import WorkFolder
from kerasseq.parent import end_with_parent


def run(
    work: WorkFolder,
    numbers: Iterable[int],
    handler: TranslatorHandler,
    options: Sequence[str] = (),
) -> None:
    """Answers parts of a folder.

    Args:
        work: WorkFolder, which all workers see by its path.
        numbers: iterable of int, the parts.
        handler: TranslatorHandler.
        options: list of str, Beam's; none for this process alone.
    """
    folder = work.path
    options = PipelineOptions(list(options) or ["--runner=FnApiRunner"])
    with beam.Pipeline(options=options) as pipeline:
        _ = (
            pipeline
            | "parts" >> beam.Create([*numbers])
            | "to all workers" >> beam.Reshuffle()
            # A worker that is given again what another had begun leaves out what is done.
            | "not done" >> beam.Filter(lambda number: not WorkFolder(folder).is_answered(number))
            | "read" >> beam.Map(lambda number: WorkFolder(folder).read(number))
            | "translate" >> RunInference(handler)
            | "write"
            >> beam.Map(lambda done: WorkFolder(folder).write(done.example.number, done.inference))
        )


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    end_with_parent()
    place = WorkFolder(told["folder"])
    left = sorted({*range(*told["numbers"])} - place.answered())
    run(place, left, TranslatorHandler(told["export"], told["together"]), told["options"])
