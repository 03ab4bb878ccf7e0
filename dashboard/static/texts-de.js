/**
 * All words of the pages in German. The same keys as in texts-en.js; a test compares the two.
 */

/** @type {typeof import("./texts-en.js").reasons.strap} */
const STRAP = {
  no_value: "Gurt: kein Wert",
  off_skin: "Gurt: kein Hautkontakt",
  out_of_range: "Gurt: Wert außerhalb des Bereichs",
  sensor_searching: "Gurt sucht",
  poor_signal: "Gurt: schlechtes Signal",
  low_perfusion: "Gurt: schwacher Puls",
  no_pulse: "Gurt: kein Puls gefunden",
  interference: "Gurt: Störung",
  early_estimate: "Gurt: erste Schätzung",
  sensor_displaced: "Gurt ist verrutscht",
  sensor_fault: "Gurt ist defekt",
  not_live: "Gurt: keine aktuellen Daten",
  odd_bytes: "Gurt: auffällige Daten",
  undecodable: "Gurt: unlesbare Daten",
  stale: "Gurtsignal verspätet",
  lost: "Kein Gurtsignal",
  gateway_lost: "Gateway ausgefallen",
  broker_lost: "Broker ausgefallen",
  never_heard: "Warten auf Gurt",
  out_of_slots: "Gurt wartet: kein Funkplatz frei",
  hand_over: "Gurt wechselt das Gateway",
  broadcast: "Gurt ohne Verbindung gehört",
};

/** @type {typeof import("./texts-en.js").reasons.oximeter} */
const OXIMETER = {
  no_value: "Oximeter: kein Wert",
  off_skin: "Oximeter nicht am Finger",
  out_of_range: "Oximeter: Wert außerhalb des Bereichs",
  sensor_searching: "Oximeter sucht",
  poor_signal: "Oximeter: schlechtes Signal",
  low_perfusion: "Oximeter: schwacher Puls",
  no_pulse: "Oximeter: kein Puls gefunden",
  interference: "Oximeter: Störung",
  early_estimate: "Oximeter: erste Schätzung",
  sensor_displaced: "Oximeter ist verrutscht",
  sensor_fault: "Oximeter ist defekt",
  not_live: "Oximeter: keine aktuellen Daten",
  odd_bytes: "Oximeter: auffällige Daten",
  undecodable: "Oximeter: unlesbare Daten",
  stale: "Oximetersignal verspätet",
  lost: "Kein Oximetersignal",
  gateway_lost: "Gateway ausgefallen",
  broker_lost: "Broker ausgefallen",
  never_heard: "Warten auf Oximeter",
  out_of_slots: "Oximeter wartet: kein Funkplatz frei",
  hand_over: "Oximeter wechselt das Gateway",
  broadcast: "Oximeter ohne Verbindung gehört",
};

/** Why a value is missing or not good, by sensor and by the reason on the wire. */
export const reasons = { strap: STRAP, oximeter: OXIMETER };

/** What analysis holds against a value. @type {typeof import("./texts-en.js").doubts} */
export const doubts = {
  held_back: "Sprung zurückgehalten",
  outside: "außerhalb des üblichen Bereichs",
  below_70: "unter 70, ungenau",
  poor_contact: "schlechter Kontakt",
  dry_strap: "Gurt evtl. trocken",
  artefacts: "viele auffällige Schläge",
  rr_sum: "Schläge passen nicht zur Zeit",
  ghost: "scheint niemand zu tragen",
  disagree: "Gurt und Oximeter uneinig",
  swapped: "evtl. von jemand anderem",
};

/** @type {typeof import("./texts-en.js").phases} */
export const phases = {
  rest: "Ruhe",
  warm_up: "Aufwärmen",
  training: "Training",
  cool_down: "Abwärmen",
  recovery: "Erholung",
};

/** @type {typeof import("./texts-en.js").badges} */
export const badges = { real: "", replayed: "AUFZEICHNUNG", simulated: "SIMULIERTE DATEN", test: "TESTDATEN" };

export const practice = "ÜBUNG - keine Stunde";

/** @type {typeof import("./texts-en.js").flows} */
export const flows = {
  not_cleared: "nicht freigegeben",
  stopped: "abgebrochen",
  recovering: "nicht entlassen",
  to_release: "zu entlassen",
};

/** @type {typeof import("./texts-en.js").priorities} */
export const priorities = { high: "Hoch", medium: "Mittel", low: "Niedrig", info: "Hinweis" };

/** @type {typeof import("./texts-en.js").texts} */
export const texts = {
  wall: "Übersicht",
  notMedical: "Kein Medizinprodukt. Ergänzt die direkte Aufsicht.",
  noClass: "Noch keine Stunde.",
  noClassHow: "In der Planung anlegen und dort beginnen, oder die Vorführung starten.",
  nobodyHere: "Alle sind gegangen.",
  nobodyHereHow: "Es geht weiter, bis jemand die Stunde beendet.",
  connecting: "Verbindung zum Server wird aufgebaut",
  neverConnected: "Keine Verbindung zum Server. Keine Werte. Personen direkt beobachten.",
  connectionLost: (time) => `Verbindung verloren, Stand ${time}. Personen direkt beobachten.`,
  pageTooOld: "Diese Seite und der Server verstehen einander nicht. Seite neu laden.",

  bpm: "/min",
  percent: "%",
  gone: "--",
  noStrap: "kein Gurt",
  noOximeter: "kein Oximeter",
  noSignals: "Kein Gurt- und Oximetersignal",
  noUpperLimit: "Keine HF-Grenze",
  strapBattery: (pct) => `Gurtbatterie ${pct} %`,
  oximeterBattery: (pct) => `Oximeterbatterie ${pct} %`,

  noAlarms: "Keine Alarme",
  alarmsNotLive: "Alarme sind nicht aktuell",
  technical: "technisch",
  notSeen: "noch nicht gesehen",
  sourceLost: "Quelle weg",
  notLive: "nicht aktuell",
  /** @param {string} time */
  since: (time) => `seit ${time}`,
  was: (text, time) => `war ${text} um ${time}`,
  unaccepted: (duration) => `unquittiert ${duration}`,
  /** @param {string} who */
  onTheWay: (who) => `${who} unterwegs`,
  open: (duration) => `offen ${duration}`,
  acknowledged: (by) => `✓ ${by}`,
  acknowledgedAt: (by, time) => `✓ ${by} ${time}`,
  sending: (by) => `sendet ${by}`,
  sendingBrief: "sendet",
  notConfirmed: "nicht bestätigt, noch einmal",
  notConfirmedBrief: "noch einmal",
  more: (count) => `+${count} weitere`,
  affects: (count) => (count === 1 ? "1 Person betroffen" : `${count} Personen betroffen`),
  affectsBrief: (count) => (count === 1 ? "1 Person" : `${count} Personen`),

  seat: (seat) => `Platz ${seat}`,
  /** @param {string} time @param {string} who */
  emergency: (time, who) => `Notfall · ${time} · ${who}`,
  /** @param {number} seat @param {string} time @param {string} who */
  emergencyAt: (seat, time, who) => `Notfall, Platz ${seat} · ${time} · ${who}`,
  acknowledge: "Quittieren",
  markSeen: "Gesehen",
  cancel: "Abbrechen",
  initials: "Ihr Kürzel",
  saidAcknowledged: (who, by) => `${who} quittiert von ${by}`,
  saidNotConfirmed: (text) => `${text}: Quittierung nicht bestätigt`,

  straps: (live, all) => `${live} von ${all} Gurten`,
  oximeters: (live, all) => `${live} von ${all} Oximetern`,
  gateways: (live, all) => (all === 1 && live === 1 ? "1 Gateway" : `${live} von ${all} Gateways`),
  soundPaused: (left, by) => (by === "" ? `Ton pausiert, noch ${left}` : `Ton pausiert von ${by}, noch ${left}`),

  soundOff: "Ton ist aus - zum Einschalten berühren",
  soundUnheard: "Ton wurde beim Test nicht gehört - Lautsprecher prüfen",
  soundOffAt: (names) => `Ton ist aus bei ${names}`,
  silentScreen: "Dieser Bildschirm gibt nie Ton",
  hushed: (left) => `Dieser Bildschirm schweigt, noch ${left}`,
  sound: "Ton",
  pauseSound: "Ton für 2 Minuten pausieren",
  soundAgain: "Ton wieder an",
  testSound: "Ton testen",
  testSoundHow: "Zwei Töne werden gespielt. Sagen Sie, ob man sie dort hört, wo Menschen stehen.",
  heard: "Gehört",
  notHeard: "Nicht gehört",
  neverTested: "noch nicht getestet",
  heardAt: (time, by) => `gehört ${time} von ${by}`,
  notHeardAt: (time, by) => `nicht gehört ${time} von ${by}`,

  alarmPath: "Alarmweg",
  alarmPathUp: (age) => `Alarmweg in Ordnung, Analyse vor ${age}`,
  /** @param {string} age */
  alarmPathProven: (age) => `Alarmweg geprüft vor ${age}`,
  alarmPathWaits: "Alarmweg: wartet auf Analyse",
  alarmPathBroken: (problem) => `Alarmweg: ${problem}`,
  partLost: (name) => `${name} ausgefallen`,
  partInTrouble: (name) => `${name} gestört`,
  partUp: "in Ordnung",
  partDown: "ausgefallen",
  partTrouble: "gestört",
  partStopped: "beendet",
  pathSoundOff: "Ton aus",
  pathConnection: "keine Verbindung",
  pathSilent: (age) => `Analyse schweigt ${age}`,
  analysisHeard: (age) => `gehört vor ${age}`,

  thisScreen: "Dieser Bildschirm",
  close: "Schließen",
  staysOn: "Bildschirm bleibt an",
  mayGoDark: "Bildschirm kann dunkel werden: Browser im Kioskmodus starten, siehe docs/wall.md",
  unknownDisplay: (words) => `display=${words} ist nicht bekannt`,

  limitIn: (time) => `Grenze in ${time}`,
};

/** @type {typeof import("./texts-en.js").partNames} */
export const partNames = {
  gateway: "Gateway",
  ingest: "Aufzeichnung",
  analysis: "Analyse",
  alerts: "Telefonalarme",
  dashboard: "Dashboard",
  broker: "Broker",
};
