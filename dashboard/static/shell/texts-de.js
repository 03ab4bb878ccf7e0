/**
 * The words of the frame around all staff pages, in German.
 */

/** @type {Readonly<Record<string, string>>} */
export const pages = {
  wall: "Wand",
  class: "Stunde",
  tablet: "Personen",
  phone: "Meine Alarme",
  desk: "Planung",
  review: "Auswertung",
  health: "System",
  admin: "Anmeldungen",
};

/** @type {Readonly<Record<string, string>>} */
export const roles = { admin: "Verwaltung", supervisor: "Leitung", therapist: "Therapie", display: "Anzeige" };

/** @type {Readonly<Record<string, string>>} */
export const emergencyRoles = {
  leader: "Leitung",
  compressions: "Druckmassage, AED",
  phone: "Notruf",
  crowd: "Andere Personen",
  timekeeper: "Zeit, Protokoll",
};

export const texts = {
  pagesTitle: "Seiten",
  menu: "Menü",
  otherLanguage: "English",
  logOut: "Abmelden",
  logIn: "Anmelden",
  switchUser: "Wechseln",
  user: "Benutzer",
  pin: "PIN",
  wrongPin: "Benutzer und PIN passen nicht. Nach fünf falschen PINs braucht es das Passwort.",
  usePassword: "Mit Passwort",
  tooMany: "Zu viele Versuche. In einer Minute wieder.",
  cancel: "Abbrechen",
  close: "Schließen",
  emergency: "Notfall",
  emergencyHow: "1 s halten",
  emergencyNoClass: "Keine Stunde: es gibt nichts festzuhalten. Direkt Hilfe rufen.",
  /** @param {number} seat */
  emergencyOf: (seat) => `Notfall, Platz ${seat}`,
  emergencyOfClass: "Notfall",
  emergencyOpen: "Öffnen",
  emergencyBack: "Zurück zur Seite",
  emergencyEnd: "Beenden",
  emergencyEndHow: "1 s halten",
  emergencyWho: "Wer ist es?",
  emergencyRolesTitle: "Rollen - antippen, wer sie hat",
  emergencyNobody: "noch niemand",
  emergencyScript: "Was zu tun ist",
  emergencyDefault: "Vorgabe, dem Haus anpassen",
  emergencyTimeline: "Verlauf",
  emergencyNote: "Notiz",
  emergencyWrite: "Festhalten",
  emergencyBegan: "Notfall begonnen",
  emergencyEnded: "Notfall beendet",
  emergencyUndone: "Zurückgenommen",
  /** @param {string} role @param {string} who */
  emergencyRole: (role, who) => `${role}: ${who}`,
  /** @param {number} seat */
  emergencyIsSeat: (seat) => `es ist Platz ${seat}`,
  handover: "Übergabekarte",
  seatsTitle: "Plätze",
  pauseSound: "Ton 2 min aus",
  soundOn: "Ton wieder an",
  /** @param {string} left */
  pausedLeft: (left) => `Ton aus, noch ${left}`,
  demo: "Vorführung, ohne Anmeldung",
  /** @param {string} who */
  runOut: (who) => `${who} war zu lange weg. Werte und Alarme laufen weiter; zum Bedienen anmelden.`,
  /** @param {string} time */
  access: (time) => `Notfallzugriff bis ${time}`,
  noClass: "Keine Stunde ist offen",
  alarms: "Alarme",
  people: "Personen",
  noAnswer: "Der Server antwortet nicht. Nichts wurde gespeichert.",
  notAllowed: "Mit dieser Anmeldung nicht erlaubt.",
};
