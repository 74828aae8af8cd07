/**
 * Records the histories that replay.test.ts replays: `node test/replay/record.ts`. To be run when a course is added, or
 * when the orchestrator's behaviour is changed on purpose; then the change needs a drain of running passes, and the
 * changelog says so.
 */
import "../support/functionsCore.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { activity } from "../../functions/durable.ts";
import { DurableRig, InProcessWorker } from "../support/durableRig.ts";
import { cases, recordedMs } from "./cases.ts";
import "../../functions/writer/reconcile.orchestrator.ts";

let answers: Record<string, unknown[]> = {};
for (const name of ["look", "apply", "settle", "requeue"]) {
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

for (const [name, given] of Object.entries(cases)) {
  answers = Object.fromEntries(Object.entries(given).map(([activityName, list]) => [activityName, [...list]]));
  const rig = await DurableRig.start({ nowMs: recordedMs, worker: false });
  const worker = new RecordingWorker();
  rig.worker = worker;
  rig.attach();
  rig.call("POST", `orchestrators/reconcile/${name}`, { key: "/subscriptions/s/a" });
  for (let step = 0; step < 100 && rig.call("GET", `instances/${name}`).body.runtimeStatus !== "Completed"; step += 1) {
    await rig.settle();
    await rig.clock.step(rig.clock.next()?.dueMs ?? rig.clock.now());
  }
  await rig.stop();
  if (worker.last === undefined) throw new Error(`${name}: nothing was run`);
  const file = join(import.meta.dirname, "histories/reconcile", `0.1.0-${name}.json`);
  writeFileSync(file, `${JSON.stringify(worker.last, null, 1)}\n`);
  process.stderr.write(`${file}\n`);
}
