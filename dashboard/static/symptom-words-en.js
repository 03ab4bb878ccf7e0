/**
 * The signs and symptoms of vitals/entries.py in English, the same words on every page and in the report: a stop sign has
 * one name.
 */

/** Stop signs first. @type {Readonly<Record<string, string>>} */
export const symptoms = {
  angina: "Chest pain",
  dizziness: "Dizziness",
  near_syncope: "Near fainting",
  ataxia: "Unsteady",
  pallor: "Pale",
  cyanosis: "Blue lips",
  arrhythmia: "Irregular pulse",
  asks_to_stop: "Asks to stop",
  dyspnoea: "Short of breath",
  leg_pain: "Leg pain",
  fatigue: "Tired",
  cough: "Cough",
  other: "Other",
};
