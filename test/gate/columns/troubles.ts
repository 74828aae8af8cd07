/** ARM is busy, away, or silent, at any step. */
import { valueAt } from "../../../shared/desired/compare.ts";
import { hourMs, minuteMs } from "../../../shared/kernel/clock.ts";
import { partitionOf } from "../../../shared/estate/resourceId.ts";
import type { Directory } from "../../../shared/ports/directory.ts";
import type { Writer } from "../../../shared/writer/writer.ts";
import type { Random } from "../../sim/random.ts";
import { Stand } from "../stand.ts";
import {
  beforeOf,
  firstOf,
  nameOf,
  outcome,
  passesNow,
  sameField,
  tells,
  undeclared,
  untouched,
  type Before,
} from "../verdict.ts";
import type { Trouble } from "../wire.ts";
import { broken, type Column } from "./column.ts";

interface Plan {
  /** What is said of it. */
  readonly name: string;
  readonly trouble: Trouble;
}

const plans: readonly Plan[] = [
  { name: "429 with a time to wait", trouble: { kind: "answered", status: 429, retryAfter: "7", effect: false } },
  { name: "429 without one", trouble: { kind: "answered", status: 429, effect: false } },
  { name: "503", trouble: { kind: "answered", status: 503, effect: false } },
  { name: "503, and it was done", trouble: { kind: "answered", status: 503, effect: true } },
  { name: "500, and it was done", trouble: { kind: "answered", status: 500, effect: true } },
  { name: "408", trouble: { kind: "answered", status: 408, effect: false } },
  { name: "no answer", trouble: { kind: "silent", effectAfterMs: undefined } },
  { name: "no answer, and it was done", trouble: { kind: "silent", effectAfterMs: 0 } },
  // The client aborts after 15 s; a request that left before may be carried out until then.
  { name: "no answer, and it was done later", trouble: { kind: "silent", effectAfterMs: 12_000 } },
];

export const survives: Column = {
  number: 7,
  title: "with 429, 5xx or no answer at any step it ends fixed or as it was, never half",
  without: "nothing is written, and a finding stands in the end",
  wanted: broken,
  async run(drawn, random) {
    const takesMs = random.chance(0.4) ? 20_000 : 0;
    const probe = new Stand(drawn);
    probe.setLatency(takesMs);
    const before = await beforeOf(probe);
    await probe.settled();
    const from = random.between(1, Math.max(1, probe.wire.requests));
    const stand = new Stand(drawn);
    stand.setLatency(takesMs);
    const name = strike(stand, random, from, takesMs > 0);
    await stand.settled({ withinMs: 2 * hourMs });
    const meanwhile = half(stand, before);
    stand.wire.onRequest = () => undefined;
    stand.advanceTo(stand.nowMs + 5 * minuteMs);
    await stand.settled({ withinMs: 2 * hourMs });
    const problem = await firstOf(
      () => meanwhile,
      () => half(stand, before),
      () => undeclared(before, stand.snapshot()),
      () => passesNow(stand, before),
      () => (before.fixable.length > 0 ? undefined : untouched(stand, before)),
      () => tells(stand, before.told),
      () => settledLedger(stand),
    );
    return outcome(before, problem === undefined ? undefined : `${name} at step ${from}: ${problem}`, name);
  },
};

/** Puts the trouble on the wire, or on the directory where there is one; answers what it is. */
function strike(stand: Stand, random: Random, from: number, isLong: boolean): string {
  if (isLong && random.chance(0.2)) {
    stand.failNextOperation();
    return "an operation that ends as failed";
  }
  if (stand.drawn.definition.reads.includes("principals") && random.chance(0.2)) {
    stand.withDirectory(away(stand.directory, random.between(1, 3)));
    return "a directory that is away";
  }
  const { name, trouble } = random.pick(plans);
  // Some last until they are over for good.
  const until = random.chance(0.1) ? Number.POSITIVE_INFINITY : from + random.between(1, 3);
  stand.wire.onRequest = ({ number }) => (number >= from && number < until ? trouble : undefined);
  return name;
}

function away(directory: Directory, times: number): Directory {
  let left = times;
  return {
    principals: async (references) => {
      left -= 1;
      if (left < 0) return directory.principals(references);
      return { kind: "failed", error: { code: "TooManyRequests", message: "", retryAfterMs: 5_000 } };
    },
  };
}

/** All that the remedy sets at a target is as demanded, or all is as it was. */
function half(stand: Stand, { fixable, snapshot }: Before): string | undefined {
  const now = stand.snapshot();
  for (const { remedyTarget, assertions } of fixable) {
    const fates = assertions.flatMap((assertion) => {
      const [was, is] = [snapshot, now].map((state) => valueAt(state[remedyTarget] ?? {}, assertion.path) ?? null);
      if (was === undefined || is === undefined || assertion.op !== "set" || sameField(was, assertion.value)) return [];
      return sameField(is, was) ? ["as it was"] : ["changed"];
    });
    if (new Set(fates).size > 1) return `${nameOf(remedyTarget)} is half as demanded`;
  }
  return undefined;
}

/** No write is under way, and each had its intent and one outcome. */
async function settledLedger(stand: Stand): Promise<string | undefined> {
  const writer = (await stand.store.read<Writer>("state", partitionOf(stand.key), "writer"))?.document;
  if (writer === undefined) return "nothing is known of the key";
  if (writer.fence !== null) return "a write is still under way";
  const entries = await stand.ledger();
  const intents = entries.filter(({ type }) => type === "intent").length;
  const outcomes = entries.filter(({ type }) => type === "outcome").length;
  if (intents !== outcomes) return `${intents} intents with ${outcomes} outcomes`;
  return undefined;
}
