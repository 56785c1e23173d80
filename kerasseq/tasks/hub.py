"""Tasks on the Hugging Face hub: a folder that `save` wrote, with its card."""

from __future__ import annotations

import copy
import pathlib
import shutil
import tempfile
import typing
from collections.abc import Mapping

from kerasseq.extras import missing
from kerasseq.files import write_file
from kerasseq.tasks.card import model_card

if typing.TYPE_CHECKING:
    from kerasseq.tasks.task import AnyTask

CARD = "README.md"
READ = ("*.json", "*.safetensors", "*/*", "examples.txt", CARD)
NEVER = ("*.py", "*.bin", "*.pkl", "*.h5", "*.keras", "*/*/*")  # no part of a saved task


def check_repository(name: str) -> None:
    """Refuses the name of a repository without its owner's.

    Raises:
        ValueError: for such a name.
    """
    if name.count("/") != 1 or not all(name.split("/")):
        raise ValueError(
            f'Expected a repository with its owner, as "me/en_de"; received {name!r}. Put your '
            "account's name before it."
        )


class OnHub:
    """What is put on the hub and taken from it."""

    if typing.TYPE_CHECKING:
        load: typing.Any

    def push(
        self,
        name: str,
        *,
        data: str = "",
        licence: str = "",
        scores: Mapping[str, typing.Any] | None = None,
        citation: str = "",
        examples: bool = True,
        private: bool = False,
        token: str | None = None,
        endpoint: str | None = None,
    ) -> str:
        """Saves the task into a repository of the hub, with a card, its `README.md`.

        Args:
            name: str, the repository, "me/en_de"; it is made where there is none.
            data, licence, scores, citation: as of `kerasseq.tasks.card.model_card`.
            examples: bool, with the held-out inputs that exports are checked with, which others
                then read; False to leave them at home.
            private: bool, of a repository that is new.
            token: str, of your account; by default the one that `hf auth login` keeps.
            endpoint: str, the address of another hub.

        Returns:
            str, the address of what was written.

        Raises:
            ImportError: without `huggingface_hub`.
            ValueError: for a name without an owner.
            ConnectionError: when the hub is not reached, or refuses.
        """
        check_repository(name)
        hub = _hub()
        task = copy.copy(typing.cast("AnyTask", self))
        if not examples:
            task.examples = []
        card = model_card(task, name, data=data, licence=licence, scores=scores, citation=citation)
        with tempfile.TemporaryDirectory(prefix="kerasseq.") as folder:
            task.save(folder)
            write_file(pathlib.Path(folder) / CARD, card)
            api = hub.HfApi(endpoint=endpoint, token=token, library_name="kerasseq")
            try:
                api.create_repo(name, private=private, exist_ok=True)
                found = api.upload_folder(
                    repo_id=name, folder_path=folder, commit_message=f"Save a {task.name}"
                )
            except Exception as error:
                raise ConnectionError(
                    f"Expected to write {name} on the hub; received {type(error).__name__}: "
                    f"{' '.join(str(error).split()):.200}. Check the connection, and log in with "
                    "hf auth login."
                ) from error
        return str(getattr(found, "commit_url", found))

    @classmethod
    def from_hub(
        cls,
        name: str,
        *,
        revision: str | None = None,
        token: str | None = None,
        endpoint: str | None = None,
    ) -> typing.Self:
        """Loads what `push` wrote; it is downloaded once. No code from it is run.

        Args:
            name: str, the repository, "me/en_de".
            revision: str, a branch, a tag or a commit; a commit is always the same.
            token: str, for a private one.
            endpoint: str, the address of another hub.

        Raises:
            ImportError: without `huggingface_hub`.
            FileNotFoundError: for a repository that is not there, or that holds no such task.
            ValueError: when a file is damaged.
        """
        try:
            kept = _hub().snapshot_download(
                name, revision=revision, token=token, endpoint=endpoint, library_name="kerasseq",
                allow_patterns=list(READ), ignore_patterns=list(NEVER),
            )  # fmt: skip
        except ImportError:
            raise
        except Exception as error:
            raise FileNotFoundError(
                f"Expected a task on the hub at {name}; received none "
                f"({type(error).__name__}). Check the name, the connection, and the token of a "
                "private one."
            ) from error
        with tempfile.TemporaryDirectory(prefix="kerasseq.") as folder:
            # The hub's cache holds links, and a task is read from files of its own folder alone.
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            return cls.load(folder)


def _hub():
    try:
        import huggingface_hub
    except ImportError as error:
        raise missing("hub") from error
    return huggingface_hub
