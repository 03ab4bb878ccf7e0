/**
 * The words of the tablet page, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { entryWords, limitNames, outcomes, symptoms, texts, ways } = language === "de" ? de : en;
