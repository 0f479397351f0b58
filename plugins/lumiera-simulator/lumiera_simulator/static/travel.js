// The bot's time, and jumps ahead in it.

import { post } from "./api.js";
import { h } from "./dom.js";
import { part } from "./facts.js";
import { t } from "./labels.js";
import { once } from "./live.js";
import { page } from "./page.js";
import { botNow, fullTime, stretch } from "./times.js";

const HOUR = 3600;
const JUMPS = [["hour", HOUR], ["shift", 8 * HOUR], ["day", 24 * HOUR], ["days", 96 * HOUR]];
const UNITS = [["minutes", 60], ["hours", HOUR], ["days", 24 * HOUR]];

/** Return the part of the pane. */
export function time() {
  const clock = h("time", { class: "bot-now" });
  const ahead = h("p", { class: "ahead" });
  const show = () => {
    const believed = botNow();
    clock.textContent = fullTime(believed);
    clock.dateTime = believed.toISOString();
    ahead.textContent = page.clock?.ahead ? t("lab-ahead", { stretch: stretch(page.clock.ahead) }) : t("lab-no-jump");
  };
  page.on("clock", show);
  setInterval(show, 1000);
  show();
  const jumps = h("ul", { class: "jumps" }, JUMPS.map(([name, seconds]) => jumpRow(name, seconds)));
  return part(t("lab-time"), h("p", {}, t("lab-believes"), " ", clock), ahead, jumps, customJump());
}

function jumpRow(name, seconds) {
  const told = h("span", { id: `jump-${name}` }, t(`lab-shows-${name}`));
  const go = () => once(button, () => jump(seconds));
  const attributes = { type: "button", class: "secondary", onclick: go, "aria-describedby": told.id };
  const button = h("button", attributes, t(`lab-jump-${name}`));
  return h("li", {}, button, told);
}

function customJump() {
  const bounds = { type: "number", min: "1", max: "9999", value: "2", required: true };
  const count = h("input", { ...bounds, "aria-label": t("lab-how-many") });
  const units = UNITS.map(([name, size]) => h("option", { value: size, selected: size === HOUR }, t(`lab-${name}`)));
  const unit = h("select", { "aria-label": t("lab-unit") }, units);
  const button = h("button", { type: "submit", class: "secondary" }, t("lab-jump"));
  const form = h("form", { class: "custom" }, count, unit, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(button, () => jump(Number(count.value) * Number(unit.value)));
  });
  return form;
}

async function jump(seconds) {
  page.clock = await post("clock", { seconds });
  page.emit("clock", page.clock);
}
