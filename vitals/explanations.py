"""Why an alarm is there, in words: value, limit, which limit and why, how long, and how far the value may be trusted.

The wall, the record and a report say the same, because they all ask here.
"""

from typing import Final

from vitals.alarms import AlarmState, Family, RuleId, alarm_text
from vitals.participants import LimitReason
from vitals.passport import Agreement, Doubt, Freshness, Passport
from vitals.readings import Averaging, Quality, Reason, Source
from vitals.units import Unit

_LIMITS: Final = {
    LimitReason.PRESCRIBED: "prescribed",
    LimitReason.ZONE_TOP: "top of the prescribed zone",
    LimitReason.ISCHAEMIC_MINUS_10: "10 below the ischaemic threshold",
    LimitReason.DEVICE_RATE_MINUS_10: "10 below the device's detection rate",
    LimitReason.DEVICE_RATE_MINUS_MARGIN: "the clinic's margin below the device's detection rate",
    LimitReason.REST_PLUS_20: "20 above rest, no exercise test",
    LimitReason.REST_PLUS_30: "30 above rest after surgery, no exercise test",
    LimitReason.REST_MINUS_20: "20 below rest",
    LimitReason.UPPER_PLUS_10: "10 above the upper limit",
    LimitReason.ZONE_BOTTOM: "bottom of the prescribed zone",
    LimitReason.BASELINE_MINUS_4: "4 below rest",
    LimitReason.RULE_SET: "the same for everybody",
    LimitReason.OVERRIDDEN: "set for this session",
    LimitReason.DEFAULT: "default, not prescribed",
}

_UNITS: Final = {Unit.BPM: " bpm", Unit.PERCENT: " %"}

_WHY: Final = {
    RuleId.HR_DROP: (
        "the heart rate fell fast during exercise and below its level of before, not only back from a peak; "
        "beats or contact prove it"
    ),
    RuleId.HR_NOT_RISING: "work has risen and the heart rate has not followed",
    RuleId.HR_NOT_RECOVERING: "two minutes into recovery the heart rate has hardly come down",
    RuleId.NO_DATA: "nothing was heard of the sensor",
    RuleId.CONTACT: "the sensor says, or its beats show, that it is not on the body",
    RuleId.QUESTIONABLE: "the sensor tells, but nothing that a rule may judge: nobody watches this value",
    RuleId.DISAGREE: "the two differ for longer than a delay explains; in atrial fibrillation that is real",
    RuleId.GHOST: "the same value again and again, no beats, no contact: nobody seems to wear it",
    RuleId.SWAPPED: "it follows somebody else's oximeter better than this person's own",
    RuleId.BATTERY_LOW: "change it before the next class",
    RuleId.OUT_OF_SLOTS: "every radio in reach is full; these sensors are not heard",
    RuleId.CLOCK: "times in the record may be off; no alarm depends on it",
    RuleId.GATEWAY_LOST: "none of its sensors is heard",
    RuleId.STORE_LOST: "the gateways keep what was not stored and send it later",
    RuleId.DASHBOARD_LOST: "screens show nothing new",
    RuleId.ALERTS_LOST: "nobody is called by phone",
}

_REASONS: Final = {
    Reason.NO_VALUE: "no value",
    Reason.OFF_SKIN: "off the skin",
    Reason.OUT_OF_RANGE: "out of range",
    Reason.SENSOR_SEARCHING: "sensor is searching",
    Reason.POOR_SIGNAL: "poor signal",
    Reason.LOW_PERFUSION: "weak pulse",
    Reason.NO_PULSE: "no pulse found",
    Reason.INTERFERENCE: "interference",
    Reason.EARLY_ESTIMATE: "early estimate",
    Reason.SENSOR_DISPLACED: "sensor has slipped",
    Reason.SENSOR_FAULT: "sensor is faulty",
    Reason.NOT_LIVE: "not live data",
    Reason.ODD_BYTES: "odd data",
    Reason.UNDECODABLE: "unreadable data",
    Reason.STALE: "late",
    Reason.LOST: "lost",
    Reason.GATEWAY_LOST: "gateway lost",
    Reason.BROKER_LOST: "broker lost",
    Reason.NEVER_HEARD: "never heard",
}

_DOUBTS: Final = {
    Doubt.HELD_BACK: "newest value jumped and is held back",
    Doubt.OUTSIDE: "outside the usual range",
    Doubt.BELOW_70: "below 70 no accuracy is stated",
    Doubt.POOR_CONTACT: "poor contact",
    Doubt.DRY_STRAP: "strap may be dry",
    Doubt.ARTEFACTS: "many odd beats",
    Doubt.RR_SUM: "beats do not add up",
    Doubt.GHOST: "nobody seems to wear it",
    Doubt.DISAGREE: "strap and oximeter disagree",
    Doubt.SWAPPED: "may be somebody else's sensor",
}

_SOURCES: Final = {Source.NOTIFIED: "", Source.POLLED: "asked for", Source.BROADCAST: "from advertisements"}

_AVERAGINGS: Final = {
    Averaging.NORMAL: "normal averaging",
    Averaging.FAST: "fast averaging",
    Averaging.SLOW: "slow averaging",
    Averaging.SPOT: "spot measurement",
}


def explain(alarm: AlarmState) -> str:
    """Return one line, as ``HR 134 > 120 bpm for 12 s. Limit 120: prescribed. Signal: good, 0 s old.``.

    The time is from the first value of the breach to the onset; how long it has lasted since is for a screen to count.
    """
    parts = [_what(alarm)]
    if alarm.limit is not None and alarm.limit_reason is not None:
        parts.append(f"Limit {_number(alarm.limit)}: {_LIMITS[alarm.limit_reason]}")
    why = _WHY.get(alarm.rule)
    if why is not None:
        parts.append(why[0].upper() + why[1:])
    if alarm.passport is not None:
        parts.append(f"Signal: {quality_text(alarm.passport)}")
    if alarm.source_lost:
        parts.append("No value since: last known")
    return ". ".join(parts) + "."


def quality_text(passport: Passport) -> str:
    """Return how far a value may be trusted, in a few words."""
    words = ["good" if passport.quality is Quality.GOOD else passport.quality.value]
    if passport.reason is not None:
        words.append(_REASONS[passport.reason])
    words += [_DOUBTS[doubt] for doubt in passport.doubts if doubt is not Doubt.DISAGREE]
    match passport.agreement:
        case Agreement.AGREE:
            words.append("strap and oximeter agree")
        case Agreement.DISAGREE:
            words.append(_DOUBTS[Doubt.DISAGREE])
        case Agreement.UNKNOWN:
            pass
    if passport.averaging is not None:
        words.append(_AVERAGINGS[passport.averaging])
    if _SOURCES[passport.source]:
        words.append(_SOURCES[passport.source])
    if passport.age_ms is not None and passport.freshness is not Freshness.LOST:
        words.append(f"{passport.age_ms / 1000:.0f} s old")
    if passport.device:
        words.append(passport.device)
    return ", ".join(words)


def _what(alarm: AlarmState) -> str:
    """Return the alarm's text with its unit, and how long the breach lasted until the onset."""
    text = alarm_text(alarm)
    if alarm.family is Family.PHYSIOLOGICAL and alarm.unit is not None:
        text += _UNITS.get(alarm.unit, "")
    seconds = (alarm.onset_mono_ms - alarm.breach_mono_ms) / 1000
    return f"{text} for {seconds:.0f} s" if seconds >= 1 else text


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
