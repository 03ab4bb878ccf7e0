/**
 * The words of the page of health, in German.
 */

/** @type {Readonly<Record<string, (of: string, text: string) => string>>} */
export const findings = {
  broker: () => "Broker ausgefallen: Werte und Alarme sind nicht aktuell. Personen direkt beobachten.",
  analysis: () => "Die Analyse läuft nicht: Werte sind aktuell, Alarme nicht. Personen direkt beobachten.",
  gateway: (of) => `Gateway ${of} ist nicht zu hören: seine Sensoren auch nicht.`,
  radio: (of, text) => `Ein Funkmodul von Gateway ${of} ist aus${text === "" ? "" : `: ${text}`}.`,
  slots: (of, text) => `${text} Sensoren warten auf einen Platz an Gateway ${of}: sie sind nicht zu hören.`,
  record: () => "Die Aufzeichnung läuft nicht: nichts wird gespeichert.",
  alerts: () => "Telefonalarme laufen nicht: Telefone bleiben still.",
  problem: (of, text) => `${of}: ${text}`,
  alarm_path: () => "Seit 30 s kam kein Testalarm durch, obwohl alle Teile sich melden. Personen direkt beobachten.",
  commit: () => "Seit 10 s wurde nichts gespeichert, obwohl Sensoren senden.",
  disk: () => "Der Datenträger des Datenordners ist fast voll.",
  clock: (of) => `Die Uhr von Gateway ${of} folgt keinem Zeitserver: Zeiten in der Aufzeichnung können falsch sein.`,
  latency: (_, text) => `Werte kommen ${(Number(text) / 1000).toFixed(1).replace(".", ",")} s zu spät.`,
  no_phone: () => "Kein Telefon ist zu erreichen: einen Alarm sieht und hört man nur an der Wand.",
  phone: (of) => `${of} hat Dienst und ist per Telefon nicht zu erreichen.`,
  no_wall: () => "Keine Wand ist verbunden, die Ton geben könnte.",
  sound: (of) => `Ton ist aus oder wurde nicht gehört an ${of}.`,
  audit: (_, text) => text,
  backup: () => "Die neueste Sicherung ist älter als eine Woche.",
};

/** @type {Readonly<Record<string, string>>} */
export const verdicts = {
  well: "Alles funktioniert",
  trouble: "Etwas funktioniert nicht",
  not_watching: "Niemand wird beobachtet",
  unknown: "Server wird gefragt",
  cutOff: "Keine Verbindung",
};

/** @type {Readonly<Record<string, string>>} */
export const meanings = {
  well: "Personen werden beobachtet; Alarme werden ausgelöst, gezeigt und sind zu hören.",
  trouble: "Personen werden trotzdem beobachtet. Was fehlt:",
  not_watching: "Kein Alarm würde ausgelöst oder gezeigt. Personen direkt beobachten.",
  unknown: "",
  cutOff: "Der Server antwortet nicht: nichts hier ist von jetzt. Personen direkt beobachten.",
};

/** @type {Readonly<Record<string, string>>} */
export const states = {
  up: "läuft",
  lost: "ausgefallen",
  stopped: "angehalten",
  missing: "läuft nicht",
};

export const texts = {
  /** @param {string} time */
  asOf: (time) => `Stand ${time}`,

  beforeClass: "Vor der Stunde",
  ready: "Bereit: jede Wand wurde gehört, jedes Telefon im Dienst hat geantwortet.",
  notReady: "Noch nicht bereit:",
  walls: "Wände",
  wallHow: "An jeder Wand: Ton berühren, Ton testen, und sagen, ob man ihn dort hört, wo Personen stehen.",
  noWalls: "Keine Wand ist verbunden. /wall darauf öffnen, oder sie koppeln.",
  /** @param {string} time */
  heardAt: (time) => `gehört ${time}`,
  notTested: "nicht getestet",
  soundIsOff: "Ton ist aus",
  soundUnheard: "wurde nicht gehört",
  phones: "Telefone",
  noPhones: "Niemand hat hier ein Telefon. /phone auf einem öffnen und Nachrichten einschalten.",
  onDuty: "im Dienst",
  /** @param {number} count */
  ways: (count) => (count === 1 ? "1 Telefon" : `${count} Telefone`),
  noWay: "kein Telefon",
  pageOpen: "Seite offen",
  pageSilent: "Seite offen, Ton aus",
  /** @param {string} time */
  answeredAt: (time) => `Test beantwortet ${time}`,
  notAnswered: "kein Test beantwortet",
  /** @param {string} time */
  lastSent: (time) => `letzte Nachricht ${time}`,
  sendTest: "Test senden",
  /** @param {string} who */
  testSent: (who) => `Test an ${who} gesendet. Er zählt, wenn er auf dem Telefon angenommen wird.`,
  /** @param {string} who */
  sendTestTo: (who) => `Test senden: ${who}`,

  parts: "Teile",
  part: "Teil",
  state: "Zustand",
  since: "Seit",
  restarts: "Neustarts",
  waiting: "Ältestes wartet",
  gateways: "Gateways und Funk",
  noGateways: "Kein Gateway wurde gehört.",
  /** @param {string} stack */
  radio: (stack) => `Funkmodul ${stack}`,
  /** @param {number} used @param {number | null} max */
  slots: (used, max) => (max === null ? `${used} Verbindungen` : `${used} von ${max} Plätzen`),
  down: "aus",
  /** @param {number} live @param {number} all */
  sensors: (live, all) => `${live} von ${all} Sensoren aktuell`,
  /** @param {number} count */
  waitForSlot: (count) => `${count} warten auf einen Platz`,
  clockRight: "Uhr folgt einem Zeitserver",
  clockWrong: "Uhr folgt keinem Zeitserver",
  clockUnknown: "ob die Uhr stimmt, wird nicht gesagt",

  data: "Daten der letzten Minuten",
  latency: "Messwert bis Broker, schlechtester Sensor",
  /** @param {string} p50 @param {string} p99 */
  quantiles: (p50, p99) => `die Hälfte in ${p50} ms, 99 % in ${p99} ms`,
  gaps: "Unterbrechungen",
  /** @param {number} count @param {number} sensors @param {number} minutes */
  gapsIn: (count, sensors, minutes) => (count === 0 ? `keine in ${minutes} min` : `${count} an ${sensors} Sensoren in ${minutes} min`),
  stored: "Zuletzt gespeichert",
  path: "Alarmweg, letzter Test durch",
  heardAnalysis: "Analyse zuletzt gehört",
  disk: "Frei auf dem Datenträger",
  /** @param {string} free @param {string} all */
  free: (free, all) => `${free} von ${all} GB`,
  backup: "Neueste Sicherung",
  /** @param {string} age */
  ago: (age) => `vor ${age}`,
  never: "noch nicht",
  none: "keine bekannt",
};
