/**
 * The class page: roll-call and pre-check, phases, what is due, the recovery watch and the end, for whoever runs a class.
 */

import { mountShell } from "../shell/shell.js";
import { ClassBoard } from "./board.js";
import { texts } from "./texts.js";
import { view } from "./view.js";
import { render } from "/static/vendor/lit-html.js";

const LIVE_MS = 500;

const main = document.getElementById("page");
if (main === null) throw new Error("no #page");
document.title = texts.title;

const shell = mountShell({ page: "class", main });
let isDirty = true;
let paintedMs = 0;
const board = new ClassBoard(shell, () => {
  isDirty = true;
  shell.paintSoon();
});

shell.onPaint((now) => {
  board.follow(shell.room.session?.id ?? null);
  const at = performance.now();
  // Live numbers are for a look at the list; the wall and the tablet show them faster.
  if (!isDirty && at - paintedMs < LIVE_MS) return;
  isDirty = false;
  paintedMs = at;
  render(view(board, now), main);
});
shell.onMe(() => board.draw());
