import { markSweep, sweepPage, sweepRecords, type SweepPage } from "../../shared/reconcile/sweep.ts";
import { core } from "../coreContext.ts";
import { activity, call, orchestration, type OrchestrationContext, type Orchestration } from "../durable.ts";

/** Pages of one subscription's account list; 4,000 accounts are some forty. */
const PAGES_MAX = 1000;

/**
 * Asks for a look at every account of every enrolled subscription, and at whatever is on record as not in order. Wake-ups
 * start the passes.
 */
orchestration("sweep", function* (context: OrchestrationContext): Orchestration {
  const subscriptions = yield* call<string[]>(context, "sweepBegin", {});
  let accounts = 0;
  for (const subscriptionId of subscriptions) {
    let continuation: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const result: SweepPage = yield* call<SweepPage>(context, "sweepPage", { subscriptionId, continuation });
      accounts += result.keys.length;
      continuation = result.continuation;
      if (continuation === null) break;
    }
  }
  let continuation: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const result: SweepPage = yield* call<SweepPage>(context, "sweepRecords", { continuation });
    continuation = result.continuation;
    if (continuation === null) break;
  }
  yield* call(context, "sweepEnd", { accounts });
  return { accounts };
});

activity("sweepBegin", async () => {
  await markSweep(core, "started", 0);
  const { config } = await core.configuration.read();
  return config.subscriptions.map(({ id }) => id);
});
activity("sweepPage", ({ subscriptionId, continuation }: { subscriptionId: string; continuation: string | null }) =>
  sweepPage(core, subscriptionId, continuation),
);
activity("sweepRecords", ({ continuation }: { continuation: string | null }) => sweepRecords(core, continuation));
activity("sweepEnd", async ({ accounts }: { accounts: number }) => {
  await markSweep(core, "finished", accounts);
  return null;
});
