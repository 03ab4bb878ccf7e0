/**
 * The words of the frame, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { emergencyRoles, pages, roles, texts } = language === "de" ? de : en;
