import { app } from "@azure/functions";
import { sealHeads, type SealMemory } from "../../shared/reconcile/sealing.ts";
import { core } from "../coreContext.ts";

const memory: SealMemory = {};

/** Every minute, half a minute after the sweeper: seals the chain heads that moved. */
app.timer("seal", {
  schedule: "30 * * * * *",
  handler: async () => {
    await sealHeads(core, memory);
  },
});
