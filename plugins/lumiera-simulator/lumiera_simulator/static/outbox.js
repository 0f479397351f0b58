// What the person has not got yet, and why.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { part } from "./facts.js";
import { t } from "./labels.js";
import { refresher, sentence } from "./live.js";
import { page } from "./page.js";
import { ago } from "./times.js";
import { bubbleState } from "./turn.js";

const AGAIN = 2000; // tries of a send make no event
const EVENTS = ["person", "message", "turn", "faults", "clock", "online"];
const SETTLED = new Set(["failed", "cancelled"]);

/** Return the part of the pane; it looks again while something waits. */
export function mountOutbox() {
  const note = h("p", { class: "none" });
  const list = h("ol", { class: "outbox" });
  let waits = 0;
  const say = (text) => {
    note.textContent = text;
    note.hidden = !text;
  };
  const show = ({ whose, bubbles }) => {
    if (whose !== page.person?.id) return;
    fill(list, bubbles.map(bubble));
    say(bubbles.length ? "" : t("lab-outbox-none"));
    clearTimeout(waits);
    if (bubbles.some((one) => !SETTLED.has(one.state))) waits = setTimeout(look, AGAIN);
  };
  const look = refresher(load, show, { failed: (error) => say(sentence(error)) });
  for (const event of EVENTS) page.on(event, look);
  look();
  return part(t("lab-outbox"), h("p", {}, t("lab-outbox-told")), note, list);
}

async function load() {
  const { person } = page;
  const { bubbles } = person ? await get(`people/${person.id}/outbox`) : { bubbles: [] };
  return { whose: person?.id, bubbles };
}

function bubble(one) {
  return h(
    "li",
    { dataset: { state: one.state } },
    h("p", { class: "written", dir: "auto" }, one.text),
    h(
      "p",
      { class: "fate" },
      bubbleState(one.state),
      one.attempts ? h("span", {}, t("lab-attempts", { attempts: one.attempts })) : null,
      h("time", { datetime: one.created_at }, ago(one.created_at)),
    ),
    one.error ? h("p", { class: "error" }, one.error) : null,
  );
}
