/** What is said of one resource by one standard or policy, as `--json` prints it. */
import type { Json } from "../kernel/canonicalJson.ts";
import type { SafetyClass } from "../desired/gate.ts";
import type { remedyKinds } from "../standards/schema.ts";

export const verdicts = ["fail", "unknown", "pass", "notApplicable"] as const;

export interface Verdict {
  /** ID as the input has it; of a template's resource without an ID, its type and names. */
  readonly resource: string;
  /** ID of the standard; of a policy, the name of its definition. */
  readonly standard: string;
  readonly verdict: (typeof verdicts)[number];
  /** Name of the policy's effect, `audit` of our own standards; null where a policy has none (it is disabled). */
  readonly effect: string | null;
  /** For people, in a sentence. */
  readonly reason: string;
  /** Fields that are not as demanded, or else those that the rule reads. */
  readonly paths: readonly string[];
  /** What would put it right; null where nothing failed, or where it is a person's to do. */
  readonly remedy: Remedy | null;
  /** With `--plan`, of what failed. */
  readonly plan?: Plan;
}

export interface Change {
  readonly path: string;
  /** Null when nothing is there. */
  readonly before: Json;
  readonly after: Json;
}

export interface Remedy {
  readonly kind: (typeof remedyKinds)[number];
  /** `S`: safe unasked; `R`: can cut traffic or is hard to take back, so people are asked; `X`: a person's to do. */
  readonly safety: SafetyClass;
  readonly description: string | null;
  /** What is written: the resource, or one of its own at it, which may not be there yet. */
  readonly target: string;
  readonly changes: readonly Change[];
  /** What stands against it; null when nothing does. */
  readonly unmet: string | null;
}

/** What would happen about a failure. */
export interface Plan {
  /** `write`: unasked. `ask`: people are asked first. `none`: it is told, nothing else. */
  readonly will: "write" | "ask" | "none";
  /** Why so, and what stands against it. */
  readonly because: readonly string[];
  /** The one request that makes the change; null where there is none. */
  readonly request: { readonly method: string; readonly target: string; readonly body: Json } | null;
  readonly changes: readonly Change[];
}

export type Counts = Readonly<Record<Verdict["verdict"], number>>;

export function countsOf(all: readonly Pick<Verdict, "verdict">[]): Counts {
  const counts = { fail: 0, unknown: 0, pass: 0, notApplicable: 0 };
  for (const { verdict } of all) counts[verdict] += 1;
  return counts;
}
