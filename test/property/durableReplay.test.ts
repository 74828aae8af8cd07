/**
 * Random programs through the real orchestrator executor of durable-functions and the local backend: every task gets its
 * own result, and the ids that the backend gives are those that the SDK counts. Where the two cannot agree, in Azure
 * neither, a warning or a failure says so.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventType } from "../../infra/local/durable/protocol.ts";
import { faultSchema, type Fault } from "../../infra/local/platform/faults.ts";
import { executors, flatten, forgetRuns, mismatch, programs, type Step } from "../support/durableProgram.ts";
import { DurableRig, InProcessWorker, startMs } from "../support/durableRig.ts";

interface Scheduled {
  EventType: number;
  EventId: number;
  Name?: string;
}

/** Compares, before each turn, the ids in the history with those that the SDK had given by the end of the last one. */
class WatchingWorker extends InProcessWorker {
  readonly differences: string[] = [];
  readonly #counts: boolean;

  constructor(counts: boolean) {
    super();
    this.#counts = counts;
  }

  override async runOrchestrator(name: string, instanceId: string, payload: string): Promise<string> {
    const { history } = JSON.parse(payload) as { history: Scheduled[] };
    const kinds = new Map<number, string>([
      [eventType.taskScheduled, "functionName"],
      [eventType.subOrchestrationCreated, "functionName"],
      [eventType.timerCreated, "fireAt"],
    ]);
    const scheduled = history.filter((event) => kinds.has(event.EventType));
    const sdk = executors.get(instanceId);
    if (sdk !== undefined && history.length > 2) {
      // What goes on in the background of an orchestrator that has ended takes ids in the host alone.
      const hasEnded = sdk.orchestratorReturned || sdk.exception !== undefined;
      if (this.#counts && !hasEnded && sdk.sequenceNumber !== scheduled.length) {
        this.differences.push(`host gave ${scheduled.length} ids, SDK ${sdk.sequenceNumber}`);
      }
      for (const { EventId, EventType, Name } of scheduled) {
        const action = sdk.openTasks[EventId]?.action as Record<string, unknown> | string | undefined;
        if (typeof action !== "object") continue;
        const field = kinds.get(EventType) ?? "";
        if (!(field in action) || (Name !== undefined && action["functionName"] !== Name)) {
          this.differences.push(
            `id ${EventId} is event ${EventType} in the host and ${JSON.stringify(action)} in the SDK`,
          );
        }
      }
    }
    return super.runOrchestrator(name, instanceId, payload);
  }
}

interface Ran {
  readonly status: { runtimeStatus: string; output: unknown };
  readonly wrong: string | undefined;
  readonly differences: readonly string[];
  readonly warnings: readonly string[];
}

async function run(steps: Step[], options: { counts: boolean; faults?: Fault[] }): Promise<Ran> {
  forgetRuns();
  const rig = await DurableRig.start({ worker: false });
  const worker = new WatchingWorker(options.counts);
  rig.worker = worker;
  rig.attach();
  rig.faults.set(options.faults ?? []);
  const id = rig.start("program", { key: "k", steps, fails: false }, "root");
  for (const step of flatten(steps)) {
    if (step.do !== "event") continue;
    // Sent to every instance that could wait for it: sub-orchestrations have the id of their step.
    rig.clock.schedule({ kind: "test.event", id: step.key, dueMs: startMs + step.atMs }, () => raise(rig, step.key));
  }
  const status = (await rig.finish(id, 60 * 86_400_000)) as Ran["status"];
  const root: Step = { do: "sub", key: "k", fails: false, steps };
  const ran: Ran = {
    status,
    wrong: status.runtimeStatus === "Completed" ? mismatch(root, status.output) : JSON.stringify(status),
    differences: worker.differences,
    warnings: rig.warnings().filter((message) => !message.includes("stays Running")),
  };
  await rig.stop();
  return ran;
}

/** Instances whose event has not been taken: a sub-orchestration may begin after the event is due. */
function raise(rig: DurableRig, key: string): void {
  const parts = key.split(".");
  const owners = parts.map((_, index) => `sub-${parts.slice(0, index + 1).join(".")}`).toReversed();
  const owner = [...owners, "root"].find((id) => rig.call("GET", `instances/${id}`).status !== 404);
  if (owner !== undefined && isOwner(rig, owner, key)) rig.raise(owner, key, `event:${key}`);
  else
    rig.clock.schedule({ kind: "test.event", id: key, dueMs: rig.clock.now() + 6 * 3_600_000 }, () => raise(rig, key));
}

function isOwner(rig: DurableRig, owner: string, key: string): boolean {
  const { input } = rig.status(owner) as { input: { steps: Step[] } };
  const own = (steps: readonly Step[]): boolean =>
    steps.some((step) => step.key === key || ((step.do === "all" || step.do === "any") && own(step.steps)));
  return own(input.steps);
}

/** 2,500 runs of each take half a minute. */
const runs = { numRuns: 60 };

describe("random orchestrations", () => {
  it("get their own results with retries, long timers and lost races", async () => {
    await fc.assert(
      fc.asyncProperty(programs({ failsInAll: false, cancels: false, laterIds: true }), async (steps) => {
        const ran = await run(steps, { counts: true });
        expect(ran).toMatchObject({ wrong: undefined, differences: [], warnings: [] });
      }),
      runs,
    );
  });

  it("get their own results with failures in Task.all, cancelled timers and doubled or lost deliveries", async () => {
    await fc.assert(
      fc.asyncProperty(
        programs({ failsInAll: true, cancels: true, laterIds: false }),
        fc.integer(),
        async (steps, seed) => {
          const fault = (given: Partial<Fault>): Fault => faultSchema.parse({ where: "durable", seed, ...given });
          const faults = [
            fault({ kind: "duplicate", match: { path: "^activity/" }, probability: 0.2 }),
            fault({ kind: "crash", phase: "beforeEffect", probability: 0.1 }),
            fault({ kind: "crash", phase: "afterEffect", probability: 0.1 }),
          ];
          const ran = await run(steps, { counts: false, faults });
          expect(ran).toMatchObject({ wrong: undefined, differences: [], warnings: [] });
        },
      ),
      runs,
    );
  });

  it("never get a wrong result in silence", async () => {
    await fc.assert(
      fc.asyncProperty(programs({ failsInAll: true, cancels: true, laterIds: true }), async (steps) => {
        const ran = await run(steps, { counts: false });
        if (ran.wrong === undefined) return;
        const said = ran.warnings.length > 0 || JSON.stringify(ran.status.output).includes("Non-deterministic");
        expect(said, `silent: ${ran.wrong}`).toBe(true);
      }),
      runs,
    );
  });
});
