// The dialogues of a turn with their journals: what was asked, answered and done, in order, and what is asked now.

import { statusWord } from "./decisions.js";
import { h } from "./dom.js";
import { chips, part } from "./facts.js";
import { t } from "./labels.js";
import { shortTime } from "./times.js";

const KINDS = new Set(["answer", "say", "step", "write"]);
const LONGEST = 200; // characters of a value that are shown before it is unfolded

export function journals(dialogues) {
  return part(t("trace-dialogues"), dialogues.map(dialogue));
}

function dialogue(one) {
  return h(
    "article",
    { class: "dialogue", dataset: { status: one.status } },
    h(
      "h4",
      {},
      h("span", { class: "intent" }, one.intent),
      h("span", { class: "verdict" }, statusWord(one.status)),
      h("small", {}, t("trace-opened", { at: shortTime(one.opened_at), version: one.version })),
    ),
    h("ol", { class: "journal" }, ...one.entries.map(entry), one.question ? pending(one.question) : null),
  );
}

function entry(one) {
  return h(
    "li",
    { dataset: { kind: one.kind, state: one.state } },
    h("span", { class: "kind" }, KINDS.has(one.kind) ? t(`trace-entry-${one.kind}`) : one.kind),
    h("code", {}, one.name),
    one.state === "done" ? null : h("strong", { class: "state" }, one.state),
    one.label ? labelled(one.label) : value(one.value),
  );
}

/** What was asked, and on a second line what was said. */
function labelled(label) {
  const [asked, ...said] = label.split("\n");
  const answer = said.length > 0 && h("b", { dir: "auto" }, said.join(" "));
  return h("span", { class: "label" }, h("span", { dir: "auto" }, asked), answer);
}

/** What a step came to, stored as JSON: words as they are, an object as its facts. */
function value(stored) {
  const found = parsed(stored);
  if (found === null || found === "") return null;
  if (typeof found === "object" && !Array.isArray(found)) return chips(found);
  const text = typeof found === "string" ? found : JSON.stringify(found);
  if (text.length <= LONGEST) return h("code", { class: "value" }, text);
  return h("details", { class: "value" }, h("summary", {}, `${text.slice(0, LONGEST / 2)}…`), h("code", {}, text));
}

function parsed(stored) {
  try {
    return JSON.parse(stored);
  } catch {
    return stored;
  }
}

function pending(question) {
  return h(
    "li",
    { class: "pending", dataset: { kind: "question" } },
    h("span", { class: "kind" }, t("trace-waits")),
    h("code", {}, question.name),
    h("small", {}, question.kind),
    h("span", { class: "label", dir: "auto" }, question.text),
  );
}
