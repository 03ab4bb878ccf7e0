/**
 * The words of the pages, in the language of this screen: `?lang=`, else the site's.
 */

import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

const asked = new URLSearchParams(location.search).get("lang") ?? document.documentElement.lang;

/** @type {"de" | "en"} */
export const language = asked === "de" ? "de" : "en";
document.documentElement.lang = language;

export const { badges, doubts, flows, partNames, phases, practice, priorities, reasons, texts } = language === "de" ? de : en;
