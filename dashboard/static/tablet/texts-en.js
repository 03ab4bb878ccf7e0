/**
 * The words of the tablet page in English.
 */

export { symptoms } from "../symptom-words-en.js";

/** @type {Readonly<Record<string, string>>} the ways to a person */
export const ways = { web_push: "phone", ntfy: "ntfy", apprise: "message", page: "open page" };

/** What an alarm was found to be. @type {Readonly<Record<string, string>>} */
export const outcomes = { real: "Real", artefact: "Artefact", expected: "Expected" };

/** @type {Readonly<Record<string, string>>} */
export const limitNames = {
  HR_OVER: "HR above",
  HR_CRIT: "HR critical above",
  HR_LOW: "HR below",
  SPO2_LOW: "SpO2 below",
  SPO2_CRIT: "SpO2 critical below",
};

/** @type {Readonly<Record<string, string>>} */
export const entryWords = {
  rpe: "Borg",
  session_rpe: "Whole class",
  dyspnoea: "Breathlessness",
  blood_pressure: "Blood pressure",
  oxygen_flow: "Oxygen",
  symptom: "Symptom",
  symptoms_asked: "Asked for symptoms: none",
  note: "Note",
  weight: "Weight",
  alarm_judged: "Alarm was",
  pre_checked: "Check before exercise",
  joined: "Has come",
  released: "Released",
  emergency: "Emergency",
  artefact: "Marked as artefact",
  six_minute_walk: "6-minute walk",
  signed: "Signed",
};

export const texts = {
  mine: "Mine",
  all: "All",
  noneMine: "Nobody is yours in this class. Duty is set at the desk.",
  noClass: "No class yet.",
  noClassHow: "Plan one at the desk, and start it there.",
  nobodyHere: "Everybody has left. The class goes on until somebody ends it.",
  choose: "Choose a person on the left.",
  gone: "This person is not in the class any more.",
  back: "All people",
  hr: "Heart rate",
  spo2: "SpO2",
  bpm: "bpm",
  percent: "%",
  /** @param {string} age */
  old: (age) => `${age} old`,
  /** @param {string} age */
  lastHeard: (age) => `last heard ${age} ago`,
  /** @param {number} pct */
  battery: (pct) => `battery ${pct} %`,
  /** @param {number} pct */
  oddBeats: (pct) => `${pct} % odd beats`,
  unknownMake: "make not told",
  averaging: "averaging",
  averagingNormal: "normal",
  averagingFast: "fast",
  averagingSlow: "slow",
  averagingSpot: "spot check",
  good: "good",
  /** @param {number} pct */
  reserve: (pct) => `${pct} % of reserve`,
  /** @param {number} low @param {number} high */
  zone: (low, high) => `target ${low} to ${high} bpm`,
  phase: "Phase",
  asClass: "as the class",
  /** @param {string} phase */
  seems: (phase) => `heart and work look like ${phase}`,
  /** @param {number} seat */
  notCleared: (seat) => `Seat ${seat} is not cleared: the check before exercise is open, did not pass, or a stop sign came after it. Somebody must say why the exercise begins all the same.`,
  beginAnyway: "Begin all the same",
  reasonDoctorSaw: "Seen by the doctor",
  reasonCheckedOnPaper: "Checked on paper",

  why: "Why",
  acknowledge: "Acknowledge",
  whatWasIt: "What was it?",
  callNobody: "Call nobody",
  callNobodyTitle: "Call nobody for this",
  callNobodyHow: "Phones stay quiet for this alarm of this person. Screens go on showing it.",
  callAgain: "Call again",
  minutes: "Minutes",
  reason: "Why",
  earlier: "Earlier alarms",

  limits: "Limits",
  change: "Change",
  noLimit: "no limit",
  /** @param {string} who @param {string} time @param {string} why */
  setBy: (who, time, why) => `set by ${who} ${time}: ${why}`,
  newValue: "New value",
  prescribed: "Back to prescribed",
  save: "Save",
  cancel: "Cancel",
  reasonAgreed: "Agreed with the doctor",
  reasonMedication: "Medication changed",
  reasonToday: "Only for today's exercise",
  reasonTooClose: "Too close to usual values",
  reasonSensor: "Sensor trouble",
  reasonWithPerson: "I am with the person",
  saved: "Saved",
  notSaved: "Not saved:",

  chart: "Trend",
  tenMinutes: "10 min",
  thirtyMinutes: "30 min",
  wholeClass: "Whole class",
  work: "Work",
  watts: "W",
  kmh: "km/h",
  beats: "Odd beats, %",
  rail: "Alarms and notes",
  chartMissing: "The record cannot be read: only what comes now is drawn.",
  /** @param {string} name */
  chartOf: (name) => `Trend of ${name}`,

  /** @param {string} who */
  called: (who) => `Called: ${who}`,
  shown: "- on the phone",
  opened: "- opened",
  /** @param {string} time @param {string} who */
  calledAt: (time, who) => `Called ${time}: ${who}`,
  calledNobody: "No call reached anybody",
  /** @param {string} who @param {string} time */
  acceptedBy: (who, time) => `${who} accepted ${time}`,
  /** @param {string} who */
  couldNot: (who) => `couldn't come: ${who}`,

  enter: "Enter",
  rpe: "Borg 6-20",
  dyspnoea: "Breathlessness 0-10",
  pressure: "Blood pressure",
  systolic: "upper",
  diastolic: "lower",
  oxygen: "Oxygen, L/min",
  symptomTitle: "Symptoms",
  note: "Note",
  write: "Write",
  entered: "Entered",
  nothingEntered: "Nothing yet.",
  harder: "Felt harder than the heart rate shows. Have a look.",
  easier: "Felt easier than the heart rate shows.",
  /** @param {number} product */
  ratePressure: (product) => `Rate-pressure product ${product} (heart rate x upper pressure)`,
  /** @param {number} load */
  sessionLoad: (load) => `Load of the session ${load} (exertion x minutes)`,
};
