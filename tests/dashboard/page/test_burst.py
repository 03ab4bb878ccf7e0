"""The alarm sounds as a real browser computes them: pulses, gaps, harmonics, loudness; all causes distinct.

The figures are those of the tables that the sounds are inspired by (IEC 60601-1-8, tables 3 and 4); no conformity is
claimed.
"""

import base64
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import pytest

from tests.dashboard.page.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

RATE_HZ: Final = 22_050
LEAD_S: Final = 0.1
RENDER: Final = """(async () => {
  const burst = (await import('/static/sound/burst.js')).burstOf(a[0], a[1]);
  const length = Math.ceil((burst.lengthS + 0.4) * a[2]);
  const context = new OfflineAudioContext(1, length, a[2]);
  const stop = m.playBurst(context, burst, a[3]);
  if (a[4] !== null) context.suspend(a[4]).then(() => { stop(); return context.resume(); });
  const samples = (await context.startRendering()).getChannelData(0);
  const bytes = new Uint8Array(samples.buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
})()"""

Samples = np.ndarray[tuple[int], np.dtype[np.float32]]
VOICES: Final = ("cardiac", "oxygenation", "technical")


async def render(screen: Screen, voice: str, level: str, *, stop_s: float | None = None) -> Samples:
    if screen.page.url == "about:blank":
        screen.peer.refuses = True
        await screen.page.goto(screen.peer.url)
    coded = await screen.call("sound/synthesis.js", f"await {RENDER}", voice, level, RATE_HZ, LEAD_S, stop_s)
    return np.frombuffer(base64.b64decode(coded), dtype=np.float32)


def pulses(samples: Samples) -> list[tuple[float, float]]:
    """Return start and end of each pulse in s: where the envelope of 5 ms passes a tenth of the loudest."""
    width = RATE_HZ // 200
    envelope = np.abs(samples[: len(samples) // width * width]).reshape(-1, width).max(axis=1)
    loud = np.concatenate(([False], envelope > 0.1 * envelope.max(), [False]))
    edges = np.flatnonzero(np.diff(loud.astype(np.int8))) * width / RATE_HZ
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def spectrum(samples: Samples, pulse: tuple[float, float]) -> tuple[float, dict[int, float]]:
    """Return the fundamental in Hz and the level of each harmonic in dB beside it."""
    start, end = (round(edge * RATE_HZ) for edge in pulse)
    piece = samples[start:end] * np.hanning(end - start)
    size = 1 << 16
    strength = np.abs(np.fft.rfft(piece, size))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    low = (hz > 150) & (hz < 600)
    first = float(hz[low][np.argmax(strength[low])])

    def level(harmonic: int) -> float:
        near = np.abs(hz - harmonic * first) < 12
        return float(strength[near].max())

    return first, {n: 20 * float(np.log10(level(n) / level(1))) for n in range(1, 9) if n * first < 4_000}


def gaps_ms(found: list[tuple[float, float]]) -> list[float]:
    return [(start - end) * 1000 for (_, end), (start, _) in pairwise(found)]


@pytest.mark.parametrize("voice", VOICES)
async def test_a_high_priority_is_five_pulses_and_the_same_five_again(screen: Screen, voice: str) -> None:
    samples = await render(screen, voice, "high")
    found = pulses(samples)
    assert len(found) == 10
    assert all(75 <= (end - start) * 1000 <= 200 for start, end in found)
    gaps = gaps_ms(found)
    for index in (0, 1, 3, 5, 6, 8):
        assert 50 <= gaps[index] <= 125
    length = (found[0][1] - found[0][0]) * 1000
    for index in (2, 7):
        assert gaps[index] == pytest.approx(2 * gaps[0] + length, abs=25)
    assert 350 <= gaps[4] <= 1_300
    tones = [spectrum(samples, pulse)[0] for pulse in found]
    assert tones[:5] == pytest.approx(tones[5:], abs=3)


@pytest.mark.parametrize("voice", VOICES)
async def test_a_medium_priority_is_three_longer_pulses(screen: Screen, voice: str) -> None:
    found = pulses(await render(screen, voice, "medium"))
    assert len(found) == 3
    assert all(125 <= (end - start) * 1000 <= 250 for start, end in found)
    assert all(125 <= gap <= 250 for gap in gaps_ms(found))


async def test_the_test_sound_is_no_alarm(screen: Screen) -> None:
    assert len(pulses(await render(screen, "technical", "test"))) == 2


@pytest.mark.parametrize("voice", VOICES)
async def test_each_tone_has_four_harmonics_within_15_db_between_300_and_4000_hz(screen: Screen, voice: str) -> None:
    samples = await render(screen, voice, "high")
    for pulse in pulses(samples):
        first, levels = spectrum(samples, pulse)
        assert 150 <= first <= 1_000
        near = [n for n, level in levels.items() if 300 <= n * first <= 4_000 and abs(level) <= 15]
        assert len(near) >= 4


@pytest.mark.parametrize("level", ["high", "medium"])
async def test_causes_are_told_apart_by_their_tones(screen: Screen, level: str) -> None:
    melodies = {}
    for voice in VOICES:
        samples = await render(screen, voice, level)
        melodies[voice] = [spectrum(samples, pulse)[0] for pulse in pulses(samples)]
    for one, two in combinations(VOICES, 2):
        differing = sum(abs(a - b) > 20 for a, b in zip(melodies[one], melodies[two], strict=True))
        assert differing >= 2, (one, two)
    assert melodies["cardiac"][0] < melodies["cardiac"][2]
    assert melodies["oxygenation"][0] > melodies["oxygenation"][2]


async def test_nothing_clips_and_priorities_lie_within_10_db_of_each_other(screen: Screen) -> None:
    loudest = {
        (voice, level): float(np.abs(await render(screen, voice, level)).max())
        for voice in VOICES
        for level in ("high", "medium", "test")
    }
    assert max(loudest.values()) < 1
    for voice in VOICES:
        assert loudest[voice, "high"] > loudest[voice, "medium"]
        assert 20 * np.log10(loudest[voice, "high"] / loudest[voice, "medium"]) <= 10


async def test_silence_before_between_and_after_the_pulses_is_silence(screen: Screen) -> None:
    samples = await render(screen, "cardiac", "high")
    quiet = np.ones(len(samples), dtype=bool)
    for start, end in pulses(samples):
        quiet[round((start - 0.02) * RATE_HZ) : round((end + 0.02) * RATE_HZ)] = False
    assert quiet[: round(0.07 * RATE_HZ)].all()
    assert np.abs(samples[quiet]).max() < 1e-4


async def test_a_burst_that_is_stopped_is_silent_at_once_and_without_a_click(screen: Screen) -> None:
    stop_s = LEAD_S + 0.07
    samples = await render(screen, "technical", "high", stop_s=stop_s)
    assert np.abs(samples[round((stop_s + 0.03) * RATE_HZ) :]).max() < 1e-4
    steps = np.abs(np.diff(samples))
    around = steps[round((stop_s - 0.002) * RATE_HZ) : round((stop_s + 0.03) * RATE_HZ)]
    assert around.max() <= 1.2 * steps[: round(stop_s * RATE_HZ)].max()
