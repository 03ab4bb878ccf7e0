/**
 * The words of the page of health, in English.
 */

/** @type {Readonly<Record<string, (of: string, text: string) => string>>} */
export const findings = {
  broker: () => "Broker lost: values and alarms are not live. Watch people directly.",
  analysis: () => "Analysis is not running: values are live, alarms are not. Watch people directly.",
  gateway: (of) => `Gateway ${of} is not heard: the sensors it carries are not either.`,
  radio: (of, text) => `A radio of gateway ${of} is down${text === "" ? "" : `: ${text}`}.`,
  slots: (of, text) => `${text} sensors wait for a place at gateway ${of}: they are not heard.`,
  record: () => "The record is not running: nothing is stored.",
  alerts: () => "Phone alerts are not running: phones stay silent.",
  problem: (of, text) => `${of}: ${text}`,
  alarm_path: () => "No test alarm came through for 30 s although all parts say that they live. Watch people directly.",
  commit: () => "Nothing was stored for 10 s although sensors speak.",
  disk: () => "The disk of the data folder is nearly full.",
  clock: (of) => `The clock of gateway ${of} follows no time server: times in the record may be off.`,
  latency: (_, text) => `Values come ${(Number(text) / 1000).toFixed(1)} s late.`,
  no_phone: () => "No phone can be reached: an alarm is seen and heard at the wall alone.",
  phone: (of) => `${of} is on duty and cannot be reached by phone.`,
  no_wall: () => "No wall is connected that could sound.",
  sound: (of) => `Sound is off or was not heard at ${of}.`,
  audit: (_, text) => text,
  backup: () => "The newest backup is older than a week.",
};

/** @type {Readonly<Record<string, string>>} */
export const verdicts = {
  well: "Everything works",
  trouble: "Something does not work",
  not_watching: "Nobody is watched",
  unknown: "Asking the server",
  cutOff: "No connection",
};

/** @type {Readonly<Record<string, string>>} */
export const meanings = {
  well: "People are watched, alarms are raised, shown and sounded.",
  trouble: "People are watched all the same. What is missing:",
  not_watching: "No alarm would be raised or shown. Watch people directly.",
  unknown: "",
  cutOff: "The server does not answer: nothing here is of now. Watch people directly.",
};

/** @type {Readonly<Record<string, string>>} */
export const states = {
  up: "up",
  lost: "lost",
  stopped: "stopped",
  missing: "not running",
};

export const texts = {
  /** @param {string} time */
  asOf: (time) => `as of ${time}`,

  beforeClass: "Before class",
  ready: "Ready: every wall was heard and every phone on duty has answered.",
  notReady: "Not ready yet:",
  walls: "Walls",
  wallHow: "At each wall: touch Sound, Test the sound, and say whether it was heard where people stand.",
  noWalls: "No wall is connected. Open /wall on it, or pair it.",
  /** @param {string} time */
  heardAt: (time) => `heard ${time}`,
  notTested: "not tested",
  soundIsOff: "sound is off",
  soundUnheard: "was not heard",
  phones: "Phones",
  noPhones: "Nobody has a phone here. Open /phone on one and switch messages on.",
  onDuty: "on duty",
  /** @param {number} count */
  ways: (count) => (count === 1 ? "1 phone" : `${count} phones`),
  noWay: "no phone",
  pageOpen: "page open",
  pageSilent: "page open, sound off",
  /** @param {string} time */
  answeredAt: (time) => `answered a test ${time}`,
  notAnswered: "no test answered",
  /** @param {string} time */
  lastSent: (time) => `last message ${time}`,
  sendTest: "Send a test",
  /** @param {string} who */
  testSent: (who) => `Test sent to ${who}. It counts when it is accepted on the phone.`,
  /** @param {string} who */
  sendTestTo: (who) => `Send a test to ${who}`,

  parts: "Parts",
  part: "Part",
  state: "State",
  since: "Since",
  restarts: "Restarts",
  waiting: "Oldest waiting",
  gateways: "Gateways and radios",
  noGateways: "No gateway was heard.",
  /** @param {string} stack */
  radio: (stack) => `Radio ${stack}`,
  /** @param {number} used @param {number | null} max */
  slots: (used, max) => (max === null ? `${used} links` : `${used} of ${max} places`),
  down: "down",
  /** @param {number} live @param {number} all */
  sensors: (live, all) => `${live} of ${all} sensors live`,
  /** @param {number} count */
  waitForSlot: (count) => `${count} wait for a place`,
  clockRight: "clock follows a time server",
  clockWrong: "clock follows no time server",
  clockUnknown: "whether its clock is right is not told",

  data: "Data of the last minutes",
  latency: "Reading to broker, worst sensor",
  /** @param {string} p50 @param {string} p99 */
  quantiles: (p50, p99) => `half within ${p50} ms, 99 % within ${p99} ms`,
  gaps: "Interruptions",
  /** @param {number} count @param {number} sensors @param {number} minutes */
  gapsIn: (count, sensors, minutes) => (count === 0 ? `none in ${minutes} min` : `${count} at ${sensors} sensors in ${minutes} min`),
  stored: "Last stored",
  path: "Alarm path, last test through",
  heardAnalysis: "Analysis last heard",
  disk: "Free on the disk",
  /** @param {string} free @param {string} all */
  free: (free, all) => `${free} of ${all} GB`,
  backup: "Newest backup",
  /** @param {string} age */
  ago: (age) => `${age} ago`,
  never: "not yet",
  none: "none known",
};
