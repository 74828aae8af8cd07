/** host.json: the part of it that this host implements. Other properties are refused by name, not ignored. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseTimeSpan } from "./timeSpan.ts";

/** A TimeSpan; comes out as milliseconds. */
const timeSpan = z.string().transform((text, context) => {
  const ms = parseTimeSpan(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: "custom", message: `found "${text}", expected a TimeSpan above zero, such as 00:10:00` });
  return z.NEVER;
});

/** A Flex Consumption app without functionTimeout has 30 minutes. */
const FUNCTION_TIMEOUT_MS_DEFAULT = 30 * 60_000;

const serviceBusSchema = z.strictObject({
  // The Node model can settle by itself only through SDK bindings, which need an extension package.
  autoCompleteMessages: z.literal(true).default(true),
  /** Invocations at once, of functions with cardinality `one`. */
  maxConcurrentCalls: z.int().min(1).max(2000).default(16),
  /** Messages per invocation, of functions with cardinality `many`. */
  maxMessageBatchSize: z.int().min(1).max(2000).default(1000),
  maxAutoLockRenewalDuration: timeSpan.default(5 * 60_000),
});

const schema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal("2.0"),
  /** Where logs go in Azure; here they go to stdout. */
  telemetryMode: z.literal("OpenTelemetry").optional(),
  logging: z.record(z.string(), z.unknown()).optional(),
  extensionBundle: z.strictObject({ id: z.string(), version: z.string() }).optional(),
  functionTimeout: timeSpan.default(FUNCTION_TIMEOUT_MS_DEFAULT),
  extensions: z
    .strictObject({
      http: z.strictObject({ routePrefix: z.string().default("api") }).prefault({}),
      durableTask: z
        .strictObject({
          hubName: z.string().default("TestHubName"),
          /** Read by the Durable Task extension in Azure; the platform plays the scheduler here. */
          storageProvider: z.record(z.string(), z.unknown()).optional(),
        })
        .prefault({}),
      serviceBus: serviceBusSchema.prefault({}),
    })
    .prefault({}),
});

export interface HostJson {
  /** Without slashes at its ends; may be empty. */
  readonly routePrefix: string;
  readonly functionTimeoutMs: number;
  /** As written: `%SETTING%` is resolved only in apps that use Durable Functions. */
  readonly taskHubName: string;
  readonly serviceBus: {
    readonly maxConcurrentCalls: number;
    readonly maxMessageBatchSize: number;
    readonly maxAutoLockRenewalMs: number;
  };
}

/** @throws Error naming the file and the property that is missing, wrong or not implemented. */
export function readHostJson(file: string): HostJson {
  return parseHostJson(readFileSync(file, "utf8"), file);
}

/** As {@link readHostJson}, for the text itself; `file` only names it in errors. */
export function parseHostJson(text: string, file: string): HostJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new Error(`${file} has what this host does not implement:\n${z.prettifyError(parsed.error)}`);
  }
  const { functionTimeout, extensions } = parsed.data;
  return {
    routePrefix: extensions.http.routePrefix.replaceAll(/^\/+|\/+$/g, ""),
    functionTimeoutMs: functionTimeout,
    taskHubName: extensions.durableTask.hubName,
    serviceBus: {
      maxConcurrentCalls: extensions.serviceBus.maxConcurrentCalls,
      maxMessageBatchSize: extensions.serviceBus.maxMessageBatchSize,
      maxAutoLockRenewalMs: extensions.serviceBus.maxAutoLockRenewalDuration,
    },
  };
}
