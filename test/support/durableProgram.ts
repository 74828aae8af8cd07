/**
 * Random orchestrator programs: trees of steps that a real durable-functions orchestrator carries out, and what each
 * step must give. Every step has a key of its own, so a task that gets another task's result shows.
 */
import "./functionsCore.ts";
import * as df from "durable-functions";
import * as fc from "fast-check";

export type Step = { key: string } & (
  | { do: "activity"; fails: boolean; ticks: number }
  | { do: "retry"; failures: number; attempts: number; ticks: number }
  | { do: "timer"; ms: number }
  | { do: "event"; atMs: number }
  | { do: "sub"; steps: Step[]; fails: boolean }
  | { do: "all"; steps: Step[] }
  | { do: "any"; steps: Step[]; cancels: boolean }
);

type Shape = Step extends infer Each ? (Each extends Step ? Omit<Each, "key"> : never) : never;

/** What a family of programs may do. */
export interface Freedom {
  /** Failures of tasks inside Task.all. */
  readonly failsInAll: boolean;
  /** Cancelling the timers that lose a Task.any. */
  readonly cancels: boolean;
  /** Tasks that take further sequence ids after they have begun: failing retries, long timers. */
  readonly laterIds: boolean;
}

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

export function programs(freedom: Freedom): fc.Arbitrary<Step[]> {
  const ticks = fc.nat({ max: 4 });
  const leaf = (mayFail: boolean): fc.Arbitrary<Shape> =>
    fc.oneof(
      fc.record({ do: fc.constant("activity" as const), fails: mayFail ? fc.boolean() : fc.constant(false), ticks }),
      fc
        .record({
          attempts: fc.integer({ min: 1, max: 3 }),
          failures: fc.nat({ max: freedom.laterIds ? 3 : 0 }),
          ticks,
        })
        .map(({ attempts, failures, ticks: t }) => ({
          do: "retry" as const,
          attempts,
          failures: mayFail ? failures : Math.min(failures, attempts - 1),
          ticks: t,
        })),
      fc.record({
        do: fc.constant("timer" as const),
        ms: fc.constantFrom(0, second, hour, 5 * day, 6 * day, ...(freedom.laterIds ? [7 * day, 13 * day] : [])),
      }),
      fc.record({ do: fc.constant("event" as const), atMs: fc.constantFrom(0, 1, second, hour, 2 * day, 7 * day) }),
    );
  const tree = (depth: number, mayFail: boolean): fc.Arbitrary<Shape> => {
    if (depth === 0) return leaf(mayFail);
    const inAll = freedom.failsInAll && mayFail;
    return fc.oneof(
      { weight: 3, arbitrary: leaf(mayFail) },
      {
        weight: 2,
        arbitrary: fc
          .array(tree(depth - 1, inAll), { minLength: 1, maxLength: 3 })
          .map((steps) => ({ do: "all" as const, steps: steps as Step[] })),
      },
      {
        weight: 2,
        arbitrary: fc
          .record({
            steps: fc.array(tree(depth - 1, mayFail), { minLength: 1, maxLength: 3 }),
            cancels: freedom.cancels ? fc.boolean() : fc.constant(false),
          })
          .map(({ steps, cancels }) => ({ do: "any" as const, steps: steps as Step[], cancels })),
      },
      {
        weight: 1,
        arbitrary: fc
          .record({
            steps: fc.array(tree(depth - 1, true), { maxLength: 2 }),
            fails: mayFail ? fc.boolean() : fc.constant(false),
          })
          .map(({ steps, fails }) => ({ do: "sub" as const, steps: steps as Step[], fails })),
      },
    );
  };
  return fc.array(tree(2, true), { minLength: 1, maxLength: 4 }).map((steps) => withKeys(steps as Step[], "k"));
}

function withKeys(steps: readonly Step[], prefix: string): Step[] {
  return steps.map((step, index) => {
    const key = `${prefix}.${index}`;
    return "steps" in step ? { ...step, key, steps: withKeys(step.steps, key) } : { ...step, key };
  });
}

/** All steps of a program, sub-orchestrations included. */
export function flatten(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => ("steps" in step ? [step, ...flatten(step.steps)] : [step]));
}

/** Why `actual` is not what the step may give; undefined when it is. */
export function mismatch(step: Step, actual: unknown): string | undefined {
  const wrong = `${step.key} (${step.do}) gave ${JSON.stringify(actual)}`;
  const is = (expected: string): string | undefined => (actual === expected ? undefined : wrong);
  switch (step.do) {
    case "activity":
      return is(`${step.fails ? "failed" : "ok"}:${step.key}`);
    case "retry":
      return is(`${step.failures >= step.attempts ? "failed" : "ok"}:${step.key}`);
    case "timer":
      return is(`timer:${step.key}`);
    case "event":
      return is(`event:${step.key}`);
    case "sub":
      return step.fails ? is(`failed:${step.key}`) : mismatches(step.steps, actual, wrong);
    case "all": {
      const failing = failures(step);
      if (failing.length === 0) return mismatches(step.steps, actual, wrong);
      return failing.some((key) => actual === `failed:${key}`) ? undefined : wrong;
    }
    case "any": {
      const { winner, value } = (actual ?? {}) as { winner?: number; value?: unknown };
      const child = step.steps[winner ?? -1];
      return child === undefined ? wrong : mismatch(child, value);
    }
  }
}

function mismatches(steps: readonly Step[], actual: unknown, wrong: string): string | undefined {
  if (!Array.isArray(actual) || actual.length !== steps.length) return wrong;
  for (const [index, step] of steps.entries()) {
    const found = mismatch(step, actual[index]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys of the failures with which a step can end. */
function failures(step: Step): string[] {
  switch (step.do) {
    case "activity":
      return step.fails ? [step.key] : [];
    case "retry":
      return step.failures >= step.attempts ? [step.key] : [];
    case "sub":
      return step.fails ? [step.key] : [];
    case "all":
      return step.steps.flatMap(failures);
    case "timer":
    case "event":
    case "any":
      return [];
  }
}

/** The executor of the SDK's last turn of an instance: where its own ids can be seen. */
export const executors = new Map<
  string,
  {
    sequenceNumber: number;
    orchestratorReturned: boolean;
    exception: unknown;
    openTasks: Record<string, { action: unknown }>;
  }
>();
const attempts = new Map<string, number>();

export function forgetRuns(): void {
  executors.clear();
  attempts.clear();
}

df.app.activity("probe", {
  handler: async ({
    key,
    fails,
    failures: before,
    ticks,
  }: {
    key: string;
    fails: boolean;
    failures: number;
    ticks: number;
  }) => {
    for (let i = 0; i < ticks; i += 1) await new Promise((resolve) => setImmediate(resolve));
    const attempt = attempts.get(key) ?? 0;
    attempts.set(key, attempt + 1);
    if (fails || attempt < before) throw new Error(`failed:${key}#`);
    return `ok:${key}`;
  },
});

interface Built {
  readonly step: Step;
  readonly task: df.Task;
  readonly children: readonly Built[];
}

df.app.orchestration("program", function* (context) {
  const { key, steps, fails } = context.df.getInput<{ key: string; steps: Step[]; fails: boolean }>();
  executors.set(
    context.df.instanceId,
    (context.df as unknown as { taskOrchestratorExecutor: never }).taskOrchestratorExecutor,
  );
  const results: unknown[] = [];
  for (const step of steps) {
    const built = build(context, step);
    try {
      const value: unknown = yield built.task;
      results.push(normalise(built, value));
    } catch (error) {
      results.push(failureOf(error));
    }
    if (step.do !== "any" || !step.cancels) continue;
    for (const child of built.children) {
      if (child.step.do === "timer" && !child.task.isCompleted) (child.task as df.TimerTask).cancel();
    }
  }
  if (fails) throw new Error(`failed:${key}#`);
  return results;
});

function build(context: df.OrchestrationContext, step: Step): Built {
  const { key } = step;
  const built = (task: df.Task, children: readonly Built[] = []): Built => ({ step, task, children });
  switch (step.do) {
    case "activity":
      return built(context.df.callActivity("probe", { key, fails: step.fails, failures: 0, ticks: step.ticks }));
    case "retry": {
      const options = new df.RetryOptions(90 * second, step.attempts);
      return built(
        context.df.callActivityWithRetry("probe", options, {
          key,
          fails: false,
          failures: step.failures,
          ticks: step.ticks,
        }),
      );
    }
    case "timer":
      return built(context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + step.ms)));
    case "event":
      return built(context.df.waitForExternalEvent(key));
    case "sub":
      return built(
        context.df.callSubOrchestrator("program", { key, steps: step.steps, fails: step.fails }, `sub-${key}`),
      );
    case "all":
    case "any": {
      const children = step.steps.map((child) => build(context, child));
      const tasks = children.map(({ task }) => task);
      return built(step.do === "all" ? context.df.Task.all(tasks) : context.df.Task.any(tasks), children);
    }
  }
}

function normalise({ step, children }: Built, value: unknown): unknown {
  // A long timer gives the (empty) results of its hops.
  if (step.do === "timer") return [value].flat().every((each) => each === undefined) ? `timer:${step.key}` : value;
  if (step.do === "all") return children.map((child, index) => normalise(child, (value as unknown[])[index]));
  if (step.do !== "any") return value;
  const winner = children.findIndex((child) => child.task === value);
  const child = children[winner];
  if (child === undefined) return value;
  return { winner, value: child.task.isFaulted ? failureOf(child.task.result) : normalise(child, child.task.result) };
}

function failureOf(error: unknown): string {
  return (
    /failed:k[^#]*/.exec(error instanceof Error ? error.message : String(error))?.[0] ?? `unexpected: ${String(error)}`
  );
}
