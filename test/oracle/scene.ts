import type { JsonObject, Maybe } from "./json.ts";
import type { Tables } from "./fields.ts";

/** A `count` that is under way. */
export type Count =
  | { readonly kind: "field"; readonly field: string }
  | { readonly kind: "value"; readonly name: string; readonly value: Maybe };

/** All that an expression or a condition sees. */
export interface Scene {
  /** What field conditions look at: in a `where`, the resource with one member only. */
  readonly resource: JsonObject;
  /** What the function field() looks at: in an existence condition still the resource of the `if`. */
  readonly evaluated: JsonObject;
  readonly parameters: JsonObject;
  /** resourceGroup, subscription, policy, requestContext, utcNow. */
  readonly context: JsonObject;
  readonly tables: Tables;
  /** From the outermost to the innermost. */
  readonly counts: readonly Count[];
}
