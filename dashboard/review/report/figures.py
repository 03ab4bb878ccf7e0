"""The figures of one person's report: heart, zone, saturation, work, beats and load, a small table each."""

from collections.abc import Iterator

from analysis.summary.exertion import HeartFigures, LoadFigures, Recovery, SaturationFigures, WorkFigures
from analysis.summary.summary import SessionSummary
from analysis.summary.variability import BeatFigures
from dashboard.review.report.markup import Markup, tag
from dashboard.review.report.words import Words


def render_figures(summary: SessionSummary, words: Words) -> Markup:
    """Return the figures, in groups."""
    heart = summary.heart
    last = heart.recoveries[-1] if heart.recoveries else None
    groups = [_heart(heart, words), _zone(heart, last, words)]
    if summary.saturation is not None:
        groups.append(_saturation(summary.saturation, words))
    if summary.work is not None:
        groups.append(_work(summary.work, words))
    if summary.beats is not None:
        groups.append(_group(words.beats, *_beat_lines(summary.beats, words)))
    groups.append(_load(summary.load, words))
    note = tag("p", words.recovery_note, class_="note") if last is not None else None
    return tag("section", tag("h2", words.figures), tag("div", groups, class_="groups"), note)


def _heart(heart: HeartFigures, words: Words) -> Markup:
    number = words.number
    return _group(
        words.heart,
        (words.rest, number(heart.rest_bpm, 0, "bpm")),
        (words.prescribed_rest, number(heart.prescribed_rest_bpm, 0, "bpm")),
        (words.mean, number(heart.mean_bpm, 0, "bpm")),
        (words.peak, number(heart.peak_bpm, 0, "bpm")),
        (words.reserve, number(heart.peak_hrr_pct, 0, "%")),
        *([(words.peak_estimate, number(heart.prescribed_peak_bpm, 0, "bpm"))] if heart.peak_is_estimate else []),
    )


def _zone(heart: HeartFigures, last: Recovery | None, words: Words) -> Markup:
    has_zone = heart.zone_low_bpm is not None and heart.zone_high_bpm is not None
    return _group(
        f"{words.zone} {heart.zone_low_bpm}-{heart.zone_high_bpm}" if has_zone else words.zone,
        (words.in_zone, words.seconds(heart.in_s)),
        (words.above_zone, words.seconds(heart.above_s)),
        (words.below_zone, words.seconds(heart.below_s)),
        (words.above_limit, words.seconds(heart.above_limit_s)),
        (words.recovery_1, words.number(None if last is None else last.after_1_min_bpm, 0, "bpm")),
        (words.recovery_2, words.number(None if last is None else last.after_2_min_bpm, 0, "bpm")),
    )


def _saturation(oxygen: SaturationFigures, words: Words) -> Markup:
    number = words.number
    return _group(
        words.saturation,
        (words.rest, number(oxygen.rest_pct, 0, "%")),
        (words.mean, number(oxygen.mean_pct, 1, "%")),
        (words.nadir, number(oxygen.nadir_pct, 0, "%")),
        (f"{words.below_limit} {number(oxygen.limit_pct)}", words.seconds(oxygen.below_limit_s)),
    )


def _work(work: WorkFigures, words: Words) -> Markup:
    number = words.number
    return _group(
        words.work,
        (words.met_mean, number(work.met_mean, 1)),
        (words.met_peak, number(work.met_peak, 1)),
        (words.power, f"{number(work.power_mean_w)} / {number(work.power_peak_w, 0, 'W')}"),
        (words.speed, f"{number(work.speed_mean_kmh, 1)} / {number(work.speed_peak_kmh, 1, 'km/h')}"),
        (words.energy, number(work.energy_kcal, 0, "kcal")),
        *([] if work.drift_pct is None else [(words.drift, number(work.drift_pct, 1, "%"))]),
    )


def _beat_lines(beats: BeatFigures, words: Words) -> Iterator[tuple[str, str]]:
    if beats.usable:
        yield words.rmssd_rest, words.number(beats.rmssd_rest_ms, 0, "ms")
        yield words.rmssd, words.number(beats.rmssd_ms, 0, "ms")
    else:
        yield words.rmssd, words.few_beats
    yield words.artefacts, words.number(beats.artefact_pct, 1, "%")
    yield words.usable_windows, f"{beats.usable} / {beats.windows}"


def _load(load: LoadFigures, words: Words) -> Markup:
    return _group(
        words.load,
        (words.banister, words.number(load.banister, 1)),
        (words.edwards, words.number(load.edwards, 1)),
        (words.session_rpe, words.number(load.session_rpe, 0)),
    )


def _group(title: str, *lines: tuple[str, str]) -> Markup:
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in lines]
    return tag("table", tag("caption", title), rows, class_="group")
