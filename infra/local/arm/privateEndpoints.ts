/**
 * Microsoft.Network/privateEndpoints, to accounts only. An endpoint makes a connection on its account: approved when it
 * is asked for automatically and the caller may approve (`privateEndpointConnectionsApproval/action`), pending when it is
 * asked for manually. With the endpoint the connection goes. Networks aren't there: a subnet is taken as it is named.
 *
 * The network provider refuses accounts that aren't at rest, also while their own GET already says Succeeded in Azure
 * (azurerm#31712); here it asks the same state.
 */
import type { TrackedResource } from "./areas.ts";
import { uuid, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, resourceNotFound } from "./errors.ts";
import { defined, isObject, type JsonObject } from "./json.ts";
import type { Account } from "./model.ts";
import { accountEtag } from "./operations.ts";
import { removeZoneGroups } from "./removal.ts";
import { any, list, map, object, oneOf, readOnly, text } from "./schema.ts";
import { trackedType } from "./tracked.ts";

const TYPE = "Microsoft.Network/privateEndpoints";
const CONNECTION = "Microsoft.CognitiveServices/accounts/privateEndpointConnections";
const APPROVE = "Microsoft.CognitiveServices/accounts/privateEndpointConnectionsApproval/action";

/** The sub-resources of an account that an endpoint can reach. */
const GROUP = "account";

const connection = object(
  "PrivateLinkServiceConnection",
  {
    id: readOnly,
    type: readOnly,
    etag: readOnly,
    name: text,
    properties: object(
      "PrivateLinkServiceConnectionProperties",
      {
        provisioningState: readOnly,
        privateLinkServiceConnectionState: readOnly,
        privateLinkServiceId: text,
        groupIds: list(text),
        requestMessage: { kind: "string", max: 140 },
      },
      { required: ["privateLinkServiceId", "groupIds"] },
    ),
  },
  { required: ["name", "properties"] },
);

const body = object(
  "PrivateEndpoint",
  {
    id: readOnly,
    name: readOnly,
    type: readOnly,
    etag: readOnly,
    location: text,
    tags: map("IDictionary`2", text),
    properties: object(
      "PrivateEndpointProperties",
      {
        provisioningState: readOnly,
        networkInterfaces: readOnly,
        subnet: object(
          "Subnet",
          { id: text, name: readOnly, properties: readOnly, etag: readOnly, type: readOnly },
          {
            required: ["id"],
          },
        ),
        privateLinkServiceConnections: list(connection),
        manualPrivateLinkServiceConnections: list(connection),
        customDnsConfigs: list(object("CustomDnsConfig", { fqdn: text, ipAddresses: list(text) })),
        customNetworkInterfaceName: text,
        ipVersionType: oneOf("DualStack", "IPv4", "IPv6"),
        ipConfigurations: list(any),
        applicationSecurityGroups: list(object("ApplicationSecurityGroup", { id: text }, { required: ["id"] })),
      },
      { required: ["subnet"] },
    ),
  },
  { required: ["location", "properties"] },
);

export const privateEndpoints: ResourceType = trackedType({
  name: TYPE,
  apiVersions: ["2023-11-01", "2024-01-01", "2024-05-01", "2025-07-01", "2026-01-01"],
  body,
  created: 201,
  paged: true,
  built,
  envelope: (core) => ({ etag: `W/"${uuid(core.random)}"` }),
  removed: (core, call, resource) => {
    for (const { link } of linksOf(resource.properties)) withoutConnection(core, call, link, resource.id);
    removeZoneGroups(core.state, resource.id.toLowerCase());
  },
});

interface Link {
  readonly name: string;
  readonly link: string;
  readonly groupIds: readonly string[];
  readonly message: string;
  readonly manual: boolean;
}

function linksOf(properties: JsonObject): Link[] {
  return ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"].flatMap((kind) =>
    ((properties[kind] ?? []) as readonly JsonObject[]).map((one): Link => {
      const asked = one["properties"] as JsonObject;
      return {
        name: one["name"] as string,
        link: asked["privateLinkServiceId"] as string,
        groupIds: asked["groupIds"] as readonly string[],
        message: typeof asked["requestMessage"] === "string" ? asked["requestMessage"] : "",
        manual: kind.startsWith("manual"),
      };
    }),
  );
}

function built(core: Core, call: Call, asked: JsonObject, before: TrackedResource | undefined): JsonObject {
  const links = linksOf(asked);
  const [only] = links;
  if (only === undefined || links.length > 1) {
    throw new ArmRefusal(
      400,
      "PrivateEndpointMustHaveOneConnection",
      `A private endpoint has exactly one private link service connection; found ${links.length}.`,
    );
  }
  if (only.groupIds.length !== 1 || only.groupIds[0] !== GROUP) {
    throw new ArmRefusal(
      400,
      "InvalidGroupId",
      `The group IDs '${only.groupIds.join(",")}' are not supported; expected '${GROUP}'.`,
    );
  }
  const id = before?.id ?? call.target.path;
  const state = connect(core, call, only, id);
  const kind = only.manual ? "manualPrivateLinkServiceConnections" : "privateLinkServiceConnections";
  const shown = {
    name: only.name,
    id: `${id}/${kind}/${only.name}`,
    properties: defined({
      provisioningState: "Succeeded",
      privateLinkServiceId: only.link,
      groupIds: only.groupIds,
      requestMessage: only.message === "" ? undefined : only.message,
      privateLinkServiceConnectionState: state,
    }),
    type: `${TYPE}/${kind}`,
  };
  return {
    ipConfigurations: [],
    customDnsConfigs: [],
    ...asked,
    privateLinkServiceConnections: [],
    manualPrivateLinkServiceConnections: [],
    provisioningState: "Succeeded",
    [kind]: [shown],
  };
}

/** Makes the connection on the account, or keeps the one that this endpoint has. */
function connect(core: Core, call: Call, asked: Link, endpointId: string): JsonObject {
  const account = core.state.get("account", asked.link.toLowerCase());
  if (account === undefined)
    throw resourceNotFound(asked.link.split("/").slice(-3).join("/"), asked.link.split("/")[4] ?? "");
  const { provisioningState } = account.properties;
  if (provisioningState !== "Succeeded") {
    throw new ArmRefusal(
      400,
      "AccountProvisioningStateInvalid",
      `Call to Microsoft.CognitiveServices/accounts failed. Error message: Account ${account.id} in state ${provisioningState}.`,
    );
  }
  const others = connectionsOf(account);
  const known = others.find((one) => endpointOf(one) === endpointId.toLowerCase());
  if (known !== undefined)
    return (known["properties"] as JsonObject)["privateLinkServiceConnectionState"] as JsonObject;
  const approved = !asked.manual && core.rbac.allows(call.caller.oid, APPROVE, account.id.toLowerCase());
  if (!asked.manual && !approved) {
    const scope = `${account.id}/privateEndpointConnectionsApproval`;
    throw new ArmRefusal(
      403,
      "LinkedAuthorizationFailed",
      `The client '${call.caller.oid}' with object id '${call.caller.oid}' has permission to perform action '${TYPE}/write' on scope '${call.target.path}'; however, it does not have permission to perform action '${APPROVE}' on the linked scope(s) '${scope}' or the linked scope(s) are invalid.`,
    );
  }
  const state = {
    status: approved ? "Approved" : "Pending",
    description: approved ? "Auto-Approved" : asked.message,
    actionsRequired: "None",
  };
  const name = `${endpointId.slice(endpointId.lastIndexOf("/") + 1)}.${uuid(core.random)}`;
  const made: JsonObject = {
    id: `${account.id}/privateEndpointConnections/${name}`,
    name,
    type: CONNECTION,
    location: account.location,
    etag: `"${uuid(core.random)}"`,
    properties: {
      privateEndpoint: { id: endpointId },
      privateLinkServiceConnectionState: state,
      groupIds: [GROUP],
      provisioningState: "Succeeded",
    },
  };
  store(core, call, account, [...others, made]);
  return state;
}

function withoutConnection(core: Core, call: Call, link: string, endpointId: string): void {
  const account = core.state.get("account", link.toLowerCase());
  if (account === undefined) return;
  const left = connectionsOf(account).filter((one) => endpointOf(one) !== endpointId.toLowerCase());
  store(core, call, account, left);
}

function connectionsOf(account: Account): JsonObject[] {
  const connections = account.properties["privateEndpointConnections"];
  return Array.isArray(connections) ? connections.filter((one) => isObject(one)) : [];
}

function endpointOf(one: JsonObject): string | undefined {
  const properties = isObject(one["properties"]) ? one["properties"] : {};
  const endpoint = isObject(properties["privateEndpoint"]) ? properties["privateEndpoint"]["id"] : undefined;
  return typeof endpoint === "string" ? endpoint.toLowerCase() : undefined;
}

function store(core: Core, call: Call, account: Account, privateEndpointConnections: JsonObject[]): void {
  core.state.put("account", account.id.toLowerCase(), {
    ...account,
    etag: accountEtag(core.random, call.nowMs),
    properties: { ...account.properties, privateEndpointConnections },
  });
}
