/**
 * Records the histories that replay.test.ts replays: `node test/replay/record.ts`. To be run when a course is added, or
 * when the orchestrator's behaviour is changed on purpose; then the change needs a drain of running passes, and the
 * changelog says so.
 */
import "../support/functionsCore.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { activity } from "../../functions/durable.ts";
import { DurableRig, InProcessWorker } from "../support/durableRig.ts";
import { cases, recordedMs } from "./cases.ts";
import "../../functions/writer/reconcile.orchestrator.ts";
import "../../functions/writer/sweep.orchestrator.ts";

let answers: Record<string, unknown[]> = {};
for (const name of ["look", "apply", "settle", "requeue", "sweepPage"]) {
  activity(name, async () => {
    const answer = answers[name]?.shift();
    if (answer === undefined) throw new Error(`no further answer of ${name} is given`);
    return answer;
  });
}

class RecordingWorker extends InProcessWorker {
  last: { payload: unknown; state: unknown } | undefined;
  override async runOrchestrator(name: string, instanceId: string, payload: string): Promise<string> {
    const state = await super.runOrchestrator(name, instanceId, payload);
    this.last = { payload: JSON.parse(payload), state: JSON.parse(state) };
    return state;
  }
}

/** Turns of the clock that a recording may take. */
const STEPS_MAX = 1_000;

const courses = Object.entries(cases).flatMap(([orchestration, named]) =>
  Object.entries(named).map(([name, given]) => ({ orchestration, name, given })),
);

for (const { orchestration, name, given } of courses) {
  answers = Object.fromEntries(Object.entries(given).map(([activityName, list]) => [activityName, [...list]]));
  const rig = await DurableRig.start({ nowMs: recordedMs, worker: false });
  const worker = new RecordingWorker();
  rig.worker = worker;
  rig.attach();
  const input = orchestration === "reconcile" ? { key: "/subscriptions/s/a" } : {};
  rig.call("POST", `orchestrators/${orchestration}/${name}`, input);
  const isOver = (): boolean => rig.call("GET", `instances/${name}`).body.runtimeStatus === "Completed";
  for (let step = 0; step < STEPS_MAX && !isOver(); step += 1) {
    await rig.settle();
    await rig.clock.step(rig.clock.next()?.dueMs ?? rig.clock.now());
  }
  await rig.stop();
  if (worker.last === undefined) throw new Error(`${name}: nothing was run`);
  const file = join(import.meta.dirname, `histories/${orchestration}`, `0.1.0-${name}.json`);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `${JSON.stringify(worker.last, null, 1)}\n`);
  process.stderr.write(`${file}\n`);
}
