"""The files of the pages, without a browser: they mirror the wire, know all words, make no markup."""

import enum
import hashlib
import inspect
import json
import re
import types
import typing
from pathlib import Path
from typing import Final

import msgspec
import pytest

from dashboard import frames
from dashboard.view.troubles import name_troubles
from tests.dashboard.page.peer import STATIC
from vitals.alarms import Condition, Family, Operator, Priority, RuleId, Signal, SubjectKind
from vitals.entries import SymptomKind
from vitals.participants import LimitReason
from vitals.parts import Part
from vitals.passport import Agreement, Doubt
from vitals.readings import Averaging, Quality, Reason, Source
from vitals.sessions import GenerationMode, Phase

STRUCTS: Final = [
    value
    for value in vars(frames).values()
    if inspect.isclass(value) and issubclass(value, msgspec.Struct) and value.__module__ == frames.__name__
]
SETS: Final = (
    *(Priority, Family, Condition, Signal, SubjectKind, Operator, Quality, GenerationMode, Phase),
    *(Agreement, Averaging, Source),
)
ALL_PROBLEMS: Final = (
    "another process is at it",
    "alarms before the start are forgotten",
    "alarms not saved",
    "nothing is stored",
    "out of radio slots",
    "outbox not saved",
    "disk is slow",
    "outbox was damaged",
    "clinic.db does not take a change",
    "calls not saved",
    "readings do not reach analysis",
    "no phone reachable",
    "alarm path not proven",
    "something that has no words",
)
OURS: Final = sorted(
    path for path in STATIC.rglob("*") if path.suffix in {".js", ".html", ".css"} and path.parent.name != "vendor"
)
PAGES: Final = sorted(path.parent.name for path in STATIC.glob("*/texts-en.js"))
"""Pages with words of their own, besides the wall's."""


def source(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def typedef(name: str) -> dict[str, bool]:
    """Return the properties of a typedef in frames.js and whether each may be absent."""
    block = next(block for block in source("frames.js").split("/**") if f"@typedef {{object}} {name}\n" in block)
    found = re.findall(r"@property \{.+\} (\[?)(\w+)\]?", block)
    return {word: bracket == "[" for bracket, word in found}


def may_be_absent(struct: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> bool:
    arguments = typing.get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,)
    return msgspec.UnsetType in arguments or (struct.__struct_config__.omit_defaults and not field.required)


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_the_page_reads_exactly_the_fields_that_the_server_writes(struct: type[msgspec.Struct]) -> None:
    wire = {field.encode_name: may_be_absent(struct, field) for field in msgspec.structs.fields(struct)}
    config = struct.__struct_config__
    if config.tag_field is not None:
        wire = {config.tag_field: False, **wire}
    assert typedef(struct.__name__) == wire


@pytest.mark.parametrize("words", SETS, ids=lambda words: words.__name__)
def test_the_page_knows_the_words_of_every_closed_set(words: type[enum.StrEnum]) -> None:
    line = next(line for line in source("frames.js").splitlines() if line.endswith(f"}} {words.__name__} */"))
    assert re.findall(r'"([^"]+)"', line) == [word.value for word in words]


@pytest.mark.parametrize("table", ["texts-en.js", "texts-de.js"])
def test_every_reason_has_words_for_a_strap_and_for_an_oximeter(table: str) -> None:
    text = source(table)
    strap, oximeter = text.index("const STRAP"), text.index("const OXIMETER")
    end = text.index("export const reasons")
    for block in (text[strap:oximeter], text[oximeter:end]):
        assert set(re.findall(r"^  (\w+): \"", block, re.MULTILINE)) == {reason.value for reason in Reason}


def keys(name: str) -> list[str]:
    """Return the keys of all tables of a file, in order, each below the name of its table."""
    found, table = [], ""
    for line in source(name).splitlines():
        if (begin := re.match(r"(?:export )?const (\w+) = \{", line)) is not None:
            table = begin[1]
        row = re.match(r" {2}\"?([\w-]+)\"?: (?:/\*\*.*\*/ \()?\{ ", line)
        inside = table if row is None else f"{table}.{row[1]}"
        found += [f"{inside}.{key}" for key in re.findall(r"(?:^ {2,4}|[{,] )(\w+): (?=[\"(`{])", line)]
    return found


@pytest.mark.parametrize("kind", ["texts", "alarm-words"])
def test_both_languages_have_the_same_words(kind: str) -> None:
    english = keys(f"{kind}-en.js")
    assert len(english) == len(set(english))
    assert sorted(keys(f"{kind}-de.js")) == sorted(english)
    assert len(english) > 90


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_symptom_has_one_word_for_all_pages(language: str) -> None:
    assert keys(f"symptom-words-{language}.js") == [f"symptoms.{kind.value}" for kind in SymptomKind]
    for page in ("class", "tablet", "review"):
        assert f'export {{ symptoms }} from "../symptom-words-{language}.js";' in source(f"{page}/texts-{language}.js")


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_of_a_page_have_the_same_words_and_all_are_used(page: str) -> None:
    english = keys(f"{page}/texts-en.js")
    assert english
    assert len(english) == len(set(english))
    assert sorted(keys(f"{page}/texts-de.js")) == sorted(english)
    code = "".join(
        path.read_text(encoding="utf-8") for path in OURS if path.suffix == ".js" and "texts" not in path.stem
    )
    for key in english:
        table, *rows, word = key.split(".")
        if table == "texts" and not rows:
            assert re.search(rf"\btexts\.{word}\b", code), word


def test_no_word_is_left_over() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js") if "-en" not in path.stem)
    for key in keys("texts-en.js"):
        table, word = key.split(".")
        if table == "texts":
            assert re.search(rf"\btexts\.{word}\b", code), word


def test_every_rule_limit_and_doubt_has_words() -> None:
    words = set(keys("alarm-words-en.js"))
    assert {f"sayings.{rule.value}" for rule in RuleId} <= words
    assert {f"rules.{rule.value}" for rule in RuleId} <= set(keys("review/texts-en.js"))
    assert {f"limits.{reason.value}" for reason in LimitReason} <= words
    assert {f"trust.{word.value}" for word in (*Doubt, *Averaging, *Quality)} <= words
    assert {f"doubts.{doubt.value}" for doubt in Doubt} <= set(keys("texts-en.js"))
    codes = {code for part in Part for code in name_troubles(part, ALL_PROBLEMS)}
    assert {f"troubles.{code}" for code in codes} == {word for word in words if word.startswith("troubles.")}


def test_vendored_files_are_what_the_manifest_says() -> None:
    manifest = json.loads(source("vendor/manifest.json"))
    folder = STATIC / "vendor"
    assert {entry["file"] for entry in manifest} == {path.name for path in folder.iterdir()} - {"manifest.json"}
    for entry in manifest:
        assert set(entry) == {"package", "version", "licence", "file", "from", "sha256"}
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(STATIC)))
def test_no_file_makes_markup_from_data_or_asks_a_stranger(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"):
        assert word not in text


def test_the_html_has_no_style_or_script_in_it() -> None:
    html = source("wall.html")
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", html)
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", html)
    assert scripts[0] == (' type="module" src="/static/wall.js"', "")
    assert all(re.fullmatch(r' type="module" src="/static/\w+\.js"', tag) and body == "" for tag, body in scripts)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(token(one)), luminance(token(two))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def token(name: str) -> str:
    return str(re.findall(rf"--{name}: (#[0-9a-f]{{6}});", source("tokens.css"))[0])


@pytest.mark.parametrize("ground", ["bg", "tile", "hatch", "hatch-line"])
@pytest.mark.parametrize("ink", ["text", "muted", "technical", "latched-text"])
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


LIGHT_INKS: Final = (
    *((ink, ground) for ink in ("text", "muted", "technical", "latched-text") for ground in ("bg", "tile", "hatch")),
    *(("text", ground) for ground in ("zone", "range", "technical-dim")),
    *(("on-medium", "medium"), ("on-technical", "technical"), ("on-high", "high")),
)


@pytest.mark.parametrize(("ink", "ground"), LIGHT_INKS)
def test_text_can_be_read_in_the_light_theme_too(ink: str, ground: str) -> None:
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", source("light.css")))
    one, other = sorted((luminance(light[ink]), luminance(light[ground])), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5


def test_the_light_theme_has_every_colour_of_the_dark_one() -> None:
    names = re.compile(r"--([\w-]+): #")
    assert set(names.findall(source("light.css"))) == set(names.findall(source("tokens.css")))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("on-high", "high"),
        ("on-high", "high-dim"),
        ("on-medium", "medium"),
        ("on-medium", "medium-dim"),
        ("medium", "tile"),
        ("technical", "bg"),
        ("technical", "tile"),
        ("on-technical", "technical"),
    ],
)
def test_alarms_can_be_read_in_both_phases_of_their_flash(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 7


def test_red_yellow_and_cyan_are_used_by_alarms_and_technical_conditions_alone() -> None:
    for path in OURS:
        if path.name in {"tokens.css", "light.css"}:
            continue
        colours = set(re.findall(r"#[0-9a-fA-F]{6,8}\b", path.read_text(encoding="utf-8")))
        assert colours <= {"#0b1015"}, path.name


SHOWS_VALUES: Final = {
    "class/roll-call.js": "besideVital",
    "phone/people-list.js": "besideVital",
    "shell/watch.js": "besideVital",
    "tablet/people-list.js": "bpm",
    "tablet/person-head.js": "unit",
    "tile-look.js": "",
}
"""Who shows a person's live numbers, and by what their unit; the wall's tile puts it beside what tile-look.js says."""


def test_whoever_shows_a_live_number_asks_how_old_it_is_and_names_its_unit() -> None:
    reads = re.compile(r"\b(?:tile|person)\??\.(?:hr|spo2)\b(?!\.at_ms)")
    found = {
        str(path.relative_to(STATIC))
        for path in OURS
        if path.suffix == ".js" and reads.search(path.read_text(encoding="utf-8"))
    }
    # One keeps the trace, one asks whether there is an oximeter; the list of the tablet takes the tile's whole look.
    assert found == (set(SHOWS_VALUES) | {"room.js", "tablet/tablet.js"}) - {"tablet/people-list.js"}
    for name, unit in SHOWS_VALUES.items():
        assert re.search(r"lookOfVital|lookOfTile", source(name)), name
        assert unit in source(name), name
        # The number itself is written by its look alone.
        assert not re.search(r"\.(?:hr|spo2)\??\.value\b", source(name)), name
