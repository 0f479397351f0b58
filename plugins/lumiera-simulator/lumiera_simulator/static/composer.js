// Where the person writes: text, files, a voice note, a place; what is being written survives everything but sending.

import { attachMenu } from "./attach.js";
import { upload } from "./api.js";
import { gist } from "./bubbles.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";
import { page } from "./page.js";
import { Recorder } from "./recorder.js";
import { complain, send } from "./send.js";
import { Tray } from "./tray.js";

const MB = 1024 * 1024;
const MOST = 30; // files that go at once

export class Composer {
  #quoted = null; // the message that is replied to
  #drafts = new Map(); // files and quotes by person; texts are in the session, which outlives the page
  #busy = false;
  #tray = new Tray(() => this.#show());
  #reply = h("div", { class: "replying", hidden: true });
  #word = h("p", { class: "away", hidden: true }, t("chat-away"));
  #text = h("textarea", { rows: "1", dir: "auto", "aria-label": t("chat-write"), placeholder: t("chat-write"), enterkeyhint: "send" });
  #attach = h("button", { type: "button", class: "icon-button", "aria-label": t("chat-attach"), "aria-haspopup": "menu", "aria-expanded": "false" }, icon("plus"));
  #send = h("button", { type: "button", class: "icon-button send", "aria-label": t("chat-send"), onclick: () => this.#submit() }, icon("send"));
  #recorder = new Recorder((file) => this.#deliver({ files: [file] }));

  constructor() {
    const line = h("div", { class: "line" }, this.#attach, this.#text, this.#recorder.button, this.#send);
    this.element = h("div", { class: "composer" }, this.#word, this.#reply, this.#tray.element, line, this.#recorder.element);
    this.#recorder.line = line;
    this.#attach.addEventListener("click", () =>
      attachMenu(this.#attach, {
        files: (files) => this.#take(files),
        voice: (file) => this.#deliver({ files: [file] }),
        place: (location) => this.#deliver({ location }),
      }),
    );
    this.#text.addEventListener("input", () => this.#written());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("paste", (event) => this.#pasted(event));
    page.on("online", () => this.#show());
    takeDrops((files) => this.#take(files));
    this.#show();
  }

  /** Write as another person; what was begun as the one before is kept. */
  open(person) {
    this.#recorder.cancel();
    if (this.person) this.#drafts.set(this.person, { files: this.#tray.files, quoted: this.#quoted });
    this.person = person?.id;
    const { files = [], quoted = null } = this.#drafts.get(this.person) ?? {};
    this.#text.value = sessionStorage.getItem(draftOf(this.person)) ?? "";
    this.#tray.set(files);
    this.quote(quoted, false);
    this.#grow();
  }

  /** Reply to a message; null for none. */
  quote(message, focus = true) {
    this.#quoted = message;
    this.#reply.hidden = !message;
    const cancel = h("button", { type: "button", class: "icon-button", "aria-label": t("chat-no-reply"), onclick: () => this.quote(null) }, icon("close"));
    const who = message && t(message.direction === "in" ? "chat-you-name" : "chat-bot-name");
    fill(this.#reply, message && [h("div", { class: "quote" }, h("strong", {}, who), h("span", { dir: "auto" }, gist(message))), cancel]);
    if (focus) this.#text.focus();
    this.#show();
  }

  #written() {
    sessionStorage.setItem(draftOf(this.person), this.#text.value);
    this.#grow();
    this.#show();
  }

  #grow() {
    this.#text.style.blockSize = "auto";
    this.#text.style.blockSize = `${this.#text.scrollHeight}px`;
  }

  #show() {
    const away = !page.online;
    const something = Boolean(this.#text.value.trim()) || this.#tray.files.length > 0;
    this.#word.hidden = !away;
    this.#send.hidden = !something;
    this.#recorder.button.hidden = something || !this.#recorder.works;
    this.#send.disabled = away || this.#busy || !this.person;
    this.#attach.disabled = this.#recorder.button.disabled = away || this.#busy || !this.person;
    this.element.setAttribute("aria-busy", String(this.#busy));
  }

  #key(event) {
    if (event.key === "Escape" && this.#quoted) this.quote(null);
    // While a word is being composed, as in Chinese, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.#take(files);
  }

  #take(files) {
    const room = Math.max(MOST - this.#tray.files.length, 0); // what was given back may be more
    const good = files.filter((file) => file.size > 0 && file.size <= page.largest * MB);
    if (files.some((file) => file.size === 0)) page.toast(t("chat-empty-file"));
    if (files.some((file) => file.size > page.largest * MB)) page.toast(t("chat-too-large", { largest: page.largest }));
    if (good.length > room) page.toast(t("chat-too-many", { most: MOST }));
    this.#tray.add(good.slice(0, room));
    this.#text.focus();
  }

  async #submit() {
    const text = this.#text.value.trim();
    const files = this.#tray.files;
    if ((!text && !files.length) || this.#send.disabled) return;
    this.#text.value = "";
    this.#written();
    if (files.length) this.#tray.set([]);
    await this.#deliver({ text, files });
  }

  /** Send: files as an album where they are several, the words with the first. What cannot be sent is given back. */
  async #deliver({ text = "", files = [], location = null }) {
    const [person, quoted] = [this.person, this.#quoted];
    if (quoted) this.quote(null);
    this.#occupy(files.length > 0);
    let sent = false;
    try {
      const ids = [];
      for (const file of files) ids.push((await upload(file)).id);
      const said = { ...(text && { text }), ...(ids.length > 0 && { files: ids }), ...(location && { location }) };
      sent = await send(person, { ...said, ...(quoted && { reply_to: quoted.sid }) });
    } catch (error) {
      complain(error);
    }
    this.#occupy(false);
    if (!sent) this.#back(person, { text, files, quoted });
  }

  #occupy(busy) {
    this.#busy = busy;
    this.#show();
  }

  /** Give back what could not be sent, before what has been written since; to its draft if another one writes now. */
  #back(person, { text, files, quoted }) {
    if (person !== this.person) {
      const since = sessionStorage.getItem(draftOf(person));
      sessionStorage.setItem(draftOf(person), joined(text, since));
      this.#drafts.set(person, { files, quoted });
      return;
    }
    this.#text.value = joined(text, this.#text.value);
    this.#tray.set([...files, ...this.#tray.files]);
    if (quoted) this.quote(quoted);
    this.#written();
  }
}

function draftOf(person) {
  return `lumiera-draft-${person}`;
}

function joined(...texts) {
  return texts.filter(Boolean).join("\n");
}

/** Take files that are dropped anywhere on the chat. */
function takeDrops(take) {
  const area = document.getElementById("chat");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    area.classList.add("dropping");
  };
  area.addEventListener("dragover", over);
  area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || area.classList.remove("dropping"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}
