// Times, lengths and numbers as the page's language writes them.

import { language } from "./labels.js";
import { page } from "./page.js";

const SPANS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** What time the bot believes it is: the browser's clock, and the jumps that were made. */
export function botNow() {
  return new Date(Date.now() + (page.clock?.ahead ?? 0) * 1000);
}

export function timeOfDay(moment) {
  const digits = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return new Intl.DateTimeFormat(language(), digits).format(new Date(moment));
}

export function fullTime(moment) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "full", timeStyle: "medium" }).format(new Date(moment));
}

/** The time of day, and the date where it is not the bot's today. */
export function shortTime(moment) {
  const at = new Date(moment);
  const today = at.toDateString() === botNow().toDateString();
  const date = today ? {} : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language(), { ...date, hour: "2-digit", minute: "2-digit" }).format(at);
}

/** "3 hours ago", by the bot's clock. */
export function ago(moment) {
  const seconds = Math.max(Math.round((botNow() - new Date(moment)) / 1000), 0);
  const [unit, size] = SPANS.find((one) => seconds >= one[1]) ?? SPANS.at(-1);
  const format = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  return format.format(-Math.floor(seconds / size), unit);
}

/** "1 day 2 hours": the two largest units of a stretch of seconds. */
export function stretch(seconds) {
  const parts = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of SPANS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(count));
  }
  return parts.slice(0, 2).join(" ");
}

/** Milliseconds below a second, seconds from there on. */
export function took(ms) {
  const [value, unit] = ms < 1000 ? [ms, "millisecond"] : [ms / 1000, "second"];
  const maximumFractionDigits = value < 1 ? 2 : value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit, maximumFractionDigits }).format(value);
}

export function percent(share) {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** A confidence or a threshold, with the digits in which they are told apart. */
export function share(value) {
  return new Intl.NumberFormat(language(), { minimumFractionDigits: 2, maximumFractionDigits: 3 }).format(value);
}

export function number(value) {
  return new Intl.NumberFormat(language(), { maximumSignificantDigits: 4 }).format(value);
}
