// Elements, made without markup: whatever somebody wrote ends in a text node.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. Attributes: `class`, `dataset`, `on<event>` listeners, booleans, and whatever else as it is
 *  written in HTML; null and false ones are left out. Children: nodes, strings, arrays of them; null and false are none. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Take all children away; return the element. */
export function clear(element) {
  element.replaceChildren();
  return element;
}

/** Put other children into an element; return it. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** Make an element of a drawing, such as `svg` or `path`. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== "");
}
