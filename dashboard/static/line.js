/**
 * A line of text on the page: writes only what changed, and text only, so that no data can become markup.
 */

/** @type {WeakMap<Element, string>} */
const written = new WeakMap();
/**
 * What stands in the data attributes: asking the page costs more than remembering.
 * @type {WeakMap<Element, Map<string, string>>}
 */
const marked = new WeakMap();

/**
 * Writes a text. The 2 of SpO2 is set low; the text stays as it was given for those who read or search it.
 * @param {Element} node
 * @param {string} text
 */
export function writeLine(node, text) {
  if (written.get(node) === text) return;
  written.set(node, text);
  if (!text.includes("SpO2")) {
    const only = node.firstChild;
    if (only instanceof Text && only.nextSibling === null) only.data = text;
    else node.textContent = text;
    return;
  }
  node.replaceChildren();
  for (const [index, piece] of text.split("SpO2").entries()) {
    if (index > 0) {
      const low = document.createElement("sub");
      low.textContent = "2";
      node.append("SpO", low);
    }
    if (piece !== "") node.append(piece);
  }
}

/**
 * Sets a data attribute if it changed; an empty value removes it. Returns whether it changed.
 * @param {HTMLElement} node
 * @param {string} name
 * @param {string} value
 * @returns {boolean}
 */
export function mark(node, name, value) {
  let marks = marked.get(node);
  if (marks === undefined) marked.set(node, (marks = new Map()));
  if ((marks.get(name) ?? "") === value) return false;
  marks.set(name, value);
  if (value === "") delete node.dataset[name];
  else node.dataset[name] = value;
  return true;
}

/**
 * Makes an element with a class inside a parent.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {string} name
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function put(parent, tag, name) {
  const node = document.createElement(tag);
  node.className = name;
  parent.append(node);
  return node;
}

/**
 * Makes the line of an alarm: a button with what it is about, what it says, how old it is and who is on it.
 * @param {string} name its class
 */
export function buildAlarmLine(name) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = name;
  /** @type {import("./frames.js").AlarmView[]} the alarms of which it told last */
  const told = [];
  return {
    node,
    told,
    mark: put(node, "span", "mark"),
    seats: put(node, "b", "seats"),
    text: put(node, "span", "text"),
    age: put(node, "span", "age"),
    who: put(node, "span", "who"),
  };
}

/**
 * Finds what the page's HTML must hold.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function must(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`the page has no #${id}`);
  return node;
}
