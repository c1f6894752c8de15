"""A user's own mechanism, put to the laws from its file."""

import sys
from importlib import util
from pathlib import Path

from abm.core.errors import InputError
from abm.mechanisms.base import Mechanism
from abm.mechanisms.registry import find_mechanism


def names_in(file: Path) -> tuple[str, ...]:
    """The mechanisms that a file defines, as a scenario names them (``module:Class``), in the order of its lines.

    The file's module is loaded under its own name, with its folder on the path for what it imports.

    Raises:
        InputError: no such file, one that cannot be imported, or one without a mechanism.
    """
    if file.suffix != ".py" or not file.is_file():
        raise InputError(
            "is no Python file", file=file, key="--mechanism", mend="name the file of a mechanism class"
        )
    name, folder = file.stem, str(file.resolve().parent)
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) != str(file.resolve()):
        raise InputError(
            f"another module is called '{name}'", file=file, key="--mechanism", mend="rename the file"
        )
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = util.spec_from_file_location(name, file.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        what = f"cannot be imported ({type(error).__name__}: {error})"
        raise InputError(what, file=file, key="--mechanism", mend="mend the file") from None
    found = [
        f"{name}:{what.__name__}"
        for what in vars(module).values()
        if isinstance(what, type) and issubclass(what, Mechanism) and what.__module__ == name
    ]
    if not found:
        mend = "let a class derive from abm.mechanisms.base.Mechanism"
        raise InputError("defines no mechanism", file=file, key="--mechanism", mend=mend)
    for one in found:
        find_mechanism(one, file=file)  # refuses one without a name, layer or phase
    return tuple(found)
