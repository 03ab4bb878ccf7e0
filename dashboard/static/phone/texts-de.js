/**
 * The words of the phone's pages, in German.
 */

export const texts = {
  myAlarms: "Meine Alarme",
  noneCall: "Niemand ruft Sie",
  others: "Andere Alarme im Raum",
  myPeople: "Meine Teilnehmer",
  everybody: "Alle",
  notOnDuty: "Sie haben in dieser Stunde keinen Dienst: Sie sehen alle und werden stufenweise gerufen.",
  test: "Test",
  testHow: "Nur ein Test. Annehmen, damit bekannt ist, dass dieses Telefon funktioniert.",
  accept: "Annehmen",
  onMyWay: "Bin unterwegs",
  cannot: "Kann nicht",
  seen: "Gesehen",
  /** @param {string} who @param {string} time */
  accepted: (who, time) => `${who} hat angenommen ${time}`,
  /** @param {string} who @param {string} time */
  coming: (who, time) => `${who} ist unterwegs ${time}`,
  /** @param {string} who @param {string} time */
  declined: (who, time) => `${who} kann nicht ${time}`,
  /** @param {string} time */
  youAccepted: (time) => `Sie haben angenommen ${time}`,
  /** @param {string} time */
  youComing: (time) => `Sie sind unterwegs ${time}`,
  /** @param {string} time */
  youDeclined: (time) => `Sie können nicht ${time}`,
  /** @param {string} time */
  nextCall: (time) => `weitere werden gerufen in ${time}`,
  nobodyReached: "niemand war zu erreichen",
  /** @param {string} who */
  unreachable: (who) => `nicht erreicht: ${who}`,
  /** @param {string} who @param {string} time */
  switchedOff: (who, time) => `Rufe aus bis ${time} (${who})`,
  sending: "wird gesendet",
  sent: "Gesendet",
  notArrived: "Ihre Antwort ist nicht angekommen. Gehen Sie in den Raum.",
  /** @param {string} line */
  refused: (line) => `Nicht angenommen: ${line}`,
  cutOff: "Keine Verbindung. Was Sie sehen, ist alt. Gehen Sie in den Raum.",

  thisPhone: "Dieses Telefon",
  soundOn: "Klingt und vibriert, solange diese Seite offen ist",
  soundOff: "Ton ist aus - zum Einschalten berühren",
  pushesOn: "Alarme kommen als Nachricht, auch wenn diese Seite zu ist",
  pushesOff: "Nachrichten sind aus: Alarme kommen nur, solange diese Seite offen ist",
  switchOn: "Nachrichten einschalten",
  switchOff: "Nachrichten ausschalten",
  sendTest: "Test an mich",
  testSent: "Test gesendet. Beantworten Sie ihn, wenn er kommt.",
  noServiceWorker: "Dieser Browser nimmt hier keine Nachrichten. Die Seite mit ihrer https-Adresse öffnen; docs/phones.md sagt wie.",
  addToHome: "Auf iPhone oder iPad: Teilen, Zum Home-Bildschirm, und dort öffnen; erst dann können Nachrichten kommen.",
  denied: "Nachrichten sind in den Einstellungen dieses Browsers für diese Adresse gesperrt.",
  noKey: "Der Teil, der Nachrichten sendet, lief noch nicht: Nachrichten lassen sich nicht einschalten.",
  /** @param {string} line */
  notSwitchedOn: (line) => `Nachrichten ließen sich nicht einschalten: ${line}`,
  install: "Auf diesem Telefon installieren",
  ways: "Wege zu Ihnen",
  noWays: "keine",
  waiting: "noch nicht bestätigt",
  /** @param {string} time */
  lastSent: (time) => `letzte Nachricht ${time}`,
  neverSent: "noch keine Nachricht",
  thisDevice: "dieses Telefon",
  remove: "Entfernen",

  alarm: "Alarm",
  /** @param {string} time @param {string} duration */
  since: (time, duration) => `seit ${time}, ${duration}`,
  youHaveIt: "Sie haben es",
  youAreComing: "Sie sind unterwegs",
  youCannot: "Sie können nicht. Der Nächste wird gerufen.",
  somebodyHasIt: "Jemand hat es",
  isOver: "Es ist vorbei",
  isOverHow: "Es gibt nichts mehr zu beantworten.",
  loading: "Server wird gefragt",
  tooOld: "Diese Nachricht ist zu alt, um ohne Anmeldung zu antworten. Gehen Sie in den Raum, oder melden Sie sich an.",
  notYours: "Anmelden, um diesen Alarm zu sehen.",
  logIn: "Anmelden",
  allAlarms: "Alle meine Alarme",
  answered: "Auf diese Nachricht wurde geantwortet.",
};
