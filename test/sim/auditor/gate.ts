/** What the gate must not let through: judged from the configuration's versions and from what reached ARM. */
import { at, isObject, isSame, text, type JsonObject } from "./json.ts";

/** Clocks of the product may be five minutes behind, and what a write was decided on three minutes old. */
const LATE_MS = 8 * 60_000;

const HOUR_MS = 60 * 60_000;

function entries(document: JsonObject, name: string): JsonObject[] {
  const list = document[name];
  return Array.isArray(list) ? (list as JsonObject[]) : [];
}

function isAbout(entry: JsonObject, standard: string): boolean {
  const standards = entry["standards"];
  return !Array.isArray(standards) || standards.includes(standard);
}

/** Whether nothing may be written for the standard at that time, for so long already that every clock has noticed. */
export function isFrozen(document: JsonObject, standard: string, atMs: number): boolean {
  return entries(document, "freezes").some(
    (freeze) =>
      isAbout(freeze, standard) &&
      Date.parse(text(freeze["from"])) + LATE_MS <= atMs &&
      atMs < Date.parse(text(freeze["until"])),
  );
}

/** Whether the field belongs to templates. */
export function isOwned(document: JsonObject, path: string): boolean {
  return entries(document, "fields").some((field) => field["path"] === path && field["owner"] === "iac");
}

/** Most writes of the standard within any hour that a version of the configuration allows. */
export function writesPerHour(document: JsonObject, standard: string): number {
  const limits = entries(document, "budgets").filter((budget) => isAbout(budget, standard));
  return Math.min(...limits.map((budget) => Number(budget["writesPerHour"])));
}

/** Whether a version lets the person decide on the standard's proposals. */
export function mayDecide(document: JsonObject, standard: string, by: string, isEscalated: boolean): boolean {
  const named = entries(document, "approvers").filter((entry) => isAbout(entry, standard));
  if (named.length === 0 || named.some(({ people }) => Array.isArray(people) && people.includes(by))) return true;
  const escalation = at(document, "escalation.people");
  return isEscalated && Array.isArray(escalation) && escalation.includes(by);
}

/** The writes of each standard that arrived at ARM. */
export class Arrivals {
  readonly #atMs = new Map<string, number[]>();

  /** How many there are within the hour that ends now, this one among them. */
  add(standard: string, atMs: number): number {
    const list = this.#atMs.get(standard) ?? [];
    this.#atMs.set(standard, list);
    list.push(atMs);
    return list.filter((other) => other > atMs - HOUR_MS).length;
  }
}

/** A write that was made without asking anybody. */
export interface Unasked {
  readonly standard: string;
  readonly changedBy: unknown;
  readonly atMs: number;
}

const DAY_MS = 24 * HOUR_MS;

/** Whether the same actor has been followed three times within the day that ends now, by writes that were read back. */
export function isFlapping(repairs: readonly Unasked[], next: Unasked): boolean {
  const before = repairs.filter(
    ({ standard, changedBy, atMs }) =>
      standard === next.standard &&
      isSame((changedBy ?? null) as never, (next.changedBy ?? null) as never) &&
      atMs > next.atMs - DAY_MS + LATE_MS,
  );
  return before.length >= 3;
}

/** Whether the patch for the template says what the standard demands. */
export function isPatch(patch: unknown, path: string, value: unknown): boolean {
  return isObject(patch) && isSame(at(at(patch, "json"), path), value);
}
