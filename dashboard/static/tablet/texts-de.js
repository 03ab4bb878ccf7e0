/**
 * The words of the tablet page in German.
 */

export { symptoms } from "../symptom-words-de.js";

/** @type {Readonly<Record<string, string>>} the ways to a person */
export const ways = { web_push: "Telefon", ntfy: "ntfy", apprise: "Nachricht", page: "offene Seite" };

/** What an alarm was found to be. @type {Readonly<Record<string, string>>} */
export const outcomes = { real: "Echt", artefact: "Artefakt", expected: "Erwartet" };

/** @type {Readonly<Record<string, string>>} */
export const limitNames = {
  HR_OVER: "HF über",
  HR_CRIT: "HF kritisch über",
  HR_LOW: "HF unter",
  SPO2_LOW: "SpO2 unter",
  SPO2_CRIT: "SpO2 kritisch unter",
};

/** @type {Readonly<Record<string, string>>} */
export const entryWords = {
  rpe: "Borg",
  session_rpe: "Ganze Stunde",
  dyspnoea: "Atemnot",
  blood_pressure: "Blutdruck",
  oxygen_flow: "Sauerstoff",
  symptom: "Beschwerden",
  symptoms_asked: "Gefragt: keine Beschwerden",
  note: "Notiz",
  weight: "Gewicht",
  alarm_judged: "Alarm war",
  pre_checked: "Prüfung vor der Belastung",
  joined: "Dazugekommen",
  released: "Entlassen",
  emergency: "Notfall",
  artefact: "Als Artefakt markiert",
  six_minute_walk: "6-Minuten-Gehtest",
  signed: "Unterschrieben",
};

export const texts = {
  mine: "Meine",
  all: "Alle",
  noneMine: "Niemand in dieser Stunde gehört zu Ihnen. Der Dienst wird in der Planung festgelegt.",
  noClass: "Noch keine Stunde.",
  noClassHow: "In der Planung anlegen und dort beginnen.",
  nobodyHere: "Alle sind gegangen. Es geht weiter, bis jemand die Stunde beendet.",
  choose: "Links eine Person wählen.",
  gone: "Diese Person ist nicht mehr in der Stunde.",
  back: "Alle Personen",
  hr: "Herzfrequenz",
  spo2: "SpO2",
  bpm: "/min",
  percent: "%",
  /** @param {string} age */
  old: (age) => `${age} alt`,
  /** @param {string} age */
  lastHeard: (age) => `zuletzt gehört vor ${age}`,
  /** @param {number} pct */
  battery: (pct) => `Batterie ${pct} %`,
  /** @param {number} pct */
  oddBeats: (pct) => `${pct} % auffällige Schläge`,
  unknownMake: "Hersteller unbekannt",
  averaging: "Mittelung",
  averagingNormal: "normal",
  averagingFast: "schnell",
  averagingSlow: "langsam",
  averagingSpot: "Einzelmessung",
  good: "gut",
  /** @param {number} pct */
  reserve: (pct) => `${pct} % der Reserve`,
  /** @param {number} low @param {number} high */
  zone: (low, high) => `Ziel ${low} bis ${high} /min`,
  phase: "Phase",
  asClass: "wie die Stunde",
  /** @param {string} phase */
  seems: (phase) => `Herz und Leistung sehen aus wie ${phase}`,
  /** @param {number} seat */
  notCleared: (seat) => `Platz ${seat} ist nicht freigegeben: Die Kontrolle vor der Belastung ist offen, nicht bestanden, oder danach kam ein Abbruchzeichen. Jemand muss sagen, warum trotzdem belastet wird.`,
  beginAnyway: "Trotzdem beginnen",
  reasonDoctorSaw: "Vom Arzt gesehen",
  reasonCheckedOnPaper: "Auf Papier kontrolliert",

  why: "Warum",
  acknowledge: "Quittieren",
  whatWasIt: "Was war es?",
  callNobody: "Niemanden rufen",
  callNobodyTitle: "Hierfür niemanden rufen",
  callNobodyHow: "Telefone bleiben bei diesem Alarm dieser Person still. Bildschirme zeigen ihn weiter.",
  callAgain: "Wieder rufen",
  minutes: "Minuten",
  reason: "Warum",
  earlier: "Frühere Alarme",

  limits: "Grenzen",
  change: "Ändern",
  noLimit: "keine Grenze",
  /** @param {string} who @param {string} time @param {string} why */
  setBy: (who, time, why) => `von ${who} um ${time}: ${why}`,
  newValue: "Neuer Wert",
  prescribed: "Zurück zur Verordnung",
  save: "Speichern",
  cancel: "Abbrechen",
  reasonAgreed: "Mit Arzt abgesprochen",
  reasonMedication: "Medikament geändert",
  reasonToday: "Nur für die Übung heute",
  reasonTooClose: "Zu nah an üblichen Werten",
  reasonSensor: "Sensor macht Probleme",
  reasonWithPerson: "Ich bin bei der Person",
  saved: "Gespeichert",
  notSaved: "Nicht gespeichert:",

  chart: "Verlauf",
  tenMinutes: "10 min",
  thirtyMinutes: "30 min",
  wholeClass: "Ganze Stunde",
  work: "Leistung",
  watts: "W",
  kmh: "km/h",
  beats: "Auffällige Schläge, %",
  rail: "Alarme und Notizen",
  chartMissing: "Die Aufzeichnung ist nicht lesbar: gezeichnet wird nur, was jetzt kommt.",
  /** @param {string} name */
  chartOf: (name) => `Verlauf von ${name}`,

  /** @param {string} who */
  called: (who) => `Gerufen: ${who}`,
  shown: "- auf dem Telefon",
  opened: "- geöffnet",
  /** @param {string} time @param {string} who */
  calledAt: (time, who) => `Gerufen ${time}: ${who}`,
  calledNobody: "Kein Ruf hat jemanden erreicht",
  /** @param {string} who @param {string} time */
  acceptedBy: (who, time) => `${who} hat ${time} angenommen`,
  /** @param {string} who */
  couldNot: (who) => `konnte nicht kommen: ${who}`,

  enter: "Eintragen",
  rpe: "Borg 6-20",
  dyspnoea: "Atemnot 0-10",
  pressure: "Blutdruck",
  systolic: "oberer",
  diastolic: "unterer",
  oxygen: "Sauerstoff, L/min",
  symptomTitle: "Beschwerden",
  note: "Notiz",
  write: "Festhalten",
  entered: "Eingetragen",
  nothingEntered: "Noch nichts.",
  harder: "Empfunden als schwerer, als die Herzfrequenz zeigt. Bitte hinsehen.",
  easier: "Empfunden als leichter, als die Herzfrequenz zeigt.",
  /** @param {number} product */
  ratePressure: (product) => `Frequenz-Druck-Produkt ${product} (Herzfrequenz x oberer Blutdruck)`,
  /** @param {number} load */
  sessionLoad: (load) => `Belastung der Stunde ${load} (Anstrengung x Minuten)`,
};
