// A voice note: play, seek, how long. One plays at a time.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./labels.js";

let playing = null;

export function player(media) {
  const sound = h("audio", { src: media.url, preload: "metadata" });
  const slider = h("input", { type: "range", min: "0", max: "1000", value: "0", step: "1", "aria-label": t("chat-seek") });
  const time = h("span", { class: "length" }, "0:00");
  const toggle = h("button", { type: "button", class: "icon-button", onclick: () => (sound.paused ? play(sound) : sound.pause()) });
  const show = () => {
    fill(toggle, icon(sound.paused ? "play" : "pause"));
    toggle.setAttribute("aria-label", t(sound.paused ? "chat-play" : "chat-pause"));
    // A recorder that has just stopped leaves the length out of its file.
    const known = Number.isFinite(sound.duration) ? sound.duration : 0;
    if (known) slider.value = String(Math.round((sound.currentTime / known) * 1000));
    slider.disabled = !known;
    time.textContent = minutes(sound.paused && !sound.currentTime ? known : sound.currentTime);
    slider.setAttribute("aria-valuetext", time.textContent);
  };
  for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "durationchange"]) sound.addEventListener(event, show);
  slider.addEventListener("input", () => (sound.currentTime = (Number(slider.value) / 1000) * sound.duration));
  show();
  return h("div", { class: "player", role: "group", "aria-label": t("chat-voice") }, sound, toggle, slider, time);
}

export function minutes(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function play(sound) {
  if (playing !== sound) playing?.pause();
  playing = sound;
  sound.play().catch(() => sound.dispatchEvent(new Event("pause"))); // no such sound, or none that this browser plays
}
