/** How a target or a cell stands: its colour, and its words. */
import type { Counts, Standing } from "./estateModel.ts";
import type { Tone } from "./proposalModel.ts";
import { count, grouped } from "./words.ts";

export const toneOf: Readonly<Record<Standing, Tone>> = {
  blocked: "stop",
  waits: "wait",
  open: "open",
  unknown: "unknown",
  waived: "open",
  met: "met",
};

/** In a cell. */
export const cellWords: Readonly<Record<Standing, string>> = {
  blocked: "Blocked",
  waits: "Waits",
  open: "Open",
  unknown: "Unknown",
  waived: "Waived",
  met: "Met",
};

/** After a number: `2 wait`, `1 waits`. */
export function chipWord(standing: Standing, number: number): string {
  return standing === "waits" ? (number === 1 ? "waits" : "wait") : standing;
}

const plural = (number: number, one: string, many: string): string => `${grouped(number)} ${number === 1 ? one : many}`;

const phrases: Readonly<Record<Standing, (number: number) => string>> = {
  blocked: (number) => plural(number, "is blocked", "are blocked"),
  waits: (number) => plural(number, "waits for people", "wait for people"),
  open: (number) => plural(number, "is open", "are open"),
  unknown: (number) => plural(number, "is unknown", "are unknown"),
  waived: (number) => plural(number, "is waived", "are waived"),
  met: (number) => plural(number, "is as it should be", "are as they should be"),
};

/** `2 wait for people, 1 is open, 49 are as they should be`; what nothing is said of is left out. */
export function countsInWords(counts: Counts): string {
  const order: readonly Standing[] = ["blocked", "waits", "open", "unknown", "waived", "met"];
  return order
    .filter((standing) => counts[standing] > 0)
    .map((standing) => phrases[standing](counts[standing]))
    .join(", ");
}

/** `3 deployments in prod: 1 waits for people, 2 are as they should be.` */
export function scopeSentence(
  noun: { readonly one: string; readonly many: string },
  place: string,
  counts: Counts,
): string {
  const number = Object.values(counts).reduce((sum, found) => sum + found, 0);
  const what = `${count(number, noun.one, noun.many)}${place}`;
  if (number === 0) return `No ${noun.one}${place}.`;
  if (counts.met < number) return `${what}: ${countsInWords(counts)}.`;
  return number === 1 ? `The one ${noun.one}${place} is as it should be.` : `All ${what} are as they should be.`;
}
