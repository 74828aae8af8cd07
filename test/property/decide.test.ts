/** A decision made twice on the same world: what the first one stored is all that the second one finds. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeHash } from "../../shared/desired/change.ts";
import { valueAt, type Body } from "../../shared/desired/compare.ts";
import { isAgreed } from "../../shared/desired/asking.ts";
import { decide } from "../../shared/desired/decide.ts";
import type { Claim, Proposal, StateDocument } from "../../shared/desired/documents.ts";
import type { DecideInput, DecideResult, Judgement } from "../../shared/desired/judgement.ts";
import type { Terms } from "../../shared/desired/terms.ts";
import { toIso } from "../../shared/kernel/clock.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";

const key = "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a" as ResourceId;
const pk = "0123456789abcdef0123456789abcdef";
const startMs = Date.UTC(2026, 2, 2);
const standards = [
  { id: "NET-01", path: "properties.access", value: "Disabled", safety: "R" },
  { id: "KEY-01", path: "properties.project", value: "common", safety: "S" },
] as const;

/** One thing that happens to the world. */
type Happening =
  | { kind: "observed"; access: string; project: string | null }
  | { kind: "gone" }
  | { kind: "unreadable" }
  | { kind: "time"; ms: number }
  | { kind: "settings"; enrolment: DecideInput["settings"]["enrolment"]; paused: boolean; quorum: number }
  | { kind: "decision"; by: string; verdict: "approve" | "reject" }
  | { kind: "waiver" }
  | { kind: "refused"; attempts: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("observed" as const),
      access: fc.constantFrom("Enabled", "Disabled"),
      project: fc.constantFrom("common", "alpha", "beta", null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("gone" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unreadable" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 100 * 3_600_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("settings" as const),
      enrolment: fc.constantFrom(undefined, "audit" as const, "approve" as const, "enforce" as const),
      paused: fc.boolean(),
      quorum: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("decision" as const),
      by: fc.constantFrom("a", "b"),
      verdict: fc.constantFrom("approve" as const, "approve" as const, "reject" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("waiver" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("refused" as const), attempts: fc.integer({ min: 1, max: 5 }) }),
  },
);

/** The world around one account, as passes leave it. */
class Partition {
  nowMs = startMs;
  observed: Body | undefined = { properties: { access: "Enabled", project: "alpha" } };
  unreadable = false;
  settings: DecideInput["settings"] = {
    enrolment: "approve",
    paused: false,
    environment: "prod",
    owned: [],
    quorum: 1,
    proposalHours: 72,
    escalateAfterHours: 24,
  };
  terms: Terms = {
    mode: "approve",
    activation: { mode: "approve", version: 1, at: toIso(startMs) },
    frozen: undefined,
    allowance: { left: 1, limit: "", againMs: undefined },
    owned: [],
    deciders: { named: null, escalation: [] },
  };
  readonly documents = new Map<string, StateDocument>();
  #seq = 1;

  input(): DecideInput {
    return {
      nowMs: this.nowMs,
      pk,
      key,
      subscriptionId: "s",
      nextSeq: this.#seq,
      observed: this.unreadable ? {} : this.observed,
      unreadable: this.unreadable,
      targets: new Map(),
      room: Infinity,
      changedBy: null,
      changedAt: toIso(startMs - 1),
      createdAt: null,
      pipeline: undefined,
      terms: new Map(standards.map(({ id }) => [id, this.terms])),
      judgements: standards.map((standard) => this.#judgement(standard)),
      documents: [...this.documents.values()].filter(({ live }) => live),
      settings: this.settings,
    };
  }

  store(result: DecideResult): void {
    for (const document of result.upserts) this.documents.set(document.id, document);
    this.#seq += result.records.length;
  }

  happen(what: Happening): void {
    switch (what.kind) {
      case "observed":
        this.unreadable = false;
        this.observed = {
          properties: { access: what.access, ...(what.project === null ? {} : { project: what.project }) },
        };
        return;
      case "gone":
        this.unreadable = false;
        this.observed = undefined;
        return;
      case "unreadable":
        this.unreadable = true;
        return;
      case "time":
        this.nowMs += what.ms;
        return;
      case "settings":
        this.settings = { ...this.settings, enrolment: what.enrolment, paused: what.paused, quorum: what.quorum };
        return;
      case "decision":
        this.#decide(what.by, what.verdict);
        return;
      case "waiver":
        this.#waive();
        return;
      case "refused":
        this.#refuse(what.attempts);
    }
  }

  live<K extends "proposal" | "claim">(kind: K): Extract<StateDocument, { kind: K }>[] {
    return [...this.documents.values()].filter(
      (document): document is Extract<StateDocument, { kind: K }> => document.kind === kind && document.live,
    );
  }

  #judgement({ id, path, value, safety }: (typeof standards)[number]): Judgement {
    const authority = { kind: "standard" as const, id, version: 1 };
    const base = {
      standard: { id, version: 1, title: id, severity: "high" as const },
      target: key,
      remedyTarget: key,
      askOf: null,
      safety,
      mode: "enforce" as const,
    };
    if (this.unreadable || this.observed === undefined) {
      return {
        ...base,
        verdict: this.unreadable ? "unknown" : "notApplicable",
        reason: "",
        assertions: [],
        unmet: undefined,
      };
    }
    const isKept = valueAt(this.observed, path) === value;
    return {
      ...base,
      verdict: isKept ? "pass" : "fail",
      reason: isKept ? "kept" : "broken",
      assertions: [{ path, op: "set", value, authority }],
      unmet: undefined,
    };
  }

  #decide(by: string, verdict: "approve" | "reject"): void {
    const open = this.live("proposal").find(({ state }) => state === "open");
    if (open === undefined || open.decisions.some((decision) => decision.by === by)) return;
    const decision = { by, verdict, reason: null, at: toIso(this.nowMs) };
    const state = verdict === "reject" ? "rejected" : open.state;
    this.documents.set(open.id, { ...open, state, decisions: [...open.decisions, decision] });
    this.#seq += 1;
  }

  #waive(): void {
    const id = `w-${pk}-${this.#seq}`;
    const authority = { kind: "claim" as const, id, version: 1 };
    const fields = [{ path: "properties.project", before: "common", after: "alpha" }];
    const claim: Claim = {
      id,
      pk,
      kind: "claim",
      claimKind: "waiver",
      live: true,
      key,
      target: key,
      subscriptionId: "s",
      state: "active",
      authority,
      assertions: [{ path: "properties.project", op: "set", value: "alpha", authority }],
      fields,
      hash: changeHash(key, fields, authority),
      by: "a",
      reason: "a reason",
      from: toIso(this.nowMs),
      until: toIso(this.nowMs + 86_400_000),
      wakeAt: toIso(this.nowMs + 86_400_000),
      undoes: 1,
      restored: false,
      createdAt: null,
      attempts: 0,
      notBefore: null,
      condition: null,
    };
    if (this.live("claim").length > 0) return;
    this.documents.set(id, claim);
    this.#seq += 1;
  }

  #refuse(attempts: number): void {
    const carrier = this.live("proposal").find(({ state }) => state === "approved");
    if (carrier === undefined) return;
    const notBefore = toIso(this.nowMs + 60_000);
    const condition = { reason: "Refused", message: "Azure refused the write: ScopeLocked." };
    this.documents.set(carrier.id, { ...carrier, attempts, notBefore, wakeAt: notBefore, condition });
  }
}

/** Plays the happenings with a decision after each. */
function play(happenings: readonly Happening[], check: (partition: Partition, result: DecideResult) => void): void {
  const partition = new Partition();
  for (const what of happenings) {
    partition.happen(what);
    const result = decide(partition.input());
    partition.store(result);
    check(partition, result);
  }
}

const story = fc.array(happening, { minLength: 1, maxLength: 12 });

describe("deciding", () => {
  it("twice on the same world changes nothing twice", () => {
    fc.assert(
      fc.property(story, (happenings) => {
        play(happenings, (partition, first) => {
          const second = decide(partition.input());
          expect(second.upserts).toEqual([]);
          expect(second.records).toEqual([]);
          expect(second.apply.map(({ id }) => id)).toEqual(first.apply.map(({ id }) => id));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("puts forward only what was agreed to, while writing is allowed", () => {
    fc.assert(
      fc.property(story, (happenings) => {
        play(happenings, (partition, { apply }) => {
          for (const change of apply) {
            const carrier = partition.documents.get(change.id) as Proposal | Claim;
            expect(carrier.live).toBe(true);
            expect(change.hash).toBe(changeHash(change.target, change.fields, change.authority));
            expect(partition.settings.paused).toBe(false);
            expect(["approve", "enforce"]).toContain(partition.settings.enrolment);
            expect(partition.unreadable).toBe(false);
            const mayWrite =
              carrier.kind === "claim"
                ? carrier.state === "active" && Date.parse(carrier.until) > partition.nowMs
                : carrier.state === "approved" && isAgreed(carrier);
            expect(mayWrite).toBe(true);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("has at most one proposal of a standard under way, for what is there now", () => {
    fc.assert(
      fc.property(story, (happenings) => {
        play(happenings, (partition) => {
          const live = partition.live("proposal");
          for (const { id } of standards)
            expect(live.filter(({ standard }) => standard.id === id).length).toBeLessThan(2);
          if (partition.unreadable || partition.observed === undefined) return;
          for (const { fields } of live) {
            for (const { path, before } of fields) expect(valueAt(partition.observed, path) ?? null).toEqual(before);
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
