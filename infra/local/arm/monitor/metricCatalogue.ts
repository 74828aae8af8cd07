/** Metrics that Azure Monitor has for a resource type: units, how they add up, and dimensions (reference of July 2026). */

export type Unit = "Count" | "Percent" | "MilliSeconds" | "Bytes" | "CountPerSecond";
export type Aggregation = "Average" | "Total" | "Minimum" | "Maximum" | "Count";

export interface MetricDefinition {
  readonly name: string;
  readonly localized: string;
  readonly unit: Unit;
  /** Used when a query asks for none. */
  readonly primary: Aggregation;
  readonly dimensions: readonly string[];
}

const model = ["ModelDeploymentName", "ModelName", "ModelVersion", "Region"];
const call = ["ApiName", "OperationName", "Region", "RatelimitKey"];

const metric = (
  name: string,
  localized: string,
  unit: Unit,
  primary: Aggregation,
  dimensions: readonly string[],
): MetricDefinition => ({ name, localized, unit, primary, dimensions });

const accounts: readonly MetricDefinition[] = [
  metric("AzureOpenAIRequests", "Azure OpenAI Requests", "Count", "Total", [
    ...model,
    "ApiName",
    "OperationName",
    "StreamType",
    "StatusCode",
    "IsSpillover",
    "ServiceTierRequest",
    "ServiceTierResponse",
  ]),
  metric("ProcessedPromptTokens", "Processed Prompt Tokens", "Count", "Total", [...model, "ApiName"]),
  metric("GeneratedTokens", "Generated Completion Tokens", "Count", "Total", [...model, "ApiName"]),
  metric("TokenTransaction", "Processed Inference Tokens", "Count", "Total", [...model, "ApiName"]),
  metric("ActiveTokens", "Active Tokens", "Count", "Total", model),
  metric(
    "AzureOpenAIProvisionedManagedUtilizationV2",
    "Provisioned-managed Utilization V2",
    "Percent",
    "Average",
    model,
  ),
  metric("AzureOpenAIContextTokensCacheMatchRate", "Prompt Token Cache Match Rate", "Percent", "Average", model),
  metric("AzureOpenAIAvailabilityRate", "Azure OpenAI Availability Rate", "Percent", "Average", [
    ...model,
    "StreamType",
  ]),
  ...["TimeToResponse", "NormalizedTTFTInMS", "NormalizedTBTInMS", "TTLTInMS"].map((name) =>
    metric(`AzureOpenAI${name}`, `Azure OpenAI ${name}`, "MilliSeconds", "Average", [...model, "StatusCode"]),
  ),
  metric("AzureOpenAITokenPerSecond", "Tokens Per Second", "Count", "Average", model),
  ...["TotalCalls", "SuccessfulCalls", "TotalErrors", "BlockedCalls", "ServerErrors", "ClientErrors"].map((name) =>
    metric(name, name.replace(/(?!^)([A-Z])/g, " $1"), "Count", "Total", call),
  ),
  metric("Ratelimit", "Ratelimit", "Count", "Total", ["Region", "RatelimitKey"]),
  metric("Latency", "Latency", "MilliSeconds", "Average", call),
  metric("SuccessRate", "AvailabilityRate", "Percent", "Average", call),
  metric("DataIn", "Data In", "Bytes", "Total", call),
  metric("DataOut", "Data Out", "Bytes", "Total", call),
];

const byType: Readonly<Record<string, readonly MetricDefinition[] | undefined>> = {
  "microsoft.cognitiveservices/accounts": accounts,
};

/** The metrics of a type (any case); undefined when none of its metrics are known. */
export function metricsOfType(type: string): readonly MetricDefinition[] | undefined {
  return byType[type.toLowerCase()];
}

/** `Microsoft.CognitiveServices/accounts` of a resource ID, in its spelling; empty above resources. */
export function typeOfId(id: string): string {
  const [, after] = /\/providers\/(.+)$/i.exec(id) ?? [];
  return (after ?? "")
    .split("/")
    .filter((_, index) => index === 0 || index % 2 === 1)
    .join("/");
}

/** Lower-case names of the metrics that a resource has; undefined when its type is above resources or not known. */
export function queryableMetrics(id: string): ReadonlySet<string> | undefined {
  const known = metricsOfType(typeOfId(id));
  return known === undefined ? undefined : new Set(known.map(({ name }) => name.toLowerCase()));
}
