// Files that are going to be sent.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";
import { size } from "./media.js";

export class Tray {
  #changed;
  #files = [];
  #urls = [];

  constructor(changed) {
    this.#changed = changed;
    this.element = h("ul", { class: "tray", "aria-label": t("chat-tray"), hidden: true });
  }

  get files() {
    return this.#files;
  }

  add(files) {
    this.set([...this.#files, ...files]);
  }

  set(files) {
    this.#files = [...files];
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls = [];
    this.element.hidden = !files.length;
    fill(this.element, files.map((file) => this.#item(file)));
    this.#changed();
  }

  #item(file) {
    const remove = () => this.set(this.#files.filter((one) => one !== file));
    return h(
      "li",
      {},
      file.type.startsWith("image/") ? h("img", { src: this.#url(file), alt: "" }) : icon(file.type.startsWith("audio/") ? "sound" : "file"),
      h("span", { dir: "auto" }, file.name || t("chat-photo")),
      h("small", {}, size(file.size)),
      h("button", { type: "button", class: "icon-button", "aria-label": t("chat-remove", { name: file.name }), onclick: remove }, icon("close")),
    );
  }

  #url(file) {
    const url = URL.createObjectURL(file);
    this.#urls.push(url);
    return url;
  }
}
