/** The functions of policies on what is around the resource: the request, its group and subscription, the assignment, now. */
import type { Json } from "../../kernel/canonicalJson.ts";
import type { Special } from "./expression.ts";
import { written } from "./instant.ts";
import { refuse, unusable } from "./refusal.ts";
import type { Surroundings } from "./scope.ts";

/** By name in lower case. */
export const policyFunctions: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["requestcontext", around("requestContext")],
  ["resourcegroup", around("resourceGroup")],
  ["subscription", around("subscription")],
  ["policy", around("policy")],
  [
    "utcnow",
    {
      arity: [0, 1],
      compile({ args: [format] }, _vocabulary, pointer) {
        if (format !== undefined && (format.kind !== "literal" || typeof format.value !== "string")) {
          throw refuse(pointer, "utcNow() of something else", "a format in single quotes");
        }
        const form = format === undefined ? undefined : String(format.value);
        return ({ surroundings }) => {
          if (surroundings?.nowMs === undefined) throw unusable("utcNow()", "no clock", "the time of the evaluation");
          return written("utcNow()", { ms: surroundings.nowMs, offsetMinutes: 0 }, form);
        };
      },
    },
  ],
]);

function around(name: "requestContext" | "resourceGroup" | "subscription" | "policy"): Special {
  return {
    arity: [0, 0],
    compile:
      () =>
      ({ surroundings }) =>
        found(surroundings, name),
  };
}

/** What is not told is empty: its members are null. */
function found(
  surroundings: Surroundings | undefined,
  name: "requestContext" | "resourceGroup" | "subscription" | "policy",
): Json {
  return surroundings?.[name] ?? {};
}
