// The card of an escalation: who, why, since when, what was said, and the human's answer.

import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { chips, inSentence } from "./facts.js";
import { t } from "./labels.js";
import { sentence } from "./live.js";
import { page } from "./page.js";
import { ago, fullTime, shortTime } from "./times.js";
import { said } from "./turn.js";

const OUTCOMES = new Set(["", "reached", "nobody", "quiet"]);
const CLOSERS = new Set(["user", "team", "time"]);
const RINGS = {
  delivered: "team-ring-arrived",
  read: "team-ring-arrived",
  failed: "team-ring-lost",
  cancelled: "team-ring-lost",
};

/** One who waits; `changed` is called when something was done about it. */
export class Card {
  #one;
  #head = h("header", {});
  #facts = h("div", { class: "known" });
  #talk = h("div", { class: "talk" });
  #error = h("p", { class: "error", role: "alert" });
  #words = h("textarea", { rows: "3", dir: "auto", "aria-label": t("team-answer"), placeholder: t("team-answer") });
  #send = h("button", { type: "submit", class: "primary" }, t("team-send"));
  #both = h("button", { type: "button", class: "secondary", onclick: () => this.#answer(true) }, t("team-send-close"));
  #back = h("button", { type: "button", class: "secondary", onclick: () => this.#do("close") }, t("team-close"));
  #changed;
  #busy = false;

  constructor(one, changed) {
    this.#changed = changed;
    this.element = h("article", { class: "card", dataset: { escalation: one.id } });
    this.element.append(this.#head, this.#facts, this.#talk, this.#form());
    this.update(one);
  }

  update(one) {
    if (JSON.stringify(one) === JSON.stringify(this.#one)) return;
    this.#one = one;
    fill(this.#head, heading(one));
    fill(this.#facts, known(one));
    fill(this.#talk, said(one.said));
    this.element.setAttribute("aria-label", `${name(one)}: ${one.reason_text}`);
    this.#allow();
  }

  tick() {
    for (const time of this.#head.querySelectorAll("time")) time.textContent = ago(time.dateTime);
  }

  #form() {
    const buttons = h("div", { class: "buttons" }, this.#send, this.#both, this.#back);
    const form = h("form", { class: "answer" }, this.#words, this.#error, buttons);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer(false);
    });
    this.#words.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(this.#send);
    });
    return form;
  }

  async #answer(close) {
    const text = this.#words.value.trim();
    if (text) {
      await this.#do("answer", { text, close });
      return;
    }
    this.#error.textContent = t("team-empty");
    this.#words.focus();
  }

  async #do(what, body = {}) {
    this.#error.textContent = "";
    this.#busy = true;
    this.#allow();
    try {
      await post(`escalations/${this.#one.id}/${what}`, body);
      if (body.text) this.#words.value = "";
    } catch (error) {
      this.#error.textContent = sentence(error);
    } finally {
      this.#busy = false;
      this.#allow();
      this.#changed();
    }
  }

  /** A user who said STOP can only be called: nothing may be sent, but they can be handed back. */
  #allow() {
    const { stopped } = this.#one;
    this.#words.disabled = stopped;
    this.#words.readOnly = this.#busy;
    this.#send.disabled = this.#both.disabled = this.#busy || stopped;
    this.#back.disabled = this.#busy;
  }
}

function name(one) {
  return one.name || one.phone;
}

function heading(one) {
  const since = h("time", { datetime: one.opened_at, title: fullTime(one.opened_at) }, ago(one.opened_at));
  return [
    h("h3", {}, h("span", { class: "who", dir: "auto" }, name(one)), since),
    h("p", { class: "reason" }, one.reason_text || one.reason),
  ];
}

function known(one) {
  const person = [...page.people.values()].find((somebody) => somebody.phone === one.phone);
  return [
    warning(one),
    one.details && h("blockquote", { dir: "auto" }, one.details),
    h("p", { class: "rung" }, rung(one)),
    one.rings.length > 0 && h("ul", { class: "rings" }, one.rings.map(ring)),
    one.silent_until && h("p", { class: "rung" }, t("team-silent", { until: shortTime(one.silent_until) })),
    chips({ [t("team-phone")]: one.phone, [t("team-channel")]: one.channel, [t("team-language")]: one.language }),
    person && h("button", { type: "button", class: "quiet", onclick: () => chatWith(person) }, t("team-chat")),
  ];
}

function warning(one) {
  const key = one.stopped ? "team-stopped" : one.reachable ? "" : "team-unreachable";
  return key && h("p", { class: "warning" }, t(key, { phone: inSentence(one.phone) }));
}

function chatWith(person) {
  page.select(person.id);
  page.show("chat");
}

function rung(one) {
  if (!OUTCOMES.has(one.outcome)) return one.outcome;
  return one.outcome ? t(`team-outcome-${one.outcome}`) : t(one.rings.length ? "team-ringing" : "team-unrung");
}

function ring(one) {
  const outcome = t(RINGS[one.state] ?? "team-ring-away");
  return h("li", {}, h("bdi", {}, one.address), ` ${shortTime(one.at)}: ${outcome}`);
}

/** One who waited. */
export function closedCard(one) {
  const by = CLOSERS.has(one.closed_by) ? t(`team-closed-${one.closed_by}`) : one.closed_by;
  return h(
    "article",
    { class: "card" },
    h("header", {}, heading(one), h("p", { class: "rung" }, `${shortTime(one.closed_at)}: ${by}`)),
    one.details && h("blockquote", { dir: "auto" }, one.details),
    h("div", { class: "talk" }, said(one.said)),
  );
}
