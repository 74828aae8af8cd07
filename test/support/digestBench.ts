/** What stands on record on a day, for digests: documents and entries in the shapes that passes store. */
import type { DigestInput } from "../../shared/desired/digest.ts";
import type { Claim, Condition, Finding, Proposal } from "../../shared/desired/documents.ts";
import { append, emptyChain, type EntryType, type LedgerEntry } from "../../shared/ledger/chain.ts";
import { fromIso } from "../../shared/kernel/clock.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";

export const [from, to] = ["2026-11-20T06:00:00.000Z", "2026-11-21T06:00:00.000Z"];
export const [ann, bob] = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"];

export const quietDay: DigestInput = {
  date: "2026-11-21",
  from,
  to,
  at: "2026-11-21T06:07:00.000Z",
  config: { version: 3, paused: false },
  findings: [],
  proposals: [],
  claims: [],
  entries: [],
  pendingChanges: [],
  problems: [],
  atLeast: [],
};

const key = "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a" as ResourceId;
export const pk = "0123456789abcdef0123456789abcdef";
const inPartition = { pk, live: true, key, target: key, subscriptionId: "s" };
const carried = { createdAt: null, wakeAt: null, attempts: 0, notBefore: null };

export function standardRef(id: string): Finding["standard"] {
  return { id, version: 1, title: `Title of ${id}`, severity: "high" };
}

export function held(reason: string): Condition {
  return { reason, message: `${reason}.` };
}

let number = 0;

export function finding(standard: string, environment: string, more: Partial<Finding> = {}): Finding {
  number += 1;
  return {
    ...inPartition,
    id: `finding-${standard}`,
    pk: `${pk}${number}`,
    kind: "finding",
    standard: standardRef(standard),
    verdict: "fail",
    state: "open",
    reason: "",
    fields: [],
    condition: null,
    changedBy: null,
    environment,
    patch: null,
    since: "2026-11-01T00:00:00.000Z",
    presentSince: "2026-10-01T00:00:00.000Z",
    closedAt: null,
    proposal: null,
    ...more,
  };
}

export function proposal(standard: string, environment: string, more: Partial<Proposal> = {}): Proposal {
  number += 1;
  return {
    ...inPartition,
    ...carried,
    id: `p-${pk}-${number}`,
    kind: "proposal",
    state: "open",
    standard: standardRef(standard),
    authority: { kind: "standard", id: standard, version: 1 },
    fields: [],
    hash: "",
    quorum: 1,
    decisions: [],
    changedBy: null,
    environment,
    presentSince: "2026-10-01T00:00:00.000Z",
    group: null,
    run: `${standard}.${environment}.2026-11-20`,
    askOf: null,
    unasked: null,
    askedAt: from,
    expiresAt: "2026-11-23T08:00:00.000Z",
    escalateAt: null,
    escalated: false,
    condition: null,
    ...more,
  };
}

export function claim(until: string, more: Partial<Claim> = {}): Claim {
  number += 1;
  return {
    ...inPartition,
    ...carried,
    id: `w-${pk}-${number}`,
    kind: "claim",
    claimKind: "waiver",
    state: "active",
    authority: { kind: "claim", id: `w-${pk}-${number}`, version: 1 },
    assertions: [],
    fields: [],
    hash: "",
    by: ann,
    reason: "nothing that a digest tells",
    from,
    until,
    undoes: 1,
    restored: true,
    condition: null,
    ...more,
  };
}

/** A chain of entries: type, body and, where it is not noon of the period, time. */
export function chain(
  ...records: readonly (readonly [type: EntryType, body: object, at?: string | undefined, key?: string])[]
): LedgerEntry[] {
  let head = emptyChain;
  number += 1;
  return records.map(([type, body, at = "2026-11-20T12:00:00.000Z", of = key]) => {
    const next = append(head, { pk: `${pk}${number}`, key: of, atMs: fromIso(at), type, body });
    head = next.head;
    return next.entry;
  });
}

/** A write and what became of it, as a chain of its own. */
export function write(standard: string, agreedBy: readonly string[], result = "applied"): LedgerEntry[] {
  const authority = { kind: "standard", id: standard, version: 1 };
  return chain(["intent", { id: "p", authority, agreedBy }], ["outcome", { intent: 1, change: "p", result }]);
}
