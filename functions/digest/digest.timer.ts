import { app } from "@azure/functions";
import { makeDigest, type DigestMemory } from "../../shared/reconcile/digest.ts";
import { core } from "../coreContext.ts";

const memory: DigestMemory = {};

/** Every hour at minute 7, when clocks that are off by five minutes have passed the hour, too: makes the digest that is due. */
app.timer("digest", {
  schedule: "0 7 * * * *",
  handler: async () => {
    await makeDigest(core, memory);
  },
});
