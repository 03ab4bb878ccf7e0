/**
 * All words of the pages in English. Short, sentence case, no codes, no commands to the person.
 */

/** @type {Readonly<Record<string, string>>} */
const STRAP = {
  no_value: "Strap: no value",
  off_skin: "Strap: no skin contact",
  out_of_range: "Strap: value out of range",
  sensor_searching: "Strap is searching",
  poor_signal: "Strap: poor signal",
  low_perfusion: "Strap: weak pulse",
  no_pulse: "Strap: no pulse found",
  interference: "Strap: interference",
  early_estimate: "Strap: early estimate",
  sensor_displaced: "Strap has slipped",
  sensor_fault: "Strap is faulty",
  not_live: "Strap: not live data",
  odd_bytes: "Strap: odd data",
  undecodable: "Strap: unreadable data",
  stale: "Strap signal is late",
  lost: "No strap signal",
  gateway_lost: "Gateway lost",
  broker_lost: "Broker lost",
  never_heard: "Waiting for strap",
  out_of_slots: "Strap waits: no free radio slot",
  hand_over: "Strap moves to another gateway",
  broadcast: "Strap heard without a link",
};

/** @type {Readonly<Record<string, string>>} */
const OXIMETER = {
  no_value: "Oximeter: no value",
  off_skin: "Oximeter off finger",
  out_of_range: "Oximeter: value out of range",
  sensor_searching: "Oximeter is searching",
  poor_signal: "Oximeter: poor signal",
  low_perfusion: "Oximeter: weak pulse",
  no_pulse: "Oximeter: no pulse found",
  interference: "Oximeter: interference",
  early_estimate: "Oximeter: early estimate",
  sensor_displaced: "Oximeter has slipped",
  sensor_fault: "Oximeter is faulty",
  not_live: "Oximeter: not live data",
  odd_bytes: "Oximeter: odd data",
  undecodable: "Oximeter: unreadable data",
  stale: "Oximeter signal is late",
  lost: "No oximeter signal",
  gateway_lost: "Gateway lost",
  broker_lost: "Broker lost",
  never_heard: "Waiting for oximeter",
  out_of_slots: "Oximeter waits: no free radio slot",
  hand_over: "Oximeter moves to another gateway",
  broadcast: "Oximeter heard without a link",
};

/** Why a value is missing or not good, by sensor and by the reason on the wire. */
export const reasons = { strap: STRAP, oximeter: OXIMETER };

/** What analysis holds against a value. @type {Readonly<Record<string, string>>} */
export const doubts = {
  held_back: "jump held back",
  outside: "outside the usual range",
  below_70: "below 70, not accurate",
  poor_contact: "poor contact",
  dry_strap: "strap may be dry",
  artefacts: "many odd beats",
  rr_sum: "beats do not add up",
  ghost: "nobody seems to wear it",
  disagree: "strap and oximeter disagree",
  swapped: "may be somebody else's",
};

/** @type {Readonly<Record<string, string>>} */
export const phases = {
  rest: "Rest",
  warm_up: "Warm-up",
  training: "Training",
  cool_down: "Cool-down",
  recovery: "Recovery",
};

/** @type {Readonly<Record<import("./frames.js").GenerationMode, string>>} */
export const badges = { real: "", replayed: "REPLAYED DATA", simulated: "SIMULATED DATA", test: "TEST DATA" };

/** Instead of a badge: a class in which staff play. */
export const practice = "PRACTICE - not a class";

/** What is open of somebody in the flow of the class. @type {Readonly<Record<string, string>>} */
export const flows = {
  not_cleared: "not cleared",
  stopped: "stopped",
  recovering: "not released",
  to_release: "to be released",
};

/** @type {Readonly<Record<import("./frames.js").Priority, string>>} */
export const priorities = { high: "High", medium: "Medium", low: "Low", info: "Note" };

export const texts = {
  wall: "Wall",
  notMedical: "Not a medical device. Adds to direct supervision.",
  noClass: "No class yet.",
  noClassHow: "Plan one at the desk and start it there, or run the demo.",
  nobodyHere: "Everybody has left.",
  nobodyHereHow: "The class goes on until somebody ends it.",
  connecting: "Connecting to the server",
  neverConnected: "No connection to the server. Values are not shown. Watch people directly.",
  /** @param {string} time */
  connectionLost: (time) => `Connection lost, frozen at ${time}. Watch people directly.`,
  pageTooOld: "This page and the server do not understand each other. Reload the page.",

  bpm: "bpm",
  percent: "%",
  gone: "--",
  noStrap: "no strap",
  noOximeter: "no oximeter",
  noSignals: "No strap or oximeter signal",
  noUpperLimit: "No HR limit",
  /** @param {number} pct */
  strapBattery: (pct) => `Strap battery ${pct} %`,
  /** @param {number} pct */
  oximeterBattery: (pct) => `Oximeter battery ${pct} %`,

  noAlarms: "No alarms",
  alarmsNotLive: "Alarms are not live",
  technical: "technical",
  notSeen: "not seen yet",
  sourceLost: "source lost",
  notLive: "not live",
  /** @param {string} time */
  since: (time) => `since ${time}`,
  /** @param {string} text @param {string} time */
  was: (text, time) => `was ${text} at ${time}`,
  /** @param {string} duration */
  unaccepted: (duration) => `unaccepted ${duration}`,
  /** @param {string} who */
  onTheWay: (who) => `${who} on the way`,
  /** @param {string} duration */
  open: (duration) => `open ${duration}`,
  /** @param {string} by */
  acknowledged: (by) => `✓ ${by}`,
  /** @param {string} by @param {string} time */
  acknowledgedAt: (by, time) => `✓ ${by} ${time}`,
  /** @param {string} by */
  sending: (by) => `sending ${by}`,
  sendingBrief: "sending",
  notConfirmed: "not confirmed, try again",
  notConfirmedBrief: "try again",
  /** @param {number} count */
  more: (count) => `+${count} more`,
  /** @param {number} count */
  affects: (count) => (count === 1 ? "1 person affected" : `${count} people affected`),
  /** @param {number} count */
  affectsBrief: (count) => (count === 1 ? "1 person" : `${count} people`),

  /** @param {number} seat */
  seat: (seat) => `Seat ${seat}`,
  /** @param {string} time @param {string} who */
  emergency: (time, who) => `Emergency · ${time} · ${who}`,
  /** @param {number} seat @param {string} time @param {string} who */
  emergencyAt: (seat, time, who) => `Emergency, seat ${seat} · ${time} · ${who}`,
  acknowledge: "Acknowledge",
  markSeen: "Seen",
  cancel: "Cancel",
  initials: "Your initials",
  /** @param {string} who @param {string} by */
  saidAcknowledged: (who, by) => `${who} acknowledged by ${by}`,
  /** @param {string} text */
  saidNotConfirmed: (text) => `${text}: acknowledgement not confirmed`,

  /** @param {number} live @param {number} all */
  straps: (live, all) => `${live} of ${all} straps`,
  /** @param {number} live @param {number} all */
  oximeters: (live, all) => `${live} of ${all} oximeters`,
  /** @param {number} live @param {number} all */
  gateways: (live, all) => (all === 1 && live === 1 ? "1 gateway" : `${live} of ${all} gateways`),
  /** @param {string} left @param {string} by */
  soundPaused: (left, by) => (by === "" ? `Sound paused, ${left} left` : `Sound paused by ${by}, ${left} left`),

  soundOff: "Sound is off - touch to switch on",
  soundUnheard: "Sound was not heard when it was tested - check the loudspeaker",
  /** @param {string} names */
  soundOffAt: (names) => `Sound is off at ${names}`,
  silentScreen: "This screen never sounds",
  /** @param {string} left */
  hushed: (left) => `This screen is quiet, ${left} left`,
  sound: "Sound",
  pauseSound: "Pause the sound for 2 minutes",
  soundAgain: "Sound on again",
  testSound: "Test the sound",
  testSoundHow: "Two tones are played. Say whether they were heard where people stand.",
  heard: "Heard",
  notHeard: "Not heard",
  neverTested: "not tested yet",
  /** @param {string} time @param {string} by */
  heardAt: (time, by) => `heard ${time} by ${by}`,
  /** @param {string} time @param {string} by */
  notHeardAt: (time, by) => `not heard ${time} by ${by}`,

  alarmPath: "Alarm path",
  /** @param {string} age */
  alarmPathUp: (age) => `Alarm path up, analysis ${age} ago`,
  /** @param {string} age */
  alarmPathProven: (age) => `Alarm path tested ${age} ago`,
  alarmPathWaits: "Alarm path: waiting for analysis",
  /** @param {string} problem */
  alarmPathBroken: (problem) => `Alarm path: ${problem}`,
  /** @param {string} name */
  partLost: (name) => `${name} lost`,
  /** @param {string} name */
  partInTrouble: (name) => `${name} in trouble`,
  partUp: "up",
  partDown: "lost",
  partTrouble: "in trouble",
  partStopped: "stopped",
  pathSoundOff: "sound off",
  pathConnection: "no connection",
  /** @param {string} age */
  pathSilent: (age) => `analysis silent ${age}`,
  /** @param {string} age */
  analysisHeard: (age) => `heard ${age} ago`,

  thisScreen: "This screen",
  close: "Close",
  staysOn: "Screen stays on",
  mayGoDark: "Screen may go dark: start the browser in kiosk mode, see docs/wall.md",
  /** @param {string} words */
  unknownDisplay: (words) => `display=${words} is not known`,

  /** @param {string} time */
  limitIn: (time) => `limit in ${time}`,
};

/** @type {Readonly<Record<string, string>>} */
export const partNames = {
  gateway: "Gateway",
  ingest: "Record",
  analysis: "Analysis",
  alerts: "Phone alerts",
  dashboard: "Dashboard",
  broker: "Broker",
};
