/**
 * Runs reconciling passes: one instance per key at a time, activities at least once on either core instance, sometimes
 * twice at the same time, five tries over half a minute as functions/durable.ts has it, timers that wait in true time.
 *
 * {@link RoundsPasses} plays shared/reconcile/rounds.ts itself, which is fast; durablePasses.ts plays the real
 * orchestrator through the durable backend.
 */
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { apply, settle } from "../../shared/reconcile/apply.ts";
import { instanceOf } from "../../shared/reconcile/intake.ts";
import { look } from "../../shared/reconcile/look.ts";
import { reconcileRounds, type Step } from "../../shared/reconcile/rounds.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import type { Lane } from "./process.ts";
import { durableAway, type World } from "./world.ts";

/** What starts passes, as the durable client does. */
export interface Passes {
  /** Starts a pass unless one over this key runs. @throws when the backend does not answer. */
  start(lane: Lane, key: ResourceId): Promise<void>;
  /** Passes that have not ended. */
  readonly running: number;
  stop(): Promise<void>;
}

export type PassesFactory = (world: World) => Promise<Passes>;

/** The retry policy of functions/durable.ts. */
const TRIES_MAX = 5;
const FIRST_RETRY_MS = 1_000;

/** After this the backend takes a process that died for dead and delivers its activity again. */
const REDELIVER_MS_MAX = 30_000;

/** A process that stands still longer renews no lease: what it works on is given to another, and it doesn't know. */
const LEASE_MS = 5_000;

/** An activity takes at most this long before the runtime, in doubt, may deliver it a second time. */
const DUPLICATE_MS_MAX = 25_000;

/** The activities as functions/writer/reconcile.activities.ts binds them. */
export function runActivity(context: PassContext, name: string, input: unknown): Promise<unknown> {
  const { key, change, waited, atMs } = input as {
    key: ResourceId;
    change: string;
    waited: number | null;
    atMs: number;
  };
  switch (name) {
    case "look":
      return look(context, key);
    case "apply":
      return apply(context, key, change);
    case "settle":
      return settle(context, key, waited);
    case "requeue":
      return context.bus.wake(key, atMs).then(() => null);
    default:
      throw new Error(`there is no activity ${name}`);
  }
}

/** Runs an invocation on a core instance until one delivery of it has ended; answers as JSON carries it. */
export function deliverUntilDone(
  world: World,
  what: string,
  work: (context: PassContext) => Promise<unknown>,
): Promise<unknown> {
  const { scheduler, random, faults } = world;
  return new Promise((resolve, reject) => {
    let isOver = false;
    const launch = (): void => {
      if (isOver) return;
      const core = world.pickCore();
      if (core === undefined) {
        scheduler.after(1_000, launch);
        return;
      }
      const lane = core.open(what, () => scheduler.after(random.between(500, REDELIVER_MS_MAX), launch));
      lane.onFreeze = (forMs) => {
        if (forMs > LEASE_MS && random.chance(0.8)) scheduler.after(LEASE_MS, launch);
      };
      const end = (settled: () => void): void => {
        lane.close();
        if (isOver) return;
        isOver = true;
        settled();
      };
      work(world.context(lane)).then(
        (result) => end(() => resolve(asJson(result))),
        (error: unknown) => end(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    };
    launch();
    if (faults.hits("duplicate")) scheduler.after(random.between(0, DUPLICATE_MS_MAX), launch);
  });
}

/** {@link deliverUntilDone} with the retry policy; fails with the last error. */
export async function callActivity(
  world: World,
  what: string,
  work: (context: PassContext) => Promise<unknown>,
): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await deliverUntilDone(world, what, work);
    } catch (error) {
      world.trace.line("durable", `${what} failed: ${(error as Error).message}`);
      world.expected(error);
      if (tries === TRIES_MAX) throw error;
      await world.scheduler.sleep(FIRST_RETRY_MS * 2 ** (tries - 1));
    }
  }
}

export class RoundsPasses implements Passes {
  readonly #world: World;
  readonly #running = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  get running(): number {
    return this.#running.size;
  }

  start(lane: Lane, key: ResourceId): Promise<void> {
    const { faults, trace } = this.#world;
    const isRefused = faults.hits("unavailable");
    const id = instanceOf(key);
    return lane.travel<void>({
      name: `durable.start ${nameOf(key)}${isRefused ? " (unavailable)" : ""}`,
      outMs: faults.latencyMs(),
      backMs: faults.latencyMs(),
      effect: () => {
        if (isRefused || this.#running.has(id)) return;
        this.#running.add(id);
        trace.line("durable", `pass over ${nameOf(key)} begins`);
        this.#play(key).then(
          () => this.#end(id, key, "ends"),
          () => this.#end(id, key, "fails"),
        );
      },
      answer: () => {
        if (isRefused) throw new Error(durableAway);
      },
    });
  }

  async stop(): Promise<void> {}

  #end(id: string, key: string, how: string): void {
    this.#running.delete(id);
    this.#world.trace.line("durable", `pass over ${nameOf(key)} ${how}`);
  }

  async #play(key: ResourceId): Promise<void> {
    const { scheduler } = this.#world;
    const rounds = reconcileRounds(key, () => scheduler.nowMs);
    let next = rounds.next();
    while (next.done !== true) {
      const answer = await this.#take(key, next.value);
      next = rounds.next(answer);
    }
  }

  async #take(key: string, step: Step): Promise<unknown> {
    const { scheduler } = this.#world;
    if (step.kind === "wait") return scheduler.sleep(step.untilMs - scheduler.nowMs);
    const { activity, input } = step;
    return callActivity(this.#world, `${activity} ${nameOf(key)}`, (context) => runActivity(context, activity, input));
  }
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
