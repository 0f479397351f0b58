// The messages of a conversation: in the order of their ids, by days, with the reader left where the reader is.

import { h } from "./dom.js";
import { draw, update } from "./bubbles.js";
import { icon } from "./icons.js";
import { language, t } from "./labels.js";
import { botNow } from "./times.js";

const NEAR = 60; // pixels from the bottom that still count as there
const AHEAD = 600; // pixels from the top where older ones are fetched

export class Log {
  #chat;
  #rows = new Map(); // id -> {message, row}
  #days = h("div", { class: "days" });
  #typing = h("div", { class: "row theirs typing", hidden: true }, h("div", { class: "bubble" }, h("span", { class: "sr-only" }), h("i"), h("i"), h("i")));
  #pill = h("button", { type: "button", class: "to-bottom", hidden: true, onclick: () => this.toBottom() }, icon("down"), h("span", {}, t("chat-new")));
  #atBottom = true;
  #seen = 0; // where the reader was when that was last said
  #active = null;

  /** `chat` is what bubbles talk to; `chat.older()` is called when the reader comes near the top. */
  constructor(chat) {
    this.#chat = chat;
    this.box = h("div", { class: "log", role: "log", tabindex: "0", "aria-label": t("chat-log"), onkeydown: (event) => this.#walk(event) }, this.#days, this.#typing);
    this.element = h("div", { class: "log-frame" }, this.box, this.#pill);
    this.#typing.querySelector(".sr-only").textContent = t("chat-typing");
    this.box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.box.addEventListener("focusin", (event) => this.#activate(event.target.closest(".row[id]")));
    this.box.addEventListener("focusout", (event) => this.box.contains(event.relatedTarget) || this.#activate(this.#last));
    // Pictures that arrive, and a keyboard that opens, move the bottom away from a reader who is there.
    const watch = new ResizeObserver(() => this.#stays && this.toBottom());
    watch.observe(this.#days);
    watch.observe(this.box);
  }

  /** Whether the reader is at the bottom and not on the way up: the event of a scroll comes a frame after it. */
  get #stays() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    return this.#atBottom && scrollTop >= Math.min(this.#seen, scrollHeight - clientHeight) - 1;
  }

  get oldest() {
    return Math.min(...this.#rows.keys());
  }

  get size() {
    return this.#rows.size;
  }

  message(id) {
    return this.#rows.get(id)?.message;
  }

  bySid(sid) {
    for (const { message } of this.#rows.values()) if (message.sid === sid) return message;
    return null;
  }

  /** Empty it for another conversation. */
  reset() {
    this.#rows.clear();
    this.#days.replaceChildren();
    this.#pill.hidden = true;
    this.#active = null;
    this.#atBottom = true;
    this.typing(false);
  }

  /** Put older ones above, or the first ones in, silently and without moving what the reader sees. */
  fill(messages) {
    this.box.setAttribute("aria-live", "off");
    const stays = this.#stays;
    const anchor = [...this.#days.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().bottom > 0);
    const before = anchor?.getBoundingClientRect().top;
    for (const message of messages) this.#place(message);
    if (stays) this.toBottom();
    else if (anchor) this.box.scrollTop += anchor.getBoundingClientRect().top - before;
    requestAnimationFrame(() => this.box.setAttribute("aria-live", "polite"));
  }

  /** Take in a new message or a change of one. */
  put(message) {
    const stays = this.#stays;
    const isNew = this.#place(message);
    if (!isNew) return;
    if (message.direction === "out") this.typing(false);
    if (stays) this.toBottom();
    else this.#pill.hidden = false;
  }

  /** Show or hide the three dots. */
  typing(shown) {
    const stays = this.#stays;
    this.#typing.hidden = !shown;
    if (shown && stays) this.toBottom();
  }

  toBottom() {
    this.box.scrollTop = this.box.scrollHeight;
    this.#seen = this.box.scrollTop;
    this.#atBottom = true;
    this.#pill.hidden = true;
  }

  /** Bring a message into sight and mark it for a moment. */
  find(id) {
    const row = this.#rows.get(id)?.row;
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    row.classList.add("found");
    setTimeout(() => row.classList.remove("found"), 1500);
  }

  get #last() {
    return this.#days.lastElementChild?.lastElementChild ?? null;
  }

  /** Tell whether it was not there yet. What is known already is left as it is by an older change. */
  #place(message) {
    const known = this.#rows.get(message.id);
    if (known) {
      if (message.revision < known.message.revision) return false;
      known.message = message;
      update(known.row, message);
      return false;
    }
    const row = draw(message, this.#chat);
    for (const control of controls(row)) control.tabIndex = -1;
    const after = this.#after(message.id);
    const day = this.#day(message.at, after);
    day.insertBefore(row, after?.parentNode === day ? after : null);
    this.#rows.set(message.id, { message, row });
    if (!this.box.contains(document.activeElement) || !this.#active) this.#activate(this.#last);
    return true;
  }

  /** The row that a message with this id stands before; null at the end, where nearly all of them come. */
  #after(id) {
    const last = this.#last;
    if (!last || idOf(last) < id) return null;
    return [...this.#days.querySelectorAll(".row")].find((row) => idOf(row) > id) ?? null;
  }

  #day(at, after) {
    const date = new Date(at).toDateString();
    const next = after?.closest(".day") ?? null;
    if (next?.dataset.date === date) return next;
    const before = next ? next.previousElementSibling : this.#days.lastElementChild;
    if (before?.dataset.date === date) return before;
    const made = h("section", { class: "day", dataset: { date } }, h("h3", {}, h("span", {}, dayName(new Date(at)))));
    this.#days.insertBefore(made, next);
    return made;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    // A picture may have grown below since: only a reader who goes up leaves the bottom.
    this.#atBottom = scrollHeight - scrollTop - clientHeight < NEAR || (this.#atBottom && scrollTop >= this.#seen);
    this.#seen = scrollTop;
    if (this.#atBottom) this.#pill.hidden = true;
    if (scrollTop < AHEAD) this.#chat.older();
  }

  // --- by keyboard: one message is in the way of Tab, the arrows go to the others ---

  #activate(row) {
    if (!row || row === this.#active) return;
    if (this.#active) {
      this.#active.tabIndex = -1;
      for (const control of controls(this.#active)) control.tabIndex = -1;
    }
    this.#active = row;
    row.tabIndex = 0;
    for (const control of controls(row)) control.tabIndex = 0;
  }

  #walk(event) {
    if (event.target.matches("input") || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const rows = [...this.#days.querySelectorAll(".row")];
    const at = event.target === this.box ? rows.length : rows.indexOf(event.target.closest(".row"));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[Math.max(0, Math.min(to, rows.length - 1))];
    if (!row) return;
    event.preventDefault();
    row.focus();
  }
}

function controls(row) {
  return row.querySelectorAll("button, a, input, video");
}

function idOf(row) {
  return Number(row.id.replace("message-", "")) || 0;
}

function dayName(day) {
  const days = Math.round((new Date(botNow()).setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(-days, "day");
    return name.charAt(0).toLocaleUpperCase(language()) + name.slice(1);
  }
  return new Intl.DateTimeFormat(language(), { dateStyle: days > 0 && days < 7 ? undefined : "long", weekday: days > 0 && days < 7 ? "long" : undefined }).format(day);
}
