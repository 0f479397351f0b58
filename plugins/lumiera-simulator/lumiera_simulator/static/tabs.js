// The tabs: all four on a phone, the three panes beside the chat on anything wider.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";
import { page } from "./page.js";

const TABS = ["chat", "trace", "team", "lab"];
const part = (id) => document.getElementById(id);

export function mountTabs(root) {
  const narrow = matchMedia("(max-width: 699.98px)");
  const waiting = h("b", { class: "badge", hidden: true });
  const buttons = TABS.map((name) =>
    h(
      "button",
      { type: "button", id: `tab-${name}`, class: "tab", role: "tab", "aria-controls": name, onclick: () => page.show(name) },
      icon(name),
      h("span", {}, t(`page-tab-${name}`)),
      name === "team" && waiting,
    ),
  );
  let front = "chat";

  const show = () => {
    const shown = narrow.matches ? front : front === "chat" ? pane : (pane = front);
    TABS.forEach((name, at) => {
      part(name).hidden = name !== shown && !(name === "chat" && !narrow.matches);
      buttons[at].setAttribute("aria-selected", String(name === shown));
      buttons[at].tabIndex = name === shown ? 0 : -1;
    });
    part("chat").setAttribute("role", narrow.matches ? "tabpanel" : "region");
  };
  let pane = "trace"; // what stands beside the chat when the chat is in front
  root.setAttribute("aria-label", t("page-tabs"));
  root.append(...buttons);
  root.addEventListener("keydown", (event) => walk(event, buttons));
  narrow.addEventListener("change", show);
  page.on("show", (name) => {
    front = name;
    show();
  });
  page.on("waiting", (count) => {
    waiting.hidden = !count;
    waiting.textContent = String(count);
    waiting.setAttribute("aria-label", t("page-waiting", { count }));
  });
  show();
}

/** The arrows walk along the tabs, in the direction in which the page is read. */
function walk(event, buttons) {
  const seen = buttons.filter((one) => one.offsetParent);
  const at = seen.indexOf(document.activeElement);
  const forth = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forth === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const to = { [forth]: at + 1, [back]: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const next = seen.at(to % seen.length);
  next.focus();
  next.click();
}
