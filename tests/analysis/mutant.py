"""A module with a defect planted in it, beside the real one."""

import sys
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

Plant = tuple[tuple[str, str], ...]


def planted(module: ModuleType, name: str, plant: Plant) -> ModuleType:
    """Return a copy of a module with some of its text changed.

    Raises:
        AssertionError: the text to change is not there (any more).
    """
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for old, new in plant:
        assert old in source, "the defect no longer fits the source: plant it anew"
        source = source.replace(old, new)
    mutant_name = "mutant_of_" + "".join(letter if letter.isalnum() else "_" for letter in f"{module.__name__}_{name}")
    spec = spec_from_loader(mutant_name, loader=None)
    assert spec is not None
    mutant = module_from_spec(spec)
    sys.modules[mutant_name] = mutant
    try:
        exec(compile(source, f"<{name}>", "exec"), mutant.__dict__)  # noqa: S102 - our own source, changed above
    finally:
        del sys.modules[mutant_name]
    return mutant
