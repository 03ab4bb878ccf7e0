/**
 * The words of the desk, in German.
 */

/** @type {Readonly<Record<string, string>>} */
export const tabs = {
  people: "Personen",
  prescriptions: "Verordnungen",
  sensors: "Sensoren",
  classes: "Stunden",
  staff: "Dienst",
  import: "Import",
};

/** @type {Readonly<Record<string, string>>} */
export const kinds = { strap: "Gurt", oximeter: "Oximeter", machine: "Gerät" };

/** @type {Readonly<Record<string, string>>} */
export const roles = { therapist: "Therapie", supervisor: "Leitung" };

/** @type {Readonly<Record<string, string>>} */
export const outcomes = { added: "neu", changed: "geändert", unchanged: "wie zuvor" };

/** @type {Readonly<Record<string, string>>} */
export const rules = {
  HR_OVER: "Puls, Obergrenze",
  HR_CRIT: "Puls, kritisch",
  HR_LOW: "Puls, Untergrenze",
  SPO2_LOW: "SpO2",
  SPO2_CRIT: "SpO2, kritisch",
};

/** @type {Readonly<Record<string, string>>} */
export const fields = {
  hr_upper_bpm: "Obergrenze, Schläge/min",
  hr_lower_bpm: "Untergrenze, Schläge/min",
  zone_low_bpm: "Bereich von, Schläge/min",
  zone_high_bpm: "Bereich bis, Schläge/min",
  ischaemic_threshold_bpm: "Ischämieschwelle, Schläge/min",
  device_detection_bpm: "Defibrillator erkennt ab, Schläge/min",
  device_margin_bpm: "Abstand darunter, Schläge/min",
  rest_hr_bpm: "Ruhe, Schläge/min",
  peak_hr_bpm: "Maximum gemessen, Schläge/min",
  peak_formula: "Maximum nach Formel",
  birth_year: "Geburtsjahr",
  sex: "Geschlecht",
  mass_kg: "Gewicht, kg",
  beta_blocker: "Betablocker",
  exercise_test: "Belastungstest gemacht",
  after_surgery: "Nach Herzoperation",
  zone_low_hrr_pct: "Bereich von, % der Reserve",
  zone_high_hrr_pct: "Bereich bis, % der Reserve",
  zone_low_hrmax_pct: "Bereich von, % des Maximums",
  zone_high_hrmax_pct: "Bereich bis, % des Maximums",
  zone_low_rpe: "Bereich von, Borg 6-20",
  zone_high_rpe: "Bereich bis, Borg 6-20",
  oxygen_l_min: "Sauerstoff, L/min",
  spo2_floor_pct: "SpO2 nicht unter, %",
  spo2_critical_pct: "SpO2 kritisch unter, %",
  spo2_baseline_pct: "SpO2 in Ruhe, %",
  age_years: "Geburtsjahr",
};

/** @type {Readonly<Record<string, string>>} */
export const groups = { heart: "Puls", zone: "Zielbereich: eines dieser Paare", person: "Person", oxygen: "Sauerstoff" };

/** @type {Readonly<Record<string, string>>} */
export const callPriorities = { high: "Hoher Alarm", medium: "Mittlerer Alarm", low: "Niedriger Alarm" };

/** @type {Readonly<Record<string, string>>} wen ein Schritt ruft */
export const callees = {
  assigned: "wessen Teilnehmer es ist (wenn niemandes: alle im Dienst)",
  on_duty: "alle im Dienst",
  supervisor: "die Leitung",
  everybody: "alle, die ein Telefon haben",
};

export const texts = {
  tabsTitle: "Teile der Planung",
  save: "Speichern",
  cancel: "Abbrechen",
  back: "Zurück zur Liste",
  edit: "Bearbeiten",
  remove: "Entfernen",
  loading: "Lädt ...",
  saved: "Gespeichert",
  notAllowedHere: "Das ändert nur Leitung oder Verwaltung. Zu sehen sind die Personen der eigenen Stunden.",
  search: "Suchen nach Name, Anzeigename oder Nummer",
  showArchived: "Abgelegte zeigen",
  addPerson: "Person anlegen",
  personNew: "Neue Person",
  number: "Nummer in der Klinik",
  alias: "Anzeigename",
  aliasHow: "So heißt die Person auf Wand und Tablet: Vorname, Buchstabe, Farbe. Nicht der volle Name.",
  name: "Name",
  nameHow: "Bleibt hier. Er steht auf keiner Wand, in keiner Nachricht und in keiner Aufzeichnung.",
  noPeople: "Noch niemand. Eine Person anlegen oder eine Liste einlesen.",
  nobodyFound: "So heißt niemand.",
  nobodyOfYours: "Noch keine eigene Stunde mit Personen. Die Leitung plant Stunden und den Dienst.",
  choosePerson: "Eine Person aus der Liste wählen.",
  archive: "Ablegen",
  unarchive: "Zurückholen",
  archived: "abgelegt",
  archiveHow: "Verlässt alle Stundenpläne; eigene Sensoren gehen in den Vorrat. Von der Aufzeichnung geht nichts verloren.",
  pseudonym: "Pseudonym in der Aufzeichnung",
  noPrescription: "keine Verordnung",
  /** @param {number} version */
  prescriptionVersion: (version) => `Verordnung ${version}`,
  ownSensors: "Eigene Sensoren",
  noSensors: "Keine. Unter Sensoren zuteilen.",
  toPrescription: "Verordnung",
  prescriptionOf: "Verordnung für",
  groupCare: "Was außerdem zählt",
  limitsTitle: "Grenzen, die sich ergeben",
  noUpper: "Keine Obergrenze: nichts spricht für eine, und erfunden wird keine. Grenze, Bereich oder Ruhepuls eingeben.",
  applies: "gilt",
  notLowest: "gilt nicht",
  /** @param {string} value @param {string} other */
  notAbove: (value, other) => `${value} liegt nicht über ${other}`,
  /** @param {string} value @param {string} other */
  isAbove: (value, other) => `${value} liegt über ${other}`,
  formulaNeedsAge: "braucht das Geburtsjahr",
  formulaBeside: "nicht neben einem gemessenen Maximum",
  zoneTwice: "der Bereich ist schon anders angegeben; nur ein Paar benutzen",
  zoneHalf: "der Bereich braucht beide Enden",
  restMissing: "wird für einen Bereich in % der Reserve gebraucht",
  peakMissing: "ein Bereich in % braucht ein Maximum: gemessen oder nach dem Geburtsjahr",
  /** @param {string} year @param {string} age */
  ageWrong: (year, age) => `${year} ergibt ${age} Jahre`,
  mustChange: "So ist es noch nicht brauchbar:",
  why: "Grund für diese Fassung",
  whyHow: "z. B. Belastungstest vom 12. Mai; Beginn des Programms",
  savePrescription: "Als neue Fassung speichern",
  versions: "Fassungen",
  noVersions: "Noch nichts verordnet: es gelten Vorgaben, und die Bildschirme sagen das.",
  takeVersion: "Ins Formular übernehmen",
  holdsFromNext: "Gilt ab der nächsten Stunde. In einer laufenden Stunde wird eine Grenze am Tablet geändert.",
  none: "keine Angabe",
  female: "weiblich",
  male: "männlich",
  formulaChosen: "wählt das Programm",
  /** @param {number} bpm */
  peakUsed: (bpm) => `Verwendetes Maximum: ${bpm} Schläge/min`,
  /** @param {string} low @param {string} high */
  zoneUsed: (low, high) => `Bereich: ${low} bis ${high} Schläge/min`,
  inRange: "Jetzt in Reichweite",
  noneInRange: "Kein Sensor ruft. Einen Gurt anlegen (Elektroden anfeuchten) oder ein Oximeter einschalten, nahe am Gateway.",
  noGateway: "Kein Gateway läuft. Eines starten oder unter System nachsehen.",
  signal: "Signal",
  battery: "Batterie",
  batteryLow: "schwach",
  batteryOk: "gut",
  unknown: "sagt er nicht",
  wornBy: "an",
  inClass: "in einer Stunde",
  skin: "auf der Haut",
  give: "Zuteilen",
  giveTo: "Zuteilen an",
  pool: "Vorrat (für alle)",
  label: "Aufschrift",
  labelHow: "z. B. Rot 7",
  note: "Notiz",
  hold: "Ans Gateway halten",
  holdHow: "Einen Sensor nah ans Gateway halten; er wird in Sekunden gefunden.",
  holding: "Jetzt nah heranhalten ...",
  equallyNear: "Zwei sind gleich nah: einen weglegen.",
  /** @param {number | null} dbm */
  noneNear: (dbm) => `Keiner ist nah genug${dbm === null ? "" : ` (${dbm} dBm)`}: ans Gateway halten.`,
  holdFound: "Gefunden:",
  tap: "Gurt antippen",
  tapHow: "Den Gurt anlegen oder die Elektroden antippen: welcher zu rufen beginnt, steht oben.",
  /** @param {number} seconds */
  tapping: (seconds) => `Wartet auf einen Gurt, der zu rufen beginnt ... ${seconds} s`,
  tapped: "ruft seit eben",
  stop: "Aufhören",
  known: "Sensoren der Klinik",
  noKnown: "Noch keiner. Oben einen zuteilen: von da an ist er bekannt.",
  owner: "Wem",
  forget: "Vergessen",
  lastSeen: "zuletzt",
  today: "Heute",
  noneToday: "Heute keine Stunde. Unten eine planen; mit Wochentag und Uhrzeit steht sie hier.",
  plans: "Stundenpläne",
  noPlans: "Noch kein Plan. Einen anlegen: Name, Personen, Phasen, Tage.",
  addPlan: "Stundenplan anlegen",
  planNew: "Neuer Stundenplan",
  planName: "Name der Stunde",
  room: "Raum (leer: dieser)",
  start: "Beginnen",
  startClass: "Stunde beginnen",
  startWho: "Wer ist da? Wer später kommt, kommt in der Stunde dazu.",
  nobodyHere: "Niemand ist als anwesend markiert.",
  running: "läuft",
  over: "war schon",
  toClass: "Zur Stunde",
  /** @param {number} count */
  seatCount: (count) => `${count} ${count === 1 ? "Person" : "Personen"}`,
  series: "Tage",
  seriesHow: "Ohne Wochentag beginnt die Stunde, wann man will.",
  time: "Uhrzeit",
  firstDate: "Erster Tag",
  lastDate: "Letzter Tag (leer: ohne Ende)",
  phasesTitle: "Phasen, die von selbst beginnen",
  phase: "Phase",
  minute: "ab Minute",
  addPhase: "Phase dazu",
  planStaff: "Dienst zu Beginn",
  noStaff: "Noch keine Benutzer. Die Verwaltung legt sie unter Anmeldungen an.",
  seats: "Plätze",
  seatsHow: "Eine Person auf einen Platz ziehen oder in der Liste wählen. Alt mit den Pfeiltasten verschiebt einen Platz.",
  seat: "Platz",
  addSeat: "Platz dazu",
  emptySeat: "frei",
  ownSensor: "eigener",
  unseated: "Ohne Platz",
  everybodySits: "Alle haben einen Platz.",
  deletePlan: "Plan ablegen",
  next: "nächste",
  strap: "Gurt",
  oximeter: "Oximeter",
  policyTitle: "Wer wann gerufen wird",
  policyUnknown: "Der Teil, der ruft, hat noch nicht gesagt, wer wann gerufen wird. Bitte unter System nachsehen.",
  /** @param {string} name @param {number} version */
  policyHow: (name, version) => `In Kraft: ${name}, Version ${version}. Die Zeiten zählen ab dem Beginn des Alarms; nur eine Annahme hält sie an. Geändert wird sie in der Datei der Einrichtung (alerts.policy).`,
  screensAlone: "Nur die Bildschirme zeigen ihn; niemand wird gerufen.",
  /** @param {number} seconds */
  afterOnset: (seconds) => (seconds === 0 ? "Sofort:" : `Nach ${seconds} s:`),
  /** @param {number} seconds */
  callsEvery: (seconds) => `erneut alle ${seconds} s`,
  /** @param {number} seconds */
  callsAgain: (seconds) => `Angenommen und nach ${seconds} s noch da:`,
  allWays: "auf allen Wegen",
  staffTitle: "Kürzel und Rollen",
  initials: "Kürzel",
  role: "Im Dienst als",
  user: "Benutzer",
  onDuty: "Dienst in der Stunde von jetzt",
  noClassNow: "Keine Stunde läuft. Der Dienst steht im Stundenplan, und hier, sobald sie läuft.",
  ownPeople: "Eigene Personen",
  ownHow: "Deren Alarme kommen zuerst hierher. Niemand gewählt: alle gemeinsam.",
  isOnDuty: "im Dienst",
  shutOut: "gesperrt",
  importTitle: "Personenliste einlesen",
  importHow: "CSV aus einer Tabelle: UTF-8 oder Windows-Zeichen, Komma oder Semikolon. Eine bekannte Nummer ändert diese Person, alles andere legt eine an. Alle Zeilen oder keine.",
  template: "Leere Liste zum Ausfüllen",
  chooseFile: "Datei wählen",
  fileTooLarge: "Die Datei ist größer als 1 MB.",
  checking: "Wird geprüft ...",
  /** @param {number} errors */
  importErrors: (errors) => `${errors} Fehler: nichts wird übernommen, solange die Datei welche hat.`,
  line: "Zeile",
  column: "Spalte",
  value: "Wert",
  problem: "Was nicht stimmt",
  /** @param {number} added @param {number} changed @param {number} unchanged */
  importSummary: (added, changed, unchanged) => `${added} neu, ${changed} geändert, ${unchanged} wie zuvor`,
  importTake: "Liste übernehmen",
  /** @param {number} count */
  imported: (count) => `${count} Personen übernommen.`,
  withPrescription: "mit Verordnung",
  noLines: "Die Datei hat keine Zeile mit einer Person.",
};
