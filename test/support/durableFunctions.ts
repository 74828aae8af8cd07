/**
 * An app of small orchestrations, each of which shows one behaviour of the protocol. Bundled, it runs in any Functions
 * host; in a test, durableApp.ts loads it.
 */
import * as df from "durable-functions";

const hour = 3_600_000;
const day = 24 * hour;

/** Inputs of the activities `echo` and `flaky`, in the order in which they ran. */
export const runs: unknown[] = [];
/** What a test sets from outside. */
export const knobs = { failuresLeft: 0, isChanged: false };

export function resetApp(): void {
  runs.length = 0;
  knobs.failuresLeft = 0;
  knobs.isChanged = false;
}

df.app.activity("echo", {
  handler: (input: unknown) => {
    runs.push(input);
    return input;
  },
});
df.app.activity("nothing", { handler: () => {} });
df.app.activity("fail", {
  handler: (input: unknown) => {
    throw new Error(`no ${String(input)}`);
  },
});
df.app.activity("flaky", {
  handler: (input: unknown) => {
    runs.push(input);
    knobs.failuresLeft -= 1;
    if (knobs.failuresLeft >= 0) throw new Error("not yet");
    return input;
  },
});

df.app.orchestration("sequence", function* (context) {
  const input = context.df.getInput<{ n: number }>();
  const found: unknown[] = [];
  for (let i = 0; i < input.n; i += 1) found.push(yield context.df.callActivity("echo", { i }));
  return found;
});
df.app.orchestration("catches", function* (context) {
  try {
    yield context.df.callActivity("fail", "luck");
  } catch (error) {
    return (error as Error).message;
  }
  return "did not fail";
});
df.app.orchestration("throws", function* (context) {
  yield context.df.callActivity("nothing");
  throw new Error("on purpose");
});
df.app.orchestration("race", function* (context) {
  const { cancel } = context.df.getInput<{ cancel?: boolean }>() ?? {};
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + hour));
  const event = context.df.waitForExternalEvent("approval");
  const winner = yield context.df.Task.any([event, timer]);
  if (winner === timer) return "timed out";
  if (cancel !== false) timer.cancel();
  return event.result;
});
df.app.orchestration("child", function* (context) {
  const input = context.df.getInput<{ fail?: boolean; wait?: boolean }>();
  const got: unknown = yield context.df.callActivity("echo", "in child");
  if (input.wait === true) yield context.df.waitForExternalEvent("go");
  if (input.fail === true) throw new Error("child failed");
  return { got, id: context.df.instanceId, parent: context.df.parentInstanceId };
});
df.app.orchestration("parent", function* (context) {
  const input = context.df.getInput<{ fail?: boolean; childId?: string }>();
  try {
    return yield context.df.callSubOrchestrator("child", input, input.childId);
  } catch (error) {
    return (error as Error).message;
  }
});
df.app.orchestration("retrying", function* (context) {
  const options = new df.RetryOptions(1000, 3);
  options.backoffCoefficient = 2;
  const input = context.df.getInput<{ timeoutMs?: number } | null>();
  if (input?.timeoutMs !== undefined) options.retryTimeoutInMilliseconds = input.timeoutMs;
  const got: unknown = yield context.df.callActivityWithRetry("flaky", options, "r");
  const after: unknown = yield context.df.callActivity("echo", "after");
  return [got, after];
});
df.app.orchestration("sleeps", function* (context) {
  const { ms } = context.df.getInput<{ ms: number }>();
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + ms));
  const after: unknown = yield context.df.callActivity("echo", "woken");
  return { after, at: context.df.currentUtcDateTime.toISOString() };
});
df.app.orchestration("again", function* (context) {
  const { left } = context.df.getInput<{ left: number }>();
  yield context.df.callActivity("echo", left);
  if (left === 0) return "done";
  context.df.continueAsNew({ left: left - 1 });
  return undefined;
});
df.app.orchestration("twoWaiters", function* (context) {
  const first = context.df.waitForExternalEvent("e");
  const second = context.df.waitForExternalEvent("e");
  return yield context.df.Task.all([first, second]);
});
df.app.orchestration("listens", function* (context) {
  yield context.df.callActivity("nothing");
  const first: unknown = yield context.df.waitForExternalEvent("first");
  const second: unknown = yield context.df.waitForExternalEvent("second");
  return [first, second];
});
df.app.orchestration("unknownActivity", function* (context) {
  return yield context.df.callActivity("doesNotExist", 1);
});
df.app.orchestration("asksEntity", function* (context) {
  return yield context.df.callEntity(new df.EntityId("counter", "1"), "add", 1);
});
df.app.orchestration("changing", function* (context) {
  yield context.df.callActivity(knobs.isChanged ? "echo" : "nothing");
  return yield context.df.waitForExternalEvent("go");
});
df.app.orchestration("reports", function* (context) {
  context.df.setCustomStatus({ step: 1 });
  yield context.df.waitForExternalEvent("go");
  context.df.setCustomStatus({ step: 2, big: "x".repeat(context.df.getInput<{ size: number }>().size) });
  return context.df.isReplaying;
});
df.app.orchestration("failFast", function* (context) {
  const retry = new df.RetryOptions(1000, 3);
  try {
    yield context.df.Task.all([
      context.df.callActivity("fail", "x"),
      context.df.callActivityWithRetry("flaky", retry, "sibling"),
    ]);
  } catch {
    return yield context.df.callActivity("echo", "next");
  }
  return "no failure";
});
df.app.orchestration("cancelsLongTimer", function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 8 * day));
  yield context.df.Task.any([context.df.waitForExternalEvent("e"), timer]);
  timer.cancel();
  return yield context.df.callActivity("echo", "after");
});
df.app.orchestration("losesEvents", function* (context) {
  const { round } = context.df.getInput<{ round: number }>();
  if (round === 1) return yield context.df.waitForExternalEvent("late");
  yield context.df.waitForExternalEvent("go");
  context.df.continueAsNew({ round: 1 });
  return undefined;
});
