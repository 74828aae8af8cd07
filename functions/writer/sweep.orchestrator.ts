import type { SweepStep } from "../../shared/reconcile/sweep/page.ts";
import { call, orchestration, waitUntil, type OrchestrationContext, type Orchestration } from "../durable.ts";

/**
 * Steps of one instance, each with a wait of up to half a minute: less than an hour. The sweeper starts another within a
 * minute, which goes on where this one ended.
 */
const STEPS_MAX = 100;

/**
 * Asks for a look at every account of every enrolled subscription, and at whatever is on record as not in order. Wake-ups
 * start the passes. Where it stands is on record: this only plays the steps and waits between them.
 */
orchestration("sweep", function* (context: OrchestrationContext): Orchestration {
  for (let step = 1; step <= STEPS_MAX; step += 1) {
    const { done, waitMs } = yield* call<SweepStep>(context, "sweepPage", { isLast: step === STEPS_MAX });
    if (done) return { ended: "finished" };
    yield* waitUntil(context, context.df.currentUtcDateTime.getTime() + waitMs);
  }
  return { ended: "handedOver" };
});
