/**
 * The words of review, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export { language };
export const { causes, deviations, exports, kinds, measures, modes, outcomes, phases, priorities, rules, symptoms, texts, vitals, ways } = language === "de" ? de : en;
