/**
 * All words of the class page in English; a test holds the German ones equal.
 */

export { symptoms } from "../symptom-words-en.js";

/** What is asked before exercise. @type {Readonly<Record<string, string>>} */
export const items = {
  blood_pressure: "Blood pressure",
  heart_rate: "Heart rate",
  spo2: "SpO2",
  weight: "Weight",
  symptoms: "Symptoms",
  medication: "Medication",
  oxygen: "Oxygen",
};

/** What is done at once at a stop sign. @type {Readonly<Record<string, string>>} */
export const stopHow = {
  angina: "Stop now. Sit down, stay with the person. Blood pressure, SpO2, ECG if there is one. Call the doctor.",
  dizziness: "Stop now. Sit or lie down, legs up. Blood pressure. Stay with the person.",
  near_syncope: "Stop now. Lie down, legs up. Blood pressure, SpO2. Call the doctor.",
  ataxia: "Stop now. Hold the person, sit down. Blood pressure, speech, arms. Call the doctor.",
  pallor: "Stop now. Sit or lie down. Blood pressure, SpO2. Stay with the person.",
  cyanosis: "Stop now. Sit upright. SpO2, oxygen as prescribed. Call the doctor.",
  arrhythmia: "Stop now. Sit down. Feel the pulse, blood pressure, ECG if there is one. Call the doctor.",
  asks_to_stop: "Stop now. Sit down, ask why. Blood pressure.",
};

/** @type {Readonly<Record<string, string>>} */
export const clearances = {
  not_cleared: "Not cleared",
  cleared: "Cleared",
  let_be: "Let be",
  stopped: "Stopped",
};

/** @type {Readonly<Record<string, string>>} */
export const dues = {
  rpe: "Exertion (6-20)",
  dyspnoea: "Breathlessness (0-10)",
  blood_pressure: "Blood pressure",
  session_rpe: "Whole class (0-10)",
};

/** @type {Readonly<Record<string, string>>} */
export const recoveries = {
  heart: "Heart recovery",
  blood_pressure: "Blood pressure",
  symptoms: "Symptoms",
  alarm: "Alarm",
};

/** @type {Readonly<Record<string, string>>} */
export const kinds = { strap: "Strap", oximeter: "Oximeter", machine: "Machine" };

export const texts = {
  title: "Class",
  noClass: "No class yet.",
  noClassHow: "Begin one at the desk, or practise with the sensors that are free.",
  toDesk: "To the desk",
  practise: "Begin practice",
  practiceNow: "Practice - not a class",
  recordAway: "The record cannot be read: what was entered before is not shown, and counts as missing.",

  rollCall: "Roll-call",
  inClass: "In class",
  recovery: "Recovery",
  ending: "End",
  /** @param {number} count */
  notClearedCount: (count) => (count === 1 ? "1 is not cleared" : `${count} are not cleared`),
  /** @param {string} seats */
  exercisesUncleared: (seats) => `Exercises and is not cleared: seat ${seats}. Make the check now; what stays open there is let be with a reason.`,
  /** @param {string} seats */
  notClearedWho: (seats) => `not cleared: seat ${seats}`,
  /** @param {string} what */
  openStill: (what) => `Still open: ${what}`,
  sayWhy: "Somebody must say why it ends all the same.",
  beginAnyway: "Begin all the same",

  here: "Is here",
  expected: "not here yet",
  left: "has left",
  tapped: "just touched",
  signal: "Signal",
  /** @param {number} seat */
  seat: (seat) => `Seat ${seat}`,
  sensor: "Sensor",
  noSensor: "no sensor",
  changeSensor: "Change sensor",
  tapHow: "Touch or wet the strap: it comes to the top. Or hold it to the gateway.",
  noSpare: "No free sensor is in range.",
  takeOff: "Takes it off",
  strap: "Strap",
  oximeter: "Oximeter",
  /** @param {number} dbm */
  strength: (dbm) => `${dbm} dBm`,
  mixedUp: "Mixed up with",
  mixedSince: "since",
  sinceNow: "now",
  sinceStart: "the start",
  /** @param {number} minutes */
  sinceMinutes: (minutes) => `${minutes} min ago`,
  putRight: "Put right",
  lateArrival: "Late arrival",
  lateWho: "Who",
  lateNew: "somebody new",
  lateAlias: "Name on the screens",
  lateAdd: "Add to the class",

  preCheck: "Pre-check",
  checkAgain: "Check again",
  ok: "ok",
  problem: "does not pass",
  missing: "open",
  notNeeded: "not needed",
  /** @param {string} limit */
  limit: (limit) => `limit ${limit}`,
  noneAsked: "None",
  taken: "Taken",
  notTaken: "Not taken",
  kilograms: "kg",
  litres: "l/min",
  systolic: "Systolic",
  diastolic: "Diastolic",
  clear: "Clear",
  clearAnyway: "Clear all the same",
  why: "Why",
  /** @param {string} by @param {string} time */
  checkedBy: (by, time) => `${by} ${time}`,

  due: "Due",
  dueNothing: "Nothing is due.",
  /** @param {string} duration */
  dueIn: (duration) => `in ${duration}`,
  dueNow: "due",
  /** @param {string} duration */
  overdue: (duration) => `${duration} late`,
  enter: "Enter",
  keep: "Keep",
  note: "Note",
  noteText: "What was seen or said",
  stopSigns: "Stop signs",
  otherSymptoms: "Symptoms",
  toRecovery: "To recovery",
  stopNow: "STOP",

  recoveryNobody: "Nobody has exercised yet.",
  stillExercising: "still in exercise",
  /** @param {number} bpm */
  oneMinute: (bpm) => `1 min: -${bpm} bpm`,
  /** @param {number} bpm */
  twoMinutes: (bpm) => `2 min: -${bpm} bpm`,
  waitsForHeart: "measures for a minute",
  noSymptoms: "No symptoms",
  release: "Release",
  releaseAnyway: "Release all the same",
  goes: "Leaves early",

  wearing: "Who wore what",
  wearingLoading: "Asks who wore what",
  wearingHow: "Readings stay as they were heard; whose they are follows from this list.",
  wearingWaits: "Put right here. The record takes it over; until then reports show it as it was.",
  wornStill: "still",
  wornFrom: "from",
  wornTo: "to",
  wasOther: "Was somebody else's",
  wasOn: "Was on",
  wasNobody: "nobody",
  exchange: "Two people had each other's sensor",
  exchangeOne: "Who",
  exchangeOther: "and who",
  corrected: "Corrections",
  correctedNone: "Nothing was corrected.",
  toTheEnd: "the end",
  /** @param {string} sensor @param {string} who @param {string} from @param {string} to */
  changeSaid: (sensor, who, from, to) => `${sensor} was on ${who} from ${from} to ${to}`,

  nextClass: "Next class right after",
  nextPlan: "Class",
  nextNone: "No class is planned. Plan one at the desk, or end this one.",
  /** @param {string} name @param {number} people */
  nextWhat: (name, people) => (people === 1 ? `${name}: 1 person` : `${name}: ${people} people`),
  nextStays: "These sensors stay connected.",
  nextStaysNone: "No sensor of this class is in the next one.",
  /** @param {number} count */
  nextFreed: (count) => (count === 1 ? "1 sensor is freed." : `${count} sensors are freed.`),
  sameHands: "stays on",
  otherHands: "goes to",
  beginNext: "End this class and begin the next",
  beginNextAnyway: "End and begin all the same",

  practiceHow: "Staff play the people, nobody's record is touched, the wall sounds. No phone is called about them.",
  checkSource: "Limits of the check: default, not prescribed; confirm with your clinician. Blood pressure and heart rate at rest: published no-start lists, which differ (diastolic 100 to 110, heart rate 100 to 120). SpO2: the least that ACSM and AACVPR aim at; many programmes take 90. Weight: general advice in heart failure.",
  checkOfSite: "Limits of the check: set by this site.",

  endNothingOpen: "Nothing is open.",
  stillOpen: "Still open",
  notReleased: "not released",
  endOverdue: "overdue",
  endClass: "End the class",
  endAnyway: "End all the same",
  ended: "The class has ended.",
  phaseOf: "Phase",
  done: "Saved",
  close: "Close",
};
