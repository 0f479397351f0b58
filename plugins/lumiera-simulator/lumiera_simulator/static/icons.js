// Drawings of 24 by 24, in lines of the colour of the text around them.

import { svg } from "./dom.js";

const PATHS = {
  send: ["M4 12 3 4l18 8-18 8z", "M4 12h8"],
  mic: ["M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3z", "M5 11a7 7 0 0 0 14 0", "M12 18v3"],
  plus: ["M12 5v14", "M5 12h14"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  reply: ["M10 6 4 12l6 6", "M4 12h9a7 7 0 0 1 7 7"],
  list: ["M9 6h11", "M9 12h11", "M9 18h11", "M4 6h.01", "M4 12h.01", "M4 18h.01"],
  people: ["M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M2 21a7 7 0 0 1 14 0", "M16 3.5a4 4 0 0 1 0 7", "M18 14.5a7 7 0 0 1 4 6.5"],
  person: ["M10 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M3 21a7 7 0 0 1 14 0", "M19 6v6", "M16 9h6"],
  auto: ["M12 3a9 9 0 1 0 0 18z", "M12 3a9 9 0 0 1 0 18"],
  light: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v2", "M12 20v2", "M2 12h2", "M20 12h2", "M5 5l1.4 1.4", "M17.6 17.6 19 19", "M5 19l1.4-1.4", "M17.6 6.4 19 5"],
  dark: ["M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5z"],
  photo: ["M4 5h16v14H4z", "M4 16l5-5 4 4 2-2 5 5", "M15.5 9h.01"],
  file: ["M6 3h8l5 5v13H6z", "M14 3v5h5", "M9 13h6", "M9 17h6"],
  pin: ["M12 21s-7-6.3-7-11.5a7 7 0 0 1 14 0C19 14.7 12 21 12 21z", "M12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  sound: ["M4 10v4", "M8 7v10", "M12 4v16", "M16 8v8", "M20 10v4"],
  play: ["M7 4.5v15l12-7.5z"],
  pause: ["M8 5v14", "M16 5v14"],
  bin: ["M4 7h16", "M9 7V4h6v3", "M6 7l1 14h10l1-14", "M10 11v6", "M14 11v6"],
  more: ["M6 9l6 6 6-6"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  info: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 11v6", "M12 7.5h.01"],
  copy: ["M9 9h11v11H9z", "M5 15H4V4h11v1"],
  chat: ["M4 5h16v11H9l-5 4z"],
  trace: ["M4 6h7", "M8 12h9", "M13 18h7"],
  team: ["M4 13a8 8 0 0 1 16 0", "M4 13h3v6H4z", "M17 13h3v6h-3z", "M20 19a5 5 0 0 1-5 3h-2"],
  lab: ["M12 7v5l3.5 2", "M12 21a9 9 0 1 0-8.5-6", "M3 21v-6h6"],
  sent: ["M5 12.5 10 17.5 19 7"],
  delivered: ["M1.5 12.5 6.5 17.5 15.5 7", "M11 16.5 12.5 18 22 7"],
};
const TURNING = new Set(["send", "reply", "list", "trace"]); // point the other way in Arabic

/** Draw an icon; it says nothing to a screen reader, so its button needs a name. */
export function icon(name) {
  const lines = PATHS[name].map((d) => svg("path", { d }));
  return svg("svg", {
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round",
    "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false", class: TURNING.has(name) ? "icon flips" : "icon",
  }, ...lines);
}
