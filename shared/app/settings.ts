/** App settings, parsed once at start: a bad one stops the process with what was found and what was expected. */
import { z } from "zod";
import { describeIssues } from "../kernel/parse.ts";
import { SteelyardError } from "../kernel/errors.ts";

const url = z.url({ protocol: /^https$/, error: "expected an https URL" });

const shared = {
  COSMOS_ENDPOINT: url,
  COSMOS_DATABASE: z.string().min(1).default("steelyard"),
  ServiceBus__fullyQualifiedNamespace: z
    .string()
    .min(1, { error: "expected a host name such as x.servicebus.windows.net" }),
  WAKE_QUEUE: z.string().min(1).default("wake"),
  EVENTS_QUEUE: z.string().min(1).default("events"),
};

const coreSchema = z.object({
  ...shared,
  STEELYARD_ARM_ENDPOINT: url.default("https://management.azure.com"),
  STEELYARD_GRAPH_ENDPOINT: url.default("https://graph.microsoft.com"),
  /** Object ID of the identity that this process writes with. */
  STEELYARD_IDENTITY_OBJECT_ID: z.guid().toLowerCase(),
});

const edgeSchema = z.object({
  ...shared,
  /** `https://login.microsoftonline.com/{tenant}/v2.0`: who issues the tokens that the API accepts. */
  AUTH_AUTHORITY: url,
  /** Application ID of the API. */
  AUTH_AUDIENCE: z.string().min(1),
  AZURE_TENANT_ID: z.guid().toLowerCase(),
  /** Host name that App Service gives the app, with the port where there is one. */
  WEBSITE_HOSTNAME: z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, { error: "expected a host name" }),
  /** Where people reach the console, when it has a domain of its own: `https://steelyard.contoso.com`. */
  CONSOLE_ORIGIN: z
    .url({ protocol: /^https$/, error: "expected an https origin" })
    .transform((text) => new URL(text).origin)
    .optional(),
  /** How people change an account by hand on this estate, for the guided tour: {id} and {body} stand between quotes. */
  HAND_CHANGE_COMMAND: z
    .string()
    .min(1)
    .max(1_000)
    .default(`az rest --method patch --uri 'https://management.azure.com{id}?api-version=2025-09-01' --body '{body}'`),
});

export type CoreSettings = z.output<typeof coreSchema>;
export type EdgeSettings = z.output<typeof edgeSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SteelyardError `BadSetting` that names every bad setting. */
export function coreSettings(environment: Environment): CoreSettings {
  return read(coreSchema, environment);
}

/** @throws SteelyardError `BadSetting` that names every bad setting. */
export function edgeSettings(environment: Environment): EdgeSettings {
  return read(edgeSchema, environment);
}

function read<S extends z.ZodType>(schema: S, environment: Environment): z.output<S> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  throw new SteelyardError("BadSetting", describeIssues(result.error, environment, "app setting"));
}
