import { app } from "@azure/functions";
import { z } from "zod";
import { accountOf, toResourceId } from "../../shared/estate/resourceId.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { instanceOf } from "../../shared/reconcile/intake.ts";
import { passStatusOf, rememberPass } from "../../shared/reconcile/passStatus.ts";
import { core } from "../coreContext.ts";
import { durableClient, startOnce, statusOf } from "../durable.ts";

/** `tell`: nobody wants a look, somebody wants to know how the last one went. */
const messageSchema = z.object({ key: z.string(), tell: z.boolean().default(false) });

/** Wake-ups from people and from times that have come. The wish itself is stored before the message is sent. */
app.serviceBusQueue("wake", {
  connection: "ServiceBus",
  queueName: "%WAKE_QUEUE%",
  cardinality: "one",
  extraInputs: [durableClient],
  handler: async (message, context) => {
    const { key, tell } = parse(messageSchema, message, "wake-up");
    const id = toResourceId(key);
    const account = id === undefined ? undefined : accountOf(id);
    if (account === undefined) {
      core.log("a wake-up names no account", { key });
      return;
    }
    if (tell) {
      const status = await statusOf(context, instanceOf(account.id));
      return rememberPass(core.store, passStatusOf(account.id, status, core.clock.now()));
    }
    await startOnce(context, "reconcile", instanceOf(account.id), { key: account.id });
  },
});
