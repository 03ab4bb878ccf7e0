/**
 * The button that prints the handover card; without it the page is the same.
 */

const button = document.getElementById("print");
if (button !== null) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
