/** Times, lengths of time and counts as people read them. UTC, 24 hours; the page says so once. */
import { dayMs, fromIso, hourMs, minuteMs, toIso } from "../kernel/clock.ts";
import { html, type Html } from "./html.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `14:32` of the same day, else `18 Nov 14:32`, with the year when it is another one. */
export function shortTime(iso: string, nowMs: number): string {
  const [date = "", time = ""] = iso.split("T");
  const [today = ""] = toIso(nowMs).split("T");
  const clock = time.slice(0, 5);
  if (date === today) return clock;
  const [year = "", month = "", day = ""] = date.split("-");
  const named = `${Number(day)} ${months[Number(month) - 1] ?? month}`;
  return year === today.slice(0, 4) ? `${named} ${clock}` : `${named} ${year} ${clock}`;
}

/** A point in time that machines can read too; the whole of it on hovering. */
export function timeTag(iso: string, nowMs: number): Html {
  return html`<time datetime="${iso}" title="${iso.replace("T", " ").slice(0, 19)} UTC"
    >${shortTime(iso, nowMs)}</time
  >`;
}

/** `14:32:06` of the same day, else with its day: of what is followed by the second. */
export function clockTag(iso: string, nowMs?: number): Html {
  const isToday = nowMs === undefined || iso.slice(0, 10) === toIso(nowMs).slice(0, 10);
  const text = isToday ? iso.slice(11, 19) : shortTime(iso, nowMs);
  return html`<time datetime="${iso}" title="${iso.replace("T", " ").slice(0, 19)} UTC">${text}</time>`;
}

/** `3 h 28 min`, `26 d`, `14 s`: the two largest units that matter; a negative length is none. */
export function span(ms: number): string {
  const length = Math.max(0, ms);
  if (length < minuteMs) return `${Math.floor(length / 1000)} s`;
  const days = Math.floor(length / dayMs);
  const hours = Math.floor((length % dayMs) / hourMs);
  const minutes = Math.floor((length % hourMs) / minuteMs);
  if (days >= 7) return `${days} d`;
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return `${minutes} min`;
}

/** How long until then; `ending` once it is there: a countdown never turns negative. */
export function until(iso: string, nowMs: number): string {
  const left = fromIso(iso) - nowMs;
  return left <= 0 ? "ending" : `in ${span(left)}`;
}

/** Clocks of instances may differ by as much. */
const JUST_NOW_MS = 5_000;

/** `3 h 2 min ago`; a time to come is `just now`: no length is negative. */
export function since(iso: string, nowMs: number): string {
  const length = nowMs - fromIso(iso);
  return length < JUST_NOW_MS ? "just now" : `${span(length)} ago`;
}

/** `1 change`, `3 changes`, `4,812 changes`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The start of an object ID or hash, enough to tell apart; the whole stands beside it in the markup. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** What is left of a window: `3 h 28 min`, `ending` once it is over. */
export function left(iso: string, nowMs: number): string {
  const ms = fromIso(iso) - nowMs;
  return ms <= 0 ? "ending" : span(ms);
}

/** `prod` is what configurations say; people say production. */
export function environmentWord(name: string): string {
  return name === "prod" ? "production" : name;
}
