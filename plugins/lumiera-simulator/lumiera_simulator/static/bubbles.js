// One message as WhatsApp draws it, with what can be done with it.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { language, t } from "./labels.js";
import { isOnlyEmoji, markup, plain } from "./markup.js";
import { attachment, place } from "./media.js";
import { openDialog, openMenu } from "./overlays.js";
import { page } from "./page.js";
import { swiped } from "./swipe.js";

/** Draw a message. `chat` is asked for what it quotes, and told of a tap (`tap`), a reply (`quote`), a jump (`find`). */
export function draw(message, chat) {
  const mine = message.direction === "in";
  const meta = h("span", { class: "meta" }, !mine && sentAs(message), h("time", { datetime: message.at }, clock(message.at)), mine && h("span", { class: "ticks" }));
  const text = message.text || message.tap?.title || "";
  const more = h("button", { type: "button", class: "more", "aria-label": t("chat-more"), "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => menu(more, message, chat) }, icon("more"));
  const bubble = h(
    "div",
    { class: isOnlyEmoji(text) && !message.media.length ? "bubble emoji" : "bubble" },
    h("span", { class: "sr-only" }, t(mine ? "chat-you" : "chat-bot")),
    quoted(message, chat),
    message.media.map(attachment),
    message.location && place(message.location),
    h("div", { class: "saying" }, text && h("div", { class: "text", dir: "auto" }, markup(text)), meta),
    message.kind === "list" && rowsButton(message, chat),
    more,
  );
  const row = h("article", { id: `message-${message.id}`, class: mine ? "row mine" : "row theirs", tabindex: "-1" }, h("div", { class: "stack" }, bubble, message.kind === "buttons" && buttons(message, chat)));
  update(row, message);
  if (mine) bubble.addEventListener("click", (event) => showTurn(event, row));
  swiped(row, () => chat.quote(message));
  return row;
}

/** Bring a drawn message up to date: its ticks and its turn are all that ever changes. */
export function update(row, message) {
  row.dataset.turn = message.turn;
  const ticks = row.querySelector(".ticks");
  if (!ticks || ticks.dataset.status === message.status) return;
  ticks.dataset.status = message.status;
  ticks.setAttribute("role", "img");
  ticks.setAttribute("aria-label", t(`chat-status-${message.status}`));
  fill(ticks, icon(message.status === "sent" ? "sent" : "delivered"));
}

/** Say a message in a few words, for lists and quotes. */
export function gist(message) {
  const [file] = message.media;
  const word = file ? t({ image: "chat-photo", audio: "chat-voice", video: "chat-video" }[file.kind] ?? "chat-file") : message.location ? t("chat-place") : "";
  const text = plain(message.text || message.tap?.title || file?.caption || "");
  return [word, text].filter(Boolean).join(": ");
}

export function clock(at) {
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

function showTurn(event, row) {
  const elsewhere = event.target.closest("button, a, input, audio, video") || String(getSelection());
  if (row.dataset.turn && !elsewhere) page.selectTurn(row.dataset.turn);
}

// --- what a message quotes ---

function quoted(message, chat) {
  if (!message.reply_to) return null;
  const found = chat.quoted(message.reply_to);
  const said = found ? gist(found) : t("chat-quoted");
  const who = found && t(found.direction === "in" ? "chat-you-name" : "chat-bot-name");
  return h("button", { type: "button", class: "quote", onclick: () => found && chat.find(found.id) }, who && h("strong", {}, who), h("span", { dir: "auto" }, said));
}

// --- choices ---

function buttons(message, chat) {
  const made = message.options.map((option) =>
    h("button", { type: "button", class: "option", onclick: () => chat.tap(message, option) }, icon("reply"), h("span", { dir: "auto" }, option.title)),
  );
  return h("div", { class: "options", role: "group", "aria-label": t("chat-options") }, made);
}

function rowsButton(message, chat) {
  return h("button", { type: "button", class: "opens", "aria-haspopup": "dialog", onclick: () => openRows(message, chat) }, icon("list"), h("span", { dir: "auto" }, message.button || t("chat-choose")));
}

function openRows(message, chat) {
  const rows = message.options.map((option) =>
    h(
      "button",
      { type: "button", class: "choice", onclick: () => (dialog.close(), chat.tap(message, option)) },
      h("span", { dir: "auto" }, option.title),
      option.description && h("small", { dir: "auto" }, option.description),
    ),
  );
  const dialog = openDialog(message.button || t("chat-choose"), { class: "sheet" }, h("div", { class: "choices" }, rows));
}

// --- how it was sent ---

function sentAs(message) {
  if (["text", "media"].includes(message.sent_as)) return null;
  return h("button", { type: "button", class: "tag", "aria-haspopup": "dialog", onclick: () => details(message) }, wayName(message));
}

function wayName(message) {
  return t(`chat-as-${message.sent_as.replaceAll(" ", "-")}`);
}

function details(message) {
  const rows = message.options.map((one) => h("tr", {}, h("td", {}, h("bdi", {}, one.title)), h("td", {}, h("code", {}, one.id))));
  openDialog(
    t("chat-how"),
    { class: "details" },
    h("p", {}, h("strong", {}, wayName(message)), ` · ${new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(message.at))}`),
    h("p", {}, t(`chat-told-${message.sent_as.replaceAll(" ", "-")}`)),
    rows.length > 0 && h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("chat-title")), h("th", { scope: "col" }, t("chat-id")))), h("tbody", {}, rows)),
    message.numbered && h("div", { class: "numbered" }, h("h3", {}, t("chat-numbered")), h("p", { dir: "auto" }, markup(message.numbered))),
    h("p", { class: "ids" }, t("chat-sid"), " ", h("code", {}, message.sid)),
  );
}

// --- the menu ---

function menu(anchor, message, chat) {
  const turn = anchor.closest(".row").dataset.turn;
  openMenu(anchor, [
    { icon: "reply", label: t("chat-reply"), run: () => chat.quote(message) },
    turn && { icon: "trace", label: t("chat-trace"), run: () => page.selectTurn(turn) },
    message.direction === "out" && { icon: "info", label: t("chat-how"), run: () => details(message) },
    message.text && { icon: "copy", label: t("chat-copy"), run: () => copy(message.text) },
  ]);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    page.toast(t("chat-copied"));
  } catch {
    page.toast(t("chat-not-copied"));
  }
}
