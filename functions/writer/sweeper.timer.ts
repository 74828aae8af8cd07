import { app } from "@azure/functions";
import { readOnce } from "../../shared/reconcile/configuration.ts";
import { beat } from "../../shared/reconcile/heartbeat.ts";
import { inParallel, instanceOf } from "../../shared/reconcile/intake.ts";
import { overdue } from "../../shared/reconcile/sweep.ts";
import { isSweepDue } from "../../shared/reconcile/sweep/page.ts";
import { logRun } from "../../shared/reconcile/watch.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce } from "../durable.ts";

/**
 * Every minute: starts what wants a look and has no pass, and the sweep when it is due or was left lying. The heartbeat comes last:
 * it says that all of this got through.
 */
app.timer("sweeper", {
  schedule: "0 * * * * *",
  extraInputs: [durableClient],
  handler: async (_timer, context) => {
    const run = { ...core, configuration: readOnce(core.configuration) };
    const found = overdue(run);
    const isDue = isSweepDue(run, async () => (await found).sweep);
    // Whatever it comes to, the keys are started first.
    isDue.catch(() => undefined);
    const { keys, behind, sweep } = await found;
    await inParallel(keys, (key) => startOnce(context, "reconcile", instanceOf(key), { key }));
    if (await isDue) await startOnce(context, "sweep", "sweep", {});
    await logRun(run, await beat(run, behind), { behind, sweep });
  },
});
