// Everybody with a phone: the list, and somebody new.

import { ApiError, post } from "./api.js";
import { clock, gist } from "./bubbles.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { language, languageName, t } from "./labels.js";
import { openDialog } from "./overlays.js";
import { page } from "./page.js";
import { settings } from "./settings.js";
import { botNow } from "./times.js";

const PHONE = /^\+[1-9]\d{6,14}$/;
const COLOURS = 8;

export function mountPeople(root) {
  const list = h("ul", { class: "people-list" });
  const add = h("button", { type: "button", class: "icon-button", "aria-label": t("people-new"), title: t("people-new"), onclick: newPerson }, icon("person"));
  root.setAttribute("aria-label", t("people-title"));
  root.append(h("header", { class: "people-head" }, h("h1", {}, "Lumiera"), add), list, settings());
  const show = () => {
    const held = list.contains(document.activeElement) && document.activeElement.dataset.person;
    fill(list, [...page.people.values()].sort(byNews).map(entry));
    if (held) list.querySelector(`[data-person="${held}"]`)?.focus();
  };
  page.on("people", show);
  page.on("person", show);
  page.on("message", (message) => hear(message));
  show();
}

/** A coloured circle with the first letters of a name. */
export function avatar(person) {
  const letters = (person.name || "?").split(/\s+/).map((word) => [...word][0]).filter((one) => /[\p{L}\p{N}]/u.test(one ?? ""));
  return h("span", { class: `avatar colour-${person.id % COLOURS}`, "aria-hidden": "true" }, letters.slice(0, 2).join("").toLocaleUpperCase() || "?");
}

function entry(person) {
  const { last, unread } = person;
  const isCurrent = person === page.person;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "person", "aria-current": isCurrent ? "true" : null, onclick: () => choose(person.id), dataset: { person: person.id } },
      avatar(person),
      h("span", { class: "name", dir: "auto" }, person.name || person.phone),
      h("span", { class: "when" }, last ? when(last.at) : languageName(person.language)),
      h("span", { class: "last", dir: "auto" }, last ? gist(last) : person.phone),
      unread > 0 && h("span", { class: "badge" }, String(unread), h("span", { class: "sr-only" }, ` ${t("people-unread")}`)),
    ),
  );
}

function choose(id) {
  page.select(id);
  const drawer = document.getElementById("people");
  if (drawer.matches(":popover-open")) drawer.hidePopover();
  page.show("chat");
}

/** Keep the list true: what was said last, and how much of it is unread. */
function hear(message) {
  const person = page.people.get(message.person);
  if (!person) return;
  const isNew = !person.last || message.id > person.last.id;
  if (!isNew && message.id !== person.last.id && message.status !== "read") return;
  if (isNew || message.id === person.last.id) person.last = message;
  if (message.direction === "out") person.unread = message.status === "read" ? 0 : person.unread + (isNew ? 1 : 0);
  page.emit("people");
}

/** Whoever said something last is on top; the others as they came. */
function byNews(one, other) {
  return (other.last?.id ?? 0) - (one.last?.id ?? 0) || one.id - other.id;
}

function when(at) {
  const moment = new Date(at);
  const days = (new Date(botNow()).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000;
  if (days <= 0) return clock(at);
  return new Intl.DateTimeFormat(language(), days < 6.5 ? { weekday: "short" } : { dateStyle: "short" }).format(moment);
}

function newPerson() {
  const phone = h("input", { type: "tel", name: "phone", autocomplete: "off", dir: "ltr", placeholder: "+33639980142", required: true, "aria-describedby": "new-person-error" });
  const name = h("input", { type: "text", name: "name", autocomplete: "off", dir: "auto", maxlength: "100", required: true, "aria-describedby": "new-person-error" });
  const spoken = h("select", { name: "language" }, page.languages.map((code) => h("option", { value: code, selected: code === language() }, languageName(code, true))));
  const error = h("p", { id: "new-person-error", class: "error", role: "alert" });
  const create = h("button", { type: "submit", class: "primary" }, t("people-create"));
  const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
  const form = h(
    "form",
    { class: "fields", novalidate: true, onsubmit: submit },
    field(t("people-phone"), phone),
    field(t("people-name"), name),
    field(t("people-language"), spoken),
    error,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "secondary", onclick: () => dialog.close() }, t("people-cancel")), create),
  );
  const dialog = openDialog(t("people-new"), {}, form);
  phone.focus();

  async function submit(event) {
    event.preventDefault();
    const number = phone.value.replace(/[\s().\u2011/-]/g, "").replace(/^00/, "+");
    const wrong = !PHONE.test(number) ? phone : name.value.trim() ? null : name;
    for (const input of [phone, name]) input.setAttribute("aria-invalid", String(input === wrong));
    error.textContent = wrong ? t(wrong === phone ? "people-phone-wrong" : "people-name-missing") : "";
    if (wrong) return wrong.focus();
    create.disabled = true;
    try {
      const person = await post("people", { phone: number, name: name.value.trim(), language: spoken.value });
      if (!page.people.has(person.id)) page.people.set(person.id, person);
      page.emit("people");
      dialog.close();
      choose(person.id);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.textContent = problem.message || t("chat-not-sent");
    } finally {
      create.disabled = false;
    }
  }
}
