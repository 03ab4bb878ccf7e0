"""Laws that every codec keeps for any bytes: it never raises, keeps little, and works as much as the bytes are long."""

import ast
import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.codecs
from gateway.codecs.framing import JUNK_BYTES_MAX
from gateway.codecs.oxygen import OxygenFrame
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from tests.gateway.codec_families import FAMILIES, Family, Items
from tests.gateway.codec_fuzz import make_input
from vitals.readings import Quality

CODECS: Final = Path(inspect.getfile(gateway.codecs)).parent
STREAMS: Final = [family for family in FAMILIES if family.kept_bytes_max]
EXAMPLES_FEW: Final = 200
EXAMPLES_MANY: Final = 20_000
LAYOUT_STEPS_MAX: Final = 48
"""Loops over a codec's own tables (fields, status bits): the same for one byte and for 512."""

by_name = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
by_stream = pytest.mark.parametrize("family", STREAMS, ids=lambda family: family.name)


def mutations(family: Family) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and sound frames that were cut, joined, repeated or hurt."""
    piece = st.sampled_from(family.seeds) | st.binary(max_size=24)
    return st.binary(max_size=600) | st.lists(piece, max_size=6).map(b"".join).flatmap(hurt)


@st.composite
def hurt(draw: st.DrawFn, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(draw(st.integers(0, 3))):
        if changed:
            changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    return bytes(changed[draw(st.integers(0, 4)) : len(changed) - draw(st.integers(0, 4))])


def check_items(items: Items) -> None:
    for item in items:
        if isinstance(item, OxygenFrame):
            assert item.spo2_pct is None or 1 <= item.spo2_pct <= 100
            assert item.pulse_bpm is None or 1 <= item.pulse_bpm <= 300
            assert item.perfusion_pct is None or 0 <= item.perfusion_pct <= 100
            assert item.battery_pct is None or 0 <= item.battery_pct <= 100
            assert (item.spo2_pct is None) == (item.quality is Quality.UNUSABLE)
        quality = getattr(item, "quality", None)
        if quality is not None:
            assert (getattr(item, "reason", None) is None) == (quality is Quality.GOOD)


def feed(family: Family, notifications: list[bytes]) -> tuple[bytes, list[object]]:
    kept, said = b"", list[object]()
    for raw in notifications:
        kept, items = family.step(kept, raw)
        assert len(kept) <= family.kept_bytes_max
        check_items(items)
        said.extend(items)
    return kept, said


@by_name
def test_every_codec_understands_its_own_frames(family: Family) -> None:
    for seed in family.seeds:
        _, said = feed(family, [seed])
        if seed != b"\x40\x02\x00\x00":  # a Polar block without a rate
            assert said
            assert not any(isinstance(item, Undecodable) for item in said)


@by_name
@settings(max_examples=EXAMPLES_FEW)
@given(data=st.data())
def test_no_bytes_raise(family: Family, data: st.DataObject) -> None:
    feed(family, data.draw(st.lists(mutations(family), max_size=3)))


@by_name
@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=EXAMPLES_MANY, deadline=None)
@given(pools=st.tuples(st.binary(min_size=8, max_size=40), st.binary(min_size=8, max_size=560)))
def test_no_bytes_raise_in_twenty_thousand_tries(family: Family, pools: tuple[bytes, bytes]) -> None:
    # Two draws an example, hurt by the fuzz's own rules: drawing each hurt by itself took ten times as long.
    feed(family, [make_input(family, pool, 0) for pool in pools])


@by_name
def test_what_is_refused_keeps_its_bytes(family: Family) -> None:
    too_long = bytes(LONGEST_VALUE_BYTES + 1)
    _, said = feed(family, [too_long])
    if family.name != "device-text":  # a text that is cut, never refused
        assert [item.raw for item in said if isinstance(item, Undecodable)] == [too_long]


@by_stream
@settings(max_examples=EXAMPLES_FEW)
@given(data=st.data())
def test_any_cutting_of_a_stream_gives_the_same_frames(family: Family, data: st.DataObject) -> None:
    whole = data.draw(mutations(family))[:LONGEST_VALUE_BYTES]
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    parts = [whole[begin:end] for begin, end in zip([0, *places], [*places, len(whole)], strict=True)]
    together = feed(family, [whole])
    assert feed(family, parts) == together
    assert feed(family, [bytes([byte]) for byte in whole]) == together


@by_stream
@settings(max_examples=EXAMPLES_FEW)
@given(data=st.data())
def test_no_byte_of_a_stream_is_lost_or_told_twice(family: Family, data: st.DataObject) -> None:
    whole = data.draw(st.binary(max_size=LONGEST_VALUE_BYTES))
    kept, said = feed(family, [whole])
    refused = b"".join(item.raw for item in said if isinstance(item, Undecodable))
    if all(isinstance(item, Undecodable) for item in said):
        assert refused + kept == whole


@by_stream
@given(junk=st.integers(0, 300))
def test_after_any_junk_a_stream_is_in_step_again(family: Family, junk: int) -> None:
    # 0x00 begins no frame of any device.
    seed = family.seeds[0]
    _, said = feed(family, [bytes(junk) + seed])
    _, clean = feed(family, [seed])
    assert feed(family, [bytes(junk), seed])[1] == said
    assert [item for item in said if not isinstance(item, Undecodable)] == clean
    pieces = [item.raw for item in said if isinstance(item, Undecodable)]
    assert b"".join(pieces) == bytes(junk)
    assert all(len(piece) <= JUNK_BYTES_MAX for piece in pieces)


@by_stream
def test_a_frame_with_a_wrong_byte_costs_at_most_the_next_one(family: Family) -> None:
    sound = family.seeds[0]
    broken = bytes([*sound[:-1], sound[-1] ^ 0x55])
    _, said = feed(family, [broken, sound, sound, sound])
    _, once = feed(family, [sound])
    assert [item for item in said if not isinstance(item, Undecodable)][-len(once) :] == once


# How often the first line of each loop runs, counted while a codec works.


def loop_lines(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.For | ast.While):
            yield node.body[0].lineno


LOOPS: Final = {str(path): frozenset(loop_lines(path)) for path in CODECS.glob("*.py")}


def steps_of(family: Family, kept: bytes, raw: bytes) -> Counter[tuple[str, int]]:
    steps: Counter[tuple[str, int]] = Counter()

    def trace_line(frame: FrameType, event: str, _: Any) -> Any:
        code: CodeType = frame.f_code
        if event == "line" and frame.f_lineno in LOOPS[code.co_filename]:
            steps[code.co_filename, frame.f_lineno] += 1
        return trace_line

    def trace_call(frame: FrameType, _event: str, _: Any) -> Any:
        return trace_line if frame.f_code.co_filename in LOOPS else None

    before = sys.gettrace()
    sys.settrace(trace_call)
    try:
        family.step(kept, raw)
    finally:
        sys.settrace(before)
    return steps


def hostile(family: Family, length: int) -> Iterator[bytes]:
    """Bytes that would make a careless codec look again and again: beginnings without ends, one kind of byte."""
    heads = [seed[:cut] for seed in family.seeds for cut in (1, 2, 3, 4, 7, 8) if seed[:cut]]
    liars = [b"\xaa\x55\x0f\x20", b"\x55\x00\xff\x00\x00\xf0\x00", b"\xeb\x01", b"\x40\x00", b"\x81\x00\x00\x00"]
    for piece in (*heads, *liars, *family.seeds, *(bytes([value]) for value in (0x00, 0x40, 0x55, 0x7F, 0x80, 0xFF))):
        yield (piece * length)[:length]


def test_the_count_of_steps_sees_the_loops() -> None:
    assert any(LOOPS.values())
    [ring] = [family for family in FAMILIES if family.name == "o2ring"]
    assert max(steps_of(ring, b"", ring.seeds[0]).values()) == len(ring.seeds[0])  # its checksum, once a byte


@by_name
@pytest.mark.parametrize("length", [16, 128, LONGEST_VALUE_BYTES])
def test_no_codec_loops_more_than_once_per_byte(family: Family, length: int) -> None:
    for raw in hostile(family, length):
        for line, count in steps_of(family, b"", raw).items():
            assert count <= length + LAYOUT_STEPS_MAX, (family.name, line, raw[:16].hex())


@by_stream
@settings(max_examples=EXAMPLES_FEW, deadline=None)
@given(data=st.data())
def test_a_stream_loops_no_more_than_its_bytes_whatever_they_are(family: Family, data: st.DataObject) -> None:
    kept = b""
    for raw in data.draw(st.lists(mutations(family), max_size=3)):
        steps = steps_of(family, kept, raw)
        assert max(steps.values(), default=0) <= len(kept) + len(raw) + LAYOUT_STEPS_MAX
        kept, _ = family.step(kept, raw)
