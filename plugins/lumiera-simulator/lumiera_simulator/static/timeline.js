// The spans of a turn to scale: a table whose middle column is drawn.

import { h } from "./dom.js";
import { chips, part } from "./facts.js";
import { t } from "./labels.js";
import { took } from "./times.js";

const SLACK = 0.01; // milliseconds: the times are rounded
const TOLD = ["plugin", "raised"]; // facts that stand beside the name

/** Draw what took time, whatever its kind; a span within another one is indented. */
export function timeline(spans) {
  const timed = spans.filter((span) => span.kind !== "decision");
  if (!timed.length) return null;
  const whole = Math.max(...timed.map((span) => span.at + span.took), SLACK);
  const rows = nested(timed).map(({ span, depth }, at) => row(span, at, depth, whole));
  return part(t("trace-times"), h("table", { class: "timeline" }, head(whole), h("tbody", {}, rows)));
}

function head(whole) {
  const scale = [h("span", {}, took(0)), h("span", {}, took(whole))];
  const cells = [
    h("th", { scope: "col" }, t("trace-span")),
    h("th", { scope: "col", "aria-label": t("trace-when") }, h("span", { class: "scale" }, scale)),
    h("th", { scope: "col" }, t("trace-took")),
  ];
  return h("thead", {}, h("tr", {}, cells));
}

function row(span, at, depth, whole) {
  const { plugin, raised } = span.facts;
  const hint = h("span", { class: "hint", id: `span-${at}` }, chips(known(span)));
  const leave = (event) => event.key === "Escape" && event.target.blur();
  const name = { type: "button", class: "span-name", "aria-describedby": hint.id, onkeydown: leave };
  const named = [h("button", name, span.name), plugin && h("small", {}, plugin)];
  const cells = [
    h("th", { scope: "row" }, named, chips(span.facts, TOLD), hint),
    h("td", {}, bar(span, whole)),
    h("td", { class: "took" }, took(span.took), raised && h("strong", { class: "raised" }, raised)),
  ];
  const drawn = h("tr", { class: raised ? "failed" : null, dataset: { kind: span.kind } }, cells);
  drawn.style.setProperty("--depth", depth);
  return drawn;
}

/** All that is known of a span: it shows on hover and focus. */
function known(span) {
  return { kind: span.kind, [t("trace-begins")]: took(span.at), ...span.facts };
}

function bar(span, whole) {
  const drawn = h("span", { class: "bar", "aria-hidden": "true" });
  drawn.style.setProperty("--from", `${(span.at / whole) * 100}%`);
  drawn.style.setProperty("--long", `${(span.took / whole) * 100}%`);
  return h("span", { class: "track" }, drawn);
}

/** Spans come in the order in which they began; one lies in another if it also ended before it. */
function nested(spans) {
  const around = [];
  return spans.map((span) => {
    const end = span.at + span.took;
    while (around.length && (span.at >= around.at(-1) || end > around.at(-1) + SLACK)) around.pop();
    const depth = around.length;
    around.push(end);
    return { span, depth };
  });
}
