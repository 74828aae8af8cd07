/**
 * Microsoft.CognitiveServices/accounts/connections and accounts/projects/connections: what an account or a project may
 * reach, and with which secret. The body is polymorphic on `authType`: each takes its own credentials and no others.
 * Secrets are taken and never shown again.
 */
import { page, queryOf, touched, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { childId, childOf, childrenOf, freeAccount } from "./children.ts";
import { AUTH_TYPES, connection as schemaOf } from "./cognitiveSchemas.ts";
import { ArmRefusal, invalidContent, parentNotFound } from "./errors.ts";
import { defined, isObject, type Json, type JsonObject } from "./json.ts";
import type { Connection } from "./model.ts";
import { read } from "./schema.ts";
import { parentPath } from "./target.ts";
import { projectVersions } from "./versions.ts";

const ofAccount = "Microsoft.CognitiveServices/accounts/connections";
const ofProject = "Microsoft.CognitiveServices/accounts/projects/connections";

export const connectionTypes: readonly ResourceType[] = [ofAccount, ofProject].map((name) => ({
  name,
  apiVersions: projectVersions,
  item: { GET: getConnection, PUT: putConnection, PATCH: patchConnection, DELETE: deleteConnection },
  collection: { GET: listConnections },
  query: ["target", "category", "includeall"],
}));

/** Categories whose group is not Azure's AI services. */
const GROUPS: Readonly<Record<string, string>> = {
  AzureBlob: "Azure",
  AzureStorageAccount: "Azure",
  ADLSGen2: "Azure",
  AzureOneLake: "Azure",
  AzureSqlDb: "Azure",
  AzureDatabricksDeltaLake: "Azure",
  CosmosDb: "Azure",
  ContainerRegistry: "Azure",
  GenericHttp: "GenericProtocol",
  GenericRest: "GenericProtocol",
  MongoDbAtlas: "NoSQL",
  Redis: "NoSQL",
  Snowflake: "Database",
  S3: "File",
  SharePointOnlineList: "ServicesAndApps",
};

function typeOf(call: Call): string {
  return call.target.names.length === 3 || /\/projects\//i.test(call.target.path) ? ofProject : ofAccount;
}

function getConnection(core: Core, call: Call): Answer {
  return { status: 200, body: childOf(core, call, "connection", call.target.lowerPath, typeOf(call)) };
}

/** `includeAll` would add datastores, which an account or a project doesn't have. */
function listConnections(core: Core, call: Call): Answer {
  const includeAll = queryOf(call.url, "includeall");
  if (includeAll !== undefined && !/^(true|false)$/i.test(includeAll)) {
    throw new ArmRefusal(
      400,
      "InvalidQueryParameter",
      `The query parameter 'includeAll' is '${includeAll}'; expected true or false.`,
    );
  }
  checkProject(core, call);
  const target = queryOf(call.url, "target");
  const category = queryOf(call.url, "category")?.toLowerCase();
  const found = childrenOf(core, call, "connection").filter(
    ({ properties }) =>
      (target === undefined || properties["target"] === target) &&
      (category === undefined || isCategory(properties["category"], category)),
  );
  return page(core, call, found);
}

function isCategory(found: Json | undefined, wanted: string): boolean {
  return typeof found === "string" && found.toLowerCase() === wanted;
}

function checkProject(core: Core, call: Call): void {
  if (typeOf(call) === ofAccount) return;
  const parent = parentPath(call.target);
  if (core.state.get("project", parent.toLowerCase()) !== undefined) return;
  throw parentNotFound(call.method === "GET" ? "read" : "write", "accounts/projects/connections", parent);
}

function putConnection(core: Core, call: Call): Answer {
  checkName(call.target.names.at(-1) ?? "");
  const properties = propertiesOf(call);
  return written(core, call, core.state.get("connection", call.target.lowerPath), properties);
}

/** What the body names replaces what is there; with another `authType`, nothing of the old one stays. */
function patchConnection(core: Core, call: Call): Answer {
  const before = childOf(core, call, "connection", call.target.lowerPath, typeOf(call));
  const asked = propertiesOf(call);
  const same = asked["authType"] === before.properties.authType;
  return written(core, call, before, same ? { ...before.properties, ...asked } : asked);
}

/** The request's properties, without its secrets. */
function propertiesOf(call: Call): JsonObject {
  const body = isObject(call.body) ? call.body : undefined;
  const authType = isObject(body?.["properties"]) ? body["properties"]["authType"] : undefined;
  const known = AUTH_TYPES.find((one) => typeof authType === "string" && one.toLowerCase() === authType.toLowerCase());
  if (known === undefined) {
    throw invalidContent(
      `Error converting value ${JSON.stringify(authType) ?? "undefined"} to one of ${AUTH_TYPES.join(", ")}. Path 'properties.authType'`,
    );
  }
  const asked = read(schemaOf(known), call.body, call.method === "PATCH" ? "PATCH" : "PUT");
  const { credentials: _, ...properties } = asked["properties"] as JsonObject;
  return properties;
}

/** The contract documents 200 for new connections too. */
function written(core: Core, call: Call, before: Connection | undefined, properties: JsonObject): Answer {
  checkProject(core, call);
  const account = freeAccount(core, call, typeOf(call));
  const id = before?.id ?? childId(account, call);
  const category = properties["category"];
  const group = typeof category === "string" ? (GROUPS[category] ?? "AzureAI") : undefined;
  const body: Connection = {
    id,
    name: before?.name ?? call.target.names.at(-1) ?? "",
    type: typeOf(call),
    properties: defined({
      isSharedToAll: false,
      ...properties,
      group,
      createdByWorkspaceArmId: before?.properties["createdByWorkspaceArmId"] ?? parentPath(call.target),
    }) as JsonObject as Connection["properties"],
    systemData: touched(call, before?.systemData),
  };
  core.state.put("connection", id.toLowerCase(), body);
  core.operations.busy(account.id.toLowerCase(), call.nowMs);
  return { status: 200, body };
}

function deleteConnection(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  if (core.state.get("connection", id) === undefined) return { status: 204 };
  const account = freeAccount(core, call, typeOf(call));
  core.state.delete("connection", id);
  core.operations.busy(account.id.toLowerCase(), call.nowMs);
  return { status: 200 };
}

/** The contract's pattern of connection names. */
function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$/.test(name)) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceName",
    `The connection name '${name}' is invalid: expected 3 to 33 letters, digits, '_' or '-', beginning with a letter or digit.`,
  );
}
