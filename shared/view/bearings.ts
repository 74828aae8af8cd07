/** What the frame of every page says of the whole product: how far it may go, and how fresh what it knows is. */
import { modeOf, settingsOf, type Config, type Mode } from "../config/schema.ts";
import { environmentWord } from "./words.ts";

export interface Bearings {
  /** `Approve in production`, `Audit only`, `Paused`. */
  readonly mode: string;
  /** Where what the console shows comes from, and when each was heard last, ISO 8601; null: never yet. */
  readonly sources: readonly { readonly name: string; readonly at: string | null }[];
}

const words: Readonly<Record<Mode, string>> = { audit: "Audit", approve: "Approve", enforce: "Enforce" };
const strength: readonly Mode[] = ["audit", "approve", "enforce"];

/**
 * The furthest that any standard goes in the first environment, which holds what belongs to none and is production by
 * convention; lowered by what the subscriptions are enrolled for.
 * @param config undefined when none was applied yet, or it cannot be read
 */
export function modeSentence(config: Config | undefined): string {
  if (config === undefined) return "Nothing configured";
  if (config.paused) return "Paused";
  if (config.subscriptions.length === 0) return "Nothing enrolled";
  const modes = (environment: string): Mode[] => settingsOf(config).map((setting) => modeOf(setting, environment));
  const all = config.environments.names.flatMap(modes);
  const level = furthest(
    config.subscriptions.map((subscription) => (subscription.level === "reader" ? "audit" : subscription.level)),
  );
  if (level === "audit" || furthest(all) === "audit") return "Audit only";
  const [first = "prod"] = config.environments.names;
  return `${words[lower(furthest(modes(first)), level)]} in ${environmentWord(first)}`;
}

function furthest(modes: readonly Mode[]): Mode {
  return strength.findLast((mode) => modes.includes(mode)) ?? "audit";
}

function lower(a: Mode, b: Mode): Mode {
  return strength.indexOf(a) < strength.indexOf(b) ? a : b;
}
