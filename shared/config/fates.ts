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

/** What holds a change back, after `held by`. */
export function reasonWord(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    Budget: "the budget",
    Conflict: "a conflict",
    Flapping: "flapping",
    Frozen: "a freeze",
    NotEnrolled: "enrolment",
    OwnedByTemplate: "a template",
    Paused: "the pause",
    PreconditionUnmet: "a precondition",
    Refused: "Azure",
    WrittenByPipeline: "a pipeline",
  };
  return words[reason] ?? reason;
}

/** `hold (Frozen)` as people read it: `held by a freeze`. */
export function fateWord(text: string): string {
  const [, kind = text, reason] = /^(\w+)(?: \((.+)\))?$/.exec(text) ?? [];
  const word = fateWords[kind] ?? kind;
  if (kind === "hold" && reason !== undefined) return `${word} by ${reasonWord(reason)}`;
  return reason === undefined ? word : `${word}: ${reason}`;
}
