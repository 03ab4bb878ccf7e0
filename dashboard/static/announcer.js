/**
 * Says to a screen reader what is new: an alarm of high or medium priority at once, an acknowledgement when there is time.
 */

import { inOrder, isExplained } from "./alarms.js";
import { must } from "./line.js";
import { priorities, texts } from "./texts.js";

/** @typedef {import("./frames.js").AlarmView} AlarmView */

export class Announcer {
  #alert = must("alert");
  #status = must("status");
  /** @type {Map<string, string>} */
  #known = new Map();

  /**
   * Compares the alarms with those before and says what is new.
   * @param {readonly AlarmView[]} alarms
   */
  follow(alarms) {
    const isUrgent = (/** @type {AlarmView} */ alarm) =>
      alarm.family === "physiological" && (alarm.priority === "high" || alarm.priority === "medium") && alarm.signal === "on";
    const raised = inOrder(alarms).filter(
      (alarm) => isUrgent(alarm) && !isExplained(alarm, alarms) && this.#known.get(alarm.id) !== `${alarm.signal} ${alarm.priority}`,
    );
    const taken = alarms.filter(
      (alarm) => alarm.signal === "acknowledged" && this.#known.get(alarm.id)?.startsWith("on ") === true,
    );
    if (raised.length > 0) {
      this.#alert.textContent = raised.map((alarm) => `${priorities[alarm.priority]}: ${this.#whole(alarm)}`).join(". ");
    }
    if (taken.length > 0) {
      this.say(taken.map((alarm) => texts.saidAcknowledged(this.#whole(alarm), alarm.acknowledged?.by ?? "")).join(". "));
    }
    this.#known = new Map(alarms.map((alarm) => [alarm.id, `${alarm.signal} ${alarm.priority}`]));
  }

  /** @param {string} text */
  say(text) {
    this.#status.textContent = text;
  }

  /** @param {AlarmView} alarm */
  #whole(alarm) {
    return alarm.seat == null ? alarm.text : `${texts.seat(alarm.seat)}, ${alarm.text}`;
  }
}
