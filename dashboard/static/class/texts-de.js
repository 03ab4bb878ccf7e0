/**
 * All words of the class page in German; see texts-en.js.
 */

export { symptoms } from "../symptom-words-de.js";

/** @type {Readonly<Record<string, string>>} */
export const items = {
  blood_pressure: "Blutdruck",
  heart_rate: "Herzfrequenz",
  spo2: "SpO2",
  weight: "Gewicht",
  symptoms: "Beschwerden",
  medication: "Medikamente",
  oxygen: "Sauerstoff",
};

/** @type {Readonly<Record<string, string>>} */
export const stopHow = {
  angina: "Sofort aufhören. Hinsetzen, dabeibleiben. Blutdruck, SpO2, EKG wenn vorhanden. Arzt rufen.",
  dizziness: "Sofort aufhören. Hinsetzen oder hinlegen, Beine hoch. Blutdruck. Dabeibleiben.",
  near_syncope: "Sofort aufhören. Hinlegen, Beine hoch. Blutdruck, SpO2. Arzt rufen.",
  ataxia: "Sofort aufhören. Festhalten, hinsetzen. Blutdruck, Sprache, Arme. Arzt rufen.",
  pallor: "Sofort aufhören. Hinsetzen oder hinlegen. Blutdruck, SpO2. Dabeibleiben.",
  cyanosis: "Sofort aufhören. Aufrecht hinsetzen. SpO2, Sauerstoff wie verordnet. Arzt rufen.",
  arrhythmia: "Sofort aufhören. Hinsetzen. Puls tasten, Blutdruck, EKG wenn vorhanden. Arzt rufen.",
  asks_to_stop: "Sofort aufhören. Hinsetzen, nach dem Grund fragen. Blutdruck.",
};

/** @type {Readonly<Record<string, string>>} */
export const clearances = {
  not_cleared: "Nicht freigegeben",
  cleared: "Freigegeben",
  let_be: "Trotzdem freigegeben",
  stopped: "Gestoppt",
};

/** @type {Readonly<Record<string, string>>} */
export const dues = {
  rpe: "Anstrengung (6-20)",
  dyspnoea: "Atemnot (0-10)",
  blood_pressure: "Blutdruck",
  session_rpe: "Ganze Stunde (0-10)",
};

/** @type {Readonly<Record<string, string>>} */
export const recoveries = {
  heart: "Erholung des Pulses",
  blood_pressure: "Blutdruck",
  symptoms: "Beschwerden",
  alarm: "Alarm",
};

/** @type {Readonly<Record<string, string>>} */
export const kinds = { strap: "Gurt", oximeter: "Oximeter", machine: "Gerät" };

export const texts = {
  title: "Stunde",
  noClass: "Noch keine Stunde.",
  noClassHow: "In der Planung beginnen, oder mit den freien Sensoren üben.",
  toDesk: "Zur Planung",
  practise: "Übung beginnen",
  practiceNow: "Übung - keine Stunde",
  recordAway: "Die Aufzeichnung ist nicht lesbar: Früheres wird nicht gezeigt und gilt als offen.",

  rollCall: "Anwesenheit",
  inClass: "In der Stunde",
  recovery: "Erholung",
  ending: "Ende",
  /** @param {number} count */
  notClearedCount: (count) => (count === 1 ? "1 ist nicht freigegeben" : `${count} sind nicht freigegeben`),
  /** @param {string} seats */
  exercisesUncleared: (seats) => `Belastet sich und ist nicht freigegeben: Platz ${seats}. Jetzt kontrollieren; was dort offen bleibt, wird mit Begründung hingenommen.`,
  /** @param {string} seats */
  notClearedWho: (seats) => `nicht freigegeben: Platz ${seats}`,
  /** @param {string} what */
  openStill: (what) => `Noch offen: ${what}`,
  sayWhy: "Jemand muss sagen, warum sie trotzdem endet.",
  beginAnyway: "Trotzdem beginnen",

  here: "Ist da",
  expected: "noch nicht da",
  left: "ist gegangen",
  tapped: "gerade berührt",
  signal: "Signal",
  /** @param {number} seat */
  seat: (seat) => `Platz ${seat}`,
  sensor: "Sensor",
  noSensor: "kein Sensor",
  changeSensor: "Sensor wechseln",
  tapHow: "Gurt berühren oder anfeuchten: er kommt nach oben. Oder ans Gateway halten.",
  noSpare: "Kein freier Sensor in Reichweite.",
  takeOff: "Nimmt ihn ab",
  strap: "Gurt",
  oximeter: "Oximeter",
  /** @param {number} dbm */
  strength: (dbm) => `${dbm} dBm`,
  mixedUp: "Verwechselt mit",
  mixedSince: "seit",
  sinceNow: "jetzt",
  sinceStart: "dem Anfang",
  /** @param {number} minutes */
  sinceMinutes: (minutes) => `vor ${minutes} min`,
  putRight: "Richtigstellen",
  lateArrival: "Kommt verspätet",
  lateWho: "Wer",
  lateNew: "jemand Neues",
  lateAlias: "Name auf den Anzeigen",
  lateAdd: "In die Stunde aufnehmen",

  preCheck: "Eingangskontrolle",
  checkAgain: "Noch einmal prüfen",
  ok: "in Ordnung",
  problem: "nicht in Ordnung",
  missing: "offen",
  notNeeded: "nicht nötig",
  /** @param {string} limit */
  limit: (limit) => `Grenze ${limit}`,
  noneAsked: "Keine",
  taken: "Genommen",
  notTaken: "Nicht genommen",
  kilograms: "kg",
  litres: "l/min",
  systolic: "Systolisch",
  diastolic: "Diastolisch",
  clear: "Freigeben",
  clearAnyway: "Trotzdem freigeben",
  why: "Warum",
  /** @param {string} by @param {string} time */
  checkedBy: (by, time) => `${by} ${time}`,

  due: "Fällig",
  dueNothing: "Nichts ist fällig.",
  /** @param {string} duration */
  dueIn: (duration) => `in ${duration}`,
  dueNow: "fällig",
  /** @param {string} duration */
  overdue: (duration) => `${duration} zu spät`,
  enter: "Eintragen",
  keep: "Behalten",
  note: "Notiz",
  noteText: "Was gesehen oder gesagt wurde",
  stopSigns: "Abbruchzeichen",
  otherSymptoms: "Beschwerden",
  toRecovery: "In die Erholung",
  stopNow: "STOPP",

  recoveryNobody: "Noch hat sich niemand belastet.",
  stillExercising: "noch in Belastung",
  /** @param {number} bpm */
  oneMinute: (bpm) => `1 min: -${bpm} /min`,
  /** @param {number} bpm */
  twoMinutes: (bpm) => `2 min: -${bpm} /min`,
  waitsForHeart: "misst eine Minute lang",
  noSymptoms: "Keine Beschwerden",
  release: "Entlassen",
  releaseAnyway: "Trotzdem entlassen",
  goes: "Geht früher",

  wearing: "Wer was getragen hat",
  wearingLoading: "Fragt, wer was getragen hat",
  wearingHow: "Messwerte bleiben, wie sie empfangen wurden; wessen sie sind, folgt aus dieser Liste.",
  wearingWaits: "Hier richtiggestellt. Die Aufzeichnung übernimmt es; bis dahin zeigen Berichte den alten Stand.",
  wornStill: "jetzt",
  wornFrom: "von",
  wornTo: "bis",
  wasOther: "Gehörte jemand anderem",
  wasOn: "War an",
  wasNobody: "niemandem",
  exchange: "Zwei hatten den Sensor des anderen",
  exchangeOne: "Wer",
  exchangeOther: "und wer",
  corrected: "Berichtigungen",
  correctedNone: "Nichts wurde berichtigt.",
  toTheEnd: "zum Ende",
  /** @param {string} sensor @param {string} who @param {string} from @param {string} to */
  changeSaid: (sensor, who, from, to) => `${sensor} war an ${who} von ${from} bis ${to}`,

  nextClass: "Nächste Stunde gleich danach",
  nextPlan: "Stunde",
  nextNone: "Keine Stunde ist geplant. Eine planen, oder diese beenden.",
  /** @param {string} name @param {number} people */
  nextWhat: (name, people) => (people === 1 ? `${name}: 1 Person` : `${name}: ${people} Personen`),
  nextStays: "Diese Sensoren bleiben verbunden.",
  nextStaysNone: "Kein Sensor dieser Stunde ist in der nächsten.",
  /** @param {number} count */
  nextFreed: (count) => (count === 1 ? "1 Sensor wird frei." : `${count} Sensoren werden frei.`),
  sameHands: "bleibt an",
  otherHands: "geht an",
  beginNext: "Diese beenden und die nächste beginnen",
  beginNextAnyway: "Trotzdem beenden und beginnen",

  practiceHow: "Das Team spielt die Teilnehmer, niemandes Akte wird berührt, der Ton der Wand ist an. Kein Telefon klingelt ihretwegen.",
  checkSource: "Grenzen der Kontrolle: Vorgabe, nicht verordnet; mit der Ärztin oder dem Arzt klären. Blutdruck und Herzfrequenz in Ruhe: veröffentlichte Listen, die sich unterscheiden (diastolisch 100 bis 110, Herzfrequenz 100 bis 120). SpO2: das Mindeste, das ACSM und AACVPR anstreben; viele Programme nehmen 90. Gewicht: allgemeiner Rat bei Herzschwäche.",
  checkOfSite: "Grenzen der Kontrolle: von diesem Haus festgelegt.",

  endNothingOpen: "Nichts ist offen.",
  stillOpen: "Noch offen",
  notReleased: "nicht entlassen",
  endOverdue: "überfällig",
  endClass: "Stunde beenden",
  endAnyway: "Trotzdem beenden",
  ended: "Die Stunde ist beendet.",
  phaseOf: "Phase",
  done: "Gespeichert",
  close: "Schließen",
};
