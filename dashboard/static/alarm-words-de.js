/**
 * What alarms and losses are called in German. The same keys as in alarm-words-en.js; a test compares the two.
 */

/** @typedef {import("./frames.js").AlarmView} AlarmView */

/** @param {AlarmView} alarm */
const isOximeter = (alarm) => alarm.detail === "oximeter";

/** @type {typeof import("./alarm-words-en.js").sayings} */
export const sayings = {
  HR_OVER: (_, value, limited) => `HF ${value}${limited}`,
  HR_CRIT: (_, value, limited) => `HF ${value}${limited}`,
  HR_LOW: (_, value, limited) => `HF ${value}${limited}`,
  SPO2_LOW: (_, value, limited) => `SpO2 ${value}${limited}`,
  SPO2_CRIT: (_, value, limited) => `SpO2 ${value}${limited}`,
  SPO2_FALL: (_, value, limited) => `SpO2-Abfall ${value}${limited}`,
  ZONE_HIGH: (_, value, limited) => `Zone: HF ${value}${limited}`,
  ZONE_LOW: (_, value, limited) => `Zone: HF ${value}${limited}`,
  HR_DROP: (_, value) => `HF um ${value} gefallen`,
  HR_NOT_RISING: (_, value) => `HF ${value} hinter der Belastung`,
  HR_NOT_RECOVERING: (_, value) => `HF nur um ${value} gesunken`,
  NO_DATA: (alarm) => (isOximeter(alarm) ? "Kein Oximetersignal" : "Kein Gurtsignal"),
  CONTACT: (alarm) => (isOximeter(alarm) ? "Oximeter nicht am Finger" : "Gurt: kein Hautkontakt"),
  QUESTIONABLE: (alarm) => (isOximeter(alarm) ? "Oximeterwerte zweifelhaft" : "Gurtwerte zweifelhaft"),
  DISAGREE: () => "Gurt und Oximeter uneinig",
  GHOST: () => "Gurt wiederholt fremdes Signal",
  SWAPPED: () => "Sensoren vertauscht?",
  BATTERY_LOW: (alarm, value) => `${isOximeter(alarm) ? "Oximeterbatterie" : "Gurtbatterie"} ${value} %`,
  OUT_OF_SLOTS: ({ subject }, value) => `Gateway ${subject}: ${value} ohne Funkplatz`,
  CLOCK: ({ subject }, value) => `Gateway ${subject}: Uhr ${value} s falsch`,
  GATEWAY_LOST: ({ subject }) => `Gateway ${subject} ausgefallen`,
  STORE_LOST: () => "Aufzeichnung ausgefallen: Werte aktuell, nichts gespeichert",
  DASHBOARD_LOST: () => "Dashboard ausgefallen",
  ALERTS_LOST: () => "Telefonalarme ausgefallen",
};

/** The worst value since the breach, once the newest keeps the limit again. */
export const worst = {
  /** @param {string} value */
  highest: (value) => `Höchstwert ${value}`,
  /** @param {string} value */
  lowest: (value) => `Tiefstwert ${value}`,
};

/** @type {typeof import("./alarm-words-en.js").whys} */
export const whys = {
  HR_DROP: "Die Herzfrequenz fiel unter Belastung schnell und unter ihr Niveau von vorher, nicht nur von einer Spitze zurück; belegt durch Schläge oder Kontakt",
  HR_NOT_RISING: "Die Belastung ist gestiegen, die Herzfrequenz ist nicht gefolgt",
  HR_NOT_RECOVERING: "Zwei Minuten nach Belastungsende ist die Herzfrequenz kaum gesunken",
  NO_DATA: "Vom Sensor wurde nichts gehört",
  CONTACT: "Der Sensor sagt oder seine Schläge zeigen, dass er nicht am Körper ist",
  QUESTIONABLE: "Der Sensor meldet nichts, was eine Regel beurteilen darf: niemand überwacht diesen Wert",
  DISAGREE: "Beide weichen länger voneinander ab, als eine Verzögerung erklärt; bei Vorhofflimmern ist das echt",
  GHOST: "Immer derselbe Wert, keine Schläge, kein Kontakt: scheint niemand zu tragen",
  SWAPPED: "Er folgt dem Oximeter von jemand anderem besser als dem eigenen",
  BATTERY_LOW: "Vor der nächsten Stunde wechseln",
  OUT_OF_SLOTS: "Jeder Funk in Reichweite ist voll; diese Sensoren werden nicht gehört",
  CLOCK: "Zeiten in der Aufzeichnung können falsch sein; kein Alarm hängt davon ab",
  GATEWAY_LOST: "Keiner seiner Sensoren wird gehört",
  STORE_LOST: "Die Gateways behalten, was nicht gespeichert wurde, und senden es später",
  DASHBOARD_LOST: "Bildschirme zeigen nichts Neues",
  ALERTS_LOST: "Niemand wird per Telefon gerufen",
};

/** @type {typeof import("./alarm-words-en.js").limits} */
export const limits = {
  prescribed: "verordnet",
  zone_top: "oberes Ende der verordneten Zone",
  ischaemic_minus_10: "10 unter der Ischämieschwelle",
  device_rate_minus_10: "10 unter der Erkennungsfrequenz des Geräts",
  device_rate_minus_margin: "Abstand der Klinik unter der Erkennungsfrequenz des Geräts",
  rest_plus_20: "20 über Ruhe, kein Belastungstest",
  rest_plus_30: "30 über Ruhe nach Operation, kein Belastungstest",
  rest_minus_20: "20 unter Ruhe",
  upper_plus_10: "10 über der oberen Grenze",
  zone_bottom: "unteres Ende der verordneten Zone",
  baseline_minus_4: "4 unter Ruhe",
  rule_set: "für alle gleich",
  overridden: "für diese Stunde gesetzt",
  default: "Vorgabe, nicht verordnet",
};

/** @type {typeof import("./alarm-words-en.js").trust} */
export const trust = {
  words: {
    good: "gut",
    questionable: "zweifelhaft",
    unusable: "unbrauchbar",
    no_value: "kein Wert",
    off_skin: "nicht auf der Haut",
    out_of_range: "außerhalb des Bereichs",
    sensor_searching: "Sensor sucht",
    poor_signal: "schlechtes Signal",
    low_perfusion: "schwacher Puls",
    no_pulse: "kein Puls gefunden",
    interference: "Störung",
    early_estimate: "erste Schätzung",
    sensor_displaced: "Sensor ist verrutscht",
    sensor_fault: "Sensor ist defekt",
    not_live: "keine aktuellen Daten",
    odd_bytes: "auffällige Daten",
    undecodable: "unlesbare Daten",
    stale: "verspätet",
    lost: "verloren",
    gateway_lost: "Gateway ausgefallen",
    broker_lost: "Broker ausgefallen",
    never_heard: "nie gehört",
    held_back: "neuester Wert sprang und wird zurückgehalten",
    outside: "außerhalb des üblichen Bereichs",
    below_70: "unter 70 ist keine Genauigkeit angegeben",
    poor_contact: "schlechter Kontakt",
    dry_strap: "Gurt evtl. trocken",
    artefacts: "viele auffällige Schläge",
    rr_sum: "Schläge passen nicht zur Zeit",
    ghost: "scheint niemand zu tragen",
    disagree: "Gurt und Oximeter uneinig",
    swapped: "evtl. Sensor von jemand anderem",
    agree: "Gurt und Oximeter einig",
    normal: "normale Mittelung",
    fast: "schnelle Mittelung",
    slow: "langsame Mittelung",
    spot: "Einzelmessung",
    polled: "abgefragt",
    broadcast: "ohne Verbindung gehört",
  },
  age: (seconds) => `${seconds} s alt`,
};

/** @type {typeof import("./alarm-words-en.js").explaining} */
export const explaining = {
  lasted: (text, seconds) => `${text} seit ${seconds} s`,
  limit: (limit, reason) => `Grenze ${limit}: ${reason}`,
  signal: (words) => `Signal: ${words}`,
  lastKnown: "Seitdem kein Wert: letzter bekannter",
  bpm: "/min",
  percent: " %",
  point: ",",
};

/** @type {typeof import("./alarm-words-en.js").consequences} */
export const consequences = {
  ingest: "Werte und Alarme sind aktuell, nichts wird gespeichert.",
  analysis: "Werte sind aktuell, Alarme nicht. Personen direkt beobachten.",
  alerts: "die Wand ist aktuell, Telefone bleiben still.",
  broker: "Werte und Alarme sind nicht aktuell. Personen direkt beobachten.",
};

/** @type {typeof import("./alarm-words-en.js").harms} */
export const harms = {
  ingest: "nichts wird gespeichert.",
  analysis: "Alarme sind nicht aktuell. Personen direkt beobachten.",
  alerts: "Telefone bleiben still.",
};

/** @type {typeof import("./alarm-words-en.js").troubles} */
export const troubles = {
  runs_twice: (name) => `${name} läuft doppelt - Werte und Alarme evtl. falsch, bis eines beendet ist.`,
  unheard: () => "Analyse hört keine Messwerte - Werte sind aktuell, Alarme nicht. Personen direkt beobachten.",
  alarms_forgotten: () => "Analyse hat alle Alarme von vor dem Start vergessen - alle ansehen.",
  alarms_not_saved: () => "Alarme nicht gesichert - sie sind aktuell, ein Neustart würde sie vergessen.",
  nothing_stored: () => "Aufzeichnung gestört - Werte und Alarme sind aktuell, nichts wird gespeichert.",
  no_room: (name) => `${name} hat keinen Platz für weitere Sensoren - einige werden nicht gehört.`,
  cannot_save: (name) => `${name} kann nicht sichern - Werte sind aktuell, ein Stromausfall würde einige verlieren.`,
  slow_disk: (name) => `${name} hat eine langsame Platte - Werte sind aktuell, ein Stromausfall würde einige verlieren.`,
  outbox_damaged: (name) => `${name} hat verloren, was vor dem Start gesichert war - Werte sind aktuell.`,
  calls_not_saved: () => "Rufe an Telefone nicht gesichert - sie gehen hinaus, ein Neustart wiederholt sie vielleicht.",
  no_phone: () => "Kein Telefon der Diensthabenden erreichbar - die Wand ist aktuell.",
  alarm_path: () => "Seit 30 s kam kein Testalarm durch - Personen direkt beobachten.",
  changes_wait: () => "Änderungen warten auf die Platte - Werte und Alarme sind aktuell.",
  other: (name) => `${name} gestört`,
};

/** @type {typeof import("./alarm-words-en.js").losing} */
export const losing = {
  part: (name, time, consequence) => `${name} ausgefallen ${time} - ${consequence}`,
  notRunning: (name, consequence) => `${name} läuft nicht - ${consequence}`,
  gateway: (name, time, people) => `Gateway ${name} ausgefallen ${time}, ${people}`,
  gatewayNotRunning: (name, people) => `Gateway ${name} läuft nicht, ${people}`,
  radio: (name, time, people) => `Funk ausgefallen am Gateway ${name} ${time}, ${people}`,
  more: (line, count) => `${line} +${count} weitere`,
};
