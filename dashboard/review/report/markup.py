"""HTML and SVG out of Python: every text is escaped unless it was made here. No template, nothing to forget."""

from collections.abc import Iterable
from html import escape
from typing import Final

_EMPTY: Final = frozenset({"meta", "link", "br", "line", "rect", "path", "polyline", "circle", "col"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Markup | None
Children = Child | Iterable[Child]


def tag(name: str, /, *children: Children, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        children: texts, elements or lists of them; None is nothing.
        attributes: ``class_`` is class, an underscore inside is a hyphen; None is left out.
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY and not children:
        return Markup(f"<{name}{words}/>")
    return Markup(f"<{name}{words}>{join(*children)}</{name}>")


def join(*children: Children) -> Markup:
    """Return children one after another."""
    return Markup("".join(map(_text, _flat(children))))


def _flat(children: Iterable[Children]) -> Iterable[Child]:
    for child in children:
        if child is None or isinstance(child, str):
            yield child
        else:
            yield from child


def _text(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else escape(child, quote=False)


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
