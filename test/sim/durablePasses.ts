/**
 * Passes through the real thing: the registered orchestrator, the durable-functions library that replays it, and the
 * durable backend, which keeps its histories in memory. Two core instances are attached; when one dies, its work is
 * given to the other.
 */
import "../support/functionsCore.ts";
import "../../functions/writer/reconcile.orchestrator.ts";
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { instanceOf } from "../../shared/reconcile/intake.ts";
import { DurableBackend, type DurableWorker } from "../../infra/local/durable/backend.ts";
import { EffectLog } from "../../infra/local/platform/effects.ts";
import { FaultBook } from "../../infra/local/platform/faults.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";
import { invoke } from "../support/functionsCore.ts";
import { runActivity, type Passes } from "./passes.ts";
import type { Lane, Process } from "./process.ts";
import { durableAway, type World } from "./world.ts";

/** Turns of the event loop without a sign of life after which the backend has nothing more to do at this moment. */
const QUIET_TURNS = 3;

/** Statuses of the management API. */
const ACCEPTED = 202;
const CONFLICT = 409;

class Durable implements Passes {
  readonly #world: World;
  readonly #backend: DurableBackend;
  /** Grows whenever the backend and a worker have spoken. */
  #pulse = 0;
  #turns = 0;

  constructor(world: World) {
    const { scheduler, random } = world;
    this.#world = world;
    const faults = new FaultBook();
    faults.set([
      {
        where: "durable",
        match: { path: "activity/" },
        kind: "duplicate",
        phase: "beforeEffect",
        skip: 0,
        probability: world.faults.rate("duplicate"),
        seed: random.between(1, 1_000_000),
      },
    ]);
    world.faults.onCalm = () => faults.clear();
    this.#backend = new DurableBackend({
      clock: scheduler.agenda,
      faults,
      effects: new EffectLog(openDatabase(":memory:"), () => scheduler.nowMs),
      random: () => random.next(),
      dataDir: ":memory:",
      crash: () => {},
      log: (level, message) => world.trace.line("durable", `${level}: ${message}`),
    });
    let heard = 0;
    let quiet = 0;
    scheduler.isBusy = () => {
      quiet = heard === this.#pulse ? quiet + 1 : 0;
      heard = this.#pulse;
      return this.#turns > 0 || quiet < QUIET_TURNS;
    };
  }

  async begin(): Promise<this> {
    await this.#backend.start();
    for (const core of this.#world.cores) this.#attach(core);
    return this;
  }

  get running(): number {
    return this.#backend.waitingOn().length;
  }

  async stop(): Promise<void> {
    await this.#backend.stop();
  }

  start(lane: Lane, key: ResourceId): Promise<void> {
    const { faults } = this.#world;
    const isRefused = faults.hits("unavailable");
    return lane.travel<void>({
      name: `durable.start${isRefused ? " (unavailable)" : ""}`,
      outMs: faults.latencyMs(),
      backMs: faults.latencyMs(),
      ...(isRefused ? {} : { effect: () => this.#begin(key) }),
      answer: () => {
        if (isRefused) throw new Error(durableAway);
      },
    });
  }

  #begin(key: ResourceId): void {
    this.#pulse += 1;
    const path = `orchestrators/reconcile/${instanceOf(key)}`;
    const { status, body } = this.#backend.handle({ method: "POST", path, query: [], body: JSON.stringify({ key }) });
    if (status !== ACCEPTED && status !== CONFLICT) throw new Error(`the durable backend answered ${status}: ${body}`);
  }

  #attach(core: Process): void {
    const attached = this.#backend.attach(this.#worker(core));
    core.onDown = () => {
      this.#pulse += 1;
      attached.detach();
    };
    core.onUp = () => {
      this.#pulse += 1;
      this.#attach(core);
    };
  }

  #worker(core: Process): DurableWorker {
    return {
      id: core.name,
      orchestrators: new Set(["reconcile"]),
      activities: new Set(["look", "apply", "settle", "requeue"]),
      runOrchestrator: async (name, _instanceId, payload) => {
        this.#pulse += 1;
        this.#turns += 1;
        try {
          return JSON.stringify(await invoke(name, payload));
        } finally {
          this.#pulse += 1;
          this.#turns -= 1;
        }
      },
      runActivity: (name, _instanceId, input) => this.#activity(core, name, input),
    };
  }

  /** Never settles when the process dies: the backend hears of that by the detaching. */
  async #activity(
    core: Process,
    name: string,
    input: string | null,
  ): Promise<{ ok: true; result: unknown } | { ok: false; message: string; stack: string }> {
    this.#pulse += 1;
    const parsed = JSON.parse(input ?? "null") as { key: string };
    const lane = core.open(`${name} ${parsed.key.slice(parsed.key.lastIndexOf("/") + 1)}`, () => {});
    try {
      return { ok: true, result: await runActivity(this.#world.context(lane), name, parsed) };
    } catch (error) {
      this.#world.trace.line("durable", `${lane.what} failed: ${(error as Error).message}`);
      this.#world.expected(error);
      return { ok: false, message: (error as Error).message, stack: "" };
    } finally {
      this.#pulse += 1;
      lane.close();
    }
  }
}

export async function durablePasses(world: World): Promise<Passes> {
  return new Durable(world).begin();
}
