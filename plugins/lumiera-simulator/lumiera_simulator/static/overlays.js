// What lies over the page: dialogs, menus, and sentences that go away by themselves.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";

const TOAST = 6000; // ms

/** Open a modal dialog; it closes by Escape, its cross, a click beside it or `close()`, and is gone then. */
export function openDialog(title, attributes, ...children) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": t("page-close"), onclick: () => dialog.close() }, icon("close"));
  const dialog = h(
    "dialog",
    { "aria-label": title, ...attributes },
    h("header", {}, h("h2", { dir: "auto" }, title), close),
    h("div", { class: "inside" }, ...children),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Open a menu at a button. Items: {icon, label, run}; null and false ones are left out. */
export function openMenu(anchor, items) {
  const buttons = items.filter(Boolean).map((item) =>
    h("button", { type: "button", role: "menuitem", onclick: () => (menu.hidePopover(), item.run()) }, icon(item.icon), item.label),
  );
  const menu = h("div", { role: "menu", popover: "auto", onkeydown: (event) => walk(event, buttons) }, ...buttons);
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
  });
  document.body.append(menu);
  menu.showPopover({ source: anchor });
  place(menu, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  buttons[0].focus();
}

export function toast(text) {
  const said = h("p", { class: "toast" }, text);
  document.getElementById("toasts").append(said);
  setTimeout(() => said.remove(), TOAST);
}

function walk(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") event.currentTarget.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  buttons.at(to % buttons.length).focus();
}

/** Put a menu below a button, or above it, and wholly on the screen. */
function place(menu, at) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height <= innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(at.top - height - 4, 4)}px`;
  menu.style.left = `${Math.max(Math.min(at.left, innerWidth - width - 8), 8)}px`;
}
