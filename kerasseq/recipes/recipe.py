"""Recipe files: the settings of a run, in TOML."""

from __future__ import annotations

import pathlib
import tomllib
import typing
from collections.abc import Iterable

from kerasseq.meant import meant
from kerasseq.recipes.sections import check_sections
from kerasseq.renamed import warn_renamed
from kerasseq.saved_models import project_recipe
from kerasseq.untrusted import read_text

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe

FOLDER = pathlib.Path(__file__).parent
LARGEST = 2**20  # bytes of a recipe
# Keys of earlier versions and today's names of them: old files and run folders have them.
FORMER_KEYS = {("training", "start_at_frequencies"): "initialize_output_bias"}


def list_recipes() -> list[str]:
    """Lists the names of the recipes that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name: AnyPath, overrides: Iterable[str] = ()) -> Recipe:
    """Reads a recipe.

    Args:
        name: str, one of `list_recipes()`, or the path of a TOML file, or of a folder with a recipe
            of its name, as `kerasseq new` writes it.
        overrides: iterable of `"section.key=value"`, the value as in TOML.

    A `data.folder` in a file is beside that file, where there is one.

    Returns:
        dict of sections, each a dict.

    Raises:
        FileNotFoundError: for an unknown name.
        ValueError: for a file that is not TOML, an unknown section or key, a missing one, a
            value of another kind, or a key under its former and its new name.
    """
    path = find_recipe(name)
    recipe = _parse(read_text(path, most=LARGEST), str(path))
    _place_data(recipe, path)
    for override in overrides:
        key, _, value = override.partition("=")
        section, _, key = key.strip().partition(".")
        if not key or not value:
            raise ValueError(
                f"Expected an override section.key=value; received {override!r}. For instance "
                "training.epochs=3."
            )
        try:
            value = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            value = value.strip()
        recipe.setdefault(section, {})[key] = value
    _rename_keys(recipe)
    check_sections(recipe, str(name))
    return recipe


def find_recipe(name: AnyPath) -> pathlib.Path:
    """The path of a recipe, by what `load_recipe` takes.

    Raises:
        FileNotFoundError: where there is none.
    """
    if str(name) in list_recipes():
        return FOLDER / f"{name}.toml"
    path = pathlib.Path(name)
    if path.is_dir():
        path = project_recipe(path)
    if path.is_file():
        return path
    if len(path.parts) > 1 or path.suffix:
        beside = [str(each) for each in sorted(path.parent.glob("*.toml"))]
        raise FileNotFoundError(
            f"Expected a recipe, a TOML file, at {path}; received no such file. "
            f"{meant(path, beside)}Check the path."
        )
    raise FileNotFoundError(
        f"Expected a recipe of {', '.join(list_recipes())} or a TOML file; received {str(name)!r}. "
        f"{meant(name, list_recipes())}Check the name or the path."
    )


def _place_data(recipe, path):
    """Makes a `data.folder` that is beside the recipe's file a whole path."""
    section = recipe.get("data")
    folder = section.get("folder") if isinstance(section, dict) else None
    if isinstance(folder, str) and path.parent != FOLDER and (path.parent / folder).is_dir():
        section["folder"] = str((path.parent / folder).resolve())


def _parse(text, where):
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"Expected TOML in {where}; received an error: {error}.") from error


def _rename_keys(recipe):
    """Gives keys of earlier versions their new names, and warns of each."""
    for (section, former), new in FORMER_KEYS.items():
        values = recipe.get(section)
        if isinstance(values, dict) and former in values:
            if new in values:
                raise ValueError(
                    f"Expected {section}.{new} once; received it and its former name {former}. "
                    f"Remove {former}."
                )
            warn_renamed(f"{section}.{former}", f"{section}.{new}", FutureWarning)
            recipe[section] = {new if key == former else key: each for key, each in values.items()}


def refuse_another(run: AnyPath, recipe: Recipe) -> None:
    """Refuses a folder with a run of another recipe.

    Raises:
        ValueError: names the first key that differs, and both its values.
    """
    path = pathlib.Path(run) / "recipe.toml"
    if not path.is_file():
        return
    there, here = _by_key(load_recipe(path)), _by_key(recipe)
    if there != here:
        key = min(
            key
            for key in there | here
            if (key in there, there.get(key)) != (key in here, here.get(key))
        )
        raise ValueError(
            f"Expected a run of this same recipe in {run}; received another recipe.toml there, "
            f"with {key} {_set_to(there, key)} for {_set_to(here, key)}. Go on by that recipe, "
            "name a new folder, or remove the old run."
        )


def _by_key(recipe):
    """The values of a recipe by "section.key"; None for a section without any."""
    sections = {name: values or {"": None} for name, values in recipe.items()}
    return {f"{name}.{key}": each for name, keys in sections.items() for key, each in keys.items()}


def _set_to(values, key):
    return repr(values[key]) if key in values else "that is not set"


def write_toml(recipe: Recipe) -> str:
    """A recipe as TOML text, which `load_recipe` reads back to the same dict."""
    lines = []
    for section, values in recipe.items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            lines.append(f"{key} = {_toml(value)}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: object) -> str:
    """A bool, number, str or list of them as TOML text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
