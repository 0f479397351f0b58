// WhatsApp's markup as nodes: *bold* _italic_ ~struck~ `code` ```block``` lists > quotes, and links.

import { h } from "./dom.js";

const SPANS = [
  ["`", "code"],
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
];
const LINK = /(?<![\p{L}\p{N}_])(?:https?:\/\/|www\.)[^\s<>"]+/u;
const BLOCK = /```([\s\S]+?)```/;
const LONGEST = 8192; // what is longer no provider would have sent: it is shown as it is
const WORD = /[\p{L}\p{N}]/u;
const LINES = [
  [/^>\s?(.*)$/, (text) => h("blockquote", {}, ...inline(text))],
  [/^[-*]\s+(.+)$/, (text) => h("div", { class: "item" }, h("span", {}, "•"), h("span", {}, ...inline(text)))],
];
const EMOJI = /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*\d]\ufe0f?\u20e3)[\ufe0f\u200d\u{1f3fb}-\u{1f3ff}]*\s*)+$/u;

/** Return the nodes of a text. */
export function markup(text) {
  if (text.length > LONGEST) return [text];
  const block = BLOCK.exec(text);
  if (!block) return text ? lines(text) : [];
  const after = text.slice(block.index + block[0].length);
  return [...markup(text.slice(0, block.index)), h("pre", {}, block[1].replace(/^\n|\n$/g, "")), ...markup(after)];
}

/** Return a text without its marks, on one line, as a list shows it. */
export function plain(text) {
  return text.replaceAll("```", "").replace(/(^|\s)([*_~`])(\S(?:.*?\S)?)\2(?=\s|$|[.,!?])/g, "$1$3").replace(/\s+/g, " ").trim();
}

/** Tell whether a text is nothing but one to three emoji, which WhatsApp draws large. */
export function isOnlyEmoji(text) {
  if (!EMOJI.test(text) || /^[\d\s#*]+$/.test(text)) return false;
  return [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))].length <= 3;
}

function lines(text) {
  return text.split("\n").flatMap((line, at, all) => {
    const [pattern, draw] = LINES.find(([one]) => one.test(line)) ?? [];
    if (pattern) return [draw(pattern.exec(line)[1])];
    const follows = at < all.length - 1; // what is drawn as a block ends its line by itself
    return follows ? [...inline(line), "\n"] : inline(line);
  });
}

function inline(text) {
  const found = [stretches(text), cut(text)].filter(Boolean).sort((one, other) => one.start - other.start)[0];
  if (!found) return text ? [text] : [];
  const before = found.start ? [text.slice(0, found.start)] : [];
  return [...before, found.draw(), ...inline(text.slice(found.end))];
}

/** Find the first stretch that is marked: its marks touch no word outside and no space inside. */
function stretches(text) {
  const found = SPANS.map(([mark, tag]) => stretch(text, mark, tag)).filter(Boolean);
  return found.sort((one, other) => one.start - other.start)[0];
}

function stretch(text, mark, tag) {
  for (let start = text.indexOf(mark); start >= 0; start = text.indexOf(mark, start + 1)) {
    if (WORD.test(text[start - 1] ?? "") || /\s/.test(text[start + 1] ?? " ") || text[start + 1] === mark) continue;
    for (let end = text.indexOf(mark, start + 2); end >= 0; end = text.indexOf(mark, end + 1)) {
      if (/\s/.test(text[end - 1]) || WORD.test(text[end + 1] ?? "")) continue;
      const inside = text.slice(start + 1, end);
      return { start, end: end + 1, draw: () => h(tag, {}, ...(tag === "code" ? [inside] : inline(inside))) };
    }
    return null;
  }
  return null;
}

/** Find the first link; nothing but http and https is one. */
function cut(text) {
  const match = LINK.exec(text);
  if (!match) return null;
  const shown = match[0].replace(/[.,;:!?)\]'"*_~]+$/, "");
  const href = shown.startsWith("www.") ? `https://${shown}` : shown;
  const draw = () => (URL.canParse(href) ? h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, shown) : shown);
  return { start: match.index, end: match.index + shown.length, draw };
}
