// The trace pane: the turns of the person, newest first, and the one that is looked at.

import { get } from "./api.js";
import { routeWord } from "./decisions.js";
import { clear, h } from "./dom.js";
import { t } from "./labels.js";
import { refresher, sentence } from "./live.js";
import { page } from "./page.js";
import { timeOfDay, took } from "./times.js";
import { drawTurn } from "./turn.js";

const LISTED = 50;

export function mountTrace(root) {
  const pane = new Trace();
  root.append(...pane.elements);
  page.on("person", () => pane.begin());
  page.on("turn", ({ person }) => person === page.person?.id && pane.reload());
  page.on("message", (message) => pane.hear(message));
  page.on("turn-selected", (id) => pane.show(id));
  page.on("online", (online) => online && pane.reload());
  pane.begin();
}

/** It follows the newest turn, until an older one is chosen. */
class Trace {
  #rows = new Map();
  #shown = "";
  #follows = true;
  #drawn = "";
  #list = h("ol", { class: "turns", "aria-label": t("trace-turns") });
  #detail = h("article", { class: "turn", "aria-label": t("trace-turn") });
  #note = h("p", { class: "none" });

  #load = refresher(
    async () => {
      const { person } = page;
      const { turns } = person ? await get(`people/${person.id}/turns?limit=${LISTED}`) : { turns: [] };
      return { whose: person?.id, turns };
    },
    ({ whose, turns }) => whose === page.person?.id && this.#take(turns),
    { failed: (error) => this.#say(sentence(error)) },
  );

  #look = refresher(
    () => (this.#shown ? get(`turns/${encodeURIComponent(this.#shown)}`) : null),
    (turn) => turn && this.#draw(turn),
    { wait: 0, failed: (error) => this.#fail(error) },
  );

  get elements() {
    return [this.#note, this.#list, this.#detail];
  }

  /** Start over with the person who is selected. */
  begin() {
    this.#rows.clear();
    clear(this.#list);
    this.#show("");
    this.#follows = true;
    this.#say(t("trace-none"));
    this.#load();
  }

  reload() {
    this.#load();
    this.#look();
  }

  hear(message) {
    if (message.turn && message.turn === this.#shown && message.direction === "out") this.#look();
  }

  /** Look at a turn, be it among those listed or not. */
  show(id) {
    this.#follows = id === this.#rows.keys().next().value;
    this.#show(id);
    this.#look();
  }

  #show(id) {
    this.#rows.get(this.#shown)?.firstElementChild.removeAttribute("aria-current");
    if (id !== this.#shown) {
      clear(this.#detail);
      this.#drawn = "";
    }
    this.#shown = id;
    this.#rows.get(id)?.firstElementChild.setAttribute("aria-current", "true");
  }

  #take(turns) {
    const fresh = turns.filter((turn) => !this.#rows.has(turn.id)).map((turn) => [turn.id, this.#row(turn)]);
    this.#list.prepend(...fresh.map(([, row]) => row));
    this.#rows = new Map([...fresh, ...this.#rows]);
    this.#say(this.#rows.size ? "" : t("trace-none"));
    const [newest] = turns;
    if (newest && this.#follows && newest.id !== this.#shown) {
      this.#show(newest.id);
      this.#look();
    }
  }

  #row(turn) {
    const cells = [
      h("time", { datetime: turn.started_at }, timeOfDay(turn.started_at)),
      h("span", { class: "intent" }, turn.intent || "–"),
      verdict(turn),
      h("span", { class: "took" }, took(turn.ms)),
      h("span", { class: "language" }, turn.language),
    ];
    return h("li", {}, h("button", { type: "button", onclick: () => page.selectTurn(turn.id) }, ...cells));
  }

  /** Draw a turn, unless it is drawn as it is: a reader in the middle of it is not disturbed. */
  #draw(turn) {
    const drawn = JSON.stringify(turn);
    if (turn.id !== this.#shown || drawn === this.#drawn) return;
    const unfolded = this.#detail.querySelector(".raw")?.open ?? false;
    this.#drawn = drawn;
    this.#detail.replaceChildren(...drawTurn(turn));
    this.#detail.querySelector(".raw").open = unfolded;
  }

  #say(text) {
    this.#note.textContent = text;
    this.#note.hidden = !text;
  }

  #fail(error) {
    const words = error.status === 404 ? t("trace-running") : sentence(error);
    this.#detail.replaceChildren(h("p", { class: "none" }, words));
    this.#drawn = "";
  }
}

function verdict({ code, route }) {
  return h("span", { class: "verdict", dataset: { route: code ? "failed" : route } }, code || routeWord(route));
}
