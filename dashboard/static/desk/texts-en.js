/**
 * The words of the desk, in English.
 */

/** @type {Readonly<Record<string, string>>} */
export const tabs = {
  people: "People",
  prescriptions: "Prescriptions",
  sensors: "Sensors",
  classes: "Classes",
  staff: "Staff on duty",
  import: "Import",
};

/** @type {Readonly<Record<string, string>>} */
export const kinds = { strap: "Strap", oximeter: "Oximeter", machine: "Machine" };

/** @type {Readonly<Record<string, string>>} */
export const roles = { therapist: "Therapist", supervisor: "Supervisor" };

/** @type {Readonly<Record<string, string>>} */
export const outcomes = { added: "new", changed: "changed", unchanged: "as before" };

/** @type {Readonly<Record<string, string>>} */
export const rules = {
  HR_OVER: "Upper heart rate",
  HR_CRIT: "Critical heart rate",
  HR_LOW: "Lower heart rate",
  SPO2_LOW: "SpO2",
  SPO2_CRIT: "Critical SpO2",
};

/** @type {Readonly<Record<string, string>>} */
export const fields = {
  hr_upper_bpm: "Upper limit, bpm",
  hr_lower_bpm: "Lower limit, bpm",
  zone_low_bpm: "Zone from, bpm",
  zone_high_bpm: "Zone to, bpm",
  ischaemic_threshold_bpm: "Ischaemic threshold, bpm",
  device_detection_bpm: "Defibrillator detects at, bpm",
  device_margin_bpm: "Margin below it, bpm",
  rest_hr_bpm: "Rest, bpm",
  peak_hr_bpm: "Peak, measured, bpm",
  peak_formula: "Peak by formula",
  birth_year: "Year of birth",
  sex: "Sex",
  mass_kg: "Weight, kg",
  beta_blocker: "Beta-blocker",
  exercise_test: "Exercise test done",
  after_surgery: "After heart surgery",
  zone_low_hrr_pct: "Zone from, % of reserve",
  zone_high_hrr_pct: "Zone to, % of reserve",
  zone_low_hrmax_pct: "Zone from, % of peak",
  zone_high_hrmax_pct: "Zone to, % of peak",
  zone_low_rpe: "Zone from, Borg 6-20",
  zone_high_rpe: "Zone to, Borg 6-20",
  oxygen_l_min: "Oxygen, L/min",
  spo2_floor_pct: "SpO2 not below, %",
  spo2_critical_pct: "SpO2 critical below, %",
  spo2_baseline_pct: "SpO2 at rest, %",
  age_years: "Year of birth",
};

/** @type {Readonly<Record<string, string>>} */
export const groups = { heart: "Heart rate", zone: "Target zone: one of these pairs", person: "Person", oxygen: "Oxygen" };

/** @type {Readonly<Record<string, string>>} */
export const callPriorities = { high: "High alarm", medium: "Medium alarm", low: "Low alarm" };

/** @type {Readonly<Record<string, string>>} whom a step calls */
export const callees = {
  assigned: "whose participant it is (if nobody's: all on duty)",
  on_duty: "all on duty",
  supervisor: "the supervisor",
  everybody: "everybody who has a phone",
};

export const texts = {
  tabsTitle: "Parts of the desk",
  save: "Save",
  cancel: "Cancel",
  back: "Back to the list",
  edit: "Edit",
  remove: "Remove",
  loading: "Loading ...",
  saved: "Saved",
  notAllowedHere: "Only a supervisor or an administrator changes this. You see the people of your classes.",
  search: "Search by name, alias or number",
  showArchived: "Show those put away",
  addPerson: "Add a person",
  personNew: "New person",
  number: "Number in the clinic",
  alias: "Alias on the screens",
  aliasHow: "What wall and tablet call this person: a first name, a letter, a colour. Not the full name.",
  name: "Name",
  nameHow: "Stays at the desk. It is on no wall, in no message and in no record of readings.",
  noPeople: "Nobody yet. Add a person, or import a list.",
  nobodyFound: "Nobody is called so.",
  nobodyOfYours: "You have no class with people yet. A supervisor plans classes and says who is on duty.",
  choosePerson: "Choose a person from the list.",
  archive: "Put away",
  unarchive: "Take back",
  archived: "put away",
  archiveHow: "Leaves all class plans; own sensors go to the pool. Nothing of the record is lost.",
  pseudonym: "Pseudonym in the record",
  noPrescription: "no prescription",
  /** @param {number} version */
  prescriptionVersion: (version) => `prescription ${version}`,
  ownSensors: "Own sensors",
  noSensors: "None. Give one in Sensors.",
  toPrescription: "Prescription",
  prescriptionOf: "Prescription of",
  groupCare: "What counts besides",
  limitsTitle: "Limits that follow",
  noUpper: "No upper limit: nothing speaks for one, and none is made up. Enter a limit, a zone, or rest.",
  applies: "applies",
  notLowest: "does not apply",
  /** @param {string} value @param {string} other */
  notAbove: (value, other) => `${value} is not above ${other}`,
  /** @param {string} value @param {string} other */
  isAbove: (value, other) => `${value} is above ${other}`,
  formulaNeedsAge: "needs the year of birth",
  formulaBeside: "not beside a measured peak",
  zoneTwice: "the zone is given in another way already; use one pair",
  zoneHalf: "the zone needs both ends",
  restMissing: "is needed for a zone in % of the reserve",
  peakMissing: "a zone in % needs a peak: measured, or by the year of birth",
  /** @param {string} year @param {string} age */
  ageWrong: (year, age) => `${year} makes ${age} years`,
  mustChange: "This can't be used yet:",
  why: "Why this version",
  whyHow: "e.g. exercise test of 12 May; start of the programme",
  savePrescription: "Save as a new version",
  versions: "Versions",
  noVersions: "Nothing was prescribed yet: defaults hold, and the screens say so.",
  takeVersion: "Take into the form",
  holdsFromNext: "Holds from the next class on. In a class that runs, a limit is changed at the tablet.",
  none: "none",
  female: "female",
  male: "male",
  formulaChosen: "chosen by the programme",
  /** @param {number} bpm */
  peakUsed: (bpm) => `Peak used: ${bpm} bpm`,
  /** @param {string} low @param {string} high */
  zoneUsed: (low, high) => `Zone: ${low} to ${high} bpm`,
  inRange: "In range now",
  noneInRange: "No sensor calls. Put a strap on (wet the electrodes) or switch an oximeter on, near the gateway.",
  noGateway: "No gateway is running. Start one, or look at Health.",
  signal: "Signal",
  battery: "Battery",
  batteryLow: "low",
  batteryOk: "ok",
  unknown: "not told",
  wornBy: "on",
  inClass: "in a class",
  skin: "on the skin",
  give: "Give",
  giveTo: "Give to",
  pool: "Pool (for anybody)",
  label: "What is written on it",
  labelHow: "e.g. Red 7",
  note: "Note",
  hold: "Hold it to the gateway",
  holdHow: "Hold one sensor close to the gateway; it is found within seconds.",
  holding: "Hold it close now ...",
  equallyNear: "Two are equally near: take one away.",
  /** @param {number | null} dbm */
  noneNear: (dbm) => `None is near enough${dbm === null ? "" : ` (${dbm} dBm)`}: hold it to the gateway.`,
  holdFound: "Found:",
  tap: "Tap your strap",
  tapHow: "Put the strap on or tap its electrodes: the one that begins to call is shown on top.",
  /** @param {number} seconds */
  tapping: (seconds) => `Waiting for a strap that begins to call ... ${seconds} s`,
  tapped: "just began to call",
  stop: "Stop",
  known: "Sensors of the clinic",
  noKnown: "None yet. Give one from the list above: it is known from then on.",
  owner: "Whose",
  forget: "Forget",
  lastSeen: "last told",
  today: "Today",
  noneToday: "No class today. Plan one below; with weekdays and a time it shows here.",
  plans: "Class plans",
  noPlans: "No plan yet. Add one: name, people, phases, days.",
  addPlan: "Add a class plan",
  planNew: "New class plan",
  planName: "Name of the class",
  room: "Room (empty: this one)",
  start: "Start",
  startClass: "Start the class",
  startWho: "Who is here? Whoever comes late joins in the class.",
  nobodyHere: "Nobody is marked as here.",
  running: "running",
  over: "was held",
  toClass: "To the class",
  /** @param {number} count */
  seatCount: (count) => `${count} ${count === 1 ? "person" : "people"}`,
  series: "Days",
  seriesHow: "Without a weekday the class is started when it is wanted.",
  time: "Time",
  firstDate: "First day",
  lastDate: "Last day (empty: no end)",
  phasesTitle: "Phases that begin by themselves",
  phase: "Phase",
  minute: "from minute",
  addPhase: "Add a phase",
  planStaff: "Staff on duty at the start",
  noStaff: "No users yet. An administrator adds them in Users.",
  seats: "Seats",
  seatsHow: "Drag a person to a seat, or choose in the list. Alt with the arrow keys moves a seat.",
  seat: "Seat",
  addSeat: "Add a seat",
  emptySeat: "free",
  ownSensor: "own",
  unseated: "Without a seat",
  everybodySits: "Everybody has a seat.",
  deletePlan: "Put the plan away",
  next: "next",
  strap: "Strap",
  oximeter: "Oximeter",
  policyTitle: "Who is called when",
  policyUnknown: "The part that calls people has not told who is called when. Look at Health.",
  /** @param {string} name @param {number} version */
  policyHow: (name, version) => `In force: ${name}, version ${version}. Times count from the beginning of the alarm; only an accept stops them. It is changed in the site's file (alerts.policy).`,
  screensAlone: "The screens alone show it; nobody is called.",
  /** @param {number} seconds */
  afterOnset: (seconds) => (seconds === 0 ? "At once:" : `After ${seconds} s:`),
  /** @param {number} seconds */
  callsEvery: (seconds) => `again every ${seconds} s`,
  /** @param {number} seconds */
  callsAgain: (seconds) => `Accepted and still there after ${seconds} s:`,
  allWays: "by all ways",
  staffTitle: "Initials and roles",
  initials: "Initials",
  role: "On duty as",
  user: "User",
  onDuty: "On duty in the class of now",
  noClassNow: "No class is running. Who is on duty is said in the class plan, and here once it runs.",
  ownPeople: "Own people",
  ownHow: "Their alarms come to this one first. Nobody chosen: all together.",
  isOnDuty: "on duty",
  shutOut: "shut out",
  importTitle: "Import a list of people",
  importHow: "CSV from a spreadsheet: UTF-8 or Windows encoding, commas or semicolons. A known number changes that person, everything else adds one. All lines or none.",
  template: "Empty list to fill in",
  chooseFile: "Choose a file",
  fileTooLarge: "The file is larger than 1 MB.",
  checking: "Looking through ...",
  /** @param {number} errors */
  importErrors: (errors) => `${errors} ${errors === 1 ? "error" : "errors"}: nothing is taken until the file has none.`,
  line: "Line",
  column: "Column",
  value: "Value",
  problem: "What is wrong",
  /** @param {number} added @param {number} changed @param {number} unchanged */
  importSummary: (added, changed, unchanged) => `${added} new, ${changed} changed, ${unchanged} as before`,
  importTake: "Take the list",
  /** @param {number} count */
  imported: (count) => `${count} people taken.`,
  withPrescription: "with prescription",
  noLines: "The file has no line with a person.",
};
