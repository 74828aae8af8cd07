/**
 * The product, broken on purpose: each mutant is what a plausible mistake would make of the source. The simulator must
 * find every one of them, by the invariant that it breaks; one that lives shows a blind spot of the simulator.
 */

import { gateMutants } from "./gateMutants.ts";

export interface Edit {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Invariants of which one has to be what catches it. */
  readonly breaks: readonly string[];
  /** Where to begin looking: a seed that caught it when this was written. Others are tried after it. */
  readonly seed?: number;
}

const apply = "shared/reconcile/apply.ts";
const asking = "shared/desired/asking.ts";
const claims = "shared/desired/claims.ts";
const gate = "shared/desired/gate.ts";
const decisions = "shared/reconcile/decisions.ts";
const look = "shared/reconcile/look.ts";
const request = "shared/desired/request.ts";
const settle = "shared/desired/settle.ts";
const sweep = "shared/reconcile/sweep.ts";
const writer = "shared/writer/writer.ts";
const writerStore = "shared/reconcile/writerStore.ts";

export const mutants: readonly Mutant[] = [
  ...gateMutants,
  {
    name: "no fence: the write leaves without one",
    edits: [
      {
        file: apply,
        from: "const fenced = await storeStep(context.store, writer, openFence(writer, change, openedMs));",
        to: "const fenced: Writer | undefined = openFence(writer, change, openedMs).writer;",
      },
    ],
    breaks: ["I12"],
  },
  {
    name: "acknowledged before it is read back",
    edits: [
      {
        file: apply,
        from: "const outcome = outcomeOf(fence.change, seen.body, isOurs, shown);",
        to: 'const there = outcomeOf(fence.change, seen.body, isOurs, shown); const outcome = fence.answer?.kind === "done" ? { ...there, result: "applied" as const } : there;',
      },
    ],
    breaks: ["I6"],
    seed: 9,
  },
  {
    name: "served set blindly, also for wishes that came during the look",
    edits: [
      {
        file: look,
        from: "serve(quiet, writer.wanted)",
        to: "serve(quiet, (await readWriter(context.store, writer.key))?.wanted ?? writer.wanted)",
      },
    ],
    breaks: ["I8"],
    seed: 6,
  },
  {
    name: "outcome without intent",
    edits: [{ file: writer, from: '[{ type: "intent", body: change }]', to: "[]" }],
    breaks: ["I12"],
  },
  {
    name: "the write carries properties that are not ours",
    edits: [
      {
        file: request,
        from: "body: wholeMembers(fields, observed ?? {}) };",
        to: "body: { ...wholeMembers(fields, observed ?? {}), tags: {} } };",
      },
    ],
    breaks: ["I16"],
  },
  {
    name: "blind delete: the write takes away what we did not create",
    edits: [
      {
        file: request,
        from: "body: wholeMembers(fields, observed ?? {}) };",
        to: 'body: { properties: { ...(wholeMembers(fields, observed ?? {})["properties"] as Body), networkAcls: null } } };',
      },
    ],
    breaks: ["I5"],
  },
  {
    name: "lost wake-up: the sweeper does not find who is behind",
    edits: [
      {
        file: sweep,
        from: '{ path: "wanted", op: ">" as const, otherPath: "served" }',
        to: '{ path: "wanted", op: "<" as const, otherPath: "served" }',
      },
    ],
    breaks: ["I8"],
    seed: 223,
  },
  {
    name: "wishes set instead of counted",
    edits: [
      {
        file: writerStore,
        from: "increment: { wanted: count },",
        to: "set: { wanted: ((await readWriter(store, key))?.wanted ?? 0) + count },",
      },
      { file: writerStore, from: "...(signal === null ? {} : { set: { signal } }),", to: "" },
    ],
    breaks: ["I8"],
    seed: 88,
  },
  {
    name: "double apply: a lost answer is answered by sending again",
    edits: [
      {
        file: apply,
        from: ": await context.arm.write(address, write, WRITE_ABORT_MS);",
        to: ': await context.arm.write(address, write, WRITE_ABORT_MS).then((first) => (first.kind === "lost" ? context.arm.write(address, write, WRITE_ABORT_MS) : first));',
      },
    ],
    breaks: ["I12"],
    seed: 26,
  },
  {
    name: "an undo is never done with",
    edits: [{ file: settle, from: "restored: true", to: "restored: false" }],
    breaks: ["I16", "I8"],
    seed: 27,
  },
  {
    name: "the approval is not bound to what is written",
    edits: [
      {
        file: "shared/desired/change.ts",
        from: "return hashOf({ target, fields: plain, authority });",
        to: "return hashOf({ target, plain: plain.length, authority });",
      },
    ],
    breaks: ["I2"],
  },
  {
    name: "the hash that a person saw is not compared",
    edits: [
      {
        file: decisions,
        from: "request.hash !== undefined && request.hash !== proposal.hash",
        to: "request.hash === null",
      },
    ],
    breaks: ["I2"],
    seed: 19,
  },
  {
    name: "a third value is written over",
    edits: [
      {
        file: "shared/desired/compare.ts",
        from: 'return sameValue(now, base) ? "write" : "moved";',
        to: 'return "write";',
      },
    ],
    breaks: ["I16"],
    seed: 42,
  },
  {
    name: "one approval is enough, whatever the quorum",
    edits: [
      { file: asking, from: "approvers.size >= proposal.quorum", to: "approvers.size >= Math.min(1, proposal.quorum)" },
      {
        file: "shared/desired/consent.ts",
        from: "people.size >= Math.max(quorum, proposal.quorum)",
        to: "people.size >= Math.min(1, proposal.quorum)",
      },
    ],
    breaks: ["I2"],
  },
  {
    name: "the same person counts twice",
    edits: [
      {
        file: decisions,
        from: "const earlier = proposal.decisions.find(({ by }) => by === request.by);",
        to: "const earlier = undefined as Decision | undefined;",
      },
    ],
    breaks: ["I9"],
    seed: 6,
  },
  {
    name: "a rejection is not heeded",
    edits: [
      { file: decisions, from: 'verdict === "reject" ? "rejected" : proposal.state', to: "proposal.state" },
      { file: asking, from: '&& !proposal.decisions.some(({ verdict }) => verdict === "reject")', to: "" },
    ],
    breaks: ["I3"],
    seed: 23,
  },
  {
    name: "an expired proposal can still be approved",
    edits: [
      { file: decisions, from: " || fromIso(proposal.expiresAt) <= nowMs", to: "" },
      {
        file: asking,
        from: 'standing.state === "open" && fromIso(standing.expiresAt) <= draft.input.nowMs',
        to: "Number.isNaN(draft.input.nowMs)",
      },
    ],
    breaks: ["I2", "I3"],
    seed: 198,
  },
  {
    name: "the pause is not heeded",
    edits: [
      { file: gate, from: "if (input.paused) return { condition: paused, until: null };", to: "" },
      { file: gate, from: 'if (input.paused) return { kind: "hold", ...paused };', to: "" },
    ],
    breaks: ["I15"],
    seed: 53,
  },
  {
    name: "a subscription at level audit is written to",
    edits: [
      { file: gate, from: 'audit: "audit",\n  reader', to: 'audit: "approve",\n  reader' },
      {
        file: gate,
        from: 'input.enrolment === "approve" || input.enrolment === "enforce"',
        to: "input.enrolment !== undefined",
      },
    ],
    breaks: ["I15"],
    seed: 9,
  },
  {
    name: "step condition dropped",
    edits: [{ file: writerStore, from: 'condition: { path: "step", equals: before.step },', to: "" }],
    breaks: ["I12", "I9", "I3"],
    seed: 26,
  },
  {
    name: "settled before the abort time",
    edits: [
      {
        file: writer,
        from: "export const FENCE_MS = WRITE_ABORT_MS + FENCE_MARGIN_MS;",
        to: "export const FENCE_MS = 0;",
      },
    ],
    breaks: ["I12"],
    seed: 38,
  },
  {
    name: "a write that was held up is sent all the same",
    edits: [{ file: apply, from: "passedMs > mostMs || passedMs < 0", to: "Number.isNaN(passedMs)" }],
    breaks: ["I12"],
    seed: 267,
  },
  {
    name: "a read-back that contradicts ARM is believed at once",
    edits: [{ file: apply, from: 'outcome.result !== "applied" && error === null', to: "Number.isNaN(nowMs)" }],
    breaks: ["I12"],
    seed: 125,
  },
  {
    name: "applied while ARM is still at it",
    edits: [
      {
        file: apply,
        from: 'if (operation.kind === "wait") return again(operation.forMs);',
        to: "",
      },
      {
        file: apply,
        from: "const { error } = operation;",
        to: 'const error = operation.kind === "ended" ? operation.error : null;',
      },
      {
        file: apply,
        from: 'if (read.kind === "found" && !isTerminal(read.account)) return again(SETTLE_RETRY_MS);',
        to: "",
      },
    ],
    breaks: ["I6"],
    seed: 5,
  },
  {
    name: "somebody else's write is called ours",
    edits: [{ file: settle, from: 'isOurs !== false && error === null ? "applied" : "byThirdParty"', to: '"applied"' }],
    breaks: ["I6"],
    seed: 39,
  },
  {
    name: "a waiver never ends",
    edits: [
      {
        file: claims,
        from: "if (fromIso(claim.until) <= draft.input.nowMs) end(",
        to: "if (draft.input.nowMs < 0) end(",
      },
    ],
    breaks: ["I1", "I8"],
  },
  {
    name: "a proposal goes on though it is not what is needed any more",
    edits: [
      {
        file: asking,
        from: "asked.find(\n    (proposal) =>\n      proposal.hash === hash &&\n      !isAnother(proposal, demanded.createdAt) &&\n      stillFits(proposal, verdict) &&\n      hasItsPeople(draft, proposal, demanded),\n  )",
        to: "asked[0]",
      },
    ],
    breaks: ["I1", "I7", "I8"],
  },
  {
    name: "an account that is gone keeps its findings",
    edits: [
      {
        file: "shared/reconcile/sweep/inventory.ts",
        from: "const keys = [...new Set(page.items.map(({ key }) => key))];",
        to: "const keys: ResourceId[] = [];",
      },
    ],
    breaks: ["I7", "I8"],
    seed: 59,
  },
  {
    name: "a sweep passes an account by",
    edits: [
      {
        file: "shared/reconcile/sweep/inventory.ts",
        from: "const keys = interleaved(accounts.map(({ id }) => id));",
        to: "const keys = interleaved(accounts.map(({ id }) => id)).slice(1);",
      },
    ],
    breaks: ["I7", "I8"],
    seed: 341,
  },
  {
    name: "the chain is not linked",
    edits: [{ file: "shared/ledger/chain.ts", from: "prev: head.hash,\n  };", to: "prev: emptyChain.hash,\n  };" }],
    breaks: ["I12"],
  },
  {
    name: "the last entry of a chain is not sealed",
    edits: [
      {
        file: "shared/reconcile/sealing.ts",
        from: "item.chain.seq > (sealed[item.pk] ?? 0)",
        to: "item.chain.seq > (sealed[item.pk] ?? 0) + 1",
      },
    ],
    breaks: ["I12"],
    seed: 3,
  },
  {
    name: "what was seen before is overwritten",
    edits: [
      {
        file: "shared/desired/history.ts",
        from: "return [{ ...next, pasts: { day, count: pasts.count + 1 } }, pastOf(before, next)];",
        to: "return [{ ...next, pasts }];",
      },
    ],
    breaks: ["I12"],
  },
];
