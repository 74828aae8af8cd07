/** What happens about a deviation, in the words that the console and the commands have in common. */

const fateWords: Readonly<Record<string, string>> = {
  none: "nothing to tell",
  report: "told only",
  ask: "people are asked",
  write: "written without asking",
  hold: "held",
  waive: "waived",
  unknown: "not known",
};

/** `hold (Frozen)` as people read it. */
export function fateWord(text: string): string {
  const [, kind = text, reason] = /^(\w+)(?: \((.+)\))?$/.exec(text) ?? [];
  const word = fateWords[kind] ?? kind;
  return reason === undefined ? word : `${word}: ${reason}`;
}
