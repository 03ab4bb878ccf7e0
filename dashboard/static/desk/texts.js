/**
 * The words of the desk, in the language of this screen; why a limit holds is said as on every other page.
 */

import * as alarmDe from "../alarm-words-de.js";
import * as alarmEn from "../alarm-words-en.js";
import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { callees, callPriorities, fields, groups, kinds, outcomes, roles, rules, tabs, texts } = language === "de" ? de : en;

/** @type {Readonly<Record<string, string>>} */
export const limits = language === "de" ? alarmDe.limits : alarmEn.limits;
export { language };
