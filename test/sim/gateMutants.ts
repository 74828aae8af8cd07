/** The gate, broken on purpose. */
import type { Mutant } from "./mutants.ts";

const asking = "shared/desired/asking.ts";
const budgets = "shared/reconcile/budgets.ts";
const decide = "shared/desired/decide.ts";
const gate = "shared/desired/gate.ts";
const guard = "shared/desired/guard.ts";
const decisions = "shared/reconcile/decisions.ts";
const undo = "shared/reconcile/undo.ts";
const writable = "shared/reconcile/writable.ts";

export const gateMutants: readonly Mutant[] = [
  {
    name: "a budget that is used up is not heeded",
    edits: [
      { file: budgets, from: "if (left !== undefined && left <= 0) return false;", to: "" },
      {
        file: gate,
        from: "if (allowance.left !== undefined && allowance.left <= 0) {",
        to: "if (allowance.left === -1) {",
      },
    ],
    breaks: ["I15"],
  },
  {
    name: "two instances overwrite each other's log of writes",
    edits: [
      {
        file: budgets,
        from: 'return etag === undefined ? { kind: "create", document } : { kind: "replace", document, etag };',
        to: 'return etag === "" ? { kind: "create", document } : { kind: "upsert", document };',
      },
    ],
    breaks: ["I15"],
  },
  {
    name: "a write is not written down before it is made",
    edits: [
      { file: budgets, from: "if (stored.ok) return true;", to: "if (nowMs > 0) return true;" },
      {
        file: budgets,
        from: "[replacing(read, reserved(others, write))]",
        to: "[replacing(read, reserved(others, { ...write, atMs: 0 }))]",
      },
    ],
    breaks: ["I15"],
  },
  {
    name: "a freeze is not heeded",
    edits: [{ file: gate, from: "if (frozen !== undefined) {", to: 'if (frozen?.name === "") {' }],
    breaks: ["I15"],
    seed: 313,
  },
  {
    name: "a field that belongs to templates is written all the same",
    edits: [
      { file: gate, from: "if (input.owned.length > 0)", to: "if (input.owned.length > 99)" },
      {
        file: writable,
        from: "carrier.fields.some(({ path }) => isOwned(owned, path))",
        to: "owned.length > 99",
      },
    ],
    breaks: ["I15", "I8"],
    seed: 3,
  },
  {
    name: "what belongs to templates is told without the patch",
    edits: [
      {
        file: decide,
        from: "gated.owned.length > 0 || gated.pipeline !== undefined ? templatePatch(fields) : null",
        to: "null",
      },
    ],
    breaks: ["I8"],
    seed: 3,
  },
  {
    name: "a fight is fought on",
    edits: [{ file: guard, from: "export const REPAIRS_MAX = 3;", to: "export const REPAIRS_MAX = 30;" }],
    breaks: ["I15"],
    seed: 4,
  },
  {
    name: "what was never verified is put back unasked",
    edits: [
      { file: guard, from: "fields.length > 0 &&\n    fields.every", to: "fields.length > 0 ||\n    fields.every" },
    ],
    breaks: ["I2"],
    seed: 9,
  },
  {
    name: "what somebody took back is put back unasked when the claim ends",
    edits: [
      { file: decide, from: "if (waiving !== undefined) forget(", to: "if (draft.input.nowMs < 0) forget(" },
      { file: undo, from: "guard === undefined ? [claim] : [claim, forgotten(guard, taken)]", to: "[claim]" },
    ],
    breaks: ["I2"],
    seed: 22,
  },
  {
    name: "what was approved is written though the standard is in audit again",
    edits: [
      { file: writable, from: "if (!isAllowed) return", to: 'if (!isAllowed && mode !== "audit") return' },
      { file: asking, from: 'if (verdict.kind === "report") return undefined;', to: "" },
    ],
    breaks: ["I15"],
    seed: 5,
  },
  {
    name: "anybody with the role may decide",
    edits: [
      {
        file: "shared/desired/consent.ts",
        from: "return named === null || named.includes(by)",
        to: "return named !== undefined || named.includes(by)",
      },
    ],
    breaks: ["I2"],
    seed: 4,
  },
  {
    name: "nobody else is asked when time goes by",
    edits: [
      {
        file: asking,
        from: "if (escalateAt === null || fromIso(escalateAt) > draft.input.nowMs)",
        to: "if (escalateAt === null || draft.input.nowMs > 0)",
      },
    ],
    breaks: ["I8"],
    seed: 41,
  },
  {
    name: "who made the change may reject its being put right",
    edits: [
      {
        file: decisions,
        from: 'if (verdict === "reject" && proposal.changedBy === by)',
        to: 'if (verdict === "reject" && by === "")',
      },
    ],
    breaks: ["I10"],
    seed: 659,
  },
];
