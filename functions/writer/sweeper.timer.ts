import { app } from "@azure/functions";
import { inParallel, instanceOf } from "../../shared/reconcile/intake.ts";
import { isSweepDue, overdueKeys } from "../../shared/reconcile/sweep.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce } from "../durable.ts";

/** Every minute: starts what wants a look and has no pass, and the daily sweep when it is due. */
app.timer("sweeper", {
  schedule: "0 * * * * *",
  extraInputs: [durableClient],
  handler: async (_timer, context) => {
    await inParallel(await overdueKeys(core), (key) => startOnce(context, "reconcile", instanceOf(key), { key }));
    if (await isSweepDue(core)) await startOnce(context, "sweep", "sweep", {});
  },
});
