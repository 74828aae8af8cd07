import { describe, expect, it } from "vitest";
import { configSchema } from "../../../shared/config/schema.ts";
import type { Allowance } from "../../../shared/desired/budget.ts";
import type { Condition } from "../../../shared/desired/documents.ts";
import {
  barrier,
  claimBarrier,
  effectiveMode,
  frozenAt,
  gate,
  type BarrierInput,
  type GateInput,
  type GateVerdict,
} from "../../../shared/desired/gate.ts";
import { flapping, forgotten, isPutBack, repaired, REPAIRS_MAX, type Guard } from "../../../shared/desired/guard.ts";
import { dayMs, hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";
import { sampleProposal } from "../../support/proposals.ts";

const nowMs = Date.parse("2026-03-02T10:00:00Z");

const open: GateInput = {
  mode: "enforce",
  safety: "S",
  enrolment: "enforce",
  paused: false,
  unmet: undefined,
  putsBack: false,
  owned: [],
  pipeline: undefined,
  flapping: undefined,
};
const fight: Condition = { reason: "Flapping", message: "Somebody changed it back." };

/** Every input that the gate tells apart. */
function everyInput(): GateInput[] {
  let inputs: GateInput[] = [open];
  const vary = <K extends keyof GateInput>(name: K, values: readonly GateInput[K][]): void => {
    inputs = inputs.flatMap((input) => values.map((value) => ({ ...input, [name]: value })));
  };
  vary("mode", ["audit", "approve", "enforce"]);
  vary("safety", ["S", "R", "X"]);
  vary("enrolment", [undefined, "audit", "reader", "approve", "enforce"]);
  vary("paused", [false, true]);
  vary("unmet", [undefined, "No private endpoint is approved."]);
  vary("putsBack", [false, true]);
  vary("owned", [[], ["properties.a", "properties.b"]]);
  vary("pipeline", [undefined, "main.yml"]);
  vary("flapping", [undefined, fight]);
  return inputs;
}

/** What a reader of the design expects, said once more. */
function expected(input: GateInput): string {
  const { mode, safety, enrolment } = input;
  const isOpen = enrolment === "approve" || enrolment === "enforce";
  if (!isOpen || mode === "audit" || safety === "X") return "report";
  if (input.owned.length > 0) return "hold OwnedByTemplate";
  if (input.unmet !== undefined) return "hold PreconditionUnmet";
  if (input.paused) return "hold Paused";
  if (input.flapping !== undefined) return "ask Flapping";
  if (input.pipeline !== undefined) return "ask WrittenByPipeline";
  const isUnasked = mode === "enforce" && enrolment === "enforce" && (safety === "S" || input.putsBack);
  return isUnasked ? "proceed" : "ask";
}

function shown(verdict: GateVerdict): string {
  if (verdict.kind === "hold") return `hold ${verdict.reason}`;
  return verdict.kind === "ask" && verdict.because !== undefined ? `ask ${verdict.because.reason}` : verdict.kind;
}

describe("the gate", () => {
  it("reports, holds, asks and proceeds as the table of all its inputs says", () => {
    const inputs = everyInput();
    expect(inputs).toHaveLength(3 * 3 * 5 * 2 ** 6);
    const wrong = inputs.filter((input) => shown(gate(input)) !== expected(input));
    expect(wrong).toEqual([]);
  });

  it("gives a reason for machines and a sentence for people wherever it does not just go ahead", () => {
    const verdicts = everyInput().map(gate);
    const conditions = verdicts.flatMap((verdict): Condition[] => {
      if (verdict.kind === "hold") return [verdict];
      return verdict.kind === "ask" && verdict.because !== undefined ? [verdict.because] : [];
    });
    expect(conditions.filter(({ reason }) => !/^[A-Z][A-Za-z]+$/.test(reason))).toEqual([]);
    expect(conditions.filter(({ message }) => !/^\S.*\.$/.test(message))).toEqual([]);
    const reports = verdicts.flatMap((verdict) => (verdict.kind === "report" ? [verdict.reason] : []));
    expect(new Set(reports)).toEqual(new Set(["the subscription is not enrolled", "the effective mode is audit"]));
  });

  it.each([
    ["everything allows it", {}, "enforce"],
    ["the remedy can cut traffic", { safety: "R" }, "approve"],
    ["it puts back what was verified", { safety: "R", putsBack: true }, "enforce"],
    ["it puts back, where only approval is allowed", { safety: "R", putsBack: true, enrolment: "approve" }, "approve"],
    ["it puts back, where the standard only audits", { safety: "R", putsBack: true, mode: "audit" }, "audit"],
    ["there is no remedy of ours", { safety: "X", putsBack: true }, "audit"],
    ["the subscription is enrolled for approval only", { enrolment: "approve" }, "approve"],
    ["the identity is a Reader there", { enrolment: "reader" }, "audit"],
    ["the subscription is not enrolled", { enrolment: undefined }, "audit"],
  ] as const)("takes the lowest mode: %s", (_name, change, mode) => {
    expect(effectiveMode({ ...open, ...change })).toBe(mode);
  });

  it("names the fields that belong to templates and the pipeline that wrote", () => {
    expect(gate({ ...open, owned: ["properties.a", "properties.b"] })).toMatchObject({
      message: expect.stringContaining("properties.a and properties.b"),
    });
    expect(gate({ ...open, pipeline: "main.yml" })).toMatchObject({
      because: { message: expect.stringContaining("main.yml") },
    });
  });
});

const free: Allowance = { left: 3, limit: "The budget of 3 writes within an hour is used up", againMs: undefined };
const clear: BarrierInput = { enrolment: "enforce", paused: false, nowMs, frozen: undefined, allowance: free };
const frozen = { name: "year end", untilMs: nowMs + hourMs };
const spent: Allowance = { ...free, left: 0, againMs: nowMs + minuteMs };

describe("the barrier before a write", () => {
  it.each<[string, Partial<BarrierInput>, string | undefined, string | null]>([
    ["nothing", {}, undefined, null],
    ["nothing at the level of approval", { enrolment: "approve" }, undefined, null],
    ["nothing where no budget concerns it", { allowance: { ...free, left: undefined } }, undefined, null],
    ["the pause", { paused: true, frozen, allowance: spent, enrolment: undefined }, "Paused", null],
    ["a level that only reads", { enrolment: "reader", frozen }, "NotEnrolled", null],
    ["no enrolment", { enrolment: undefined, allowance: spent }, "NotEnrolled", null],
    ["a freeze, until it ends", { frozen, allowance: spent }, "Frozen", toIso(frozen.untilMs)],
    ["a budget, until there is room", { allowance: spent }, "Budget", toIso(nowMs + minuteMs)],
    ["a budget of none", { allowance: { ...spent, againMs: undefined } }, "Budget", null],
    ["a budget that was overdrawn", { allowance: { ...spent, left: -1 } }, "Budget", toIso(nowMs + minuteMs)],
  ])("is %s", (_name, change, reason, until) => {
    const found = barrier({ ...clear, ...change });
    expect(found?.condition.reason).toBe(reason);
    expect(found?.until ?? null).toBe(until);
    const sentence = found?.condition.message ?? "Nothing.";
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    // A later moment of the same refusal reads the same.
    expect(barrier({ ...clear, ...change, nowMs: nowMs + minuteMs })?.condition).toEqual(found?.condition);
  });

  it("is neither a freeze nor a budget for what a person asked for by name", () => {
    expect(claimBarrier(clear)).toBeUndefined();
    expect(claimBarrier({ enrolment: "approve", paused: false })).toBeUndefined();
    expect(claimBarrier({ enrolment: "enforce", paused: true })?.condition.reason).toBe("Paused");
    for (const enrolment of ["audit", "reader", undefined] as const)
      expect(claimBarrier({ enrolment, paused: false })).toMatchObject({
        condition: { reason: "NotEnrolled" },
        until: null,
      });
  });
});

describe("a freeze", () => {
  const place = { environment: "prod", subscriptionId: "5b000000-0000-4000-8000-000000000001", standard: "NET-01" };
  const from = "2026-03-02T09:00:00Z";
  const freezes = (...list: object[]) =>
    configSchema.parse({ version: 1, subscriptions: [], standards: [], freezes: list }).freezes;

  it("holds from its beginning to just before its end", () => {
    const [freeze] = freezes({ name: "f", from, until: "2026-03-02T11:00:00+01:00" });
    expect(frozenAt([freeze!], place, nowMs)).toBeUndefined();
    expect(frozenAt([freeze!], place, nowMs - 1)).toEqual({ name: "f", untilMs: nowMs });
    expect(frozenAt([freeze!], place, nowMs - hourMs)).toEqual({ name: "f", untilMs: nowMs });
    expect(frozenAt([freeze!], place, nowMs - hourMs - 1)).toBeUndefined();
  });

  it("that lasts longest is told, whatever the order; of equals the first by name", () => {
    const list = freezes(
      { name: "b", from, until: "2026-03-02T12:00:00Z" },
      { name: "c", weekly: { days: ["mon"], from: "10:00", to: "12:00" } },
      { name: "a", from, until: "2026-03-02T11:00:00Z" },
      { name: "other", from, until: "2026-03-05T11:00:00Z", environments: ["dev"] },
    );
    for (const order of [list, list.toReversed()])
      expect(frozenAt(order, place, nowMs)).toEqual({ name: "b", untilMs: nowMs + 2 * hourMs });
  });
});

const created = "2026-01-01T00:00:00.000Z";
const field = (path: string, before: string, after: string) => ({ path: `properties.${path}`, before, after });
const closing = field("access", "Enabled", "Disabled");
const anna = "00000000-0000-4000-8000-00000000000a";

function put(guard: Guard | undefined, fields = [closing], at = nowMs, createdAt: string | null = created): Guard {
  return repaired(guard, sampleProposal({ fields, changedBy: anna }), createdAt, at);
}

describe("what is remembered of a repair", () => {
  it("are the values that were read back, the last one of each field", () => {
    const once = put(undefined, [closing, field("tls", "1.0", "1.2")]);
    const twice = put(once, [field("tls", "1.1", "1.3")]);
    expect(twice.verified).toEqual([
      { path: "properties.access", value: "Disabled" },
      { path: "properties.tls", value: "1.3" },
    ]);
    expect(isPutBack(twice, [closing], created)).toBe(true);
    expect(isPutBack(twice, [field("tls", "1.0", "1.2")], created)).toBe(false);
  });

  it.each<[string, Guard | undefined, ReturnType<typeof field>[], string | null]>([
    ["nothing was verified", undefined, [closing], created],
    ["nothing was verified, and nobody knows when it was created", undefined, [closing], null],
    ["nothing changes", put(undefined), [], created],
    ["one of its fields was never verified", put(undefined), [closing, field("tls", "1.0", "1.2")], created],
    ["another value was verified", put(undefined), [field("access", "Disabled", "Enabled")], created],
    ["the target is another one of the same name", put(undefined), [closing], "2026-03-02T09:00:00.000Z"],
    ["Azure no longer says when it was created", put(undefined), [closing], null],
    ["somebody took it back", forgotten(put(undefined), new Set(["properties.access"])), [closing], created],
  ])("puts nothing back when %s", (_name, guard, fields, createdAt) => {
    expect(isPutBack(guard, fields, createdAt)).toBe(false);
  });

  it("puts back where Azure never said when it was created", () => {
    expect(isPutBack(put(undefined, [closing], nowMs, null), [closing], null)).toBe(true);
  });

  it("is of the target that is there now alone: another one begins anew, but for who fights", () => {
    const guard = put(put(undefined), [field("tls", "1.0", "1.2")], nowMs + 1, "2026-03-02T09:00:00.000Z");
    expect(guard.verified).toEqual([{ path: "properties.tls", value: "1.2" }]);
    expect(guard.repairs).toHaveLength(2);
  });

  it("forgets some paths and keeps the others", () => {
    const both = put(undefined, [closing, field("tls", "1.0", "1.2")]);
    const left = forgotten(both, new Set(["properties.access", "properties.none"]));
    expect(left.verified).toEqual([{ path: "properties.tls", value: "1.2" }]);
    expect(left.repairs).toEqual(both.repairs);
  });
});

describe("a fight", () => {
  /** Repairs of what an actor did, an hour apart, the last one now. */
  const repairs = (count: number, by: string | null = anna): Guard =>
    Array.from({ length: count }, (_, index) => toIso(nowMs - (count - 1 - index) * hourMs)).reduce<Guard>(
      (guard, at) => ({ ...guard, repairs: [...guard.repairs, { by, at }] }),
      { ...put(undefined), repairs: [] },
    );

  it("is three repairs within a day after the same actor, known or not", () => {
    expect(flapping(undefined, anna, nowMs)).toBeUndefined();
    expect(flapping(repairs(REPAIRS_MAX - 1), anna, nowMs)).toBeUndefined();
    expect(flapping(repairs(REPAIRS_MAX), anna, nowMs)).toMatchObject({
      reason: "Flapping",
      message: expect.stringContaining(anna),
    });
    expect(flapping(repairs(REPAIRS_MAX), null, nowMs)).toBeUndefined();
    expect(flapping(repairs(REPAIRS_MAX, null), anna, nowMs)).toBeUndefined();
    expect(flapping(repairs(REPAIRS_MAX, null), null, nowMs)?.message).toMatch(/^Somebody whom Azure does not name /);
  });

  it("is over a day after the first of them, reads the same until then, and is not over for a clock that went back", () => {
    const guard = repairs(REPAIRS_MAX);
    const overMs = nowMs - (REPAIRS_MAX - 1) * hourMs + dayMs;
    expect(flapping(guard, anna, overMs)).toBeUndefined();
    const texts = [nowMs - 2 * dayMs, nowMs, overMs - 1].map((ms) => flapping(guard, anna, ms));
    expect(texts).toEqual(Array.from({ length: 3 }, () => flapping(repairs(REPAIRS_MAX + 5), anna, nowMs)));
  });

  it("is remembered in few repairs, and none older than a day", () => {
    const old = { ...put(undefined), repairs: [{ by: anna, at: toIso(nowMs - dayMs) }] };
    expect(put(old).repairs).toEqual([{ by: anna, at: toIso(nowMs) }]);
    let guard = put(undefined);
    for (let index = 1; index < 30; index += 1) guard = put(guard, [closing], nowMs + index);
    expect(guard.repairs).toHaveLength(20);
    expect(guard.repairs.at(-1)?.at).toBe(toIso(nowMs + 29));
  });
});
