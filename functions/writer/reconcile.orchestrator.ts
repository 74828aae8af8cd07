import { reconcileRounds } from "../../shared/reconcile/rounds.ts";
import { call, orchestration, waitUntil, type OrchestrationContext, type Orchestration } from "../durable.ts";

/** One pass over one writer key: look, write what was agreed to, look again. Ends within minutes. */
orchestration("reconcile", function* (context: OrchestrationContext): Orchestration {
  const { key } = context.df.getInput<{ key: string }>();
  const rounds = reconcileRounds(key, () => context.df.currentUtcDateTime.getTime());
  let answer: unknown;
  for (;;) {
    const { value: step, done } = rounds.next(answer);
    if (done === true) return step;
    answer =
      step.kind === "wait" ? yield* waitUntil(context, step.untilMs) : yield* call(context, step.activity, step.input);
  }
});
