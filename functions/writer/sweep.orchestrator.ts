import { markSweep, sweepPage, sweepRecords, type SweepPage } from "../../shared/reconcile/sweep.ts";
import { core } from "../coreContext.ts";
import { activity, call, orchestration, type OrchestrationContext, type Orchestration, type Task } from "../durable.ts";

/** Pages of one subscription's account list; 4,000 accounts are some forty. */
const PAGES_MAX = 1000;

/**
 * Asks for a look at every account of every enrolled subscription, and at whatever is on record as not in order. Wake-ups
 * start the passes.
 */
orchestration("sweep", function* (context: OrchestrationContext): Orchestration {
  const subscriptions = yield* call<string[]>(context, "sweepBegin", {});
  let accounts = 0;
  let failure: unknown;
  for (const subscriptionId of subscriptions) {
    try {
      accounts += yield* sweepSubscription(context, subscriptionId);
    } catch (error) {
      // The subscriptions after it do not pay for one that cannot be listed now.
      failure ??= error;
    }
  }
  let continuation: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const result: SweepPage = yield* call<SweepPage>(context, "sweepRecords", { continuation });
    continuation = result.continuation;
    if (continuation === null) break;
  }
  // A sweep that missed something is not finished, and is begun anew in an hour.
  if (failure !== undefined) throw failure;
  yield* call(context, "sweepEnd", { accounts });
  return { accounts };
});

function* sweepSubscription(context: OrchestrationContext, subscriptionId: string): Generator<Task, number, unknown> {
  let accounts = 0;
  let continuation: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const result: SweepPage = yield* call<SweepPage>(context, "sweepPage", { subscriptionId, continuation });
    accounts += result.keys.length;
    continuation = result.continuation;
    if (continuation === null) break;
  }
  return accounts;
}

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
