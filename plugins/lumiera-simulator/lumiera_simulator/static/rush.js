// Messages that come together: a burst of words, an album of photos.

import { album } from "./album.js";
import { post, upload } from "./api.js";
import { h } from "./dom.js";
import { part } from "./facts.js";
import { t } from "./labels.js";
import { once } from "./live.js";
import { page } from "./page.js";

/** Return the part of the pane. */
export function rush() {
  const burst = button("lab-burst", () => say({ texts: [t("lab-burst-1"), t("lab-burst-2"), t("lab-burst-3")] }));
  const drawn = button("lab-album", async () => sendAlbum(await album()));
  return part(
    t("lab-rush"),
    h("p", {}, t("lab-burst-told")),
    h("div", { class: "buttons" }, burst),
    h("p", {}, t("lab-album-told")),
    h("div", { class: "buttons" }, drawn, chooser()),
  );
}

function button(key, work) {
  const made = h("button", { type: "button", class: "secondary", onclick: () => once(made, work) }, t(key));
  return made;
}

/** Choose photos of one's own, which are sent at once. */
function chooser() {
  const files = h("input", { type: "file", accept: "image/*", multiple: true, "aria-label": t("lab-choose") });
  files.addEventListener("change", async () => {
    await once(files, () => sendAlbum([...files.files]));
    files.value = ""; // so that the same ones can be chosen again
  });
  return h("label", { class: "secondary" }, t("lab-choose"), files);
}

/** Send pictures as an album: uploaded together, one message each, the words with the first. */
async function sendAlbum(pictures) {
  const { person } = page;
  const files = await Promise.all(pictures.map(upload));
  if (files.length) await say({ files: files.map((one) => one.id), text: t("lab-caption") }, person);
}

async function say(body, person = page.person) {
  if (!person) throw new Error(t("lab-nobody"));
  await post(`people/${person.id}/messages`, body);
  page.toast(t("lab-sent"));
}
