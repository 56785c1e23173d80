"""The course of a recipe, by the kind of its task."""

from __future__ import annotations

import typing

from kerasseq.recipes.captioner_course import CaptionerCourse
from kerasseq.recipes.encoder_courses import AnswerCourse, LabelCourse, TagCourse
from kerasseq.recipes.forecaster_course import ForecasterCourse
from kerasseq.recipes.sections import kind_of
from kerasseq.recipes.translator_course import TranslatorCourse

if typing.TYPE_CHECKING:
    from kerasseq.recipes.course import Course
    from kerasseq.recipes.sections import Recipe

COURSES: dict[str, type[Course]] = {
    course.kind.name: course
    for course in (
        TranslatorCourse, LabelCourse, TagCourse, AnswerCourse, CaptionerCourse, ForecasterCourse,
    )
}  # fmt: skip


def course_of(recipe: Recipe) -> Course:
    """The course that a recipe describes."""
    return COURSES[kind_of(recipe)](recipe)
