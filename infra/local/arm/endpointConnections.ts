/**
 * Microsoft.CognitiveServices/accounts/privateEndpointConnections. A connection comes with a private endpoint, which is
 * the network provider's (scenarios make them); here it is approved, rejected or taken away. It is part of its account.
 */
import { accountOf } from "./accounts.ts";
import type { Answer, Call, Core, ResourceType } from "./call.ts";
import { uuid } from "./call.ts";
import { accountIdOf, freeAccount } from "./children.ts";
import { endpointConnection } from "./cognitiveSchemas.ts";
import { resourceNotFound } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Account } from "./model.ts";
import { accountEtag } from "./operations.ts";
import { read } from "./schema.ts";
import { cognitiveServicesVersions } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/privateEndpointConnections";

export const endpointConnections: ResourceType = {
  name: TYPE,
  apiVersions: cognitiveServicesVersions,
  item: { GET: getConnection, PUT: putConnection, DELETE: deleteConnection },
  collection: { GET: listConnections },
};

function connectionsOf(account: Account): JsonObject[] {
  const connections = account.properties["privateEndpointConnections"];
  return Array.isArray(connections) ? connections.filter((one) => isObject(one)) : [];
}

function named(account: Account, call: Call): JsonObject | undefined {
  const [, name = ""] = call.target.names;
  return connectionsOf(account).find((one) => sameName(one["name"], name));
}

function sameName(found: Json | undefined, name: string): boolean {
  return typeof found === "string" && found.toLowerCase() === name.toLowerCase();
}

function notFound(call: Call): Error {
  return resourceNotFound(`${TYPE}/${call.target.names.join("/")}`, call.target.resourceGroup ?? "");
}

function getConnection(core: Core, call: Call): Answer {
  const found = named(accountOf(core, call, accountIdOf(call.target.lowerPath)), call);
  if (found === undefined) throw notFound(call);
  return { status: 200, body: found };
}

function listConnections(core: Core, call: Call): Answer {
  return { status: 200, body: { value: connectionsOf(accountOf(core, call, accountIdOf(call.target.lowerPath))) } };
}

/** Approves or rejects; nothing else of a connection can be written. */
function putConnection(core: Core, call: Call): Answer {
  const asked = read(endpointConnection, call.body, "PUT")["properties"] as JsonObject;
  const account = freeAccount(core, call, TYPE);
  const before = named(account, call);
  if (before === undefined) throw notFound(call);
  const state = asked["privateLinkServiceConnectionState"] as JsonObject;
  const properties = isObject(before["properties"]) ? before["properties"] : {};
  const known = isObject(properties["privateLinkServiceConnectionState"])
    ? properties["privateLinkServiceConnectionState"]
    : {};
  const after: JsonObject = {
    ...before,
    etag: `"${uuid(core.random)}"`,
    properties: { ...properties, privateLinkServiceConnectionState: { ...known, ...state } },
  };
  store(
    core,
    call,
    account,
    connectionsOf(account).map((one) => (one === before ? after : one)),
  );
  return { status: 200, body: after };
}

function deleteConnection(core: Core, call: Call): Answer {
  const account = core.state.get("account", accountIdOf(call.target.lowerPath));
  const before = account === undefined ? undefined : named(account, call);
  if (account === undefined || before === undefined) return { status: 204 };
  freeAccount(core, call, TYPE);
  store(
    core,
    call,
    account,
    connectionsOf(account).filter((one) => one !== before),
  );
  return { status: 200 };
}

function store(core: Core, call: Call, account: Account, privateEndpointConnections: JsonObject[]): void {
  const id = account.id.toLowerCase();
  core.state.put("account", id, {
    ...account,
    etag: accountEtag(core.random, call.nowMs),
    properties: { ...account.properties, privateEndpointConnections },
  });
  core.operations.busy(id, call.nowMs);
}
