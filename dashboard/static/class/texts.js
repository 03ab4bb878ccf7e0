/**
 * The words of the class page, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { clearances, dues, items, kinds, recoveries, stopHow, symptoms, texts } = language === "de" ? de : en;
