/**
 * The words of the page of users, in English.
 */

/** @type {Readonly<Record<string, string>>} */
export const tabs = { own: "My login", devices: "Walls and tablets", users: "Users", erase: "Forget a person", audit: "Audit log" };

/** @type {Readonly<Record<string, string>>} */
export const roles = { therapist: "Therapist", supervisor: "Supervisor", admin: "Administrator" };

/** @type {Readonly<Record<string, string>>} */
export const deviceKinds = { display: "Wall", tablet: "Tablet" };

/** @type {Readonly<Record<string, string>>} */
export const whats = {
  login: "logged in",
  login_pin: "logged in by PIN",
  login_failed: "login failed",
  logout: "logged out",
  emergency: "emergency access",
  acknowledge: "took an alarm",
  pause_audio: "paused the sound",
  limit: "changed a limit",
  prescribed: "prescribed",
  prescriptions: "looked at prescriptions",
  people: "looked at people",
  person: "looked at a person",
  start_class: "began a class",
  end_class: "ended a class",
};

/** @type {Readonly<Record<string, string>>} who has a file with people in it */
export const owners = { ingest: "Record", alerts: "Calls", dashboard: "Register and classes", review: "Summaries" };

export const texts = {
  tabsTitle: "Parts of this page",
  loading: "Loading ...",
  save: "Save",
  saved: "Saved",
  cancel: "Cancel",
  addUser: "Add a user",
  user: "User",
  userHow: "1 to 32 of a-z, 0-9, . _ - as in mara or m.king",
  role: "Role",
  byLink: "By a link: the user sets the password, once, within 3 days",
  byPassword: "With a password that you give now",
  password: "Password",
  passwordHow: "At least 10 characters. A short sentence is good.",
  hasPin: "PIN set",
  pinBlocked: "PIN blocked after wrong ones",
  noPin: "no PIN",
  shutOut: "shut out",
  linkWaits: "link not used yet",
  changeRole: "Role of",
  newLink: "New link",
  resetPin: "Reset PIN",
  disable: "Shut out",
  enable: "Let in again",
  linkFor: "Link for",
  linkHow: "It is shown once. Hand it over directly; it works once.",
  copy: "Copy",
  copied: "Copied",
  until: "until",
  ownTitle: "Logged in as",
  pinTitle: "PIN for paired tablets",
  pinHow: "4 to 6 digits; on a paired tablet it is enough to log in. Elsewhere it opens nothing.",
  pinOpen: "In the demonstration nobody has a PIN.",
  pin: "New PIN",
  ownPassword: "Your password",
  setPin: "Set the PIN",
  removePin: "Take the PIN away",
  emergencyTitle: "Emergency access",
  emergencyHow: "See earlier classes for 30 minutes. It is shown to everybody on the staff, with your reason, and stays in the audit log.",
  emergencyWhy: "Why",
  emergencyWhyHow: "at least 10 characters",
  emergencyTake: "Take emergency access",
  emergencyNow: "Who has it now",
  emergencyNobody: "Nobody.",
  notNeeded: "Your role sees earlier classes without it.",
  pairWall: "Pair a wall",
  pairWallHow: "Open /display on the television and type in the code that it shows.",
  code: "Code on the wall",
  deviceName: "Name",
  deviceNameHow: "a-z, 0-9, . _ - as in wall-1",
  seesNames: "It may show names (aliases); else it shows seats",
  pair: "Pair",
  pairTablet: "Make this device a tablet of the clinic",
  pairTabletHow: "On it a PIN is enough to log in. Do this on the tablet itself.",
  isTablet: "This device is the tablet",
  devices: "Paired",
  noDevices: "Nothing is paired yet.",
  withNames: "with names",
  seatsOnly: "seats only",
  revoke: "Shut out",
  eraseTitle: "Forget a person for good",
  eraseHow: "Readings, alarms, entries, prescriptions and calls of this person are deleted in every file. It can't be undone. To put somebody away for a while, use the desk.",
  eraseNobody: "Nobody is in the register.",
  erasePerson: "Person",
  /** @param {string} number */
  eraseType: (number) => `Type ${number} to confirm`,
  eraseWhy: "Why",
  /** @param {string} alias */
  eraseDo: (alias) => `Forget ${alias} for good`,
  /** @param {string} number */
  eraseOther: (number) => `Nobody was forgotten: ${number} was to be typed.`,
  /** @param {string} alias */
  eraseProgress: (alias) => `Forgetting ${alias}`,
  eraseAsked: "asked, not done yet",
  eraseDone: "done",
  eraseRefused: "refused:",
  eraseAll: "Done everywhere.",
  eraseWaits: "Goes on by itself, also when this page is closed.",
  /** @param {number} count */
  eraseSink: (count) => `The InfluxDB server keeps ${count} stretches of forgotten people: delete them there by hand.`,
  eraseStays: "Backups, exports and paper are not reached. The pseudonym stays in the audit log.",
  auditChain: "Is the log whole?",
  chainLook: "Look through the whole chain",
  /** @param {number} rows */
  chainWhole: (rows) => `Whole: ${rows} entries, each follows the one before.`,
  chainBroken: "NOT whole:",
  chainNewest: "Newest hash (note it elsewhere):",
  who: "Who",
  what: "What",
  whom: "About",
  when: "When",
  from: "From",

  anything: "anything",
  filter: "Filter",
  older: "Older ones",
  noRows: "No entry fits.",
};
