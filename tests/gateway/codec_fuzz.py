"""Random and hurt frames by the million for one codec: plain bytes, fast enough that ten million take minutes.

Eight kinds of input in turn: random bytes of three lengths; a sound frame with a byte changed, cut, with another end,
repeated; and, for codecs with a checksum, random content under a sound one, so that the fuzz comes past it.
"""

import multiprocessing
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from gateway.codecs.oxygen import OxygenFrame
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from tests.gateway.codec_families import FAMILIES, Family
from vitals.readings import Quality

POOL_BYTES: Final = 1 << 18
POOL_MARGIN_BYTES: Final = LONGEST_VALUE_BYTES + 16
SHARD_INPUTS: Final = 500_000


class Tally(NamedTuple):
    """What came of so many inputs: things said with a value, without one, refused; and the most bytes ever kept."""

    inputs: int
    with_value: int
    without_value: int
    refused: int
    kept_bytes_max: int
    seconds: float

    def joined(self, other: "Tally") -> "Tally":
        return Tally(
            self.inputs + other.inputs,
            self.with_value + other.with_value,
            self.without_value + other.without_value,
            self.refused + other.refused,
            max(self.kept_bytes_max, other.kept_bytes_max),
            self.seconds + other.seconds,
        )


NOTHING: Final = Tally(0, 0, 0, 0, 0, 0.0)


def make_input(family: Family, pool: bytes, at: int) -> bytes:
    """Return an input made of the pool's bytes from ``at`` on; the same bytes give the same input."""
    choice, spot, value, size = pool[at], pool[at + 1], pool[at + 2], pool[at + 3]
    at += 4
    kind = choice & 7
    if kind == 0:
        return pool[at : at + (size & 31)]
    if kind == 1:
        return pool[at : at + size]
    sound = family.seeds[(choice >> 3) % len(family.seeds)]
    length = len(sound)
    place = spot % length
    match kind:
        case 2:
            return sound[:place] + pool[at : at + (size & 31)]
        case 3:
            return sound[:place] + bytes((value,)) + sound[place + 1 :]
        case 4:
            return sound[:place]
        case 5:
            return (sound + pool[at : at + (size & 7)]) * (1 + (value & 3))
        case 6 if size < 8:
            return pool[at : at + LONGEST_VALUE_BYTES + (value & 1)]
        case _:
            return family.wrap(pool[at : at + (size & 31)]) if family.wrap else sound[place:]


def fuzz(name: str, inputs: int, seed: int) -> Tally:
    """Feed a codec; raises whatever the codec raises, or an AssertionError when it says what it must not."""
    [family] = [one for one in FAMILIES if one.name == name]
    rng = random.Random(seed)
    began = time.perf_counter()
    with_value = without_value = refused = kept_bytes_max = 0
    kept, pool, at, step = b"", b"", POOL_BYTES, family.step
    for _ in range(inputs):
        if at + POOL_MARGIN_BYTES > POOL_BYTES:
            pool, at = rng.randbytes(POOL_BYTES), 0
        raw = make_input(family, pool, at)
        at += 37
        before = kept
        try:
            kept, items = step(kept, raw)
        except Exception as error:
            raise AssertionError(f"{name}: {error!r} from kept {before.hex()!r} and {raw.hex()!r}") from error
        kept_bytes_max = max(kept_bytes_max, len(kept))
        for item in items:
            if type(item) is Undecodable:
                refused += 1
            elif isinstance(item, OxygenFrame) and (item.spo2_pct is None) != (item.quality is Quality.UNUSABLE):
                raise AssertionError(f"{name}: {item} from kept {before.hex()!r} and {raw.hex()!r}")
            elif getattr(item, "quality", Quality.GOOD) is Quality.UNUSABLE:
                without_value += 1
            else:
                with_value += 1
    assert kept_bytes_max <= family.kept_bytes_max
    return Tally(inputs, with_value, without_value, refused, kept_bytes_max, time.perf_counter() - began)


def fuzz_in_processes(name: str, inputs: int, seed: int, *, processes: int | None = None) -> Tally:
    """Feed a codec from several processes at once; ``seconds`` is their work together."""
    sizes = [min(SHARD_INPUTS, inputs - begin) for begin in range(0, inputs, SHARD_INPUTS)]
    seeds = range(seed, seed + len(sizes))
    context = multiprocessing.get_context("spawn")
    tally = NOTHING
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool:
        for part in pool.map(fuzz, [name] * len(sizes), sizes, seeds):
            tally = tally.joined(part)
    return tally
