// What hangs on a bubble besides text: pictures, sounds, films, files, places.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { language, t } from "./labels.js";
import { openDialog } from "./overlays.js";
import { player } from "./player.js";

const DRAWN = { image: picture, audio: player, video: film, file: document_ };

export function attachment(media) {
  return (DRAWN[media.kind] ?? document_)(media);
}

export function place({ latitude, longitude, label, address }) {
  return h(
    "div",
    { class: "place" },
    h("div", { class: "map" }, icon("pin")),
    h("div", { class: "where" }, label && h("strong", { dir: "auto" }, label), address && h("span", { dir: "auto" }, address), h("span", { class: "degrees", dir: "ltr" }, degrees(latitude, longitude))),
  );
}

export function degrees(latitude, longitude) {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/** "2.4 MB", in the page's language. */
export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte"];
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), 2);
  const format = { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: power === 2 ? 1 : 0 };
  return new Intl.NumberFormat(language(), format).format(bytes / 1024 ** power);
}

function picture(media) {
  const name = media.filename || t("chat-photo");
  const small = h("img", { src: media.url, alt: media.caption || name, loading: "lazy", decoding: "async" });
  const button = h("button", { type: "button", class: "picture", "aria-label": t("chat-enlarge", { name }), onclick: () => enlarge(media, name) }, small);
  small.addEventListener("error", () => button.replaceWith(document_(media)));
  return button;
}

function enlarge(media, name) {
  openDialog(name, { class: "enlarged" }, h("img", { src: media.url, alt: media.caption || name }));
}

function film(media) {
  return h("video", { class: "film", src: media.url, controls: true, preload: "metadata", "aria-label": media.filename || t("chat-video") });
}

function document_(media) {
  const kind = media.content_type.split(";")[0].split("/").at(-1).toUpperCase();
  const told = [kind.length <= 8 ? kind : "", media.size ? size(media.size) : ""].filter(Boolean).join(" · ");
  return h(
    "a",
    { class: "document", href: media.url, download: media.filename || true, target: "_blank", rel: "noopener" },
    icon("file"),
    h("span", {}, h("strong", { dir: "auto" }, media.filename || t("chat-file")), h("small", {}, told)),
  );
}
