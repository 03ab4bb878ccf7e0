/**
 * The words of the page of users, in German.
 */

/** @type {Readonly<Record<string, string>>} */
export const tabs = { own: "Meine Anmeldung", devices: "Wände und Tablets", users: "Benutzer", erase: "Person vergessen", audit: "Protokoll" };

/** @type {Readonly<Record<string, string>>} */
export const roles = { therapist: "Therapie", supervisor: "Leitung", admin: "Verwaltung" };

/** @type {Readonly<Record<string, string>>} */
export const deviceKinds = { display: "Wand", tablet: "Tablet" };

/** @type {Readonly<Record<string, string>>} */
export const whats = {
  login: "angemeldet",
  login_pin: "mit PIN angemeldet",
  login_failed: "Anmeldung fehlgeschlagen",
  logout: "abgemeldet",
  emergency: "Notfallzugriff",
  acknowledge: "Alarm übernommen",
  pause_audio: "Ton angehalten",
  limit: "Grenze geändert",
  prescribed: "verordnet",
  prescriptions: "Verordnungen angesehen",
  people: "Personen angesehen",
  person: "Person angesehen",
  start_class: "Stunde begonnen",
  end_class: "Stunde beendet",
};

/** @type {Readonly<Record<string, string>>} wer eine Datei mit Personen hat */
export const owners = { ingest: "Aufzeichnung", alerts: "Rufe", dashboard: "Register und Stunden", review: "Zusammenfassungen" };

export const texts = {
  tabsTitle: "Teile dieser Seite",
  loading: "Lädt ...",
  save: "Speichern",
  saved: "Gespeichert",
  cancel: "Abbrechen",
  addUser: "Benutzer anlegen",
  user: "Benutzer",
  userHow: "1 bis 32 aus a-z, 0-9, . _ - wie mara oder m.king",
  role: "Rolle",
  byLink: "Mit Link: das Passwort setzt die Person selbst, einmal, binnen 3 Tagen",
  byPassword: "Mit einem Passwort, das jetzt vergeben wird",
  password: "Passwort",
  passwordHow: "Mindestens 10 Zeichen. Ein kurzer Satz ist gut.",
  hasPin: "PIN gesetzt",
  pinBlocked: "PIN nach Fehlversuchen gesperrt",
  noPin: "keine PIN",
  shutOut: "gesperrt",
  linkWaits: "Link noch nicht benutzt",
  changeRole: "Rolle von",
  newLink: "Neuer Link",
  resetPin: "PIN zurücksetzen",
  disable: "Sperren",
  enable: "Wieder zulassen",
  linkFor: "Link für",
  linkHow: "Er wird einmal gezeigt. Direkt übergeben; er gilt einmal.",
  copy: "Kopieren",
  copied: "Kopiert",
  until: "bis",
  ownTitle: "Angemeldet als",
  pinTitle: "PIN für gekoppelte Tablets",
  pinHow: "4 bis 6 Ziffern; auf einem gekoppelten Tablet genügen sie zum Anmelden. Anderswo öffnen sie nichts.",
  pinOpen: "In der Vorführung hat niemand eine PIN.",
  pin: "Neue PIN",
  ownPassword: "Eigenes Passwort",
  setPin: "PIN setzen",
  removePin: "PIN wegnehmen",
  emergencyTitle: "Notfallzugriff",
  emergencyHow: "Für 30 Minuten frühere Stunden sehen. Alle im Dienst sehen das mit dem Grund, und es bleibt im Protokoll.",
  emergencyWhy: "Grund",
  emergencyWhyHow: "mindestens 10 Zeichen",
  emergencyTake: "Notfallzugriff beginnen",
  emergencyNow: "Wer ihn jetzt hat",
  emergencyNobody: "Niemand.",
  notNeeded: "Die eigene Rolle sieht frühere Stunden ohne ihn.",
  pairWall: "Wand koppeln",
  pairWallHow: "Am Fernseher /display öffnen und den Code eingeben, den er zeigt.",
  code: "Code auf der Wand",
  deviceName: "Name",
  deviceNameHow: "a-z, 0-9, . _ - wie wand-1",
  seesNames: "Darf Namen (Anzeigenamen) zeigen; sonst Plätze",
  pair: "Koppeln",
  pairTablet: "Dieses Gerät zum Tablet der Klinik machen",
  pairTabletHow: "Darauf genügt eine PIN zum Anmelden. Am Tablet selbst ausführen.",
  isTablet: "Dieses Gerät ist das Tablet",
  devices: "Gekoppelt",
  noDevices: "Noch nichts ist gekoppelt.",
  withNames: "mit Namen",
  seatsOnly: "nur Plätze",
  revoke: "Aussperren",
  eraseTitle: "Eine Person endgültig vergessen",
  eraseHow: "Messwerte, Alarme, Einträge, Verordnungen und Rufe dieser Person werden in jeder Datei gelöscht. Das lässt sich nicht zurücknehmen. Wer jemanden nur weglegen will, tut das in der Planung.",
  eraseNobody: "Niemand steht im Register.",
  erasePerson: "Person",
  /** @param {string} number */
  eraseType: (number) => `Zur Bestätigung ${number} eintippen`,
  eraseWhy: "Warum",
  /** @param {string} alias */
  eraseDo: (alias) => `${alias} endgültig vergessen`,
  /** @param {string} number */
  eraseOther: (number) => `Niemand wurde vergessen: einzutippen war ${number}.`,
  /** @param {string} alias */
  eraseProgress: (alias) => `${alias} wird vergessen`,
  eraseAsked: "gefragt, noch nicht erledigt",
  eraseDone: "erledigt",
  eraseRefused: "abgelehnt:",
  eraseAll: "Überall erledigt.",
  eraseWaits: "Geht von selbst weiter, auch wenn diese Seite geschlossen wird.",
  /** @param {number} count */
  eraseSink: (count) => `Der InfluxDB-Server behält ${count} Abschnitte vergessener Personen: dort von Hand löschen.`,
  eraseStays: "Sicherungen, Exporte und Papier werden nicht erreicht. Das Pseudonym bleibt im Protokoll.",
  auditChain: "Ist das Protokoll unversehrt?",
  chainLook: "Die ganze Kette prüfen",
  /** @param {number} rows */
  chainWhole: (rows) => `Unversehrt: ${rows} Einträge, jeder folgt auf den vorigen.`,
  chainBroken: "NICHT unversehrt:",
  chainNewest: "Neueste Prüfsumme (anderswo notieren):",
  who: "Wer",
  what: "Was",
  whom: "Betrifft",
  when: "Wann",
  from: "Von",

  anything: "alles",
  filter: "Filtern",
  older: "Ältere",
  noRows: "Kein Eintrag passt.",
};
