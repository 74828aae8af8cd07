import { app } from "@azure/functions";
import { z } from "zod";
import { accountOf, toResourceId } from "../../shared/estate/resourceId.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { instanceOf } from "../../shared/reconcile/intake.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce } from "../durable.ts";

const messageSchema = z.object({ key: z.string() });

/** Wake-ups from people and from times that have come. The wish itself is stored before the message is sent. */
app.serviceBusQueue("wake", {
  connection: "ServiceBus",
  queueName: "%WAKE_QUEUE%",
  cardinality: "one",
  extraInputs: [durableClient],
  handler: async (message, context) => {
    const { key } = parse(messageSchema, message, "wake-up");
    const id = toResourceId(key);
    const account = id === undefined ? undefined : accountOf(id);
    if (account === undefined) {
      core.log("a wake-up names no account", { key });
      return;
    }
    await startOnce(context, "reconcile", instanceOf(account.id), { key: account.id });
  },
});
