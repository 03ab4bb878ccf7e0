/**
 * The words of logging in and of who is logged in, English and German. Errors of the server come by status, not by words.
 */

const en = {
  titleLogin: "Log in",
  titleFirst: "First administrator",
  titleDisplay: "Pair this display",
  user: "User",
  password: "Password",
  again: "Password again",
  pin: "PIN",
  logIn: "Log in",
  create: "Create and log in",
  usePin: "Use the PIN",
  usePassword: "Use the password",
  capsLock: "Caps lock is on",
  passwordHow: "At least 10 characters. A short sentence is good.",
  differ: "The two passwords differ.",
  wrong: "User and password (or PIN) don't fit.",
  tooMany: "Too many attempts. Try again in a minute.",
  notPaired: "A PIN works only on a paired tablet.",
  linkOver: "This link was used or is older than an hour. Start the server anew for another one.",
  taken: "There is an administrator already. Log in instead.",
  refused: "Not accepted:",
  noAnswer: "The server does not answer. Watch people directly.",
  displayHow: "On a tablet or desk that is logged in: open this server's page /display?pair and type in this code.",
  displayOver: "The code is over. A new one comes.",
  displayName: "Name of the display",
  displayCode: "Code on the display",
  displayNames: "The display may show names (aliases)",
  pair: "Pair",
  paired: "Paired. The display shows the wall now.",
  wallAnyway: "Back to the wall",
  loggedIn: "Logged in:",
  logOut: "Log out",
  runOut: "was away too long. The wall goes on; log in to do something.",
  emergency: "Emergency access until",
  roles: { admin: "administrator", supervisor: "supervisor", therapist: "therapist", display: "display" },
};

/** @type {typeof en} */
const de = {
  titleLogin: "Anmelden",
  titleFirst: "Erste Verwaltung",
  titleDisplay: "Diese Anzeige koppeln",
  user: "Benutzer",
  password: "Passwort",
  again: "Passwort noch einmal",
  pin: "PIN",
  logIn: "Anmelden",
  create: "Anlegen und anmelden",
  usePin: "Mit PIN",
  usePassword: "Mit Passwort",
  capsLock: "Feststelltaste ist an",
  passwordHow: "Mindestens 10 Zeichen. Ein kurzer Satz ist gut.",
  differ: "Die beiden Passwörter sind verschieden.",
  wrong: "Benutzer und Passwort (oder PIN) passen nicht.",
  tooMany: "Zu viele Versuche. In einer Minute wieder.",
  notPaired: "Eine PIN gilt nur auf einem gekoppelten Tablet.",
  linkOver: "Dieser Link wurde benutzt oder ist älter als eine Stunde. Den Server neu starten ergibt einen neuen.",
  taken: "Es gibt schon eine Verwaltung. Bitte anmelden.",
  refused: "Nicht angenommen:",
  noAnswer: "Der Server antwortet nicht. Personen direkt beobachten.",
  displayHow: "Auf einem angemeldeten Tablet oder Rechner: die Seite /display?pair dieses Servers öffnen und den Code eingeben.",
  displayOver: "Der Code ist abgelaufen. Ein neuer kommt.",
  displayName: "Name der Anzeige",
  displayCode: "Code auf der Anzeige",
  displayNames: "Die Anzeige darf Namen (Aliasse) zeigen",
  pair: "Koppeln",
  paired: "Gekoppelt. Die Anzeige zeigt jetzt die Wand.",
  wallAnyway: "Zurück zur Wand",
  loggedIn: "Angemeldet:",
  logOut: "Abmelden",
  runOut: "war zu lange weg. Die Wand läuft weiter; zum Bedienen anmelden.",
  emergency: "Notfallzugriff bis",
  roles: { admin: "Verwaltung", supervisor: "Leitung", therapist: "Therapie", display: "Anzeige" },
};

const asked = new URLSearchParams(location.search).get("lang") ?? document.documentElement.lang;
const chosen = asked || (navigator.language.startsWith("de") ? "de" : "en");

/** @type {"de" | "en"} */
export const language = chosen === "de" ? "de" : "en";
export const words = language === "de" ? de : en;
