"""``vitals decode HEX --as KIND``: says what the bytes of a sensor mean, by the very code that the gateway uses."""

import argparse
import json
from typing import Final

from vitals.errors import InputError, InputReason

KIND_NAMES: Final = (
    "hr",
    "plx",
    "plx-spot",
    "plx-features",
    "battery",
    "body-location",
    "running",
    "cycling",
    "treadmill",
    "bike",
    "polar-adv",
    "polar-pmd",
    "nonin",
    "bci",
    "o2ring",
    "pc60",
    "contec",
    "jumper",
)
_UNITS: Final = {
    "_bpm": "bpm",
    "_pct": "%",
    "_ms": "ms",
    "_1024": "/1024 s",
    "_kmh": "km/h",
    "_per_min": "per minute",
    "_kcal_per_h": "kcal/h",
    "_kcal_per_min": "kcal/min",
    "_s_per_500m": "s/500 m",
    "_kcal": "kcal",
    "_deg": "degrees",
    "_m": "m",
    "_s": "s",
    "_w": "W",
    "_n": "N",
    "_v": "V",
}
_HEX_SEPARATORS: Final = " :-\t\n"


class _Help(argparse.Action):
    """Help with the fields of each kind, which are looked up only now: no part that starts should wait for them."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the help text and end."""
        from cli.decoding import describe_kinds  # noqa: PLC0415 - see above

        parser.epilog = "\n".join(("kinds, and the fields of their JSON objects:", *describe_kinds(), *_ABOUT_JSON))
        parser.print_help()
        parser.exit()


_ABOUT_JSON: Final = (
    "",
    "every JSON object begins with: kind; notification (from 1); result, which is frame (something sound), record",
    "(what several parts of a machine's record say together), other (a frame without vital signs), undecodable or",
    "pending (the beginning of a frame that did not end); hex (the bytes). undecodable has problem. A value that is",
    "null was not sent or is no value; reason says why.",
    "",
    "examples:",
    "  vitals decode 164e1b031203 --as hr",
    "  vitals decode --json --as pc60 aa550f08016239004400c0e3aa55f003 0303f6",
)


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``decode``."""
    parser = subcommands.add_parser(
        "decode",
        help="say what the bytes of a sensor mean",
        description="Decodes notifications, given in hexadecimal, as the gateway does. Several are taken as\n"
        "consecutive ones of one connection: what is spread over them is put together. Connects to nothing.\n"
        "Ends with code 0 also when bytes are undecodable: that is the answer; with 2 when HEX is no hexadecimal.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action=_Help, nargs=0, help="show this help and end")
    parser.add_argument("hex", nargs="+", metavar="HEX", help="one notification; spaces, colons and 0x may stay")
    parser.add_argument(
        "--as", dest="kind", required=True, choices=KIND_NAMES, metavar="KIND", help="what sent it (below)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")
    parser.set_defaults(run=_run, command_name="decode")


def _run(arguments: argparse.Namespace) -> int:
    from cli.decoding import decode_all  # noqa: PLC0415 - no part that starts should wait for it

    notifications = [parse_hex(text, position) for position, text in enumerate(arguments.hex, start=1)]
    for fields in decode_all(arguments.kind, notifications):
        print(json.dumps(fields) if arguments.json else render_text(fields))
    return 0


def parse_hex(text: str, position: int) -> bytes:
    """Return the bytes of one argument.

    Raises:
        InputError: it is no hexadecimal; names the argument, the place and the character.
    """
    begin = 2 if text[:2].casefold() == "0x" else 0
    digits: list[str] = []
    for place, character in enumerate(text[begin:], start=begin + 1):
        if character in "0123456789abcdefABCDEF":
            digits.append(character)
        elif character not in _HEX_SEPARATORS:
            problem = f"{character!r} at character {place} is no hexadecimal digit"
            raise InputError(f"HEX {position}", problem, InputReason.WRONG_SHAPE)
    if not digits or len(digits) % 2:
        problem = f"{text!r} has {len(digits)} digits; a byte has two"
        raise InputError(f"HEX {position}", problem, InputReason.WRONG_SHAPE)
    return bytes.fromhex("".join(digits))


def render_text(fields: dict[str, object]) -> str:
    """Return one item as text: where it came from, then a line for each thing it says."""
    lines = [f"notification {fields['notification']}, {fields['kind']} {fields['result']}: {fields['hex']}"]
    for name, value in fields.items():
        if name in {"kind", "notification", "result", "hex"} or value in (None, "", []):
            continue
        label, unit = _label_of(name)
        lines.append(f"  {label:24}{_text_of(value)}{' ' + unit if unit else ''}")
    return "\n".join(lines)


def _label_of(name: str) -> tuple[str, str]:
    """Return a field's name in words and its unit."""
    for suffix, unit in sorted(_UNITS.items(), key=lambda item: -len(item[0])):
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " "), unit
    return name.replace("_", " "), ""


def _text_of(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(_text_of(one) for one in value)
        case dict():
            return ", ".join(f"{' '.join(_label_of(key)).strip()} {_text_of(one)}" for key, one in value.items())
        case _:
            return str(value)
