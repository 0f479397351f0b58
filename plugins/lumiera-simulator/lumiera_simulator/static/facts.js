// What is drawn alike in every part of the panes: a part with its heading, and facts that no page needs to know.

import { h } from "./dom.js";
import { direction } from "./labels.js";

/** A part of a pane under its heading; null when there is nothing to show. */
export function part(title, ...children) {
  const shown = children.flat().filter(Boolean);
  return shown.length ? h("section", { class: "part" }, h("h3", {}, title), ...shown) : null;
}

/** Every fact as `name value`, whoever wrote it; null when there is none besides those of `except`. */
export function chips(facts, except = []) {
  const shown = Object.entries(facts ?? {}).filter(([name, value]) => value !== "" && !except.includes(name));
  if (!shown.length) return null;
  const pairs = shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, plain(value))));
  return h("dl", { class: "facts" }, pairs);
}

function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A phone number to stand in a sentence: its plus stays in front of it where one reads from the right. */
export function inSentence(phone) {
  return direction() === "rtl" ? `\u2066${phone}\u2069` : phone;
}
