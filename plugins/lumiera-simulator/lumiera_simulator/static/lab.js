// The what-if pane: another time, a channel that fails, what waits to be sent, and messages that come in a rush.

import { mountFaults } from "./faults.js";
import { mountOutbox } from "./outbox.js";
import { rush } from "./rush.js";
import { time } from "./travel.js";

export function mountLab(root) {
  root.append(time(), mountFaults(), mountOutbox(), rush());
}
