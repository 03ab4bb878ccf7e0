/**
 * What alarms and losses are called in English: the same as vitals/alarms.py, vitals/explanations.py and
 * dashboard/view say; a test compares them.
 */

/** @typedef {import("./frames.js").AlarmView} AlarmView */
/** @typedef {import("./frames.js").PartView} PartView */

/** @param {AlarmView} alarm */
const isOximeter = (alarm) => alarm.detail === "oximeter";

/** @type {Readonly<Record<string, (alarm: AlarmView, value: string, limited: string) => string>>} */
export const sayings = {
  HR_OVER: (_, value, limited) => `HR ${value}${limited}`,
  HR_CRIT: (_, value, limited) => `HR ${value}${limited}`,
  HR_LOW: (_, value, limited) => `HR ${value}${limited}`,
  SPO2_LOW: (_, value, limited) => `SpO2 ${value}${limited}`,
  SPO2_CRIT: (_, value, limited) => `SpO2 ${value}${limited}`,
  SPO2_FALL: (_, value, limited) => `SpO2 fall ${value}${limited}`,
  ZONE_HIGH: (_, value, limited) => `Zone: HR ${value}${limited}`,
  ZONE_LOW: (_, value, limited) => `Zone: HR ${value}${limited}`,
  HR_DROP: (_, value) => `HR fell by ${value}`,
  HR_NOT_RISING: (_, value) => `HR ${value} short of rising work`,
  HR_NOT_RECOVERING: (_, value) => `HR only ${value} down in recovery`,
  NO_DATA: (alarm) => (isOximeter(alarm) ? "No oximeter signal" : "No strap signal"),
  CONTACT: (alarm) => (isOximeter(alarm) ? "Oximeter off finger" : "Strap: no skin contact"),
  QUESTIONABLE: (alarm) => (isOximeter(alarm) ? "Oximeter values in doubt" : "Strap values in doubt"),
  DISAGREE: () => "Strap and oximeter disagree",
  GHOST: () => "Strap repeats another signal",
  SWAPPED: () => "Sensors swapped?",
  BATTERY_LOW: (alarm, value) => `${isOximeter(alarm) ? "Oximeter" : "Strap"} battery ${value} %`,
  OUT_OF_SLOTS: ({ subject }, value) => `Gateway ${subject}: ${value} wait for a radio`,
  CLOCK: ({ subject }, value) => `Gateway ${subject}: clock ${value} s off`,
  GATEWAY_LOST: ({ subject }) => `Gateway ${subject} lost`,
  STORE_LOST: () => "Record lost: values are live, nothing is stored",
  DASHBOARD_LOST: () => "Dashboard lost",
  ALERTS_LOST: () => "Phone alerts lost",
};

/** The worst value since the breach, once the newest keeps the limit again. */
export const worst = {
  /** @param {string} value */
  highest: (value) => `highest ${value}`,
  /** @param {string} value */
  lowest: (value) => `lowest ${value}`,
};

/** @type {Readonly<Record<string, string>>} */
export const whys = {
  HR_DROP: "The heart rate fell fast during exercise and below its level of before, not only back from a peak; beats or contact prove it",
  HR_NOT_RISING: "Work has risen and the heart rate has not followed",
  HR_NOT_RECOVERING: "Two minutes into recovery the heart rate has hardly come down",
  NO_DATA: "Nothing was heard of the sensor",
  CONTACT: "The sensor says, or its beats show, that it is not on the body",
  QUESTIONABLE: "The sensor tells, but nothing that a rule may judge: nobody watches this value",
  DISAGREE: "The two differ for longer than a delay explains; in atrial fibrillation that is real",
  GHOST: "The same value again and again, no beats, no contact: nobody seems to wear it",
  SWAPPED: "It follows somebody else's oximeter better than this person's own",
  BATTERY_LOW: "Change it before the next class",
  OUT_OF_SLOTS: "Every radio in reach is full; these sensors are not heard",
  CLOCK: "Times in the record may be off; no alarm depends on it",
  GATEWAY_LOST: "None of its sensors is heard",
  STORE_LOST: "The gateways keep what was not stored and send it later",
  DASHBOARD_LOST: "Screens show nothing new",
  ALERTS_LOST: "Nobody is called by phone",
};

/** @type {Readonly<Record<string, string>>} */
export const limits = {
  prescribed: "prescribed",
  zone_top: "top of the prescribed zone",
  ischaemic_minus_10: "10 below the ischaemic threshold",
  device_rate_minus_10: "10 below the device's detection rate",
  device_rate_minus_margin: "the clinic's margin below the device's detection rate",
  rest_plus_20: "20 above rest, no exercise test",
  rest_plus_30: "30 above rest after surgery, no exercise test",
  rest_minus_20: "20 below rest",
  upper_plus_10: "10 above the upper limit",
  zone_bottom: "bottom of the prescribed zone",
  baseline_minus_4: "4 below rest",
  rule_set: "the same for everybody",
  overridden: "set for this session",
  default: "default, not prescribed",
};

/** How far a value may be trusted: quality, the sensor's reason, what analysis found, how it came. */
export const trust = {
  /** @type {Readonly<Record<string, string>>} */
  words: {
    good: "good",
    questionable: "questionable",
    unusable: "unusable",
    no_value: "no value",
    off_skin: "off the skin",
    out_of_range: "out of range",
    sensor_searching: "sensor is searching",
    poor_signal: "poor signal",
    low_perfusion: "weak pulse",
    no_pulse: "no pulse found",
    interference: "interference",
    early_estimate: "early estimate",
    sensor_displaced: "sensor has slipped",
    sensor_fault: "sensor is faulty",
    not_live: "not live data",
    odd_bytes: "odd data",
    undecodable: "unreadable data",
    stale: "late",
    lost: "lost",
    gateway_lost: "gateway lost",
    broker_lost: "broker lost",
    never_heard: "never heard",
    held_back: "newest value jumped and is held back",
    outside: "outside the usual range",
    below_70: "below 70 no accuracy is stated",
    poor_contact: "poor contact",
    dry_strap: "strap may be dry",
    artefacts: "many odd beats",
    rr_sum: "beats do not add up",
    ghost: "nobody seems to wear it",
    disagree: "strap and oximeter disagree",
    swapped: "may be somebody else's sensor",
    agree: "strap and oximeter agree",
    normal: "normal averaging",
    fast: "fast averaging",
    slow: "slow averaging",
    spot: "spot measurement",
    polled: "asked for",
    broadcast: "from advertisements",
  },
  /** @param {string} seconds */
  age: (seconds) => `${seconds} s old`,
};

export const explaining = {
  /** @param {string} text @param {string} seconds */
  lasted: (text, seconds) => `${text} for ${seconds} s`,
  /** @param {string} limit @param {string} reason */
  limit: (limit, reason) => `Limit ${limit}: ${reason}`,
  /** @param {string} words */
  signal: (words) => `Signal: ${words}`,
  lastKnown: "No value since: last known",
  bpm: " bpm",
  percent: " %",
  point: ".",
};

/** What follows when a part is lost. @type {Readonly<Record<string, string>>} */
export const consequences = {
  ingest: "values and alarms are live, nothing is stored.",
  analysis: "values are live, alarms are not. Watch people directly.",
  alerts: "the wall is live, phones stay silent.",
  broker: "values and alarms are not live. Watch people directly.",
};

/** What follows when others are lost, too: nothing is promised. @type {Readonly<Record<string, string>>} */
export const harms = {
  ingest: "nothing is stored.",
  analysis: "alarms are not live. Watch people directly.",
  alerts: "phones stay silent.",
};

/** @type {Readonly<Record<string, (name: string) => string>>} */
export const troubles = {
  runs_twice: (name) => `${name} runs twice - values and alarms may be wrong until one of the two is stopped.`,
  unheard: () => "Analysis hears no readings - values are live, alarms are not. Watch people directly.",
  alarms_forgotten: () => "Analysis forgot all alarms from before its start - look at everybody.",
  alarms_not_saved: () => "Alarms not saved - they are live, a restart would forget them.",
  nothing_stored: () => "Record in trouble - values and alarms are live, nothing is stored.",
  no_room: (name) => `${name} has no room for more sensors - some are not heard.`,
  cannot_save: (name) => `${name} cannot save - values are live, a power cut would lose some.`,
  slow_disk: (name) => `${name} has a slow disk - values are live, a power cut would lose some.`,
  outbox_damaged: (name) => `${name} lost what it had saved before its start - values are live.`,
  calls_not_saved: () => "Calls to phones not saved - they go out, a restart may repeat them.",
  no_phone: () => "No phone of anybody on duty can be reached - the wall is live.",
  alarm_path: () => "No test alarm came through for 30 s - watch people directly.",
  changes_wait: () => "Changes wait for the disk - values and alarms are live.",
  other: (name) => `${name} in trouble`,
};

export const losing = {
  /** @param {string} name @param {string} time @param {string} consequence */
  part: (name, time, consequence) => `${name} lost ${time} - ${consequence}`,
  /** @param {string} name @param {string} consequence */
  notRunning: (name, consequence) => `${name} not running - ${consequence}`,
  /** @param {string} name @param {string} time @param {string} people */
  gateway: (name, time, people) => `Gateway ${name} lost ${time}, ${people}`,
  /** @param {string} name @param {string} people */
  gatewayNotRunning: (name, people) => `Gateway ${name} not running, ${people}`,
  /** @param {string} name @param {string} time @param {string} people */
  radio: (name, time, people) => `Radio lost at gateway ${name} ${time}, ${people}`,
  /** @param {string} line @param {number} count */
  more: (line, count) => `${line} +${count} more`,
};
