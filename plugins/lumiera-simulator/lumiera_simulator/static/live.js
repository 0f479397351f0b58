// Panes that follow the server: what they show is fetched again when something has happened.

import { ApiError } from "./api.js";
import { t } from "./labels.js";
import { page } from "./page.js";

/** What to say of an error: the server's own sentence, or that there was none. */
export function sentence(error) {
  return error.message || t("lab-away");
}

/**
 * Return a function that has `load` run soon and its answer given to `show`. Calls that come together run once, those
 * that come during a run make another one after it, and nothing is asked while the server is away: whoever shows a
 * pane calls again at "online".
 */
export function refresher(load, show, { wait = 120, failed = () => {} } = {}) {
  let timer = 0;
  let runs = false;
  let again = false;
  const ask = () => {
    if (runs) again = true;
    else timer ||= setTimeout(run, wait);
  };
  const run = async () => {
    timer = 0;
    if (!page.online) return;
    runs = true;
    try {
      show(await load());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed(error);
    } finally {
      runs = false;
      if (again) ask();
      again = false;
    }
  };
  return ask;
}

/** Do what a button asks for, once at a time; what fails is said in a toast. */
export async function once(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    page.toast(sentence(error));
  } finally {
    button.disabled = false;
  }
}
