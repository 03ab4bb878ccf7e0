/**
 * The signs and symptoms of vitals/entries.py in German, the same words on every page and in the report: a stop sign has
 * one name.
 */

/** Stop signs first. @type {Readonly<Record<string, string>>} */
export const symptoms = {
  angina: "Brustschmerz",
  dizziness: "Schwindel",
  near_syncope: "Beinahe ohnmächtig",
  ataxia: "Unsicher auf den Beinen",
  pallor: "Blass",
  cyanosis: "Blaue Lippen",
  arrhythmia: "Unregelmäßiger Puls",
  asks_to_stop: "Möchte aufhören",
  dyspnoea: "Außer Atem",
  leg_pain: "Beinschmerz",
  fatigue: "Müde",
  cough: "Husten",
  other: "Anderes",
};
