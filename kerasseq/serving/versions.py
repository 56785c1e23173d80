"""The versions of a model in a folder: the newest answers, those before it stay addressable."""

import pathlib

from kerasseq.serving.served_model import ServedModel, newest


class Versions:
    """What is loaded of a folder of versions, or one SavedModel.

    A new folder, named by a higher number, is loaded and warmed up beside the one that answers,
    and answers when it is ready. One that does not load is tried again at the next look.

    Args:
        path: as of ServedModel.
        kept: int, versions that stay loaded. One whose folder is gone is let go.

    Attributes:
        models: dict of ServedModel by version, the newest last.

    Raises:
        FileNotFoundError: when there is no SavedModel.
        ValueError: for one that does not warm up.
    """

    def __init__(self, path, kept=2):
        self.path = pathlib.Path(path)
        self.kept = kept
        self.failed = None
        model = ServedModel(self.path)
        model.warm_up()
        self.models = {model.version: model}

    @classmethod
    def of(cls, model):
        """Versions of one ServedModel, which never change."""
        found = cls.__new__(cls)
        found.path, found.kept, found.failed = None, 1, None
        found.models = {model.version: model}
        return found

    @property
    def newest(self):
        """The ServedModel that answers."""
        return list(self.models.values())[-1]

    def refresh(self):
        """Looks at the folder and loads what is new; takes as long as that.

        Returns:
            str, what was done, or why it failed the first time; None for nothing.
        """
        found = self.path and newest(self.path)
        if not found or found[0] in self.models or int(found[0]) < int(self.newest.version):
            return None
        version, path = found
        try:
            model = ServedModel(path, version)
            model.warm_up()
        except Exception as error:  # half copied, perhaps
            said = (
                f"version {version} does not load ({error!s:.200}); {self.newest.version} answers"
            )
            first, self.failed = said != self.failed, said
            return said if first else None
        there = {
            number: each
            for number, each in self.models.items()
            if each.path.is_dir() or each is self.newest
        }
        kept = list(there.items())[-(self.kept - 1) :] if self.kept > 1 else []
        self.models = dict([*kept, (version, model)])  # at once: requests hold their own
        return f"version {version} answers"
