/** Both interpreters on one pair. */
import { canonicalJson, type Json } from "../../shared/kernel/canonicalJson.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { readAliases, type AliasTable } from "../../shared/standards/policy/aliases.ts";
import { compileDefinition, compileRule, type Policy } from "../../shared/standards/policy/policy.ts";
import type { Provider } from "./aliases.ts";
import { interpret } from "./interpret.ts";
import { isObject, type Maybe } from "./json.ts";
import type { Pair } from "./pairs/pair.ts";

/** What both are asked for, as JSON that can be compared. */
export interface Verdict {
  /** Null for none. */
  readonly effect: string | null;
  /** Of modify and append what they would change; of existence effects what was looked for. */
  readonly details?: Json;
  /** Why there is no verdict. */
  readonly reason?: string;
}

export type Tables = ReadonlyMap<string, readonly Provider[]>;

/** The policy is refused, or fails here. */
export const NO_VERDICT = "no verdict";

const changing = new Set(["modify", "append"]);
const looking = new Set(["auditifnotexists", "deployifnotexists"]);

export function naive(pair: Pair, tables: Tables): Verdict {
  const providers = pair.aliases === undefined ? undefined : tables.get(pair.aliases);
  const outcome = interpret({ ...pair, related: [...pair.related], providers });
  if (outcome.kind === "none") return { effect: null };
  if (outcome.kind !== "effect") return { effect: NO_VERDICT, reason: outcome.reason };
  const { effect, details } = outcome;
  if (changing.has(effect.toLowerCase())) return { effect, details: changesIn(effect, details) };
  return looking.has(effect.toLowerCase()) ? { effect, details: details ?? null } : { effect };
}

function changesIn(effect: string, details: Maybe): Json {
  const list = effect.toLowerCase() === "append" ? details : isObject(details) ? details["operations"] : [];
  return (Array.isArray(list) ? list : []).filter(isObject).map(({ operation, field, value }) => {
    const name = typeof operation === "string" ? operation.toLowerCase() : "append";
    return { operation: name, field: field ?? null, ...(value === undefined ? {} : { value }) };
  });
}

const read = new Map<string, AliasTable>();

function tableOf(name: string, tables: Tables): AliasTable {
  const table = read.get(name) ?? readAliases(tables.get(name) ?? []);
  read.set(name, table);
  return table;
}

export function product(pair: Pair, tables: Tables): Verdict {
  try {
    return evaluated(pair, compiled(pair, tables));
  } catch (error) {
    if (error instanceof SteelyardError && error.code === "BadInput")
      return { effect: NO_VERDICT, reason: error.message };
    throw error;
  }
}

/** @throws SteelyardError `BadInput` when it is refused. */
export function compiled({ definition, aliases, isBare }: Pair, tables: Tables): Policy {
  const table = aliases === undefined ? undefined : tableOf(aliases, tables);
  return isBare === true ? compileRule(definition["policyRule"] ?? null, table) : compileDefinition(definition, table);
}

/** @throws SteelyardError `BadInput` when it gives no verdict. */
export function evaluated({ context, apiVersion, parameters, resource, related }: Pair, policy: Policy): Verdict {
  const { utcNow, ...around } = context;
  const surroundings = { ...around, apiVersion, nowMs: typeof utcNow === "string" ? Date.parse(utcNow) : undefined };
  const { effect, details, changes } = policy.assign(parameters)(resource, surroundings, () => related);
  if (effect === null) return { effect };
  const lower = effect.toLowerCase();
  if (changing.has(lower)) {
    return {
      effect,
      details: (changes?.() ?? []).map((each) => ({ ...each, operation: each.operation.toLowerCase() })),
    };
  }
  return looking.has(lower) ? { effect, details: details ?? null } : { effect };
}

export function isSame(left: Verdict, right: Verdict): boolean {
  if (left.effect !== right.effect) return false;
  return canonicalJson(left.details ?? null) === canonicalJson(right.details ?? null);
}
