// What the person looked at does with the phone: everything goes out in the order in which it was done.

import { post } from "./api.js";
import { t } from "./labels.js";
import { page } from "./page.js";

let last = Promise.resolve();

/** Send to the bot as a person; tells whether it got there, and says why not. */
export function send(personId, body) {
  const sent = last.then(async () => {
    const { messages } = await post(`people/${personId}/messages`, body);
    for (const message of messages) page.emit("message", message);
    page.emit("sent", personId);
    return true;
  });
  last = sent.catch((error) => complain(error));
  return last;
}

/** Say what went wrong; false, for whoever waits for the outcome. */
export function complain(error) {
  page.toast(error.message || t("chat-not-sent"));
  return false;
}
