/**
 * One invocation through the pipeline of the Functions worker: arguments, preInvocation hooks (which may replace inputs
 * and function), the function, postInvocation hooks (which may replace result and error), response.
 *
 * As in the worker, `throw null` and `throw undefined` count as success, and hooks run one after the other in the order
 * of registration. functionTimeout is machine time. Azure ends the worker process when it is over; here the invocation
 * fails and the function, which nothing can stop, runs on unheard.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { AppFunction } from "./appFunctions.ts";
import type { FunctionsCore } from "./core.ts";
import type {
  CoreInvocationContext,
  FunctionCallback,
  InvocationRequest,
  InvocationResponse,
  LogCategory,
  LogLevel,
  RpcTypedData,
  RpcValue,
} from "./coreTypes.ts";
import type { InFlight } from "./inFlight.ts";
import type { ClockLeases } from "./leases.ts";
import type { HostLog } from "./logs.ts";

export interface Trigger {
  readonly data: RpcValue;
  readonly metadata?: Readonly<Record<string, RpcTypedData>>;
  /** W3C trace context of the caller; without it a new trace begins. */
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

export interface InvokerOptions {
  readonly core: FunctionsCore;
  readonly log: HostLog;
  readonly inFlight: InFlight;
  readonly leases: Pick<ClockLeases, "begin">;
  readonly functionTimeoutMs: number;
  /** JSON of the durable client binding; undefined in an app that has none. */
  readonly durableClient: string | undefined;
}

/** The function ran longer than functionTimeout of host.json. */
export class FunctionTimeout extends Error {
  constructor(functionName: string, timeoutMs: number) {
    super(
      `Timeout value of ${timeoutMs / 1000} s was exceeded by function ${functionName} (functionTimeout in host.json)`,
    );
    this.name = "FunctionTimeout";
  }
}

/** Whether the host itself begins invocations of this kind; the platform asks for the others. */
export function isOwn(kind: string): boolean {
  return kind === "httpTrigger" || kind === "serviceBusTrigger";
}

export class Invoker {
  readonly #options: InvokerOptions;

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /**
   * Runs a function once and gives its return value.
   * @throws what the function or a hook threw, always as an Error; {@link FunctionTimeout}.
   */
  async invoke(one: AppFunction, trigger: Trigger): Promise<RpcValue> {
    const { inFlight, leases, functionTimeoutMs } = this.#options;
    const invocationId = randomUUID();
    const giveBack = isOwn(one.kind) ? await leases.begin() : undefined;
    const ended = inFlight.begin(one.kind, `${one.name} ${invocationId}`);
    let timer: NodeJS.Timeout | undefined;
    try {
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new FunctionTimeout(one.name, functionTimeoutMs)), functionTimeoutMs);
      });
      const response = await Promise.race([this.#run(one, this.#request(one, trigger, invocationId)), timeout]);
      return response.returnValue;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(`function ${one.name} threw ${String(thrown)}`);
      this.#reportFailure(one, invocationId, error);
      throw error;
    } finally {
      clearTimeout(timer);
      ended();
      giveBack?.();
    }
  }

  #request(one: AppFunction, trigger: Trigger, invocationId: string): InvocationRequest {
    const inputData: { name: string; data: RpcValue }[] = [{ name: one.triggerName, data: trigger.data }];
    for (const name of one.clientInputs) inputData.push({ name, data: { string: this.#options.durableClient ?? "" } });
    return {
      invocationId,
      functionId: one.name,
      inputData,
      ...(trigger.metadata === undefined ? {} : { triggerMetadata: trigger.metadata }),
      traceContext: {
        traceParent: trigger.traceParent ?? newTraceParent(),
        traceState: trigger.traceState ?? "",
        attributes: {},
      },
    };
  }

  async #run(one: AppFunction, request: InvocationRequest): Promise<InvocationResponse> {
    const { core } = this.#options;
    const logging: { context?: unknown } = {};
    const coreContext: CoreInvocationContext = {
      invocationId: request.invocationId,
      metadata: one.registered.metadata,
      request,
      log: (level, category, message) =>
        this.#logLine(one, request.invocationId, logging.context, level, category, message),
    };
    const model = await core.model.getInvocationModel(coreContext);
    const { context, inputs } = await model.getArguments();
    logging.context = context;
    const shared = { hookData: {}, appHookData: core.appHookData, invocationContext: context };
    const before = { ...shared, inputs, functionCallback: one.registered.callback };
    coreContext.state = "preInvocationHooks";
    for (const hook of core.hooks("preInvocation")) await hook(before);
    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
    coreContext.state = "invocation";
    try {
      const callback: FunctionCallback = before.functionCallback;
      after.result = await model.invokeFunction(context, before.inputs, callback);
    } catch (error) {
      after.error = error;
    }
    coreContext.state = "postInvocationHooks";
    for (const hook of core.hooks("postInvocation")) await hook(after);
    if (after.error !== null && after.error !== undefined) throw after.error;
    return model.getResponse(context, after.result);
  }

  /** The app's log hooks may change level and message before the line is written. */
  #logLine(
    one: AppFunction,
    invocationId: string,
    invocationContext: unknown,
    level: LogLevel,
    category: LogCategory,
    message: string,
  ): void {
    const { core, log } = this.#options;
    const line = { hookData: {}, appHookData: core.appHookData, level, category, message, invocationContext };
    for (const hook of core.hooks("log")) hook(line);
    log.write({ level: line.level, category, message: line.message, function: one.name, invocationId });
  }

  #reportFailure(one: AppFunction, invocationId: string, error: Error): void {
    const message = one.kind === "orchestrationTrigger" ? orchestratorError(error) : (error.stack ?? error.message);
    this.#options.log.write({ level: "error", category: "host", message, function: one.name, invocationId });
  }
}

/**
 * The error of an orchestrator carries the whole state as JSON behind a label, and (in durable-functions 3.5) "false"
 * before it; what was thrown is in the state. The platform gets all of it, the log what was thrown.
 */
function orchestratorError({ message, stack = "" }: Error): string {
  const [before = "", state] = message.split("\n\n$OutOfProcData$:");
  if (state === undefined) return stack;
  try {
    return (JSON.parse(state) as { error?: string }).error ?? before;
  } catch {
    return before;
  }
}

function newTraceParent(): string {
  const hex = randomBytes(24).toString("hex");
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}
