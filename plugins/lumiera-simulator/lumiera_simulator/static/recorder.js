// A voice note from the microphone: click to begin and to send, or hold and let go to send.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";
import { page } from "./page.js";
import { minutes } from "./player.js";

// As WhatsApp's own are, where the browser can: Firefox writes Ogg, Safari and Chromium MP4.
const KINDS = ["audio/ogg;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];
const ENDINGS = { "audio/ogg": "ogg", "audio/mp4": "m4a", "audio/webm": "webm" };
const HELD = 400; // ms: a shorter press is a click
const SHORTEST = 500; // ms: nobody says anything in less

export class Recorder {
  #give;
  #recorder = null;
  #asking = false; // for the microphone
  #began = 0;
  #tick = 0;
  #time = h("span", { class: "length", role: "timer" }, "0:00");
  line = null; // what the recording stands in for

  /** `give` is called with the file of a finished note. */
  constructor(give) {
    this.#give = give;
    this.works = Boolean(navigator.mediaDevices && window.MediaRecorder);
    this.button = h("button", { type: "button", class: "icon-button send", "aria-label": t("chat-record"), onpointerdown: () => this.#press(), onclick: () => this.#begin(), oncontextmenu: (event) => event.preventDefault() }, icon("mic"));
    this.element = h(
      "div",
      { class: "line recording", hidden: true },
      h("button", { type: "button", class: "icon-button", "aria-label": t("chat-record-cancel"), onclick: () => this.cancel() }, icon("bin")),
      h("span", { class: "dot" }),
      h("span", { class: "told" }, t("chat-recording")),
      this.#time,
      h("button", { type: "button", class: "icon-button send", "aria-label": t("chat-record-send"), onclick: () => this.#stop(true) }, icon("send")),
    );
  }

  /** Throw away what is being recorded. */
  cancel() {
    this.#stop(false);
  }

  /** A press that lasts begins at once, and its end sends; a short one leaves it to the click that follows. */
  #press() {
    const held = setTimeout(() => this.#begin().then(() => up.aborted && this.#stop(true)), HELD);
    const release = new AbortController();
    const up = release.signal;
    for (const event of ["pointerup", "pointercancel"]) {
      addEventListener(event, () => (clearTimeout(held), release.abort(), this.#recorder && this.#stop(event === "pointerup")), { signal: up });
    }
  }

  async #begin() {
    if (this.#recorder || this.#asking) return;
    this.#asking = true;
    try {
      const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.#record(sound);
    } catch {
      page.toast(t("chat-no-microphone"));
    } finally {
      this.#asking = false;
    }
  }

  #record(sound) {
    const mimeType = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    this.#recorder = new MediaRecorder(sound, { mimeType });
    this.#recorder.start();
    this.#began = Date.now();
    this.#tick = setInterval(() => this.#show(), 250);
    this.#show();
    this.#swap(true);
  }

  /** End it, and give what was recorded if it is wanted and no slip of the finger. */
  #stop(wanted) {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = null;
    clearInterval(this.#tick);
    const long = Date.now() - this.#began >= SHORTEST;
    recorder.addEventListener("dataavailable", ({ data }) => {
      for (const track of recorder.stream.getTracks()) track.stop();
      if (wanted && long) this.#give(named(data));
      else if (wanted) page.toast(t("chat-record-short"));
    });
    recorder.stop();
    this.#swap(false);
  }

  #swap(recording) {
    this.element.hidden = !recording;
    this.line.hidden = recording;
    (recording ? this.element.lastElementChild : this.button).focus();
  }

  #show() {
    this.#time.textContent = minutes((Date.now() - this.#began) / 1000);
  }
}

function named(data) {
  const type = data.type.split(";")[0];
  return new File([data], `voice.${ENDINGS[type] ?? "bin"}`, { type });
}
