/** Microsoft.CognitiveServices/accounts/privateEndpointConnections, read only: scenarios make them. */
import { accountOf, cognitiveServicesVersions } from "./accounts.ts";
import type { Answer, Call, Core, ResourceType } from "./call.ts";
import { resourceNotFound } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/privateEndpointConnections";

export const endpointConnections: ResourceType = {
  name: TYPE,
  apiVersions: cognitiveServicesVersions,
  item: { GET: getConnection },
  collection: { GET: listConnections },
};

function connectionsOf(core: Core, call: Call): JsonObject[] {
  const account = accountOf(core, call, call.target.lowerPath.split("/").slice(0, 9).join("/"));
  const connections = account.properties["privateEndpointConnections"];
  return Array.isArray(connections) ? connections.filter((one) => isObject(one)) : [];
}

function getConnection(core: Core, call: Call): Answer {
  const [account = "", name = ""] = call.target.names;
  const found = connectionsOf(core, call).find((one) => sameName(one["name"], name));
  if (found !== undefined) return { status: 200, body: found };
  throw resourceNotFound(`${TYPE}/${account}/${name}`, call.target.resourceGroup ?? "");
}

function sameName(found: Json | undefined, name: string): boolean {
  return typeof found === "string" && found.toLowerCase() === name.toLowerCase();
}

function listConnections(core: Core, call: Call): Answer {
  return { status: 200, body: { value: connectionsOf(core, call) } };
}
