import { app } from "@azure/functions";
import { inParallel, instanceOf, takeIn } from "../../shared/reconcile/intake.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce } from "../durable.ts";

/** Resource events from Event Grid, in batches: a burst about one account becomes one wish. */
app.serviceBusQueue("events", {
  connection: "ServiceBus",
  queueName: "%EVENTS_QUEUE%",
  cardinality: "many",
  extraInputs: [durableClient],
  handler: async (messages, context) => {
    const keys = await takeIn(core, Array.isArray(messages) ? messages : [messages]);
    await inParallel(keys, (key) => startOnce(context, "reconcile", instanceOf(key), { key }));
  },
});
