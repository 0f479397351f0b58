// Why a turn went where it went: candidates against their thresholds, the open question, dialogues, and whatever else.

import { h } from "./dom.js";
import { chips, part } from "./facts.js";
import { language, t } from "./labels.js";
import { percent, share, took } from "./times.js";

const SERVED = new Set(["fast_path", "consent"]); // routes on which the intent that was matched is the one served
const ROUTES = new Set([
  "question", "fast_path", "clarify", "agent", "undecided", "consent", "limited", "refused", "silent", "resumed", "team",
]);
const CERTAIN = new Set(["exact", "menu", "tap"]); // sources that are no plugin
const FATES = new Set(["answered", "missed", "kept"]);
const STATUSES = new Set(["open", "interrupted", "parked", "offered", "done", "cancelled", "draft"]);

/** A route or a status in words, or as it is where a plugin made up one of its own. */
export function routeWord(route) {
  return ROUTES.has(route) ? t(`trace-route-${route}`) : route || t("trace-route-none");
}

export function statusWord(status) {
  return STATUSES.has(status) ? t(`trace-status-${status}`) : status;
}

/** What the turn was taken for, and what became of it, in one sentence. */
export function summary(turn) {
  const told = outcome(turn);
  const taken = understood(turn);
  const sentence = taken ? t("trace-sentence", { taken, told }) : t("trace-sentence-short", { told });
  return sentence.charAt(0).toLocaleUpperCase(language()) + sentence.slice(1);
}

function understood(turn) {
  const found = candidates(turn);
  const question = turn.decisions.find((one) => one.what === "question");
  if (turn.route === "question" && question) return t("trace-taken-answer", { question: question.question });
  const taken = found.find((one) => isTaken(one, turn));
  if (taken) {
    const how = CERTAIN.has(taken.source) ? taken.source : "plugin";
    const args = { intent: taken.intent, sure: percent(taken.confidence), plugin: taken.source };
    return t(`trace-taken-${how}`, args);
  }
  const [best] = found;
  if (!best) return "";
  return t("trace-taken-unsure", { intent: best.intent, sure: percent(best.confidence), needed: percent(best.needed) });
}

function outcome(turn) {
  const args = { route: turn.route, took: took(turn.ms), code: turn.code };
  if (turn.code) return t("trace-told-failed", args);
  if (!turn.route) return t("trace-told-none", args);
  return t(ROUTES.has(turn.route) ? `trace-told-${turn.route}` : "trace-told-other", args);
}

function candidates(turn) {
  const isNumber = (value) => typeof value === "number";
  return turn.decisions.filter((one) => one.what === "intent" && isNumber(one.confidence) && isNumber(one.needed));
}

function isTaken(candidate, turn) {
  return candidate.intent === turn.intent && SERVED.has(turn.route);
}

/** Draw every decision of a turn; one of a kind unknown to this page as the facts that it has. */
export function decisions(turn) {
  const known = candidates(turn);
  const list = known.map((one) => candidate(one, isTaken(one, turn)));
  const others = turn.decisions.filter((one) => !known.includes(one)).map(other);
  return part(
    t("trace-why"),
    list.length ? h("ul", { class: "candidates", "aria-label": t("trace-candidates") }, ...list) : null,
    others.length ? h("ul", { class: "fates" }, ...others) : null,
  );
}

function sourceWord(source) {
  return CERTAIN.has(source) ? t(`trace-source-${source}`) : source;
}

function candidate(one, taken) {
  const { what: _what, intent, confidence, needed, source, ...others } = one;
  const drawn = h(
    "li",
    { class: taken ? "candidate taken" : "candidate" },
    h("span", { class: "intent" }, intent, taken ? h("mark", {}, t("trace-taken")) : null),
    h("span", { class: "by" }, source ? t("trace-by", { source: sourceWord(source) }) : ""),
    h("span", { class: "gauge", "aria-hidden": "true" }, h("span", { class: "level" }), h("span", { class: "needed" })),
    h("span", { class: "numbers" }, t("trace-needs", { sure: share(confidence), needed: share(needed) })),
    chips(others),
  );
  drawn.style.setProperty("--level", `${Math.min(confidence, 1) * 100}%`);
  drawn.style.setProperty("--needed", `${Math.min(needed, 1) * 100}%`);
  return drawn;
}

function other({ what, ...facts }) {
  if (what === "question" && FATES.has(facts.fate)) {
    const { question, fate, ...others } = facts;
    return h("li", {}, t(`trace-fate-${fate}`, { question }), chips(others));
  }
  if (what === "dialogue" && STATUSES.has(facts.status)) {
    const { of, status, asks, ...others } = facts;
    const key = asks ? "trace-dialogue-asks" : "trace-dialogue-is";
    return h("li", {}, t(key, { of, status: statusWord(status), asks }), chips(others, ["dialogue"]));
  }
  return h("li", {}, h("span", { class: "what" }, what), chips(facts));
}
