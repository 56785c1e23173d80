"""The numbers of an HDF5 file, which may name other files: then it is refused."""

import pathlib

from kerasseq.untrusted import check_place, reading


def count_numbers(path, folder=None):
    """How many numbers a file of weights holds, which are all in it.

    Args:
        path: path of the file.
        folder: path that it must stay below when it is a link.

    Returns:
        int.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for another file, one that says it holds more than its length, or one that
            leads to another place: an external or a soft link, a virtual data set, external
            storage.
    """
    import h5py

    path = pathlib.Path(path)
    check_place(path, folder)
    with reading(path, "weights in HDF5", "Copy it again."), h5py.File(path, "r") as file:
        sizes = list(_sizes(file, path, h5py, set()))
    if sum(length for _, length in sizes) > path.stat().st_size:
        raise ValueError(
            f"Expected {path} to hold the numbers that it says; received a shorter file. Copy it "
            "again."
        )
    return sum(size for size, _ in sizes)


def _sizes(group, path, h5py, seen):
    """Yields numbers and bytes of each data set below a group, each once."""
    for name in group:
        link = group.get(name, getlink=True)
        place = f"{group.name.rstrip('/')}/{name}"
        if not isinstance(link, h5py.HardLink):
            where = getattr(link, "filename", None) or getattr(link, "path", None)
            raise _elsewhere(path, place, f"a link to {where!r:.80}")
        found = group[name]
        if found.id in seen:  # two names of one thing, or a group inside itself
            continue
        seen.add(found.id)
        if isinstance(found, h5py.Group):
            yield from _sizes(found, path, h5py, seen)
        elif isinstance(found, h5py.Dataset):
            if found.external or found.is_virtual:
                raise _elsewhere(path, place, "numbers in another file")
            yield found.size or 0, found.nbytes


def _elsewhere(path, place, received):
    return ValueError(
        f"Expected the numbers of {place!r:.120} in {path} itself; received {received}. Save the "
        "weights again."
    )
