/**
 * The words of the phone's pages, in English.
 */

export const texts = {
  myAlarms: "My alarms",
  noneCall: "Nobody calls you",
  others: "Other alarms in the room",
  myPeople: "My people",
  everybody: "Everybody",
  notOnDuty: "You are not on duty in this class: you see everybody and are called by steps.",
  test: "Test",
  testHow: "Only a test. Accept it, so that it is known that this phone works.",
  accept: "Accept",
  onMyWay: "On my way",
  cannot: "I can't",
  seen: "Seen",
  /** @param {string} who @param {string} time */
  accepted: (who, time) => `${who} accepted ${time}`,
  /** @param {string} who @param {string} time */
  coming: (who, time) => `${who} is on the way ${time}`,
  /** @param {string} who @param {string} time */
  declined: (who, time) => `${who} can't ${time}`,
  /** @param {string} time */
  youAccepted: (time) => `you accepted ${time}`,
  /** @param {string} time */
  youComing: (time) => `you are on the way ${time}`,
  /** @param {string} time */
  youDeclined: (time) => `you can't ${time}`,
  /** @param {string} time */
  nextCall: (time) => `more people are called in ${time}`,
  nobodyReached: "nobody could be reached",
  /** @param {string} who */
  unreachable: (who) => `not reached: ${who}`,
  /** @param {string} who @param {string} time */
  switchedOff: (who, time) => `calls off until ${time} (${who})`,
  sending: "sending",
  sent: "Sent",
  notArrived: "Your answer has not arrived. Go to the room.",
  /** @param {string} line */
  refused: (line) => `Not taken: ${line}`,
  cutOff: "No connection. What you see is old. Go to the room.",

  thisPhone: "This phone",
  soundOn: "Sounds and shakes while this page is open",
  soundOff: "Sound is off - touch to switch on",
  pushesOn: "Alarms come as messages, also when this page is closed",
  pushesOff: "Messages are off: alarms come only while this page is open",
  switchOn: "Switch messages on",
  switchOff: "Switch messages off",
  sendTest: "Send me a test",
  testSent: "Test sent. Answer it when it comes.",
  noServiceWorker: "This browser takes no messages here. Open the page by its https address; docs/phones.md says how.",
  addToHome: "On an iPhone or iPad: Share, Add to Home Screen, then open it from there; only then messages can come.",
  denied: "Messages are blocked in this browser's settings for this address.",
  noKey: "The part that sends messages has not started yet: messages can't be switched on.",
  /** @param {string} line */
  notSwitchedOn: (line) => `Messages could not be switched on: ${line}`,
  install: "Install on this phone",
  ways: "Ways to you",
  noWays: "none",
  waiting: "not confirmed yet",
  /** @param {string} time */
  lastSent: (time) => `last message ${time}`,
  neverSent: "no message yet",
  thisDevice: "this phone",
  remove: "Remove",

  alarm: "Alarm",
  /** @param {string} time @param {string} duration */
  since: (time, duration) => `since ${time}, ${duration}`,
  youHaveIt: "You have it",
  youAreComing: "You are on the way",
  youCannot: "You can't. The next one is called.",
  somebodyHasIt: "Somebody has it",
  isOver: "It is over",
  isOverHow: "There is nothing left to answer.",
  loading: "Asking the server",
  tooOld: "This message is too old to answer without a login. Go to the room, or log in.",
  notYours: "Log in to see this alarm.",
  logIn: "Log in",
  allAlarms: "All my alarms",
  answered: "This message was answered.",
};
