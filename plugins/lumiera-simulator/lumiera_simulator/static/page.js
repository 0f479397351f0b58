// What the parts of the page share: who is looked at, what is known of the bot, and a bus between them.
//
// Events and their details: "person" (Person or null: another one is looked at), "people" (the list or one of it
// changed), "message" (Message), "sent" (person id: something went out from this page), "typing" ({person}),
// "clock" (Clock), "faults" (Faults), "turn" ({person, turn}), "turn-selected" (turn id), "escalations" ({}), "online"
// (bool), "show" (the name of a tab), "toast" (text), "waiting" (how many requests are open).

const bus = new EventTarget();

export const page = {
  people: new Map(), // by id
  person: null,
  clock: null,
  faults: null,
  languages: [],
  largest: 16, // MB of a file
  revision: 0, // of the last change that was seen
  online: true,

  on(event, listener) {
    bus.addEventListener(event, (one) => listener(one.detail));
  },

  emit(event, detail = null) {
    bus.dispatchEvent(new CustomEvent(event, { detail }));
  },

  /** Look at another person; an unknown id is ignored. */
  select(personId) {
    const person = page.people.get(Number(personId));
    if (!person || person === page.person) return;
    page.person = person;
    page.emit("person", person);
  },

  /** Show the trace of a turn. */
  selectTurn(turnId) {
    page.emit("turn-selected", turnId);
    page.show("trace");
  },

  /** Bring a tab to the front: "chat", "trace", "team" or "lab". */
  show(tab) {
    page.emit("show", tab);
  },

  /** Say something for a few seconds. */
  toast(text) {
    page.emit("toast", text);
  },
};

