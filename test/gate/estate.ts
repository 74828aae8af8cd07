/** A sample as an estate that the local ARM engine holds: bodies by their IDs, and what they refer to. */
import type { CatalogueModel } from "../../infra/local/arm/model.ts";
import type { SeedEstate } from "../../infra/local/arm/engine.ts";
import type { KnownPrincipal } from "../support/memoryDirectory.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { hourMs, toIso } from "../../shared/kernel/clock.ts";
import { summaryId, type Summary } from "../../shared/desired/documents.ts";
import { partitionOf } from "../../shared/estate/resourceId.ts";
import { useCaseOf } from "../../shared/estate/useCase.ts";
import type { MemberKind, Principal } from "../../shared/estate/sight.ts";
import { Impossible, sightIn, type Drawn } from "./draw.ts";
import { objectOf, textOf } from "./others.ts";

type Body = Record<string, Json>;
type Resource = SeedEstate["resources"][number];

const accountType = "Microsoft.CognitiveServices/accounts";
const location = "swedencentral";

/** People and applications of every estate. */
export const product = "c0de0000-0000-4000-8000-00000000c02e";
export const colleague = "00000000-0000-4000-8000-0000000000c1";
export const approver = "00000000-0000-4000-8000-0000000000d1";
const roles = { owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" };

const groupId = sampleAccountId.split("/providers/")[0] ?? "";

/** Hours since an account was made where a case says nothing. */
const OLD_HOURS = 10_000;

/** Who changed it last, and when; both stand in systemData. */
export interface Authorship {
  readonly by: string;
  readonly atMs: number;
  readonly createdMs: number;
}

/** When the sample's account was made, seen from `nowMs`. */
export function createdMsOf({ sample }: Drawn, nowMs: number): number {
  const { ageHours } = sample;
  return nowMs - (typeof ageHours === "number" && ageHours >= 0 ? ageHours : OLD_HOURS) * hourMs;
}

/** All that lies at the account, and the account. @throws Impossible */
export function resourcesOf({ definition, sample }: Drawn, authorship: Authorship): Resource[] {
  const { account, members } = sightIn(definition, sample);
  // These lie elsewhere, or are laid in another way: the account's group, what Azure offers there, who has which role.
  const apart = ["resourceGroup", "models", "roleAssignments", "useCaseAccounts"];
  const lists = Object.entries(members).filter(([kind]) => !apart.includes(kind));
  const bodies = lists.flatMap(([, list]) => (Array.isArray(list) ? list.map(({ body }): Body => body) : []));
  const found = [...accountOf(account.body, authorship), ...bodies.flatMap((body) => memberOf(body, authorship))];
  const ids = found.map(({ id }) => id.toLowerCase());
  if (new Set(ids).size < ids.length) throw new Impossible("two resources of one ID");
  return found;
}

/** The account with its private endpoint connections, which ARM shows in it and keeps beside it. */
function accountOf(body: Body, authorship: Authorship): Resource[] {
  const { privateEndpointConnections, ...properties } = objectOf(body["properties"]);
  const { identity, ...rest } = body;
  const shown: Resource = {
    location,
    kind: "OpenAI",
    sku: { name: "S0" },
    ...rest,
    // What was parsed shows `None` where there is no identity.
    ...(objectOf(identity)["type"] === "None" ? {} : { identity }),
    id: sampleAccountId,
    type: accountType,
    properties,
    systemData: { ...writtenBy(authorship), ...history(body) },
  };
  const connections = Array.isArray(privateEndpointConnections) ? (privateEndpointConnections as Body[]) : [];
  if (connections.some((one) => typeof one !== "object" || one === null))
    throw new Impossible("a connection that is none");
  return [shown, ...connections.map((connection, at) => endpointConnection(connection, at))];
}

function endpointConnection(body: Body, at: number): Resource {
  const id = `${sampleAccountId}/privateEndpointConnections/pe-${at}`;
  const type = `${accountType}/privateEndpointConnections`;
  const endpoint = `${sampleAccountId.split("/providers/")[0]}/providers/Microsoft.Network/privateEndpoints/pe-${at}`;
  const properties = { privateEndpoint: { id: endpoint }, groupIds: ["account"], ...objectOf(body["properties"]) };
  const { systemData } = body;
  return { id, type, properties, ...(systemData === undefined ? {} : { systemData }) };
}

function memberOf(body: Body, authorship: Authorship): Resource[] {
  const id = textOf(body["id"]);
  const type = typeOf(id);
  const told = typeof body["type"] === "string" ? body["type"] : type;
  if (told.toLowerCase() !== type.toLowerCase()) throw new Impossible(`${told} among ${type}`);
  const { deploymentState = "Running" } = objectOf(body["properties"]);
  if (deploymentState !== "Running" && deploymentState !== "Paused")
    throw new Impossible(`a deployment that is ${JSON.stringify(deploymentState)}`);
  // The system's own are on every account.
  if (/\/raipolicies\/microsoft\.[^/]+$/i.test(id)) return [];
  const laid = { ...whole(type, body), id, type };
  // The network's provider does not say who wrote.
  if (/^microsoft\.network\//i.test(type)) return [laid];
  return [{ ...laid, systemData: { ...writtenBy(authorship), ...history(body) } }];
}

/** With what a case need not say and Azure asks for. */
function whole(type: string, body: Body): Body {
  const properties = objectOf(body["properties"]);
  switch (type.toLowerCase()) {
    case "microsoft.network/privateendpoints": {
      const link = { name: "link", properties: { privateLinkServiceId: sampleAccountId, groupIds: ["account"] } };
      const subnet = { id: `${groupId}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/endpoints` };
      return { location, ...body, properties: { subnet, privateLinkServiceConnections: [link], ...properties } };
    }
    case "microsoft.insights/metricalerts": {
      const criteria = objectOf(properties["criteria"]);
      const allOf = Array.isArray(criteria["allOf"]) ? (criteria["allOf"] as Json[]) : [];
      const kind = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria";
      const asked = { severity: 3, enabled: true, evaluationFrequency: "PT5M", windowSize: "PT5M" };
      const each = allOf.map((one, at) => ({ ...criterion, name: `criterion ${at}`, ...objectOf(one) }));
      const given = { ...asked, scopes: [sampleAccountId], ...properties };
      return {
        location: "global",
        ...body,
        properties: { ...given, criteria: { "odata.type": kind, ...criteria, allOf: each } },
      };
    }
    default:
      return body;
  }
}

const criterion = { criterionType: "StaticThresholdCriterion", timeAggregation: "Total" };

/** `Microsoft.CognitiveServices/accounts/deployments`, of what has that in its ID. */
export function typeOf(id: string): string {
  const [provider = "", ...rest] = (id.split(/\/providers\//i).at(-1) ?? "").split("/");
  return [provider, ...rest.filter((_, at) => at % 2 === 0)].join("/");
}

function writtenBy({ by, atMs, createdMs }: Authorship): Body {
  const [at, from] = [toIso(atMs), toIso(createdMs)];
  return {
    createdBy: by,
    createdByType: "User",
    createdAt: from,
    lastModifiedBy: by,
    lastModifiedByType: "User",
    lastModifiedAt: at,
  };
}

/** A case may say who made it, and when it was changed last. */
function history({ systemData }: Body): Body {
  const { createdBy, createdByType = "User", lastModifiedAt } = objectOf(systemData);
  return {
    ...(createdBy === undefined ? {} : { createdBy, createdByType }),
    ...(lastModifiedAt === undefined ? {} : { lastModifiedAt }),
  };
}

/** What the sample refers to and lies in: subscriptions, its group, workspaces, models with room for them, policies. */
export function surroundingsOf(
  drawn: Drawn,
  resources: readonly Resource[],
): Omit<SeedEstate, "resources"> & { readonly more: readonly Resource[] } {
  const { sample } = drawn;
  const text = JSON.stringify([sample, resources]);
  const workspaces = matches(
    text,
    /\/subscriptions\/[0-9a-f-]{36}\/resource[gG]roups\/[^"/]+\/providers\/microsoft\.operationalinsights\/workspaces\/[^"/]+/gi,
  );
  const actionGroups = matches(
    text,
    /\/subscriptions\/[0-9a-f-]{36}\/resource[gG]roups\/[^"/]+\/providers\/microsoft\.insights\/actionGroups\/[^"/]+/gi,
  );
  const elsewhere = [...workspaces, ...actionGroups];
  const subscriptions = matches([sampleAccountId, ...elsewhere].join(" "), /(?<=\/subscriptions\/)[0-9a-f-]{36}/gi);
  const group = (sample.members as Record<string, unknown>)["resourceGroup"];
  const [own] = Array.isArray(group) ? (group as Body[]) : [];
  const groups = [sampleAccountId, ...elsewhere].map((id) => id.slice(0, id.toLowerCase().indexOf("/providers/")));
  const region = textOf(resources.find(({ type }) => type === accountType)?.["location"] as Json) || location;
  const models = modelsOf(resources, offeredIn(sample), region);
  return {
    subscriptions: subscriptions.map((id) => ({ id, name: id })),
    resourceGroups: [...new Map(groups.map((id) => [id.toLowerCase(), id])).values()].map((id, at) => ({
      id,
      location,
      ...(at === 0 ? { tags: objectOf(own?.["tags"]) } : {}),
    })),
    roleAssignments: [
      ...subscriptions.flatMap((id) =>
        [product, colleague].map((principalId) => ({
          scope: `/subscriptions/${id}`,
          principalId,
          // The same assignment each time that the estate is laid.
          name: `${principalId === product ? "a0000000" : "b0000000"}${id.slice(8)}`,
          principalType: principalId === product ? "ServicePrincipal" : "User",
          role: roles.owner,
        })),
      ),
      ...rolesIn(drawn),
    ],
    models,
    quotas: models.flatMap(({ skus }) =>
      skus.map(({ usageName }) => ({
        subscriptionId: sampleAccountId.split("/")[2] ?? "",
        location: region,
        usageName,
        limit: 1_000_000,
      })),
    ),
    more: [
      ...workspaces.map((id) => ({ id, type: "Microsoft.OperationalInsights/workspaces", location, properties: {} })),
      ...actionGroups.map((id) => ({
        id,
        type: "Microsoft.Insights/actionGroups",
        location: "global",
        properties: { groupShortName: "told", enabled: true },
      })),
      ...policiesOf(resources),
    ],
  };
}

/** Who has which role at the account, as the sample says. @throws Impossible */
function rolesIn({ definition, sample }: Drawn): SeedEstate["roleAssignments"] {
  const list = sightIn(definition, sample).members.roleAssignments;
  return (Array.isArray(list) ? list : []).map(({ id, name, body }) => {
    const { principalId, principalType, roleDefinitionId } = objectOf(body["properties"]);
    const role = textOf(roleDefinitionId).split("/").at(-1) ?? "";
    if ([principalId, principalType].some((one) => textOf(one) === "") || role === "")
      throw new Impossible("a role assignment that does not say who has which role");
    const scope = id.slice(0, id.lastIndexOf("/providers/"));
    return { scope, principalId: textOf(principalId), principalType: textOf(principalType), role, name };
  });
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Map([...text.matchAll(pattern)].map(([found]) => [found.toLowerCase(), found])).values()];
}

/** Policies that deployments name and nobody described. */
function policiesOf(resources: readonly Resource[]): Resource[] {
  const named = resources.flatMap(({ properties }) => {
    const name = objectOf(properties as Json)["raiPolicyName"];
    return typeof name === "string" && !/^microsoft\./i.test(name) ? [name] : [];
  });
  const there = new Set(resources.map(({ id }) => id.toLowerCase()));
  return [...new Set(named)]
    .map((name) => ({
      id: `${sampleAccountId}/raiPolicies/${name}`,
      type: `${accountType}/raiPolicies`,
      properties: { mode: "Default" },
    }))
    .filter(({ id }) => !there.has(id.toLowerCase()));
}

/** As Azure spells them: what is asked for in another case gets this name. */
const skuNames = ["", "Global", "DataZone"].flatMap((where) => [
  `${where}Standard`,
  `${where}ProvisionedManaged`,
  `${where}Batch`,
]);

/** What the sample says that Azure offers. */
function offeredIn({ members }: Drawn["sample"]): Body[] {
  const list = (members as Record<string, unknown>)["models"];
  return Array.isArray(list) ? (list as Body[]) : [];
}

/** A catalogue that offers what the sample says, and what its deployments run on, in every capacity. */
function modelsOf(resources: readonly Resource[], offered: readonly Body[], region: string): CatalogueModel[] {
  const found = new Map<string, CatalogueModel>();
  for (const body of offered) {
    const { format, name, version } = body;
    if (typeof format !== "string" || typeof name !== "string" || typeof version !== "string") continue;
    const told = { ...body, skus: [], locations: [region] } as unknown as CatalogueModel;
    const skus = Array.isArray(body["skus"]) ? (body["skus"] as Body[]) : [];
    const names = skus.map((sku) => textOf(sku["name"]).toLowerCase());
    if (new Set(names).size < names.length) throw new Impossible("a model with two SKUs of one name");
    const key = `${format}/${name}/${version}`.toLowerCase();
    found.set(key, { ...told, skus: skus.map((sku) => ({ ...sku, ...offer(sku["name"], key) })) });
  }
  for (const { type, properties, sku } of resources) {
    if (!type.toLowerCase().endsWith("/accounts/deployments")) continue;
    const { format, name, version = "1" } = objectOf(objectOf(properties as Json)["model"]);
    if (typeof format !== "string" || typeof name !== "string" || typeof version !== "string")
      throw new Impossible("a deployment without a model");
    const key = `${format}/${name}/${version}`.toLowerCase();
    const needed = offer(objectOf(sku as Json)["name"], key);
    const known = found.get(key);
    const skus = known?.skus ?? [];
    const isOffered = skus.some((one) => one.name === needed.name);
    found.set(key, {
      isDefaultVersion: true,
      lifecycleStatus: "GenerallyAvailable",
      capabilities: { inference: "true" },
      format,
      name,
      version,
      locations: [region],
      ...known,
      skus: isOffered ? skus : [...skus, needed],
    });
  }
  return [...found.values()];
}

function offer(asked: Json | undefined, model: string): CatalogueModel["skus"][number] {
  const wanted = typeof asked === "string" ? asked : "Standard";
  const name = skuNames.find((known) => known.toLowerCase() === wanted.toLowerCase()) ?? wanted;
  return {
    name,
    usageName: `OpenAI.${name}.${model}`,
    capacity: { minimum: 1, maximum: 1_000_000, step: 1, default: 10 },
  };
}

/** Members of properties that Azure tells and takes from nobody; the engine cannot be seeded with them. */
const azureTells = ["abusePenalty", "capabilities", "quotaLimit", "provisioningState", "callRateLimit", "deletionDate"];

/** What Azure tells of the sample's resources by itself, by ID in lower case. */
export function toldOf(resources: readonly Resource[]): Map<string, Body> {
  const told = resources.flatMap(({ id, properties }): [string, Body][] => {
    const own = Object.entries(objectOf(properties as Json)).filter(([name]) => azureTells.includes(name));
    return own.length === 0 ? [] : [[id.toLowerCase(), Object.fromEntries(own)]];
  });
  return new Map(told);
}

/** Without what the engine makes of it itself. */
export function asked(resource: Resource): Resource {
  const given = objectOf(resource["properties"] as Json);
  const kept = Object.entries(given).filter(([name]) => !azureTells.includes(name));
  return { ...resource, properties: Object.fromEntries(kept) };
}

/** The other accounts of its use case, as the product remembers what its looks at them saw. */
export function othersOf(
  drawn: Drawn,
): (Pick<Summary, "id" | "pk" | "kind" | "present" | "subscriptionId"> & { readonly serves: Body })[] {
  const { account, members } = sightIn(drawn.definition, drawn.sample);
  const { useCaseAccounts: list } = members;
  const useCase = useCaseOf(account.tags);
  return (Array.isArray(list) ? list : []).map(({ id, name, body }) => ({
    id: summaryId,
    pk: partitionOf(id),
    kind: "summary",
    present: true,
    subscriptionId: id.split("/")[2] ?? "",
    serves: { ...body, key: id, name, useCase: useCase ?? "" },
  }));
}

/** Lists that do not answer there. */
export function unreadOf({ sample: { members } }: Drawn): { readonly kind: MemberKind; readonly code: string }[] {
  return Object.entries(members).flatMap(([kind, list]) =>
    list !== undefined && "unread" in list ? [{ kind: kind as MemberKind, code: list.unread }] : [],
  );
}

/** Whom the sample's directory knows. */
export function directoryOf({ sample: { principals } }: Drawn): { known: KnownPrincipal[]; away: string | undefined } {
  if (principals === undefined) return { known: [], away: undefined };
  if ("unread" in principals && typeof principals["unread"] === "string")
    return { known: [], away: principals["unread"] };
  const entries = Object.entries(principals as Record<string, Principal | null>);
  const known = entries.flatMap(([name, principal]): KnownPrincipal[] => {
    if (principal === null || typeof principal.oid !== "string") return [];
    return [{ ...principal, addresses: name === principal.oid ? [] : [name] }];
  });
  return { known, away: undefined };
}
