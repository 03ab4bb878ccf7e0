/**
 * The words of the frame around all staff pages, in English.
 */

/** @type {Readonly<Record<string, string>>} */
export const pages = {
  wall: "Wall",
  class: "Class",
  tablet: "People",
  phone: "My alarms",
  desk: "Desk",
  review: "Review",
  health: "Health",
  admin: "Logins",
};

/** @type {Readonly<Record<string, string>>} */
export const roles = { admin: "administrator", supervisor: "supervisor", therapist: "therapist", display: "display" };

/** @type {Readonly<Record<string, string>>} */
export const emergencyRoles = {
  leader: "Leader",
  compressions: "Compressions, AED",
  phone: "Phone",
  crowd: "Other people",
  timekeeper: "Timekeeper",
};

export const texts = {
  pagesTitle: "Pages",
  menu: "Menu",
  otherLanguage: "Deutsch",
  logOut: "Log out",
  logIn: "Log in",
  switchUser: "Switch",
  user: "User",
  pin: "PIN",
  wrongPin: "User and PIN don't fit. After five wrong PINs the password is needed.",
  usePassword: "With the password",
  tooMany: "Too many attempts. Try again in a minute.",
  cancel: "Cancel",
  close: "Close",
  emergency: "Emergency",
  emergencyHow: "hold 1 s",
  emergencyNoClass: "No class: there is nothing to write down. Call for help directly.",
  /** @param {number} seat */
  emergencyOf: (seat) => `Emergency, seat ${seat}`,
  emergencyOfClass: "Emergency",
  emergencyOpen: "Open",
  emergencyBack: "Back to the page",
  emergencyEnd: "End",
  emergencyEndHow: "hold 1 s",
  emergencyWho: "Who is it?",
  emergencyRolesTitle: "Roles - tap who has it",
  emergencyNobody: "nobody yet",
  emergencyScript: "What to do",
  emergencyDefault: "default, adapt to your house",
  emergencyTimeline: "Timeline",
  emergencyNote: "Note",
  emergencyWrite: "Write",
  emergencyBegan: "Emergency began",
  emergencyEnded: "Emergency ended",
  emergencyUndone: "Taken back",
  /** @param {string} role @param {string} who */
  emergencyRole: (role, who) => `${role}: ${who}`,
  /** @param {number} seat */
  emergencyIsSeat: (seat) => `it is seat ${seat}`,
  handover: "Handover card",
  seatsTitle: "Seats",
  pauseSound: "Pause sound 2 min",
  soundOn: "Sound on again",
  /** @param {string} left */
  pausedLeft: (left) => `Sound paused, ${left} left`,
  demo: "Demonstration, no login",
  /** @param {string} who */
  runOut: (who) => `${who} was away too long. Values and alarms go on; log in to do something.`,
  /** @param {string} time */
  access: (time) => `Emergency access until ${time}`,
  noClass: "No class is open",
  alarms: "Alarms",
  people: "People",
  noAnswer: "The server does not answer. Nothing was saved.",
  notAllowed: "Not allowed for this login.",
};
