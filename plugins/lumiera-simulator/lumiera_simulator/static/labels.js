// Every visible word of the page, in the reader's language.

import { get } from "./api.js";

const LAST = "en";

let words = {};
let turned = "ltr";
let spoken = LAST;

/** Fetch the words of a language, English ones where the page has none in it, and turn the page to its direction. */
export async function load(wanted) {
  const { labels, dir, language } = await get(`labels/${encodeURIComponent(wanted)}`).catch((error) => {
    if (error.status !== 404 || wanted === LAST) throw error;
    return get(`labels/${LAST}`);
  });
  [words, turned, spoken] = [labels, dir, language];
  document.documentElement.lang = language;
  document.documentElement.dir = dir;
}

/** Return the text of a key, written without its `sim-`, with `{name}` filled from `args`. */
export function t(key, args = {}) {
  const text = words[`sim-${key}`] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in args ? String(args[name]) : whole));
}

/** "ltr" or "rtl". */
export function direction() {
  return turned;
}

export function language() {
  return spoken;
}

/** Return the name of a language, in the page's language or in its own. */
export function languageName(code, inItself = false) {
  const name = new Intl.DisplayNames([inItself ? code : spoken], { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
