"""The rule set that is built in; `analysis/rules/default.toml` is the same text, for sites to read and to copy from."""

from typing import Final

from analysis.core.rule_file import read_rules
from analysis.core.rules import Rule, RuleSet
from vitals.alarms import RuleId

DEFAULT_TEXT: Final = """\
# The rules as they are delivered. A site copies what it wants to differ into a file of its own and names that file in
# the setting analysis.rules; what is not in it stays as it is here. Every number says where it comes from; who changes
# one writes the new source. Family, watch, op and told_by belong to the program and cannot be changed.
# [S] seen at the source, [M] from the literature's memory, "engineering choice": ours, a clinician must agree.

[rule_set]
name = "default"
version = 1
hold_back = true            # implausible jumps wait 5 s for proof before any rule sees them; they are judged then

[HR_CRIT]
family = "physiological"
watch = "hr"
op = ">"                    # at an implanted defibrillator's rate - 10: >=, from the person's own limit
priority = "high"
latch = true
hold_s = { is = 5, source = "engineering choice: half of HR_OVER" }
clear_margin = { is = 5, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[HR_OVER]
family = "physiological"
watch = "hr"
op = ">"
priority = "medium"
told_by = ["HR_CRIT"]
hold_s = { is = 10, source = "engineering choice; the limit is the lowest that applies (AACVPR, ACSM)" }
clear_margin = { is = 3, source = "engineering choice" }
clear_s = { is = 5, source = "engineering choice" }

[HR_LOW]
family = "physiological"
watch = "hr"
op = "<"
priority = "high"
latch = true                # a faint ends a fall by itself
hold_s = { is = 10, source = "engineering choice" }
clear_margin = { is = 5, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }
[HR_LOW.in.rest]            # who rests in a chair may be slow; somebody looks, nobody runs
priority = "medium"
hold_s = { is = 20, source = "engineering choice" }

[HR_DROP]
family = "physiological"
watch = "hr_fall"
op = ">="
priority = "medium"
phases = ["warm_up", "training"]
told_by = ["HR_LOW"]
limit = { is = 30, source = "engineering choice: no fall like that is physiological while somebody works" }
window_s = { is = 15, source = "engineering choice" }
hold_s = { is = 5, source = "engineering choice" }
clear_margin = { is = 15, source = "engineering choice" }
clear_s = { is = 30, source = "engineering choice: long enough to be seen" }

[HR_NOT_RISING]
family = "physiological"
watch = "hr_deficit"
op = ">"
priority = "low"
phases = ["warm_up", "training"]
limit = { is = 0, source = "a plateau or fall with rising work is a reason to stop (ACSM) [S]" }
window_s = { is = 180, source = "engineering choice: three minutes, a stage of most protocols" }
hold_s = { is = 15, source = "engineering choice" }
clear_s = { is = 15, source = "engineering choice" }

[HR_NOT_RECOVERING]
family = "physiological"
watch = "hr_recovered"
op = "<="
priority = "low"
phases = ["recovery"]
limit = { is = 12, source = "12 bpm in the first minute upright (Cole 1999) [S]; after two minutes here" }
window_s = { is = 120, source = "engineering choice: no protocol is known in a class, so it waits twice as long" }
hold_s = { is = 15, source = "engineering choice" }
clear_margin = { is = 1, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[SPO2_CRIT]
family = "physiological"
watch = "spo2"
op = "<"
priority = "high"
latch = true
hold_s = { is = 15, source = "15 s persistence cuts alarms at 85 by 94 % (Masimo, vendor data) [S]" }
deep = { is = 5, source = "below 80 at the default 85: the stop of the 6-minute walk (ERS/ATS 2014) [M]" }
deep_hold_s = { is = 8, source = "engineering choice: so deep a value is worth more false alarms" }
clear_margin = { is = 2, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[SPO2_LOW]
family = "physiological"
watch = "spo2"
op = "<"
priority = "medium"
told_by = ["SPO2_CRIT"]
hold_s = { is = 15, source = "15 s persistence cuts alarms at 88 by 85 % (Masimo, vendor data) [S]" }
clear_margin = { is = 2, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[SPO2_FALL]
family = "physiological"
watch = "spo2"
op = "<="                   # a fall of 4 points or more
priority = "low"
told_by = ["SPO2_CRIT", "SPO2_LOW"]
hold_s = { is = 30, source = "engineering choice; desaturation is a fall of 4 or more from rest [S]" }
clear_margin = { is = 1, source = "engineering choice" }
clear_s = { is = 15, source = "engineering choice" }

[ZONE_HIGH]
family = "physiological"
watch = "hr"
op = ">"
priority = "low"
phases = ["training"]
told_by = ["HR_CRIT", "HR_OVER"]
hold_s = { is = 30, source = "engineering choice" }
clear_margin = { is = 2, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[ZONE_LOW]
family = "physiological"
watch = "hr"
op = "<"
priority = "info"
phases = ["training"]
told_by = ["HR_LOW"]
hold_s = { is = 60, source = "engineering choice" }
clear_margin = { is = 2, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

[CONTACT]
family = "technical"
watch = "contact"
op = ">"
priority = "low"
told_by = ["NO_DATA", "GATEWAY_LOST"]
limit = { is = 0.5, source = "1 while the sensor says that it is off the body" }
hold_s = { is = 10, source = "engineering choice: a strap that slips for a step or two is no walk across the room" }
clear_s = { is = 3, source = "engineering choice" }

# Grey after 3 s (HR) and 5 s (SpO2) is the screens' business; an alarm waits until a person would miss the value.
# Medium while an alarm is on for the person.
[NO_DATA.strap]
family = "technical"
watch = "silence"
priority = "low"
told_by = ["GATEWAY_LOST"]
hold_s = { is = 10, source = "engineering choice" }
clear_s = { is = 3, source = "engineering choice" }

[NO_DATA.oximeter]
family = "technical"
watch = "silence"
priority = "low"
told_by = ["GATEWAY_LOST"]
hold_s = { is = 15, source = "engineering choice" }
clear_s = { is = 3, source = "engineering choice" }

[QUESTIONABLE]
family = "technical"
watch = "trust"
priority = "low"
told_by = ["NO_DATA", "CONTACT", "GHOST", "GATEWAY_LOST"]
hold_s = { is = 30, source = "engineering choice: a dry strap or a cold finger settles in that time" }
clear_s = { is = 5, source = "engineering choice" }

[DISAGREE]
family = "technical"
watch = "agreement"
op = ">"
priority = "low"
told_by = ["SWAPPED"]
limit = { is = 10, source = "medians of 15 s differ by more than 10 bpm; twice the accuracy in motion (Masimo) [S]" }
hold_s = { is = 15, source = "engineering choice" }
clear_margin = { is = 3, source = "engineering choice" }
clear_s = { is = 10, source = "engineering choice" }

# A strap that nobody wears says so after 30 s, one without beats after 180 s: that is part of the finding itself.
[GHOST]
family = "technical"
watch = "agreement"
priority = "low"
told_by = ["GATEWAY_LOST"]
hold_s = { is = 0, source = "engineering choice: the finding has lasted already" }
clear_s = { is = 5, source = "engineering choice" }

# Two people's sensors are compared over 3 to 5 min: that is part of the finding itself.
[SWAPPED]
family = "technical"
watch = "agreement"
priority = "medium"
hold_s = { is = 0, source = "engineering choice: the finding has lasted already" }

[BATTERY_LOW]
family = "technical"
watch = "battery"
op = "<="
priority = "low"
limit = { is = 10, source = "engineering choice: a strap lasts several classes more" }
hold_s = { is = 0, source = "a battery does not recover by itself" }
clear_margin = { is = 10, source = "engineering choice: a new battery, not a warmer one" }
clear_s = { is = 0, source = "engineering choice" }

[OUT_OF_SLOTS]
family = "technical"
watch = "slots"
op = ">"
priority = "medium"
told_by = ["GATEWAY_LOST"]
limit = { is = 0, source = "nobody waits" }
hold_s = { is = 20, source = "engineering choice: thirty sensors connect one after the other in about 20 s" }
clear_s = { is = 5, source = "engineering choice" }

[CLOCK]
family = "technical"
watch = "clock"
op = ">"
priority = "low"
told_by = ["GATEWAY_LOST"]
limit = { is = 2, source = "engineering choice: no rule uses wall clocks, records of two machines do" }
hold_s = { is = 10, source = "engineering choice" }
clear_margin = { is = 1, source = "engineering choice" }
clear_s = { is = 5, source = "engineering choice" }

# Screens show a loss at once; a restart of a second is not worth a walk.
[GATEWAY_LOST]
family = "technical"
watch = "life"
priority = "medium"
hold_s = { is = 5, source = "engineering choice" }

[STORE_LOST]
family = "technical"
watch = "life"
priority = "medium"
hold_s = { is = 5, source = "engineering choice" }

[DASHBOARD_LOST]
family = "technical"
watch = "life"
priority = "medium"
hold_s = { is = 5, source = "engineering choice" }

[ALERTS_LOST]
family = "technical"
watch = "life"
priority = "medium"
hold_s = { is = 5, source = "engineering choice" }
"""

DEFAULT: Final[RuleSet] = read_rules(DEFAULT_TEXT, place="the built-in rule set")

VITAL_RULES: Final[dict[RuleId, Rule]] = DEFAULT.about_people()
"""Rules about a person's values."""
