// The chat: the phone of the person who is looked at.

import { ApiError, get, post } from "./api.js";
import { Composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { languageName, t } from "./labels.js";
import { Log } from "./log.js";
import { page } from "./page.js";
import { avatar } from "./people.js";
import { complain, send } from "./send.js";

const AT_ONCE = 100; // messages fetched together
const TYPED = 12_000; // ms until a bot that says nothing is no longer typing

export function mountChat(root) {
  const chat = new Chat();
  root.setAttribute("aria-label", t("chat-title-of"));
  root.append(chat.header, chat.log.element, chat.composer.element);
  page.on("person", (person) => chat.open(person));
  page.on("people", () => (chat.head(), chat.look()));
  page.on("message", (message) => chat.hear(message));
  page.on("sent", (person) => person === page.person?.id && chat.log.toBottom());
  page.on("typing", ({ person }) => person === page.person?.id && chat.typing());
  page.on("show", () => chat.look());
  page.on("online", (online) => online && chat.complete());
  document.addEventListener("visibilitychange", () => chat.look());
}

class Chat {
  #more = false; // there are older ones on the server
  #fetching = null; // whose messages are on the way
  #typed = 0;
  #face = h("span", {});
  #name = h("h2", { dir: "auto" });
  #about = h("p", { "aria-live": "polite" });

  constructor() {
    this.log = new Log(this);
    this.composer = new Composer();
    const menu = h("button", { type: "button", class: "icon-button only-narrow", popovertarget: "people", "aria-label": t("people-open") }, icon("people"));
    this.header = h("header", { class: "chat-head" }, menu, this.#face, h("div", { class: "who" }, this.#name, this.#about));
  }

  /** Show another person's conversation. */
  async open(person) {
    this.log.reset();
    this.#more = false;
    this.composer.open(person);
    this.head();
    if (person) await this.#fetch();
  }

  head() {
    const { person } = page;
    fill(this.#face, person && avatar(person));
    this.#name.textContent = person?.name || person?.phone || t("people-nobody");
    if (!this.#typed) fill(this.#about, person && [h("bdi", {}, person.phone), " · ", languageName(person.language)]);
  }

  hear(message) {
    if (message.person !== page.person?.id) return;
    // An old one that is not shown has changed: it comes as it is with the others when the reader goes up there.
    if (this.#more && message.id < this.log.oldest) return;
    this.log.put(message);
    if (message.direction === "out") this.#still();
  }

  typing() {
    clearTimeout(this.#typed);
    this.#typed = setTimeout(() => this.#still(), TYPED);
    this.#about.textContent = t("chat-typing");
    this.log.typing(true);
  }

  /** Tell the bot that what it sent has been seen, if it has. */
  async look() {
    const { person } = page;
    if (!person?.unread || document.hidden || document.getElementById("chat").hidden) return;
    person.unread = 0;
    page.emit("people");
    await post(`people/${person.id}/read`).catch((error) => error.status && complain(error));
  }

  /** After a time without the server: what could not be fetched then is fetched now. */
  async complete() {
    if (page.person && !this.log.size) await this.#fetch();
  }

  older() {
    if (this.#more && !this.#fetching) this.#fetch(this.log.oldest);
  }

  async #fetch(before = null) {
    const { person } = page;
    this.#fetching = person;
    try {
      const { messages, more } = await get(`people/${person.id}/messages?limit=${AT_ONCE}${before ? `&before=${before}` : ""}`);
      if (page.person !== person) return;
      this.#more = more;
      this.log.fill(messages);
      this.look();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status) complain(error); // else the banner says it
    } finally {
      if (this.#fetching === person) this.#fetching = null;
    }
  }

  #still() {
    clearTimeout(this.#typed);
    this.#typed = 0;
    this.log.typing(false);
    this.head();
  }

  // --- what bubbles ask for ---

  quoted(sid) {
    return this.log.bySid(sid);
  }

  find(id) {
    this.log.find(id);
  }

  quote(message) {
    this.composer.quote(message);
  }

  tap(message, option) {
    send(message.person, { tap: { id: option.id, title: option.title }, reply_to: message.sid });
  }
}
