/**
 * Microsoft.Insights/diagnosticSettingsCategories: what a type can log. Types that the estate has and that log something
 * stand here; settings on others are refused.
 */
import type { Answer, Call, Core, ResourceType } from "../call.ts";
import { existingScope } from "../scopes.ts";
import { bare, BareRefusal } from "./bare.ts";

/** Groups by name; `allLogs` holds every log category. */
export interface Categories {
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly metrics: readonly string[];
}

const all = ["allLogs"];
const activity = ["Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale"];

/** By type, lower case (Azure Monitor's supported log categories, 2026). */
const byType: Readonly<Record<string, Categories | undefined>> = {
  "microsoft.cognitiveservices/accounts": {
    logs: { Audit: ["audit", "allLogs"], RequestResponse: all, AzureOpenAIRequestUsage: all, Trace: all },
    metrics: ["AllMetrics"],
  },
  "microsoft.operationalinsights/workspaces": {
    logs: { Audit: ["audit", "allLogs"], SummaryLogs: all },
    metrics: ["AllMetrics"],
  },
  "microsoft.resources/subscriptions": {
    logs: Object.fromEntries([...activity, "ResourceHealth"].map((name) => [name, all])),
    metrics: [],
  },
};

export const diagnosticVersions = ["2021-05-01-preview"];

export const diagnosticSettingsCategories: ResourceType = {
  name: "Microsoft.Insights/diagnosticSettingsCategories",
  apiVersions: diagnosticVersions,
  item: { GET: bare(getCategory) },
  collection: { GET: bare(listCategories) },
};

/**
 * What the resource that the setting hangs on can log.
 * @throws BareRefusal 400 when its type logs nothing that is known.
 */
export function categoriesOf(core: Core, call: Call): { readonly scope: string; readonly categories: Categories } {
  const scope = existingScope(core.state, call.target);
  const type = typeOf(scope);
  const categories = byType[type];
  if (categories !== undefined) return { scope, categories };
  throw new BareRefusal(
    400,
    "ResourceTypeNotSupported",
    `The resource type '${type}' does not support diagnostic settings.`,
  );
}

function typeOf(scope: string): string {
  const segments = scope.toLowerCase().split("/");
  const provider = segments.lastIndexOf("providers");
  if (provider === -1) {
    return segments.length > 3
      ? "microsoft.resources/subscriptions/resourcegroups"
      : "microsoft.resources/subscriptions";
  }
  const rest = segments.slice(provider + 1);
  return rest.filter((_, index) => index === 0 || index % 2 === 1).join("/");
}

function shown(scope: string, { logs, metrics }: Categories): { readonly name: string }[] {
  const at = `${scope.toLowerCase()}/providers/microsoft.insights/diagnosticSettingsCategories`;
  const type = "microsoft.insights/diagnosticSettingsCategories";
  return [
    ...Object.entries(logs).map(([name, categoryGroups]) => ({
      id: `${at}/${name}`,
      type,
      name,
      properties: { categoryType: "Logs", categoryGroups },
    })),
    ...metrics.map((name) => ({ id: `${at}/${name}`, type, name, properties: { categoryType: "Metrics" } })),
  ];
}

function listCategories(core: Core, call: Call): Answer {
  const { scope, categories } = categoriesOf(core, call);
  return { status: 200, body: { value: shown(scope, categories) } };
}

function getCategory(core: Core, call: Call): Answer {
  const { scope, categories } = categoriesOf(core, call);
  const [name = ""] = call.target.names;
  const found = shown(scope, categories).find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return { status: 200, body: found };
  throw new BareRefusal(404, "NotFound", `The diagnostic settings category '${name}' doesn't exist for this resource.`);
}
