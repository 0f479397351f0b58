// How the channel fails: one card for each way, and a strip over the page while one is on.

import { post } from "./api.js";
import { h } from "./dom.js";
import { part } from "./facts.js";
import { t } from "./labels.js";
import { sentence } from "./live.js";
import { page } from "./page.js";

const FAULTS = ["none", "busy", "refused", "lost", "doubtful", "slow"];

/** Return the part of the pane; the strip comes and goes by itself. */
export function mountFaults() {
  const radios = FAULTS.map((name) => h("input", { type: "radio", name: "fault", value: name, id: `fault-${name}` }));
  const menus = h("input", { type: "checkbox", role: "switch", id: "fault-menus" });
  const cards = radios.map((radio) => card(radio, t(`lab-fault-${radio.value}`), t(`lab-told-${radio.value}`)));
  const choose = () => change({ send: radios.find((radio) => radio.checked)?.value ?? "none", menus: menus.checked });
  for (const input of [...radios, menus]) input.addEventListener("change", choose);
  const strip = new Strip();
  const show = () => {
    const { send, menus: drawn } = page.faults ?? { send: "none", menus: true };
    for (const radio of radios) radio.checked = radio.value === send;
    menus.checked = drawn;
    strip.show(send, drawn);
  };
  page.on("faults", show);
  show();
  return part(
    t("lab-faults"),
    h("fieldset", { class: "switches" }, h("legend", {}, t("lab-faults-told")), ...cards),
    h("div", { class: "switches" }, card(menus, t("lab-menus"), t("lab-menus-told"))),
  );
}

function card(input, title, told) {
  const name = h("b", { id: `${input.id}-name` }, title);
  const words = h("span", { id: `${input.id}-told` }, told);
  input.setAttribute("aria-labelledby", name.id);
  input.setAttribute("aria-describedby", words.id);
  return h("label", { class: "switch" }, input, name, words);
}

async function change(faults) {
  try {
    page.faults = await post("faults", faults);
  } catch (error) {
    page.toast(sentence(error));
  }
  page.emit("faults", page.faults);
}

/** Says over the whole page that something is wrong on purpose, with the way back. */
class Strip {
  #words = h("span", {});
  #heal = h("button", { type: "button", onclick: () => change({ send: "none", menus: true }) }, t("lab-heal"));
  #element = document.getElementById("strip");

  constructor() {
    this.#element.replaceChildren(this.#words, this.#heal);
  }

  show(send, menus) {
    const fault = send !== "none" && t("lab-strip", { fault: t(`lab-fault-${send}`) });
    this.#words.textContent = [fault, !menus && t("lab-strip-menus")].filter(Boolean).join(" ");
    this.#element.hidden = !this.#words.textContent;
  }
}
