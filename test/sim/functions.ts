/**
 * The function apps' triggers, as functions/*.ts bind them: events and wake-ups from the bus, the sweeper and the sealing
 * timer. What Azure promises of each is kept and no more: a message that failed comes again, a few times; a timer that
 * was missed fires once; the singleton of a timer does not hold when a process stands still.
 */
import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { takeIn } from "../../shared/reconcile/intake.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import { sealHeads } from "../../shared/reconcile/sealing.ts";
import { overdue } from "../../shared/reconcile/sweep.ts";
import { isSweepDue, sweepPage, type SweepStep } from "../../shared/reconcile/sweep/page.ts";
import { openSweep, sweepAddress } from "../../shared/reconcile/sweep/document.ts";
import type { ResourceChange } from "../../infra/local/arm/engine.ts";
import { resourceEvent, withOtherCase } from "../../infra/local/eventgrid/resourceEvents.ts";
import { callActivity, type Passes } from "./passes.ts";
import type { Lane } from "./process.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** Deliveries of a message before it is dead-lettered. */
const DELIVERIES_MAX = 10;
/** A message whose receiver died is locked for so long. */
const LOCK_MS = 30_000;
/** Fewer than the orchestrator's, so that instances take over from each other. */
const SWEEP_STEPS_MAX = 4;

export class Functions {
  readonly #world: World;
  readonly #passes: Passes;
  #isSweeping = false;
  #events = 0;
  /** Trigger invocations that have not ended. */
  invocations = 0;

  constructor(world: World, passes: Passes) {
    this.#world = world;
    this.#passes = passes;
    world.deliver = (key) => this.#message("wake", (_context, lane) => this.#passes.start(lane, key as ResourceId));
    world.estate.onEvent = (change) => this.#publish(change);
    this.#timer(MINUTE_MS, 0, "sweeper", (context, lane) => this.#sweeper(context, lane));
  }

  get isIdle(): boolean {
    return this.invocations === 0 && !this.#isSweeping;
  }

  /** Somebody asks for a sweep of the whole estate now, whatever the day. */
  askForSweep(): void {
    const { store } = this.#world;
    const { container, pk, id } = sweepAddress;
    const ask = (): unknown => store.writeNow(container, pk, [{ kind: "patch", id, increment: { asked: 1 } }]);
    void openSweep(store)
      .then(ask)
      .then(() => this.#sweep());
  }

  #sweep(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#world.trace.line("durable", "sweep begins");
    const end = (): void => {
      this.#isSweeping = false;
    };
    this.#playSweep().then(end, end);
  }

  /** Runs an invocation on some core; when that dies or the work fails it is simply over. */
  invoke(
    what: string,
    work: (context: PassContext, lane: Lane) => Promise<unknown>,
    onFailure: (died: boolean) => void = () => {},
  ): void {
    const core = this.#world.pickCore();
    if (core === undefined) {
      onFailure(true);
      return;
    }
    this.invocations += 1;
    const lane = core.open(what, () => {
      this.invocations -= 1;
      onFailure(true);
    });
    const end = (): void => {
      if (lane.isDead) return;
      this.invocations -= 1;
      lane.close();
    };
    work(this.#world.context(lane), lane).then(end, (error: unknown) => {
      end();
      this.#world.trace.line(core.name, `${what} failed: ${(error as Error).message}`);
      this.#world.expected(error);
      onFailure(false);
    });
  }

  /** Event Grid and the queue between it and us. */
  #publish(change: ResourceChange): void {
    const { faults, random, scheduler } = this.#world;
    this.#events += 1;
    const event = resourceEvent(change, `event-${this.#events}`, "Some One");
    const told = random.chance(0.5) ? withOtherCase(event, () => random.next()) : event;
    if (faults.hits("astray")) return;
    const copies = faults.hits("duplicate") ? random.between(2, 5) : 1;
    const soonMs = random.between(50, 3_000);
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = faults.hits("slow") ? random.between(1_000, 300_000) : soonMs + random.between(0, 30);
      this.#world.messages += 1;
      scheduler.after(lateMs, () => {
        this.#world.messages -= 1;
        this.#message("events", async (context, lane) => {
          for (const key of await takeIn(context, [JSON.stringify(told)])) await this.#passes.start(lane, key);
        });
      });
    }
  }

  /** A message of a queue: delivered until it is done, at most so many times. */
  #message(queue: string, work: (context: PassContext, lane: Lane) => Promise<unknown>, deliveries = 1): void {
    this.invoke(queue, work, (died) => {
      if (deliveries >= DELIVERIES_MAX) return;
      this.#world.messages += 1;
      this.#world.scheduler.after(died ? LOCK_MS : 100, () => {
        this.#world.messages -= 1;
        this.#message(queue, work, deliveries + 1);
      });
    });
  }

  #timer(
    everyMs: number,
    offsetMs: number,
    name: string,
    work: (context: PassContext, lane: Lane) => Promise<unknown>,
  ): void {
    const { scheduler, faults } = this.#world;
    const fire = (): void => {
      const nextMs = Math.floor((scheduler.nowMs - offsetMs) / everyMs + 1) * everyMs + offsetMs;
      scheduler.at(nextMs, fire);
      this.invoke(name, work);
      if (faults.hits("duplicate")) this.invoke(name, work);
    };
    scheduler.at(Math.ceil((scheduler.nowMs - offsetMs) / everyMs) * everyMs + offsetMs, fire);
  }

  async #sweeper(context: PassContext, lane: Lane): Promise<void> {
    const { keys } = await overdue(context);
    const sealing = sealHeads(context);
    sealing.catch(() => undefined);
    for (const key of keys) await this.#passes.start(lane, key);
    if (await isSweepDue(context)) this.#sweep();
    await sealing;
  }

  /** As functions/writer/sweep.orchestrator.ts. */
  async #playSweep(): Promise<void> {
    const world = this.#world;
    for (let number = 1; number <= SWEEP_STEPS_MAX; number += 1) {
      const isLast = number === SWEEP_STEPS_MAX;
      const step = (await callActivity(world, "sweepPage", (context) => sweepPage(context, isLast))) as SweepStep;
      if (step.done) return;
      await world.scheduler.sleep(step.waitMs);
    }
  }
}
