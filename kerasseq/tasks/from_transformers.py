"""Tasks of what transformers holds in memory."""

from __future__ import annotations

import typing

from kerasseq import pretrained


class FromTransformers:
    """The constructor of a task that reads Hugging Face's folders for models in memory."""

    if typing.TYPE_CHECKING:
        from_hugging_face: typing.Any

    @classmethod
    def from_transformers(
        cls,
        model: typing.Any,
        tokenizer: typing.Any,
        *arguments: typing.Any,
        **options: typing.Any,
    ) -> typing.Self:
        """The same of a model and a tokenizer that transformers holds in memory.

        Both are left as they are: transformers saves them into a folder, which is read and gone.

        Args:
            model: transformers.PreTrainedModel.
            tokenizer: transformers.PreTrainedTokenizerBase.
            *arguments, **options: as of `from_hugging_face`, behind its path.

        Raises:
            ValueError: for other objects, and as `from_hugging_face`.
        """
        with pretrained.saved_folder(model, tokenizer) as folder:
            return cls.from_hugging_face(folder, *arguments, **options)
