"""What the page of the alarm report says beside its tables."""

from typing import Final

HEAD: Final = """\
# Alarm report

What the alarm rules catch, how late, and how often they cry wolf. Made by `make alarm-report`; nobody edits this page.
Not a medical device: these are figures for engineers, and a clinician must agree with the limits.

- Parts 1 and 2 are **synthetic**: people and sensors made by a program whose numbers are frozen (hash `{frozen}`).
  Anybody can make them again from this repository alone.
- Part 3 is **real**: recordings of people. The hypoxia recordings and twelve of GUDB are in this repository
  (`tests/data/recordings`); the others come from the public sources that the tables name, with
  `make alarm-report RECORDINGS=FOLDER`. This page was made from {folder}.

The trial's parameters and its 20 seeds were committed before any rule was run on them, and none of its numbers was
fitted to anything (`docs/decisions/0040-the-trial-is-frozen.md`). Bounds are 95 %: Clopper-Pearson for a share, Garwood
for a rate. They take events as independent; the last column shows how far the seeds differ. The figures are not blind:
two gates were developed afterwards on six of the seeds and looked at on eight more
(`docs/decisions/0027-what-no-heart-does-waits.md`), and the level of HR_DROP was chosen with all of them and part 3 in
sight (0094).
Rule set `{rules}`, hash `{hash}`.
"""

READ: Final = """\
An event is found when an alarm of the family stands at any second from its beginning until 15 s after its end. A
non-event alarm stands in no event's time so prolonged. Every alarm that a rule raised counts, also one that was not
told because a more urgent one was: `SPO2_LOW` and `SPO2_CRIT` on one dip are two. Delays count from the event's
beginning, in s, median / 95th percentile; they hold the averaging of the sensor and the ConditionDelay of the rule. The
ConditionDelay alone, from the first breach to the condition, has a table of its own.

Events: `spo2_under_88` and `spo2_under_85` for 20 s or more, `spo2_under_baseline` by 4 points for 40 s,
`hr_over_limit` for 20 s, `hr_far_over_limit` by 10 bpm for 10 s, `hr_under_limit` for 20 s, `hr_collapse`: a made fall
of 30 to 50 bpm within 8 to 15 s. A heart rate that falls as fast at the end of a hard effort is no `hr_collapse` and
counts against HR_DROP, although it truly fell.
"""

QUIET: Final = """\
Nothing happens to anybody, and the sensors are exactly as bad as in the trial. Counted is what people are told of. High
and medium are audible; low and info are to be seen.
"""

RECORDINGS: Final = """\
Nobody labelled these, so there is no sensitivity here.
"""

HYPOXIA: Final = """\
### Four oximeters on one person who breathes thin air

Seconds from the start of the recording; limits 88 and 85 %. One desaturation a person: one alarm of each rule is right.
In brackets the first onset.
"""

SPREAD: Final = """\
So far apart are the onsets of SPO2_LOW between devices on the same person: no rule can be better than its sensor.
"""

STRAPS: Final = """\
### Straps and watches while people exercise

The limit is the 90th percentile of the own rate, so that everybody is over it for a tenth of the time.
`unsupported`: an HR alarm that the median rate around its hold, or the beats where there are any, do not bear out:
from a spike, junk RR or a lost contact. `planted`: alarms that came / that went or moved by more than 15 s when a spike
of 250 bpm each minute and bursts of junk RR were planted into the recording (that part is not real).
"""

ATRIAL: Final = """\
### Atrial fibrillation (MIT-BIH AFDB, 90 min each)

At rest, with the 98th percentile of the own rate as upper limit: what an irregular rhythm does to rules about rates.
HR_DROP is judged in exercise only; the last column is what it would say if the same beats came in training, and how
many of these the median rates from 25 to 10 s before and 10 s after do not bear out by 20 bpm. Half of the time the
rhythm is another one, and people at rest are no people who work: the column compares rules and predicts no class. The
level of the rule was chosen on these recordings and on the trial
(`docs/decisions/0094-a-fall-goes-below-the-level.md`).
"""

LEAD_OFF: Final = """\
### Leads that come off (CHF2DB and NSR2DB Holters, 1 h each)

The same limits. A pause of beats must lead to a technical condition and to no HR alarm.
"""
