/**
 * The log of writes that many instances share: whatever the order of their steps, whatever their clocks show, whoever
 * dies, no more is written within any hour than the budget says. Every step at the store is one that the test releases.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../shared/config/schema.ts";
import { budgetAddress, emptyLog, unreadable, type BudgetLog } from "../../shared/desired/budget.ts";
import { hourMs, minuteMs } from "../../shared/kernel/clock.ts";
import type { Read, Store, StoredDocument } from "../../shared/ports/store.ts";
import { readBudget, reserve } from "../../shared/reconcile/budgets.ts";
import { MemoryStore } from "../support/memoryStore.ts";

const startMs = Date.parse("2026-03-02T10:00:00Z");
const place = { environment: "prod", subscriptionId: "5b000000-0000-4000-8000-000000000001", standard: "NET-01" };
const { pk, id: logId } = budgetAddress("NET-01");

function budgets(writesPerHour: number) {
  return configSchema.parse({ version: 1, subscriptions: [], standards: [], budgets: [{ writesPerHour }] }).budgets;
}

/** Steps that wait to be taken, in the order in which they were asked for. */
class Gate {
  readonly #waiting: (() => void)[] = [];

  pass(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Lets one step be taken and whatever follows it run up to the next step. */
  async release(index: number): Promise<void> {
    const [step] = this.#waiting.splice(index, 1);
    step?.();
    // Far more turns than any code of ours takes between two steps.
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
  }
}

/** A store whose every answer waits at the gate: the step is taken, and answered, when it is let through. */
function gated(store: MemoryStore, pass: () => Promise<void>): Store {
  return {
    async read<T extends StoredDocument>(...address: Parameters<Store["read"]>): Promise<Read<T> | undefined> {
      await pass();
      return store.readNow<T>(...address);
    },
    async write(...batch) {
      await pass();
      return store.writeNow(...batch);
    },
    query: () => Promise.reject(new Error("a budget asks no questions")),
  };
}

function contextOf(store: Store, now: () => number) {
  return { store, clock: { now }, log: () => {} };
}

function logIn(store: MemoryStore): BudgetLog | undefined {
  return store.readNow<BudgetLog>("state", pk, logId)?.document;
}

describe("two instances that reserve at the same time", () => {
  /** Plays two reservations with `left` writes to have, choosing by the bits whose step comes next. */
  async function race(bits: number, left: number, ids: readonly [string, string]) {
    const store = new MemoryStore();
    // Every other time there is a log already.
    if (bits % 2 === 1) store.writeNow("state", pk, [{ kind: "create", document: emptyLog("NET-01") }]);
    const gates = [new Gate(), new Gate()];
    const results = ids.map((id, index) =>
      reserve(
        contextOf(
          gated(store, () => gates[index]!.pass()),
          () => startMs,
        ),
        budgets(left),
        place,
        id,
      ),
    );
    for (let step = 0; gates.some(({ count }) => count > 0); step += 1) {
      const turn = (bits >> (step + 1)) & 1;
      await (gates[turn]!.count > 0 ? gates[turn] : gates[1 - turn])!.release(0);
    }
    return { got: await Promise.all(results), log: logIn(store)?.writes.map(({ id }) => id) ?? [] };
  }

  it("never both get the last write, and one does, in every order of their steps", async () => {
    for (let bits = 0; bits < 2 ** 9; bits += 1) {
      const { got, log } = await race(bits, 1, ["p-1#0", "p-2#0"]);
      expect(got.filter(Boolean)).toHaveLength(1);
      expect(log).toEqual([got[0] === true ? "p-1#0" : "p-2#0"]);
    }
  });

  it("both get one of two, and share one for the same try", async () => {
    for (let bits = 0; bits < 2 ** 9; bits += 1) {
      const two = await race(bits, 2, ["p-1#0", "p-2#0"]);
      expect({ ...two, log: two.log.toSorted() }).toEqual({ got: [true, true], log: ["p-1#0", "p-2#0"] });
      expect(await race(bits, 1, ["p-1#0", "p-1#0"])).toEqual({ got: [true, true], log: ["p-1#0"] });
    }
  });
});

describe("a reservation", () => {
  const nothing = { ...contextOf(new MemoryStore(), () => startMs) };

  it("is refused while the log cannot be read, or is not one", async () => {
    const failing: Store = {
      ...gated(new MemoryStore(), async () => {}),
      read: () => Promise.reject(new Error("503")),
    };
    const context = { ...nothing, store: failing };
    expect(await reserve(context, budgets(5), place, "p-1#0")).toBe(false);
    expect(await readBudget(context, "NET-01")).toBe(unreadable);
    for (const broken of [
      { standard: "TLS-01", writes: [] },
      { standard: "NET-01", writes: [{ id: "p" }] },
    ]) {
      const store = new MemoryStore();
      store.writeNow("state", pk, [
        { kind: "upsert", document: { id: logId, pk, kind: "budget", ...broken } as never },
      ]);
      expect(await reserve({ ...nothing, store }, budgets(5), place, "p-1#0")).toBe(false);
      expect(await readBudget({ ...nothing, store }, "NET-01")).toBe(unreadable);
      expect(logIn(store)).toMatchObject(broken);
    }
  });

  it("is refused when others come first again and again, and fails when the store does not answer", async () => {
    const store = new MemoryStore();
    const losing: Store = {
      ...gated(store, async () => {}),
      write: async () => ({ ok: false, index: 0, reason: "changed" }),
    };
    expect(await reserve({ ...nothing, store: losing }, budgets(5), place, "p-1#0")).toBe(false);
    const lost: Store = { ...gated(store, async () => {}), write: () => Promise.reject(new Error("timeout")) };
    await expect(reserve({ ...nothing, store: lost }, budgets(5), place, "p-1#0")).rejects.toThrow("timeout");
  });

  it("is made where no budget concerns the standard, so that one that comes later knows", async () => {
    const store = new MemoryStore();
    expect(await reserve({ ...nothing, store }, [], place, "p-1#0")).toBe(true);
    expect(await reserve({ ...nothing, store }, budgets(1), place, "p-2#0")).toBe(false);
  });
});

const PER_HOUR = 5;
const FINDINGS = 100;
/** As in apply: a write is made only so soon after its budget was asked, and may be on its way for so long. */
const RESERVED_WITHIN_MS = 30_000;
const ON_ITS_WAY_MS = 18_000;

interface Finding {
  readonly name: string;
  attempts: number;
  /** Set by the one that writes, as the fence is: of two only one gets it. */
  fence: number;
  isDone: boolean;
}

/** Several instances put 100 findings right, each as apply does; true time moves with their steps. */
class Fleet {
  nowMs = startMs;
  readonly writes: number[] = [];
  readonly #store = new MemoryStore();
  readonly #gate = new Gate();
  readonly #draw: () => number;
  readonly #findings = Array.from({ length: FINDINGS }, (_, index): Finding => {
    return { name: `p-${index}`, attempts: 0, fence: 0, isDone: false };
  });
  readonly #sleeping = new Map<number, number>();

  constructor(seed: number) {
    let state = seed;
    this.#draw = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  }

  async run(offsets: readonly number[], crashes: number): Promise<void> {
    offsets.forEach((_, instance) => this.#sleeping.set(instance, startMs));
    while (this.#findings.some(({ isDone }) => !isDone) && this.nowMs < startMs + 72 * hourMs) {
      const next = [...this.#sleeping].find(([, untilMs]) => untilMs <= this.nowMs);
      if (next !== undefined) {
        this.#sleeping.delete(next[0]);
        void this.#work(next[0], offsets[next[0]] ?? 0, crashes);
      } else if (this.#gate.count > 0) {
        this.nowMs += Math.floor(this.#draw() ** 8 * 60_000);
        await this.#gate.release(Math.floor(this.#draw() * this.#gate.count));
      } else this.nowMs = Math.min(...this.#sleeping.values());
    }
  }

  #sleep(instance: number, ms: number): void {
    this.#sleeping.set(instance, this.nowMs + ms);
  }

  async #work(instance: number, offsetMs: number, crashes: number): Promise<void> {
    const open = this.#findings.filter(({ isDone }) => !isDone);
    // The first few are taken by several at a time, often.
    const finding = open[Math.floor(this.#draw() * Math.min(4, open.length))];
    if (finding === undefined) return;
    const { attempts, fence } = finding;
    const now = (): number => this.nowMs + offsetMs;
    const context = contextOf(
      gated(this.#store, () => this.#gate.pass()),
      now,
    );
    const askedMs = now();
    const isReserved = await reserve(context, budgets(PER_HOUR), place, `${finding.name}#${attempts}`);
    // Whoever dies comes back and knows nothing of what it did.
    if (this.#draw() < crashes) return this.#sleep(instance, minuteMs);
    if (!isReserved) return this.#sleep(instance, Math.floor(this.#draw() * 10 * minuteMs));
    if (now() - askedMs > RESERVED_WITHIN_MS || finding.fence !== fence) return this.#sleep(instance, 0);
    finding.fence += 1;
    if (this.#draw() >= crashes) {
      this.writes.push(this.nowMs + Math.floor(this.#draw() * ON_ITS_WAY_MS));
      finding.isDone = true;
    } else finding.attempts += 1;
    this.#sleep(instance, 0);
  }
}

describe("a fleet of instances whose clocks are up to five minutes apart", () => {
  it("never writes a sixth time within any hour, and gets all done", async () => {
    const offset = fc.integer({ min: 0, max: 5 * minuteMs });
    const fleet = fc.record({
      seed: fc.integer({ min: 1, max: 2 ** 31 }),
      offsets: fc.array(offset, { minLength: 2, maxLength: 5 }),
      crashes: fc.constantFrom(0, 0.02, 0.2),
    });
    await fc.assert(
      fc.asyncProperty(fleet, async ({ seed, offsets, crashes }) => {
        const one = new Fleet(seed);
        await one.run(offsets, crashes);
        const times = one.writes.toSorted((a, b) => a - b);
        const apart = times.slice(PER_HOUR).map((time, index) => time - (times[index] ?? 0));
        expect(Math.min(...apart)).toBeGreaterThanOrEqual(hourMs);
        expect(times).toHaveLength(FINDINGS);
      }),
      { numRuns: 25, examples: [[{ seed: 7, offsets: [0, 5 * minuteMs], crashes: 0 }]] },
    );
  });
});
