"""Writes docs/protocol.md and docs/settings.md from the code that they describe; with --check says what is stale."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
from msgspec import NODEFAULT, UNSET, Struct
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    EnumType,
    FloatType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

import vitals
from dashboard import frames
from vitals.settings import Settings, setting_keys, variable_of
from vitals.topics import ROOT, TOPICS
from vitals.wire import CONTENT_TYPE, PAYLOAD_BYTES_MAX

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
NOTE: Final = "<!-- Written by tools/write_docs.py; a test fails when it is stale. -->"

PREFACE: Final = f"""
MQTT 5. Every topic begins with `{ROOT}/<site>/`; a level has 1 to 64 of `A-Z a-z 0-9 _ . -`. Payloads are JSON with the
content type `{CONTENT_TYPE}`, at most {PAYLOAD_BYTES_MAX} bytes.

A payload has the version `v`; where it is left out it is 1. Fields that have a default may be left out. Fields that are
not named here are passed over, so that a later version may add some. No name, address or diagnosis is in any topic or
payload.

Times end in `_mono_ms` (milliseconds of the sender's monotonic clock) or `_utc_ms` (since 1970, only a label).
"""


def render_protocol() -> str:
    """Return docs/protocol.md: topics, payloads, enumerations, frames of the websocket."""
    lines = [
        "# Protocol",
        "",
        NOTE,
        "",
        *_paragraphs(PREFACE),
        "",
        "## Topics",
        "",
    ]
    lines += ["| topic | how |", "|---|---|"]
    lines += [f"| `{ROOT}/<site>/{path}` | {how} |" for path, how in map(_topic, TOPICS)]
    payloads = _closure(_payloads())
    lines += ["", "## Payloads", ""]
    for cls in payloads:
        lines += _struct(cls)
    lines += ["## Closed sets", ""]
    for enum in _enums([*payloads, *_closure(_frames())]):
        lines += _enum(enum)
    lines += ["## Frames of the websocket", "", *_paragraphs(frames.__doc__ or ""), ""]
    for cls in _closure(_frames()):
        if cls.__module__ == frames.__name__:
            lines += _struct(cls)
    return "\n".join(lines).rstrip() + "\n"


def render_settings_page() -> str:
    """Return docs/settings.md: every key with its variable, default and description."""
    lines = [
        "# Settings",
        "",
        NOTE,
        "",
        "One TOML file (`--config FILE` or the variable `VITALS_CONFIG`), beaten by the environment, beaten by flags.",
        "A key that is not in these tables refuses to start. `vitals serve --print-config` prints what holds, as TOML",
        "and without passwords. Paths are relative to the folder in which `vitals` is started. In a variable a list",
        "has commas between its items: an item with a comma, as a step of the emergency list, belongs in the file.",
    ]
    section = None
    for key in setting_keys():
        head, _, name = key.rpartition(".")
        model = type(getattr(Settings(), head)) if head else Settings
        if head != section:
            section = head
            title = f"## [{head}]" if head else "## Common"
            lines += ["", title, "", *(_paragraphs(model.__doc__ or "")[:1] if head else []), ""]
            lines += ["| key | variable | default | what it is |", "|---|---|---|---|"]
        field = model.model_fields[name]
        default = "" if field.default is None else f"`{_plain(field.default)}`"
        lines.append(f"| `{name}` | `{variable_of(key)}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _topic(kind: type[Struct]) -> tuple[str, str]:
    path, _, how = " ".join((kind.__doc__ or "").split()).partition(": ")
    return path.strip("`"), how.replace("``", "`")


def _payloads() -> list[type[Struct]]:
    known = {
        name: value
        for module in pkgutil.iter_modules(vitals.__path__)
        for name, value in vars(importlib.import_module(f"vitals.{module.name}")).items()
        if inspect.isclass(value) and issubclass(value, Struct)
    }
    names = [re.findall(r"payload `(\w+)`", kind.__doc__ or "")[0] for kind in TOPICS]
    return [known[name] for name in dict.fromkeys(names)]


def _frames() -> list[type[Struct]]:
    return [
        value
        for value in vars(frames).values()
        if inspect.isclass(value) and issubclass(value, Struct) and value.__module__ == frames.__name__
    ]


def _closure(roots: list[type[Struct]]) -> list[type[Struct]]:
    """Return the types and all that they contain, each once, outer ones first."""
    found: dict[type[Struct], None] = {}
    waiting = list(roots)
    while waiting:
        cls = waiting.pop(0)
        if cls not in found:
            found[cls] = None
            waiting += [
                inner.cls
                for field in msgspec.structs.fields(cls)
                for inner in _parts(type_info(field.type))
                if isinstance(inner, StructType)
            ]
    return list(found)


def _enums(classes: list[type[Struct]]) -> list[type[StrEnum]]:
    found = {
        inner.cls
        for cls in classes
        for field in msgspec.structs.fields(cls)
        for inner in _parts(type_info(field.type))
        if isinstance(inner, EnumType)
    }
    return sorted((enum for enum in found if issubclass(enum, StrEnum)), key=lambda enum: enum.__name__)


def _parts(info: Type) -> Iterator[Type]:
    yield info
    match info:
        case UnionType(types):
            for one in types:
                yield from _parts(one)
        case VarTupleType() | msgspec.inspect.ListType():
            yield from _parts(info.item_type)
        case msgspec.inspect.TupleType():
            for one in info.item_types:
                yield from _parts(one)
        case DictType():
            yield from _parts(info.value_type)
        case _:
            return


def _struct(cls: type[Struct]) -> list[str]:
    config = cls.__struct_config__
    lines = [f"### {cls.__name__}", "", *_paragraphs(cls.__doc__ or ""), ""]
    if config.array_like:
        lines += ["An array, in the order of the table.", ""]
    if config.tag is not None:
        lines += [f'`"{config.tag_field}": "{config.tag}"` says that it is one.', ""]
    said = _field_docs(cls)
    lines += ["| field | type | default | |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(cls):
        default = field.default if field.default is not NODEFAULT else NODEFAULT
        if field.default_factory is not NODEFAULT:
            default = field.default_factory()
        shown = "" if default is NODEFAULT or default is UNSET else f"`{msgspec.json.encode(default).decode()}`"
        kind = _name(type_info(field.type)).replace("|", "\\|")
        lines.append(f"| `{field.encode_name}` | {kind} | {shown} | {said.get(field.name, '')} |")
    return [*lines, ""]


def _enum(enum: type[StrEnum]) -> list[str]:
    said = _field_docs(enum)
    lines = [f"### {enum.__name__}", "", *_paragraphs(enum.__doc__ or ""), ""]
    for member in enum:
        text = said.get(member.name, "")
        lines.append(f"- `{member.value}`" + (f": {text}" if text else ""))
    return [*lines, ""]


def _field_docs(cls: type) -> dict[str, str]:
    """Return the strings that stand below fields, by field; also those of the bases."""
    said: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if not one.__module__.startswith(("vitals.", "dashboard.")):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        for before, node in pairwise(getattr(body, "body", ())):
            name = _assigned(before)
            if name is not None and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                said[name] = " ".join(str(node.value.value).split()).replace("``", "`")
    return said


def _assigned(node: ast.stmt) -> str | None:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return str(name)
        case _:
            return None


def _name(info: Type) -> str:
    match info:
        case StructType(cls):
            return f"[{cls.__name__}](#{cls.__name__.lower()})"
        case EnumType(cls):
            return f"[{cls.__name__}](#{cls.__name__.lower()})"
        case LiteralType(values):
            return " | ".join(f"`{msgspec.json.encode(value).decode()}`" for value in values)
        case UnionType(types):
            return " | ".join(_name(one) for one in types)
        case VarTupleType() | msgspec.inspect.ListType():
            most = "" if info.max_length is None else f", at most {info.max_length}"
            return f"array of ({_name(info.item_type)}{most})"
        case msgspec.inspect.TupleType():
            return "array [" + ", ".join(_name(one) for one in info.item_types) + "]"
        case DictType():
            return f"object of {_name(info.value_type)}"
        case IntType() | FloatType():
            word = "integer" if isinstance(info, IntType) else "number"
            bounds = (("≥", info.ge), (">", info.gt), ("≤", info.le), ("<", info.lt))
            return " ".join([word, *(f"{sign} {bound}" for sign, bound in bounds if bound is not None)])
        case StrType():
            most = "" if info.max_length is None else f" of at most {info.max_length}"
            return "text" + most
        case msgspec.inspect.BytesType():
            return "base64 text"
        case BoolType():
            return "true or false"
        case NoneType():
            return "null"
        case AnyType():
            return "anything"
        case _:
            raise TypeError(info)


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines += [" ".join(part.split()).replace("``", "`"), ""]
    return lines[:-1]


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def main() -> int:
    """Write both pages, or with ``--check`` compare them; returns the exit code."""
    pages = {DOCS / "protocol.md": render_protocol(), DOCS / "settings.md": render_settings_page()}
    if "--check" not in sys.argv[1:]:
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"docs/{path.name} is stale: run python tools/write_docs.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
