// What happens, as the server tells it; after a time without it, everything that was missed.

import { page } from "./page.js";

const PASSED_ON = ["typing", "turn", "escalations"];
const KEPT = ["clock", "faults"];
const FIRST = 300; // ms until it is tried again; twice as long each time
const LONGEST = 4000;
const UNSEEN = 60_000; // ms

/** Follow the server for as long as the page is seen: a browser has six connections to one server for all its tabs. */
export function follow() {
  const stream = new Stream();
  let leaving = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(() => stream.close(), UNSEEN);
    else stream.open();
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", () => stream.open());
  stream.open();
}

class Stream {
  #source = null;
  #wait = FIRST;
  #again = 0;
  #missed = false; // what is told only once may have been told meanwhile

  open() {
    if (this.#source) return;
    clearTimeout(this.#again);
    this.#source = new EventSource(`/simulator/events?after=${page.revision}`);
    const on = (event, take) => this.#source.addEventListener(event, (one) => take(JSON.parse(one.data), one.lastEventId));
    on("hello", ({ revision }) => this.#greeted(revision));
    on("message", (message, revision) => {
      page.revision = Math.max(page.revision, Number(revision));
      page.emit("message", message);
    });
    on("person", (person) => meet(person));
    for (const name of PASSED_ON) on(name, (detail) => page.emit(name, detail));
    for (const name of KEPT) on(name, (detail) => page.emit(name, (page[name] = detail)));
    // The browser's own second try would ask for what the first one did, so it is ours.
    this.#source.addEventListener("error", () => this.#lost());
  }

  close() {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = null;
    this.#missed = true;
  }

  #greeted(revision) {
    // The bot has another database now: nothing on the page is there any more.
    if (revision < page.revision) return location.reload();
    this.#wait = FIRST;
    if (this.#missed) online(true);
    this.#missed = false;
  }

  #lost() {
    this.close();
    if (page.online) online(false);
    this.#again = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST);
  }
}

function online(now) {
  page.online = now;
  page.emit("online", now);
}

/** Take in somebody new, or what changed of somebody. */
function meet(person) {
  const known = page.people.get(person.id);
  if (known) Object.assign(known, person, { last: known.last ?? person.last, unread: known.unread });
  else page.people.set(person.id, person);
  page.emit("people");
}
