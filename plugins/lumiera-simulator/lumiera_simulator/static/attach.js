// What can be sent besides words: photos, a file, a voice note from a file, a place.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";
import { openDialog, openMenu } from "./overlays.js";

const PLACES = [
  { label: "Rue de Rivoli, Paris", latitude: 48.86063, longitude: 2.33765 },
  { label: "La Part-Dieu, Lyon", latitude: 45.76061, longitude: 4.85968 },
];

/** Open the menu; `on` has what to do with `files`, with a `voice` note and with a `place`. */
export function attachMenu(anchor, on) {
  openMenu(anchor, [
    { icon: "photo", label: t("chat-photos"), run: () => choose({ accept: "image/*,video/*", multiple: true }, on.files) },
    { icon: "file", label: t("chat-file"), run: () => choose({ multiple: true }, on.files) },
    { icon: "sound", label: t("chat-voice-file"), run: () => choose({ accept: "audio/*" }, ([file]) => on.voice(file)) },
    { icon: "pin", label: t("chat-place"), run: () => askPlace(on.place) },
  ]);
}

function choose(attributes, take) {
  const input = h("input", { type: "file", class: "sr-only", tabindex: "-1", "aria-label": t("chat-attach"), ...attributes });
  input.addEventListener("change", () => (input.files.length && take([...input.files]), input.remove()));
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

function askPlace(take) {
  const number = (label, most) => h("input", { type: "number", step: "any", min: -most, max: most, required: true, inputmode: "decimal", "aria-label": label, dir: "ltr" });
  const latitude = number(t("chat-latitude"), 90);
  const longitude = number(t("chat-longitude"), 180);
  const error = h("p", { class: "error", role: "alert" });
  const give = (place) => {
    dialog.close();
    take(place);
  };
  const here = h("button", { type: "button", class: "choice", onclick: () => locate(give, error) }, icon("pin"), h("span", {}, t("chat-here")));
  const known = PLACES.map((one) => h("button", { type: "button", class: "choice", onclick: () => give(one) }, icon("pin"), h("span", {}, one.label)));
  const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
  const form = h(
    "form",
    {
      class: "degrees",
      onsubmit: (event) => {
        event.preventDefault();
        give({ latitude: latitude.valueAsNumber, longitude: longitude.valueAsNumber });
      },
    },
    field(t("chat-latitude"), latitude),
    field(t("chat-longitude"), longitude),
    h("button", { type: "submit", class: "primary" }, t("chat-send")),
  );
  const dialog = openDialog(t("chat-place"), {}, h("div", { class: "choices" }, here, known), error, form);
}

function locate(give, error) {
  error.textContent = "";
  const failed = () => (error.textContent = t("chat-no-position"));
  if (!navigator.geolocation) return failed();
  navigator.geolocation.getCurrentPosition(({ coords }) => give({ latitude: coords.latitude, longitude: coords.longitude }), failed, { timeout: 10_000 });
}
