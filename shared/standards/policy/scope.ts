import type { Json } from "../../kernel/canonicalJson.ts";
import type { JsonObject } from "./values.ts";

export type Parameters = { readonly [name: string]: Json };

/** What a rule is evaluated on. */
export interface Scope {
  readonly resource: JsonObject;
  readonly parameters: Parameters;
  /** Elements of the counts that the condition stands in, the innermost first. */
  readonly counted: readonly Counted[];
}

export interface Counted {
  /** In lower case: the counted field as it was written, or the name that a count of values was given. */
  readonly name: string;
  /** The counted field; undefined for a count of values. */
  readonly path: readonly string[] | undefined;
  readonly element: Json;
}

/** What a rule may speak of; whatever else it names is refused when it is compiled. */
export interface Vocabulary {
  /** Names of the parameters. */
  readonly parameters: readonly string[];
  /** Members that lie at the root of what is judged beside those that every resource has. */
  readonly members: readonly string[];
  /** Told the first part of each field that the rule reads, in lower case. */
  readonly reads?: (root: string) => void;
}

export const plain: Vocabulary = { parameters: [], members: [] };
