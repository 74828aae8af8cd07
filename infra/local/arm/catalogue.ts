/** What a region offers and how much of it is left: usages, models and model capacities. */
import { cognitiveServicesVersions } from "./accounts.ts";
import { queryOf, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal } from "./errors.ts";
import type { CatalogueModel } from "./model.ts";
import { getOperation, getOperationResult } from "./operations.ts";
import { modelKey, poolKey, sameLocation } from "./quotas.ts";

const NAMESPACE = "Microsoft.CognitiveServices";
const versions = cognitiveServicesVersions;

export const catalogueTypes: readonly ResourceType[] = [
  { name: `${NAMESPACE}/locations/usages`, apiVersions: versions, collection: { GET: listUsages } },
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
  const prefix = poolKey(subscription, location, "");
  const value = [...core.state.entries("quota")]
    .filter(([key]) => key.startsWith(prefix))
    .map(([, quota]) => ({
      name: { value: quota.usageName, localizedValue: quota.localizedName },
      currentValue: core.quotas.used(subscription, location, quota.usageName),
      limit: quota.limit,
      unit: "Count",
    }));
  return { status: 200, body: { value } };
}

function listModels(core: Core, call: Call): Answer {
  const [location = ""] = call.target.names;
  const value = [...core.state.values("model")]
    .filter((model) => model.locations.some((offered) => sameLocation(offered, location)))
    .map((model) => ({
      kind: model.format === "OpenAI" ? "OpenAI" : "AIServices",
      skuName: "S0",
      model: shown(model),
    }));
  return { status: 200, body: { value } };
}

function shown(model: CatalogueModel): object {
  const { locations: _, ...rest } = model;
  return rest;
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
      const capacityName = `${format}.${sku.name}.${name}.${version}`;
      return {
        id: `/subscriptions/${subscription}/providers/${NAMESPACE}/locations/${location}/modelCapacities/${capacityName}`,
        type: `${NAMESPACE}/locations/modelCapacities`,
        name: capacityName,
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
