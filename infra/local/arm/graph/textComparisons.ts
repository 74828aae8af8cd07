/** Comparisons of text; those without `_cs` don't regard case. Both sides as `tostring()` gives them. */
import { hasTerm } from "./values.ts";

type Comparison = (left: string, right: string) => boolean;

const without: Readonly<Record<string, Comparison>> = {
  contains: (left, right) => left.toLowerCase().includes(right.toLowerCase()),
  contains_cs: (left, right) => left.includes(right),
  startswith: (left, right) => left.toLowerCase().startsWith(right.toLowerCase()),
  startswith_cs: (left, right) => left.startsWith(right),
  endswith: (left, right) => left.toLowerCase().endsWith(right.toLowerCase()),
  endswith_cs: (left, right) => left.endsWith(right),
  has: hasTerm,
};

/** By the word in the query, lower case. */
export const textComparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ...Object.entries(without),
  ...Object.entries(without).map(([name, of]): [string, Comparison] => [`!${name}`, (a, b) => !of(a, b)]),
  ["=~", (left, right) => left.toLowerCase() === right.toLowerCase()],
  ["!~", (left, right) => left.toLowerCase() !== right.toLowerCase()],
]);
