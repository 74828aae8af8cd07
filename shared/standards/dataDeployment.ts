/**
 * A deployment as Azure Policy's data plane shows it: type `Microsoft.CognitiveServices.Data/accounts/deployments`, which
 * carries the content filter policy that the deployment names and says who published the model. Microsoft's policies of mode
 * Microsoft.CognitiveServices.Data (content filters, filter mode, approved models) run on it unchanged.
 */
import { listOf, type Resource, type Sight } from "../estate/sight.ts";
import { modelOf } from "../estate/model.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { unreadReason } from "./document.ts";
import { missingJoin } from "./joins.ts";
import { isList, isObject, member, type JsonObject } from "./policy/values.ts";

export const dataDeploymentType = "Microsoft.CognitiveServices.Data/accounts/deployments";

export interface DataDeployment {
  readonly document: JsonObject;
  /** Members below `properties` that are not known, each with why: where a policy reads one, it has no verdict. */
  readonly missing: Readonly<Partial<Record<"raiPolicy" | "model.publisher" | "model.assetId", string>>>;
}

export interface DataParts {
  readonly deployment: JsonObject;
  readonly account: JsonObject;
  /** Body of the policy that the deployment names; undefined when it is not known. */
  readonly raiPolicy: JsonObject | undefined;
  /** Entry of the account's catalogue; undefined when it is none of them. */
  readonly model: JsonObject | undefined;
}

/** What Azure Policy would see, as far as the parts tell. */
export function dataDeployment({ deployment, account, raiPolicy, model }: DataParts): JsonObject {
  const { id, name, sku, tags, properties } = named(deployment, ["id", "name", "sku", "tags", "properties"]);
  const location = member(account, "location");
  return defined({
    id,
    name,
    type: dataDeploymentType,
    location,
    tags,
    sku,
    properties: defined({
      ...(isObject(properties) ? properties : {}),
      model: modelIn(member(properties, "model"), model),
      raiPolicy: raiPolicy && policyIn(raiPolicy),
    }),
  });
}

/**
 * A deployment of a sight with what belongs to it. What was not read, or is not in the lists, is missing; and so are the
 * filters of one that names no policy: Azure gives it one of its own and does not say which.
 */
export function dataDeploymentOf(deployment: Resource, sight: Sight): DataDeployment {
  const { body } = deployment;
  const policyName = member(body["properties"], "raiPolicyName");
  const policies = listOf(sight, "raiPolicies");
  const raiPolicy = policies?.find((policy) => sameText(policy.name, policyName))?.body;
  const model = modelOf(body, listOf(sight, "models") ?? [])?.body;
  const document = dataDeployment({ deployment: body, account: sight.account.body, raiPolicy, model });
  const noPolicy =
    reasonOf("raiPolicy", deployment, sight) ?? "It names no policy, and Azure does not say which it has.";
  const noModel = model === undefined ? reasonOf("catalogueModel", deployment, sight) : "Azure does not tell it.";
  const seen = member(document["properties"], "model");
  const missing = {
    raiPolicy: raiPolicy === undefined ? noPolicy : undefined,
    "model.publisher": member(seen, "publisher") === undefined ? noModel : undefined,
    "model.assetId": member(seen, "assetId") === undefined ? noModel : undefined,
  };
  return { document, missing: defined(missing) };
}

/** Why a policy has no verdict on what was seen; undefined when all that its rule reads is known. */
export function unknownTo(rule: Json, { missing }: DataDeployment): string | undefined {
  const read = JSON.stringify(rule).toLowerCase();
  const [, reason] =
    Object.entries(missing).find(([path]) => {
      const alias = `${dataDeploymentType}/${path}`.toLowerCase();
      return read.includes(alias);
    }) ?? [];
  return reason;
}

function reasonOf(join: "raiPolicy" | "catalogueModel", deployment: Resource, sight: Sight): string | undefined {
  return unreadReason(sight, join === "raiPolicy" ? "raiPolicies" : "models") ?? missingJoin([join], deployment, sight);
}

/** Who publishes a model is its format where nothing says it: `OpenAI`, `Meta`, `Mistral AI`. */
function modelIn(deployed: Json | undefined, entry: JsonObject | undefined): JsonObject {
  const model = isObject(deployed) ? deployed : {};
  const publisher = textIn(model, "publisher") ?? textIn(entry, "publisher") ?? textIn(model, "format");
  return defined({ ...model, publisher, assetId: textIn(entry, "modelCatalogAssetId") });
}

function policyIn(policy: JsonObject): JsonObject {
  const properties = member(policy, "properties");
  const mode = member(properties, "mode");
  const filters = member(properties, "contentFilters");
  return defined({
    ...(isObject(properties) ? properties : {}),
    name: member(policy, "name"),
    // What earlier versions of the API call the same mode (REST reference, RaiPolicyMode).
    mode: sameText("Deferred", mode) ? "Asynchronous_filter" : mode,
    contentFilters: isList(filters) ? filters.map(filterIn) : filters,
  });
}

/** ARM spells `protected_material_text` and `indirect_attack` what policies call Protected Material Text, Indirect Attack. */
function filterIn(filter: Json): Json {
  const name = member(filter, "name");
  return isObject(filter) && typeof name === "string" ? { ...filter, name: name.replaceAll("_", " ") } : filter;
}

function named<K extends string>(body: JsonObject, names: readonly K[]): Record<K, Json | undefined> {
  return Object.fromEntries(names.map((name) => [name, member(body, name)])) as Record<K, Json | undefined>;
}

function textIn(body: JsonObject | undefined, name: string): string | undefined {
  const value = member(body, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sameText(a: string, b: Json | undefined): boolean {
  return typeof b === "string" && a.toLowerCase() === b.toLowerCase();
}

function defined(body: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
