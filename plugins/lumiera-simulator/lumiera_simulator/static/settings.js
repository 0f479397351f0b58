// What the reader chooses for the page itself: its language and its colours.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { language, languageName, t } from "./labels.js";
import { page } from "./page.js";

const THEMES = ["auto", "light", "dark"];
const LANGUAGE = "lumiera-language";
const THEME = "lumiera-theme";

/** The language to begin with: asked for in the address, chosen before, one of the browser's, English. */
export function wanted(languages) {
  const asked = new URLSearchParams(location.search).get("lang");
  const browsers = navigator.languages.map((one) => one.split("-")[0]);
  return [asked, localStorage.getItem(LANGUAGE), ...browsers].find((one) => languages.includes(one)) ?? "en";
}

export function settings() {
  const names = page.languages.map((code) => h("option", { value: code, selected: code === language() }, languageName(code, true)));
  const chosen = h("select", { class: "input", "aria-label": t("page-language"), onchange: () => speak(chosen.value) }, names);
  const theme = h("button", { type: "button", class: "icon-button", onclick: () => paint(THEMES[(THEMES.indexOf(painted()) + 1) % THEMES.length]) });
  const show = () => {
    fill(theme, icon(painted()));
    theme.title = t(`page-theme-${painted()}`);
    theme.setAttribute("aria-label", theme.title);
  };
  const paint = (name) => {
    localStorage.setItem(THEME, name);
    document.documentElement.dataset.theme = name;
    show();
  };
  show();
  return h("footer", { class: "settings" }, chosen, theme);
}

function painted() {
  return document.documentElement.dataset.theme;
}

/** Everything on the page is words, so it is drawn again; what was being written waits in the session. */
function speak(code) {
  localStorage.setItem(LANGUAGE, code);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(null, "", address);
  location.reload();
}
