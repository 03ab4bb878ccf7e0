/**
 * A button that is held for a second: by finger, mouse or keyboard. What is touched by accident does nothing.
 */

export const HOLD_MS = 1_000;

/**
 * Makes a button one that is held. `data-held` is "yes" while it is, for the bar that fills in CSS.
 * @param {HTMLButtonElement} button
 * @param {() => void} onHeld
 */
export function holdToDo(button, onHeld) {
  /** @type {number | undefined} */
  let timer;
  const end = () => {
    clearTimeout(timer);
    timer = undefined;
    delete button.dataset["held"];
  };
  const begin = () => {
    if (timer !== undefined || button.disabled) return;
    button.dataset["held"] = "yes";
    timer = setTimeout(() => {
      end();
      onHeld();
    }, HOLD_MS);
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button === 0) begin();
  });
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "blur", "keyup"]) button.addEventListener(kind, end);
  // A long touch would open the browser's menu instead.
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    begin();
  });
}
