/** What of Azure's resource types is read here: what a policy can be asked about, and what existence effects look for. */
import { listOf, type MemberKind, type Resource, type Sight, type Source } from "../../estate/sight.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { dataDeploymentOf, dataDeploymentType, unknownTo } from "../dataDeployment.ts";
import { unreadReason, type Subject } from "../document.ts";
import { isList, isObject, member, type JsonObject } from "../policy/values.ts";
import { judged, policyTypes, resourceTypes } from "../subjects.ts";

export const accountType = "Microsoft.CognitiveServices/accounts";

/** Mode of policies on deployments as the resource provider shows them to Azure Policy. */
export const dataMode = "Microsoft.CognitiveServices.Data";

/** A resource as policies see it. */
export interface Seen extends Subject {
  /** Why a rule has no verdict on it; undefined when all that it reads is known. */
  readonly unknownTo?: (rule: Json) => string | undefined;
}

/** Types that a policy of the mode may concern here; `isOpen`: it picks none, so that it would have everything read. */
export function typesIn(mode: string, isOpen: boolean): readonly string[] {
  const isData = mode.toLowerCase() === dataMode.toLowerCase();
  if (isData) return [dataDeploymentType];
  return isOpen ? policyTypes : resourceTypes;
}

/** What has to be read for the resources of a type and for what a rule reads of them. */
export function sourcesOfType(type: string, rule: Json): readonly Source[] {
  if (type !== dataDeploymentType) return [ownList(type) ?? []].flat();
  const read = JSON.stringify(rule).toLowerCase();
  const asks = (path: string): boolean => read.includes(`${dataDeploymentType}/${path}`.toLowerCase());
  const models = asks("model.publisher") || asks("model.assetId");
  return [
    "deployments",
    ...(asks("raiPolicy") ? (["raiPolicies"] as const) : []),
    ...(models ? (["models"] as const) : []),
  ];
}

function ownList(type: string): MemberKind | undefined {
  const known = knownType(type);
  return known === undefined ? undefined : judged[known].kind;
}

function knownType(type: string) {
  return resourceTypes.find((one) => one.toLowerCase() === type.toLowerCase());
}

/** The resources of a type that belong to an account, or why they are not known. */
export function resourcesOf(type: string, account: Subject, sight: Sight): readonly Seen[] | string {
  if (type === accountType) return [account];
  const kind = type === dataDeploymentType ? "deployments" : ownList(type);
  if (kind === undefined) return [];
  const list = listOf(sight, kind) ?? unreadReason(sight, kind) ?? [];
  return typeof list === "string" || type !== dataDeploymentType ? list : list.map((one) => dataSeen(one, sight));
}

function dataSeen(deployment: Resource, sight: Sight): Seen {
  const { id, createdAt } = deployment;
  const data = dataDeploymentOf(deployment, sight);
  return { id, createdAt, body: data.document, unknownTo: (rule) => unknownTo(rule, data) };
}

/** Related resources of one type. */
export interface Related {
  /** Undefined where the judged resource itself tells. */
  readonly source: Source | undefined;
  find(subject: Subject, sight: Sight): readonly JsonObject[];
}

/** Lists of what stands at or below an account, by type in lower case. */
const atAccounts: ReadonlyMap<string, MemberKind> = new Map<string, MemberKind>([
  ["microsoft.insights/diagnosticsettings", "diagnosticSettings"],
  ["microsoft.authorization/locks", "locks"],
  ["microsoft.resources/subscriptions/resourcegroups", "resourceGroup"],
]);

const endpointType = "Microsoft.Network/privateEndpoints";
const connectionsType = `${accountType}/privateEndpointConnections`.toLowerCase();

/** How resources of a type are found for a judged one; undefined where they are not read. */
export function relatedOf(type: string, subjectType: string): Related | undefined {
  const lower = type.toLowerCase();
  // Its own name has to be asked for with it, so that it is the resource itself.
  if (lower === subjectType.toLowerCase()) return { source: undefined, find: ({ body }) => [body] };
  if (subjectType === endpointType && lower === `${endpointType}/privateDnsZoneGroups`.toLowerCase()) {
    return {
      source: "privateDnsZoneGroups",
      find: (subject, sight) => belowOf(subject, sight, "privateDnsZoneGroups"),
    };
  }
  if (subjectType !== accountType) return undefined;
  // ARM shows the connections of an account in its body, and leaves an empty list out.
  if (lower === connectionsType) return { source: undefined, find: ({ body }) => connectionsIn(body) };
  const source = atAccounts.get(lower) ?? ownList(type);
  if (source === undefined) return undefined;
  return { source, find: (subject, sight) => belowOf(subject, sight, source) };
}

function connectionsIn(body: JsonObject): JsonObject[] {
  const list = member(member(body, "properties"), "privateEndpointConnections");
  return isList(list) ? list.filter(isObject) : [];
}

/** Existence effects look at the resource and below it: a lock above it is not one of its own. */
function belowOf({ id }: Subject, sight: Sight, source: MemberKind): readonly JsonObject[] {
  const list = listOf(sight, source) ?? [];
  return list
    .filter((one) => source === "resourceGroup" || one.id.startsWith(`${id}/`))
    .map(({ body }) => asAnswered(body));
}

/** Diagnostic settings are compared in one form, and looked at by policies as Azure showed them. */
function asAnswered(body: JsonObject): JsonObject {
  const { answered, ...rest } = body;
  return isObject(answered) ? { ...rest, properties: answered } : body;
}
