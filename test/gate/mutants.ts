/**
 * The product, broken on purpose: each mutant is what a plausible mistake would make of the source, and is caught by the
 * column that is about it.
 */
import type { Edit } from "../sim/mutants.ts";

export interface GateMutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The column that has to catch it, on resources of this standard. */
  readonly column: number;
  readonly standard: string;
}

const apply = "shared/reconcile/apply.ts";
const compare = "shared/desired/compare.ts";
const gate = "shared/desired/gate.ts";
const request = "shared/desired/request.ts";
const writable = "shared/reconcile/writable.ts";

export const gateMutants: readonly GateMutant[] = [
  {
    name: "a ceiling is missed by one",
    edits: [
      {
        file: compare,
        from: "return Math.min(Math.max(current, demand.min), demand.max);",
        to: "return Math.min(Math.max(current, demand.min), demand.max + 1);",
      },
      { file: writable, from: "after <= assertion.value;", to: "after <= assertion.value + 1;" },
    ],
    column: 1,
    standard: "DEP-08",
  },
  {
    name: "a remedy replaces the whole member",
    edits: [{ file: request, from: "objectOf(before[name]),", to: "objectOf(undefined)," }],
    column: 2,
    standard: "NET-02",
  },
  {
    name: "a full body leaves out what it does not know",
    edits: [
      {
        file: request,
        from: "([name]) => readOnly[kind]?.includes(name) !== true,",
        to: '([name]) => readOnly[kind]?.includes(name) !== true && name !== "raiPolicyName",',
      },
    ],
    column: 2,
    standard: "DEP-05",
  },
  {
    name: "a write is sent twice",
    edits: [
      {
        file: apply,
        from: ": await context.arm.write(address, write, WRITE_ABORT_MS);",
        to: ": await context.arm.write(address, write, WRITE_ABORT_MS).then(() => context.arm.write(address, write, WRITE_ABORT_MS));",
      },
    ],
    column: 3,
    standard: "ACC-01",
  },
  {
    name: "an undo forgets a field",
    edits: [
      {
        file: "shared/reconcile/undo.ts",
        from: "const fields = proposal.fields.map(",
        to: "const fields = proposal.fields.slice(0, 1).map(",
      },
    ],
    column: 4,
    standard: "RAI-01",
  },
  {
    name: "a precondition is not heeded",
    edits: [
      {
        file: gate,
        from: "if (input.unmet !== undefined)",
        to: 'if (input.unmet === "")',
      },
      { file: writable, from: "unmet === undefined &&", to: "" },
    ],
    column: 5,
    standard: "NET-01",
  },
  {
    name: "what was agreed to is not decided on again",
    edits: [
      {
        file: writable,
        from: "return isDemanded(compiled, standard, carrier, sight, nowMs)",
        to: "return isDemanded(compiled, standard, carrier, sight, nowMs) || nowMs > 0",
      },
    ],
    column: 6,
    standard: "NET-01",
  },
  {
    name: "being throttled is taken for a refusal",
    edits: [
      {
        file: "shared/adapters/armErrors.ts",
        from: 'SubscriptionRequestsThrottled: "retry"',
        to: 'SubscriptionRequestsThrottled: "giveUp"',
      },
    ],
    column: 7,
    standard: "ACC-02",
  },
  {
    name: "an exception never ends",
    edits: [
      {
        file: "shared/desired/claims.ts",
        from: "if (fromIso(claim.until) <= draft.input.nowMs) end(",
        to: "if (draft.input.nowMs < 0) end(",
      },
    ],
    column: 8,
    standard: "DEP-05",
  },
  {
    name: "a fight is fought once more",
    edits: [
      { file: "shared/desired/guard.ts", from: "export const REPAIRS_MAX = 3;", to: "export const REPAIRS_MAX = 4;" },
    ],
    column: 9,
    standard: "ACC-02",
  },
  {
    name: "an event that comes late is not heeded",
    edits: [
      {
        file: "shared/reconcile/intake.ts",
        from: "if (event.caller === context.self) continue;",
        to: "if (event.caller === context.self || Date.parse(event.at) + 300_000 < context.clock.now()) continue;",
      },
    ],
    column: 10,
    standard: "ACC-02",
  },
];
