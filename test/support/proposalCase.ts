/**
 * One standard that wants one account closed, decided on again and again: what becomes of the proposals. Every decision is
 * made twice, and the second one has to find nothing to do.
 */
import assert from "node:assert/strict";
import { decide } from "../../shared/desired/decide.ts";
import type { Finding, Proposal, StateDocument } from "../../shared/desired/documents.ts";
import type { Guard } from "../../shared/desired/guard.ts";
import type { DecideInput, DecideResult, Judgement } from "../../shared/desired/judgement.ts";
import type { Terms } from "../../shared/desired/terms.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { hourMs, toIso } from "../../shared/kernel/clock.ts";

const key = "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a" as ResourceId;
const pk = "0123456789abcdef0123456789abcdef";
export const path = "properties.access";
export const startMs = Date.parse("2026-03-02T10:00:00Z");

export class Case {
  nowMs = startMs;
  access = "Enabled";
  unreadable = false;
  version = 1;
  safety: Judgement["safety"] = "S";
  unmet: string | undefined;
  pipeline: string | undefined;
  changedAt: string | null = null;
  settings: DecideInput["settings"] = {
    enrolment: "enforce",
    paused: false,
    environment: "prod",
    owned: [],
    quorum: 1,
    proposalHours: 72,
    escalateAfterHours: 24,
  };
  terms: Terms = {
    mode: "approve",
    activation: undefined,
    frozen: undefined,
    allowance: { left: 1, limit: "", againMs: undefined },
    owned: [],
    deciders: { named: null, escalation: [] },
  };
  readonly documents = new Map<string, StateDocument>();
  readonly events: string[] = [];
  #seq = 1;

  constructor(change: Partial<Terms> = {}) {
    this.terms = { ...this.terms, ...change };
  }

  /** Decides, twice: what the first decision stored leaves nothing to the second. */
  look(): DecideResult {
    const result = decide(this.#input());
    for (const document of result.upserts) this.documents.set(document.id, document);
    for (const { type, body } of result.records) {
      const { event, state } = body as { event?: string; state?: string };
      if (type === "proposal" || type === "void") this.events.push(event ?? state ?? type);
    }
    this.#seq += result.records.length;
    const again = decide(this.#input());
    assert.deepEqual(again, { ...result, upserts: [], records: [] });
    return result;
  }

  after(ms: number): DecideResult {
    this.nowMs += ms;
    return this.look();
  }

  get live(): readonly Proposal[] {
    return this.#proposals().filter(({ live }) => live);
  }

  get proposal(): Proposal {
    const [one, ...more] = this.live;
    if (one === undefined || more.length > 0) throw new Error(`found ${this.live.length} live proposals; expected one`);
    return one;
  }

  get finding(): Finding {
    return [...this.documents.values()].find((item): item is Finding => item.kind === "finding")!;
  }

  ended(): string[] {
    return this.#proposals().flatMap(({ live, state }) => (live ? [] : [state]));
  }

  vote(by: string, verdict: "approve" | "reject" = "approve"): void {
    const { proposal } = this;
    const decisions = [...proposal.decisions, { by, verdict, reason: null, at: toIso(this.nowMs) }];
    const rejected = { state: "rejected", wakeAt: null, escalateAt: null } as const;
    this.documents.set(proposal.id, { ...proposal, decisions, ...(verdict === "reject" ? rejected : {}) });
    this.#seq += 1;
  }

  edit(change: Partial<Proposal>): void {
    this.documents.set(this.proposal.id, { ...this.proposal, ...change });
  }

  guard(change: Partial<Guard>): void {
    const address = { id: "guard-NET-01", pk, key, target: key, subscriptionId: "s", standard: "NET-01" };
    const empty = { kind: "guard", live: true, createdAt: null, verified: [], repairs: [] } as const;
    const standing: Guard = { ...address, ...empty, ...change };
    this.documents.set(standing.id, standing);
  }

  /** Three repairs after the one who changed it now. */
  fight(): void {
    this.guard({ repairs: [0, 1, 2].map((hours) => ({ by: null, at: toIso(this.nowMs - hours * hourMs) })) });
  }

  #proposals(): Proposal[] {
    return [...this.documents.values()].filter((item): item is Proposal => item.kind === "proposal");
  }

  #input(): DecideInput {
    const { nowMs, access, unreadable, settings, pipeline, changedAt } = this;
    const documents = [...this.documents.values()].filter(({ live }) => live);
    const common = {
      pk,
      key,
      subscriptionId: "s",
      changedBy: null,
      createdAt: null,
      targets: new Map(),
      room: Infinity,
      terms: new Map([["NET-01", this.terms]]),
    };
    const observed = unreadable ? {} : { properties: { access } };
    const judgements = [this.#judgement()];
    return {
      ...common,
      nowMs,
      nextSeq: this.#seq,
      observed,
      unreadable,
      changedAt,
      pipeline,
      settings,
      judgements,
      documents,
    };
  }

  #judgement(): Judgement {
    const { version, safety, unmet, unreadable, access } = this;
    const authority = { kind: "standard", id: "NET-01", version } as const;
    const verdict = unreadable ? "unknown" : access === "Disabled" ? "pass" : "fail";
    return {
      standard: { id: "NET-01", version, title: "Closed", severity: "high" },
      target: key,
      remedyTarget: key,
      askOf: null,
      verdict,
      reason: verdict,
      assertions: unreadable ? [] : [{ path, op: "set", value: "Disabled", authority }],
      safety,
      unmet,
    };
  }
}
