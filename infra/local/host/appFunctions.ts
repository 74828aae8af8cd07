/**
 * What the app has registered, read into one shape per trigger. The host implements what the product uses: HTTP, timer,
 * Service Bus queue, orchestration and activity triggers, the durable client as input, HTTP as output. Any other
 * binding, option or policy is refused by name when the app is loaded, all of them in one error.
 */
import type { RegisteredFunction } from "./core.ts";
import type { BindingInfo } from "./coreTypes.ts";
import type { HostFunction } from "./link.ts";
import { parseSchedule } from "./ncrontab.ts";
import { parseRoute, type RouteTemplate } from "./httpRoutes.ts";
import { resolveSettings, type AppSettings } from "./settings.ts";

interface FunctionBase {
  readonly name: string;
  /** Name of the trigger binding, under which its value is sent. */
  readonly triggerName: string;
  /** Names of its durable client bindings. */
  readonly clientInputs: readonly string[];
  readonly registered: RegisteredFunction;
}

export interface HttpFunction extends FunctionBase {
  readonly kind: "httpTrigger";
  readonly route: RouteTemplate;
  /** Upper case. */
  readonly methods: readonly string[];
}

export interface TimerFunction extends FunctionBase {
  readonly kind: "timerTrigger";
  /** NCRONTAB or TimeSpan. */
  readonly schedule: string;
}

export interface QueueFunction extends FunctionBase {
  readonly kind: "serviceBusTrigger";
  readonly queueName: string;
  /** Prefix of the app settings that hold the connection. */
  readonly connection: string;
  readonly cardinality: "one" | "many";
}

export interface DurableFunction extends FunctionBase {
  readonly kind: "orchestrationTrigger" | "activityTrigger";
}

export type AppFunction = HttpFunction | TimerFunction | QueueFunction | DurableFunction;

const httpMethods = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

/** Members of every binding; `properties` says whether it is an SDK binding. */
const commonOptions = ["name", "type", "direction", "properties"];

const triggerOptions: Readonly<Record<AppFunction["kind"], readonly string[]>> = {
  httpTrigger: ["authLevel", "methods", "route"],
  timerTrigger: ["schedule", "runOnStartup", "useMonitor"],
  serviceBusTrigger: ["queueName", "connection", "cardinality", "isSessionsEnabled", "autoCompleteMessages"],
  orchestrationTrigger: [],
  activityTrigger: [],
};

const refusedTriggers: Readonly<Record<string, string>> = {
  entityTrigger: "entities are not part of the product (the durable backend has none)",
  eventGridTrigger: "events reach the app through a Service Bus queue",
};

/**
 * Reads the registry.
 * @throws Error that lists, function by function, everything that is not implemented or wrong.
 */
export function readFunctions(registered: Iterable<RegisteredFunction>, settings: AppSettings): AppFunction[] {
  const functions: AppFunction[] = [];
  const problems: string[] = [];
  for (const one of registered) {
    try {
      functions.push(readFunction(one, settings));
    } catch (error) {
      problems.push(`function ${one.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length > 0) throw new Error(`the app uses what this host does not implement:\n${problems.join("\n")}`);
  return functions;
}

/** What the platform is told of a function. */
export function describeFunction(one: AppFunction): HostFunction {
  const { name, kind } = one;
  return kind === "timerTrigger" ? { name, type: kind, schedule: one.schedule } : { name, type: kind };
}

function readFunction(registered: RegisteredFunction, settings: AppSettings): AppFunction {
  const { name, bindings, retryOptions } = registered.metadata;
  if (!/^[a-z][\w-]{0,126}$/i.test(name)) {
    throw new Error("expected a name of letters, digits, - and _ that begins with a letter, at most 127 characters");
  }
  if (retryOptions !== undefined) {
    throw new Error("retry policies are not implemented: let the next occurrence or delivery try again");
  }
  const triggers = Object.entries(bindings).filter(([, binding]) => isTrigger(binding));
  const [trigger] = triggers;
  if (trigger === undefined || triggers.length > 1) throw new Error(`found ${triggers.length} triggers, expected one`);
  const clientInputs: string[] = [];
  for (const [bindingName, binding] of Object.entries(bindings)) {
    if (isTrigger(binding)) continue;
    if (binding.type === "durableClient" && binding.direction === "in") {
      checkOptions(binding, []);
      clientInputs.push(bindingName);
    } else if (!(bindingName === "$return" && binding.type === "http" && trigger[1].type === "httpTrigger")) {
      throw new Error(`${binding.direction ?? "?"} binding of type ${String(binding.type)} is not implemented`);
    }
  }
  return readTrigger({ name, triggerName: trigger[0], clientInputs, registered }, trigger[1], settings);
}

function isTrigger(binding: BindingInfo): boolean {
  return binding.type?.toLowerCase().endsWith("trigger") === true;
}

function readTrigger(base: FunctionBase, binding: BindingInfo, settings: AppSettings): AppFunction {
  const kind = binding.type ?? "";
  const reason = refusedTriggers[kind];
  if (!isKind(kind)) throw new Error(`${kind} is not implemented${reason === undefined ? "" : `: ${reason}`}`);
  checkOptions(binding, triggerOptions[kind]);
  switch (kind) {
    case "httpTrigger":
      return { ...base, kind, ...readHttp(base.name, binding) };
    case "timerTrigger":
      return { ...base, kind, schedule: readTimer(binding, settings) };
    case "serviceBusTrigger":
      return { ...base, kind, ...readQueue(binding, settings) };
    case "orchestrationTrigger":
    case "activityTrigger":
      return { ...base, kind };
  }
}

function isKind(kind: string): kind is AppFunction["kind"] {
  return Object.hasOwn(triggerOptions, kind);
}

function checkOptions(binding: BindingInfo, known: readonly string[]): void {
  for (const [option, value] of Object.entries(binding)) {
    if (value === undefined || commonOptions.includes(option) || known.includes(option)) continue;
    throw new Error(`option ${option} of ${String(binding.type)} is not implemented`);
  }
  const deferred = (binding["properties"] as Record<string, unknown> | undefined)?.["supportsDeferredBinding"];
  if (deferred === "true") throw new Error(`sdkBinding of ${String(binding.type)} is not implemented`);
}

function readHttp(name: string, binding: BindingInfo): Pick<HttpFunction, "route" | "methods"> {
  const { authLevel, methods, route } = binding;
  if (authLevel !== "anonymous") {
    throw new Error(`authLevel ${String(authLevel)} is not implemented: use anonymous and check the token in the app`);
  }
  const upper = (methods as readonly string[]).map((method) => method.toUpperCase());
  const unknown = upper.find((method) => !httpMethods.has(method));
  if (unknown !== undefined) throw new Error(`method ${unknown}: expected ${[...httpMethods].join(", ")}`);
  return { route: parseRoute(typeof route === "string" ? route : name), methods: upper };
}

function readTimer(binding: BindingInfo, settings: AppSettings): string {
  const { schedule, runOnStartup, useMonitor } = binding;
  if (typeof schedule !== "string") throw new Error(`schedule: found ${String(schedule)}, expected text`);
  if (runOnStartup === true) throw new Error("runOnStartup is not implemented: it runs at every scale-out in Azure");
  if (useMonitor === false) throw new Error("useMonitor false is not implemented: missed occurrences are always seen");
  const resolved = resolveSettings(schedule, settings, "schedule");
  parseSchedule(resolved);
  return resolved;
}

function readQueue(
  binding: BindingInfo,
  settings: AppSettings,
): Pick<QueueFunction, "queueName" | "connection" | "cardinality"> {
  const { queueName, connection, cardinality = "one", isSessionsEnabled, autoCompleteMessages } = binding;
  if (typeof queueName !== "string") throw new Error("serviceBusTrigger without queueName (topics) is not implemented");
  if (typeof connection !== "string") throw new Error(`connection: found ${String(connection)}, expected text`);
  if (cardinality !== "one" && cardinality !== "many") {
    throw new Error(`cardinality: found ${String(cardinality)}, expected one or many`);
  }
  if (isSessionsEnabled === true) throw new Error("isSessionsEnabled is not implemented");
  if (autoCompleteMessages === false) throw new Error("autoCompleteMessages false is not implemented");
  return { queueName: resolveSettings(queueName, settings, "queueName"), connection, cardinality };
}
