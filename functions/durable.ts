/**
 * The one file that imports durable-functions. Deliberately small: orchestrators, activities, timers and starting an
 * instance. Its next major version speaks another protocol; this is what changes then.
 */
import type { FunctionInput, InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { OrchestrationContext, Task } from "durable-functions";
import { z } from "zod";
import { SteelyardError } from "../shared/kernel/errors.ts";
import { parse } from "../shared/kernel/parse.ts";

export type { OrchestrationContext, Task };

export type Orchestration = Generator<Task, unknown, unknown>;

export const durableClient: FunctionInput = df.input.durableClient();

export function orchestration(name: string, handler: (context: OrchestrationContext) => Orchestration): void {
  df.app.orchestration(name, handler as df.OrchestrationHandler);
}

/** Registers an activity; `Input` must be plain JSON. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the input is what the orchestrator passed, as JSON
export function activity<Input>(name: string, handler: (input: Input) => Promise<unknown>): void {
  df.app.activity(name, { handler: (input: Input) => handler(input) });
}

/** An activity that fails (the store is away, say) is tried five times over half a minute; then the sweeper takes over. */
const retries = new df.RetryOptions(1_000, 5);
retries.backoffCoefficient = 2;

/** Calls an activity from an orchestrator: `const result = yield* call<Output>(context, name, input)`. */
export function* call<Output>(
  context: OrchestrationContext,
  name: string,
  input: unknown,
): Generator<Task, Output, unknown> {
  return (yield context.df.callActivityWithRetry(name, retries, input)) as Output;
}

/** Waits until a moment of business time. */
export function* waitUntil(context: OrchestrationContext, atMs: number): Generator<Task, void, unknown> {
  const nowMs = context.df.currentUtcDateTime.getTime();
  if (atMs <= nowMs) return;
  yield context.df.createTimer(new Date(atMs));
}

/** Starts that are tried when another instance stands in the way and has ended when it is asked about. */
const STARTS_MAX = 3;

/**
 * Starts an instance unless one with this ID runs; then that one sees what is wanted, and so nothing is lost.
 * @throws when the backend did not take it.
 */
export async function startOnce(
  context: InvocationContext,
  name: string,
  instanceId: string,
  input: unknown,
): Promise<void> {
  const client = df.getClient(context);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.startNew(name, { instanceId, input });
      return;
    } catch (error) {
      const { runtimeStatus } = await client.getStatus(instanceId, { showInput: false });
      const { Running, Pending } = df.OrchestrationRuntimeStatus;
      if (runtimeStatus === Running || runtimeStatus === Pending) return;
      // The one that stood in the way may have ended before it was asked about.
      if (attempt === STARTS_MAX) throw error;
    }
  }
}

const bindingSchema = z.looseObject({ rpcBaseUrl: z.url() });

/** The backend answers from beside the app; what takes longer tells nothing. */
const STATUS_MS = 5_000;

/**
 * How an instance stands, with its history and without what went in and out, as the management API answers it; undefined
 * when there is none. Not by the library's `getStatus`: it reads `history`, and the API says `historyEvents`
 * (durable-functions 3.5, DurableOrchestrationStatus), so the history never arrives.
 */
export async function statusOf(context: InvocationContext, instanceId: string): Promise<unknown> {
  const { rpcBaseUrl } = parse(bindingSchema, context.extraInputs.get(durableClient), "durable client binding");
  const url = new URL(`instances/${encodeURIComponent(instanceId)}?showHistory=true&showInput=false`, rpcBaseUrl);
  const answer = await fetch(url, { signal: AbortSignal.timeout(STATUS_MS) });
  if (answer.status === 404) return undefined;
  if (answer.ok) return answer.json();
  throw new SteelyardError("Unavailable", `the durable backend answered ${answer.status} when asked for an instance`);
}
