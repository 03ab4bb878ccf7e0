/**
 * The words of the page of users, in the language of this screen.
 */

import { language } from "../texts.js";
import * as de from "./texts-de.js";
import * as en from "./texts-en.js";

export const { deviceKinds, owners, roles, tabs, texts, whats } = language === "de" ? de : en;
export { language };
