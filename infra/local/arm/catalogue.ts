/** What a region, or an account, offers and how much of it is left: usages, models and model capacities. */
import { accountOf } from "./accounts.ts";
import { queryOf, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { accountIdOf } from "./children.ts";
import { ArmRefusal } from "./errors.ts";
import type { CatalogueModel, Quota } from "./model.ts";
import { getOperation, getOperationResult } from "./operations.ts";
import { modelKey, poolKey, sameLocation } from "./quotas.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const NAMESPACE = "Microsoft.CognitiveServices";
const versions = cognitiveServicesVersions;

export const catalogueTypes: readonly ResourceType[] = [
  {
    name: `${NAMESPACE}/locations/usages`,
    apiVersions: versions,
    collection: { GET: listUsages },
    query: ["$filter"],
  },
  {
    name: `${NAMESPACE}/accounts/usages`,
    apiVersions: versions,
    collection: { GET: listAccountUsages },
    query: ["$filter"],
  },
  { name: `${NAMESPACE}/accounts/models`, apiVersions: versions, collection: { GET: listAccountModels } },
  { name: `${NAMESPACE}/locations/models`, apiVersions: versions, collection: { GET: listModels } },
  {
    name: `${NAMESPACE}/locations/modelCapacities`,
    apiVersions: versions,
    collection: { GET: listCapacities },
    query: ["modelformat", "modelname", "modelversion"],
  },
  {
    name: `${NAMESPACE}/modelCapacities`,
    apiVersions: versions,
    collection: { GET: listCapacities },
    query: ["modelformat", "modelname", "modelversion"],
  },
  {
    name: `${NAMESPACE}/locations/operationResults`,
    apiVersions: versions,
    item: { GET: getOperationResult },
    openReads: true,
  },
  { name: `${NAMESPACE}/locations/operations`, apiVersions: versions, item: { GET: getOperation }, openReads: true },
];

function listUsages(core: Core, call: Call): Answer {
  const [location = ""] = call.target.names;
  const subscription = call.target.subscriptionId ?? "";
  const value = poolsOf(core, call, location).map(([, quota]) =>
    usage(quota, core.quotas.used(subscription, location, quota.usageName)),
  );
  return { status: 200, body: { value } };
}

/** The pools of the account's region, with what its own deployments use of them. */
function listAccountUsages(core: Core, call: Call): Answer {
  const account = accountOf(core, call, accountIdOf(call.target.lowerPath));
  const shares = core.quotas.sharesBelow(account.id.toLowerCase());
  const value = poolsOf(core, call, account.location).map(([key, quota]) => {
    const own = shares.filter(({ pool }) => pool === key).reduce((sum, { capacity }) => sum + capacity, 0);
    return usage(quota, own);
  });
  return { status: 200, body: { value } };
}

function usage(quota: Quota, currentValue: number): object {
  return {
    name: { value: quota.usageName, localizedValue: quota.localizedName },
    currentValue,
    limit: quota.limit,
    unit: "Count",
  };
}

/** Those of a region that `$filter` lets through: `name.value eq 'x'`, several joined by `or`. */
function poolsOf(core: Core, call: Call, location: string): [string, Quota][] {
  const prefix = poolKey(call.target.subscriptionId ?? "", location, "");
  const wanted = usageNames(call.url);
  return [...core.state.entries("quota")].filter(
    ([key, { usageName }]) => key.startsWith(prefix) && (wanted?.has(usageName.toLowerCase()) ?? true),
  );
}

function usageNames(url: URL): ReadonlySet<string> | undefined {
  const filter = queryOf(url, "$filter");
  if (filter === undefined || filter.trim() === "") return undefined;
  const names = filter.split(/\s+or\s+/i).map((term) => {
    const [, name] = /^\s*name\.value\s+eq\s+'([^']*)'\s*$/i.exec(term) ?? [];
    if (name !== undefined) return name.toLowerCase();
    throw new ArmRefusal(
      400,
      "UnsupportedQuery",
      `The filter '${term.trim()}' is not supported. Supported is "name.value eq '...'", several joined by 'or'.`,
    );
  });
  return new Set(names);
}

function offeredIn(core: Core, location: string): CatalogueModel[] {
  return [...core.state.values("model")].filter((model) =>
    model.locations.some((offered) => sameLocation(offered, location)),
  );
}

function listModels(core: Core, call: Call): Answer {
  const [location = ""] = call.target.names;
  const value = offeredIn(core, location).map((model) => ({
    kind: model.format === "OpenAI" ? "OpenAI" : "AIServices",
    skuName: "S0",
    model: shown(model),
  }));
  return { status: 200, body: { value } };
}

/** An account of kind OpenAI offers OpenAI's models only, one of kind AIServices all. */
function listAccountModels(core: Core, call: Call): Answer {
  const account = accountOf(core, call, accountIdOf(call.target.lowerPath));
  const kind = account.kind.toLowerCase();
  const value = offeredIn(core, account.location)
    .filter((model) => kind === "aiservices" || (kind === "openai" && model.format === "OpenAI"))
    .map(shown);
  return { status: 200, body: { value } };
}

function shown(model: CatalogueModel): object {
  const { locations: _, throughput: __, perUnit: ___, ...rest } = model;
  return { ...rest, modelCatalogAssetId: assetIdOf(model) };
}

/** Models of OpenAI lie in a registry of their own; how Azure counts versions there isn't known, so it is theirs here. */
function assetIdOf({ format, name, version }: CatalogueModel): string {
  const registry =
    format === "OpenAI" ? "azure-openai" : `azureml-${format.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  return `azureml://registries/${registry}/models/${name}/versions/${version}`;
}

/** Capacity is what quota leaves; the service's own scarcity is not modelled. */
function listCapacities(core: Core, call: Call): Answer {
  const [only] = call.target.names;
  const subscription = call.target.subscriptionId ?? "";
  const [format, name, version] = ["modelformat", "modelname", "modelversion"].map((key) => {
    const value = queryOf(call.url, key);
    if (value !== undefined && value !== "") return value;
    throw new ArmRefusal(400, "InvalidQueryParameter", `The query parameter '${key}' is required.`);
  }) as [string, string, string];
  const model = core.state.get("model", modelKey({ format, name, version }));
  const locations = (model?.locations ?? []).filter((offered) => only === undefined || sameLocation(offered, only));
  const value = locations.flatMap((location) =>
    (model?.skus ?? []).map((sku) => {
      const left =
        core.quotas.limit(subscription, location, sku.usageName) -
        core.quotas.used(subscription, location, sku.usageName);
      return {
        id: `/subscriptions/${subscription}/providers/${NAMESPACE}/locations/${location}/models/${format}.${name}.${version}/skuCapacities/${sku.name}`,
        type: `${NAMESPACE}/locations/models/skuCapacities`,
        name: sku.name,
        location,
        properties: {
          model: { format, name, version },
          skuName: sku.name,
          availableCapacity: Math.min(Math.max(0, left), sku.capacity.maximum),
        },
      };
    }),
  );
  return { status: 200, body: { value } };
}
