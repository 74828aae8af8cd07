/** What the configuration says of one standard on one target now: the terms on which the standard holds there. */
import {
  activationKey,
  concerns,
  modeOf,
  type Activation,
  type Activations,
  type Config,
  type Mode,
  type Place,
  settingsOf,
} from "../config/schema.ts";
import { allowanceOf, type Allowance, type BudgetLog, type unreadable } from "./budget.ts";
import { decidersAt, type Deciders } from "./consent.ts";
import { frozenAt, type Frozen } from "./gate.ts";

export interface Terms {
  readonly mode: Mode;
  /** When and by which version the mode became what it is; undefined when that was not kept. */
  readonly activation: Activation | undefined;
  readonly frozen: Frozen | undefined;
  readonly allowance: Allowance;
  /** Paths that belong to templates there. */
  readonly owned: readonly string[];
  readonly deciders: Deciders;
}

/** `log`: what the standard wrote lately. A standard that the configuration does not name is in audit. */
export function termsOf(
  config: Config,
  activations: Activations,
  place: Place & { readonly standard: string },
  log: BudgetLog | typeof unreadable,
  nowMs: number,
): Terms {
  const setting = settingsOf(config).find(({ id }) => id === place.standard);
  return {
    mode: setting === undefined ? "audit" : modeOf(setting, place.environment),
    activation: activations[activationKey(place.standard, place.environment)],
    frozen: frozenAt(config.freezes, place, nowMs),
    allowance: allowanceOf(config.budgets, place, log, nowMs),
    owned: ownedAt(config, place),
    deciders: decidersAt(config, place),
  };
}

/** Whether a field is one of these, or a part of one. Names of tags are one whatever their case. */
export function isOwned(owned: readonly string[], path: string): boolean {
  const plain = (text: string): string => (text.startsWith("tags.") ? text.toLowerCase() : text);
  return owned.some((one) => plain(path) === plain(one) || plain(path).startsWith(`${plain(one)}.`));
}

/** Paths that belong to templates at a place. */
export function ownedAt(config: Pick<Config, "fields">, place: Place): string[] {
  return config.fields.filter((field) => concerns(field, place)).map(({ path }) => path);
}
