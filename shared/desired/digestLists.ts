/** Lists of a digest: bounded, with how many there are in all, and in an order that does not depend on what was read first. */
import type { Condition } from "./documents.ts";

/** Rows of one list; the rest is in its total. */
export const ROWS_MAX = 50;

/** Object IDs told in one row. */
export const PEOPLE_MAX = 10;

/** The first items of a list, and how many there are in all. */
export interface Bounded<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What is wrong with the product's own work. */
export type Problem = Condition;

export function bounded<T>(items: readonly T[], max: number): Bounded<T> {
  return { items: items.slice(0, max), total: items.length };
}

/** Object IDs, each once; whom Azure does not name is left out. */
export function people(ids: readonly (string | null)[]): Bounded<string> {
  const known = new Set(ids.filter((id) => id !== null));
  return bounded([...known].sort(compare), PEOPLE_MAX);
}

/** Key of a standard in an environment; neither has a space. */
export function placeKey(standard: string, environment: string): string {
  return `${standard} ${environment}`;
}

/** By the first key that differs. Of items that are alike in all keys each must do for the other. */
export function sorted<T>(items: readonly T[], keys: (item: T) => readonly string[]): T[] {
  return items
    .map((item) => ({ item, key: keys(item).join("\u0000") }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ item }) => item);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sum<K extends string>(rows: readonly Readonly<Record<K, number>>[], name: K): number {
  return rows.reduce((total, row) => total + row[name], 0);
}
