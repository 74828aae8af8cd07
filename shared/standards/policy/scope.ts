import type { Json } from "../../kernel/canonicalJson.ts";
import type { AliasTable } from "./aliases.ts";
import type { Meter } from "./meter.ts";
import type { JsonObject } from "./values.ts";

export type Parameters = { readonly [name: string]: Json };

/** What a rule is evaluated on. */
export interface Scope {
  readonly resource: JsonObject;
  readonly parameters: Parameters;
  /** Elements of the counts that the condition stands in, the innermost first. */
  readonly counted: readonly Counted[];
  /** A related resource, whose fields an existence condition's `field` and `count` read. */
  readonly related?: JsonObject;
  /** What the request and the assignment tell; only whole policies may ask. */
  readonly surroundings?: Surroundings;
  /** Of the evaluation that runs; whoever begins one need not give it. */
  readonly meter?: Meter;
}

/** Where a policy is evaluated: what its functions requestContext(), resourceGroup(), ... give. */
export interface Surroundings {
  /** Of the request for the resource; it decides which path of an alias is meant. */
  readonly apiVersion?: string | undefined;
  readonly requestContext?: Json;
  readonly resourceGroup?: Json;
  readonly subscription?: Json;
  readonly policy?: Json;
  /** Milliseconds since 1970, for utcNow(). */
  readonly nowMs?: number | undefined;
}

export interface Counted {
  /** In lower case: the counted field as it was written, or the name that a count of values was given. */
  readonly name: string;
  /** The counted field; undefined for a count of values. */
  readonly path: readonly string[] | undefined;
  /** Of a counted field: the element of each list on the way, the counted one last. */
  readonly members?: readonly Json[];
  /** The counted field is one of the related resource. */
  readonly isRelated?: true | undefined;
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
  /** A whole policy definition is compiled: any resource type, any path, and the functions on what is around. */
  readonly policy?: PolicyVocabulary;
}

export interface PolicyVocabulary {
  readonly aliases: AliasTable | undefined;
  /** An existence condition: its fields are those of the related resource, what its functions read is of the judged one. */
  readonly isExistence: boolean;
  /** A rule without a definition declares no parameters: any may be asked for. */
  readonly isBare: boolean;
  /** Told the name of each parameter that is asked for, in lower case. */
  readonly asks?: (parameter: string) => void;
}

export const plain: Vocabulary = { parameters: [], members: [] };
