import { app } from "@azure/functions";
import { configCompiler } from "../../shared/reconcile/configuration.ts";
import { beat } from "../../shared/reconcile/heartbeat.ts";
import { inParallel, instanceOf } from "../../shared/reconcile/intake.ts";
import { sealHeads, type SealMemory } from "../../shared/reconcile/sealing.ts";
import { overdue } from "../../shared/reconcile/sweep.ts";
import { isSweepDue } from "../../shared/reconcile/sweep/page.ts";
import { logRun } from "../../shared/reconcile/watch.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce } from "../durable.ts";

const memory: SealMemory = {};
const compiled = configCompiler();

/**
 * Every minute: starts what wants a look and has no pass, starts the sweep when it is due or was left lying, and seals the
 * chain heads that moved. The heartbeat comes last: it says that the looks and the sweep were started. Sealing neither waits
 * for them nor holds them up, and has an age of its own among the signals of health.
 */
app.timer("sweeper", {
  schedule: "0 * * * * *",
  extraInputs: [durableClient],
  handler: async (_timer, context) => {
    const { keys, behind, sweep, configuration, lately } = await overdue(core, memory);
    const run = { ...core, configuration: { read: async () => compiled(configuration) } };
    const sealing = sealHeads(run, memory, lately);
    // Whatever it comes to, the keys are started first.
    sealing.catch(() => undefined);
    await inParallel(keys, (key) => startOnce(context, "reconcile", instanceOf(key), { key }));
    if (await isSweepDue(run, async () => sweep)) await startOnce(context, "sweep", "sweep", {});
    await logRun(run, await beat(run, behind), { behind, sweep });
    await sealing;
  },
});
