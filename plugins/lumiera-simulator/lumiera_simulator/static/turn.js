// One turn, told from what was said to what became of the reply. It knows no plugin: whatever has a span shows up.

import { decisions, summary } from "./decisions.js";
import { h } from "./dom.js";
import { chips, part } from "./facts.js";
import { journals } from "./journal.js";
import { t } from "./labels.js";
import { markup } from "./markup.js";
import { page } from "./page.js";
import { timeline } from "./timeline.js";
import { fullTime, number, timeOfDay } from "./times.js";

const DRAWN = [
  "id", "started_at", "ms", "intent", "confidence", "route", "code", "cost", "said", "spans", "decisions", "failures",
  "bubbles", "dialogues", "raw",
];
const STATES = new Set(["queued", "sending", "sent", "delivered", "read", "failed", "unknown", "cancelled"]);
const SPEAKERS = new Set(["in", "out", "team", "note"]);

/** Return the elements of a turn; its facts that have no drawing of their own stand as they are. */
export function drawTurn(turn) {
  return [
    h("h2", { class: "summary" }, summary(turn)),
    h("p", { class: "when" }, h("time", { datetime: turn.started_at }, fullTime(turn.started_at)), cost(turn.cost)),
    part(t("trace-said"), said(turn.said)),
    part(t("trace-failures"), failures(turn.failures)),
    decisions(turn),
    journals(turn.dialogues),
    timeline(turn.spans),
    part(t("trace-reply"), bubbles(turn.bubbles)),
    part(t("trace-facts"), chips({ turn: turn.id, ...withoutEmpty(turn) }, DRAWN)),
    raw(turn.raw),
  ].filter(Boolean);
}

function withoutEmpty(facts) {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== ""));
}

function cost(value) {
  return typeof value === "number" ? h("span", { class: "cost" }, t("trace-cost", { cost: number(value) })) : null;
}

export function said(lines) {
  if (!lines.length) return null;
  return h("ul", { class: "said" }, ...lines.map(line));
}

function line(one) {
  const who = SPEAKERS.has(one.direction) ? t(`trace-who-${one.direction}`) : one.direction;
  return h(
    "li",
    { dataset: { direction: one.direction } },
    h("span", { class: "who" }, who, " ", h("time", { datetime: one.at }, timeOfDay(one.at))),
    h("div", { class: "text", dir: "auto" }, markup(one.text)),
  );
}

function failures(list) {
  return list.length ? h("ul", { class: "failures" }, list.map(failure)) : null;
}

function failure({ code, message, ...where }) {
  return h("li", {}, h("strong", {}, code), " ", h("span", {}, message), chips(withoutEmpty(where)));
}

function bubbles(list) {
  if (!list.length) return h("p", { class: "none" }, t("trace-no-reply"));
  return h("ol", { class: "bubbles" }, list.map(bubble));
}

function bubble({ state, error }) {
  return h("li", {}, bubbleState(state), error && h("span", { class: "error" }, error));
}

export function bubbleState(state) {
  return h("span", { class: "verdict", dataset: { state } }, STATES.has(state) ? t(`trace-state-${state}`) : state);
}

function raw(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const copy = h("button", { type: "button", class: "quiet", onclick: () => copyOut(text) }, t("trace-copy"));
  const shown = h("pre", { tabindex: "0", dir: "ltr" }, text);
  return h("details", { class: "raw" }, h("summary", {}, t("trace-raw")), copy, shown);
}

async function copyOut(text) {
  try {
    await navigator.clipboard.writeText(text);
    page.toast(t("trace-copied"));
  } catch {
    // A browser may forbid it: the text can still be selected by hand.
    page.toast(t("trace-not-copied"));
  }
}
