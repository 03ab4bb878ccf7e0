/**
 * The words of the page of health, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { findings, meanings, states, texts, verdicts } = language === "de" ? de : en;
