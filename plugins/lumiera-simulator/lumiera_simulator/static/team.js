// The team pane: who waits for a human, what was said, and the human's answer.

import { get } from "./api.js";
import { Card, closedCard } from "./card.js";
import { fill, h } from "./dom.js";
import { t } from "./labels.js";
import { refresher, sentence } from "./live.js";
import { page } from "./page.js";

const CLOCK = 30_000; // ms until "5 minutes ago" is put right

export function mountTeam(root) {
  const pane = new Team();
  root.append(...pane.elements);
  page.on("escalations", () => pane.reload());
  page.on("message", () => pane.hear());
  page.on("turn", () => pane.hear());
  page.on("clock", () => pane.tick());
  page.on("online", (online) => online && pane.reload());
  setInterval(() => pane.tick(), CLOCK);
  pane.reload();
}

/** The cards stay as they are while news comes in: nobody loses a half-written answer. */
class Team {
  #cards = new Map();
  #drawn = "";
  #note = h("p", { class: "none" }, t("team-loading"));
  #open = h("div", { class: "cards", role: "region", "aria-label": t("team-open") });
  #closed = h("div", { class: "cards" });
  #folded = h("details", { class: "closed", hidden: true }, h("summary", {}, t("team-closed")), this.#closed);

  reload = refresher(
    () => get("escalations"),
    ({ escalations }) => this.#take(escalations),
    { wait: 300, failed: (error) => this.#say(sentence(error)) },
  );

  get elements() {
    return [this.#note, this.#open, this.#folded];
  }

  /** Something was said somewhere, which matters to those who wait. */
  hear() {
    if (this.#cards.size) this.reload();
  }

  tick() {
    for (const card of this.#cards.values()) card.tick();
  }

  #take(escalations) {
    const open = escalations.filter((one) => !one.closed_at);
    this.#forget(new Set(open.map((one) => one.id)));
    for (const one of open) this.#show(one);
    this.#fold(escalations.filter((one) => one.closed_at));
    this.#say(open.length ? "" : t("team-none"));
    page.emit("waiting", open.length);
  }

  #fold(closed) {
    const drawn = JSON.stringify(closed);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    fill(this.#closed, closed.map(closedCard));
    this.#folded.hidden = !closed.length;
  }

  #show(one) {
    const known = this.#cards.get(one.id);
    if (known) {
      known.update(one);
      return;
    }
    const card = new Card(one, this.reload);
    this.#cards.set(one.id, card);
    this.#open.append(card.element);
  }

  #forget(open) {
    for (const [id, card] of this.#cards) {
      if (open.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
  }

  #say(text) {
    this.#note.textContent = text;
    this.#note.hidden = !text;
  }
}
