/** Choices of a seeded generator. */

/** Uniform in [0, 1). */
export type Random = () => number;

/** @throws Error when there is nothing to choose from */
export function pick<T>(from: readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}

/** A whole number from `min` to `max`, a multiple of `step` above `min`. */
export function between(min: number, max: number, step: number, random: Random): number {
  return min + step * Math.floor(random() * (Math.floor((max - min) / step) + 1));
}

/** So many different ones of them, in a chance order. @throws Error when there are fewer */
export function some<T>(count: number, from: readonly T[], random: Random): T[] {
  if (from.length < count) throw new Error(`${count} were asked for, there are ${from.length}`);
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] as T);
}
