// The start of the page: words, what is known of the bot, the parts, and which of them are seen.

import { ApiError, get } from "./api.js";
import { mountChat } from "./chat.js";
import { h } from "./dom.js";
import { follow } from "./events.js";
import { mountLab } from "./lab.js";
import { load, t } from "./labels.js";
import { toast } from "./overlays.js";
import { page } from "./page.js";
import { mountPeople } from "./people.js";
import { wanted } from "./settings.js";
import { mountTabs } from "./tabs.js";
import { mountTeam } from "./team.js";
import { mountTrace } from "./trace.js";

const PERSON = "lumiera-person";
const AGAIN = 1000; // ms until a bot that does not answer at the start is asked again
const part = (id) => document.getElementById(id);

async function boot() {
  const state = await get("state");
  take(state);
  page.revision = state.revision;
  await load(wanted(page.languages));
  page.on("toast", toast);
  page.on("person", remember);
  page.on("online", (online) => reconnect(online));
  offline();
  mountTabs(part("tabs"));
  mountPeople(part("people"));
  mountChat(part("chat"));
  mountTrace(part("trace"));
  mountTeam(part("team"));
  mountLab(part("lab"));
  addEventListener("hashchange", () => page.select(asked()));
  const first = [asked(), Number(localStorage.getItem(PERSON)), page.people.keys().next().value];
  page.select(first.find((id) => page.people.has(id)));
  follow();
  document.body.dataset.ready = "";
}

function take(state) {
  page.people = new Map(state.people.map((person) => [person.id, person]));
  for (const key of ["clock", "faults", "languages", "largest"]) page[key] = state[key];
}

function asked() {
  return Number(/^#\/person\/(\d+)$/.exec(location.hash)?.[1]);
}

function remember(person) {
  localStorage.setItem(PERSON, String(person.id));
  history.replaceState(null, "", `#/person/${person.id}`);
  document.title = `${person.name || person.phone} · Lumiera`;
}

function offline() {
  part("offline").append(h("span", { class: "spinner" }), t("page-offline"));
}

/** Say that the bot is away; when it is back, take in what is told only once: people, clock, faults. */
async function reconnect(online) {
  part("offline").hidden = online;
  document.body.classList.toggle("offline", !online);
  if (!online) return;
  const current = page.person?.id;
  try {
    take(await get("state"));
  } catch {
    return; // gone again: the next reconnection does it
  }
  page.person = page.people.get(current) ?? null;
  for (const event of ["people", "clock", "faults"]) page.emit(event, page[event]);
}

/** A page that was opened before the bot has started comes up with it. */
async function start() {
  try {
    await boot();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    setTimeout(start, AGAIN);
  }
}

start();
