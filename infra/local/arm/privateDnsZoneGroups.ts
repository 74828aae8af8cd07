/**
 * Microsoft.Network/privateEndpoints/privateDnsZoneGroups: in which private DNS zones the names of an endpoint are kept. An
 * endpoint has at most one group, a group at most five zones. Zones aren't there: one is taken as it is named, as subnets
 * are, and holds no records.
 */
import type { ZoneGroup } from "./areas.ts";
import { page, uuid, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, parentNotFound, resourceNotFound } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import { list, object, read, readOnly, text } from "./schema.ts";
import { parentPath } from "./target.ts";

const TYPE = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";

/** Zones of one group (Microsoft Learn, private endpoint DNS). */
const ZONES_MAX = 5;

export const privateDnsZoneGroups: ResourceType = {
  name: TYPE,
  apiVersions: ["2023-11-01", "2024-01-01", "2024-05-01", "2025-07-01", "2026-01-01"],
  item: { GET: getGroup, PUT: putGroup, DELETE: deleteGroup },
  collection: { GET: listGroups },
};

const body = object(
  "PrivateDnsZoneGroup",
  {
    id: readOnly,
    name: text,
    etag: readOnly,
    type: readOnly,
    properties: object("PrivateDnsZoneGroupPropertiesFormat", {
      provisioningState: readOnly,
      privateDnsZoneConfigs: list(
        object(
          "PrivateDnsZoneConfig",
          {
            id: readOnly,
            etag: readOnly,
            type: readOnly,
            name: text,
            properties: object(
              "PrivateDnsZonePropertiesFormat",
              { privateDnsZoneId: text, provisioningState: readOnly, recordSets: readOnly },
              { required: ["privateDnsZoneId"] },
            ),
          },
          { required: ["name", "properties"] },
        ),
      ),
    }),
  },
  { required: ["properties"] },
);

interface Config extends JsonObject {
  readonly name: string;
  readonly properties: { readonly privateDnsZoneId: string };
}

function getGroup(core: Core, call: Call): Answer {
  const { lowerPath, names, resourceGroup } = call.target;
  const { state } = core;
  const group = call.stale ? state.getStale("zoneGroup", lowerPath) : state.get("zoneGroup", lowerPath);
  if (group === undefined) throw resourceNotFound(`${TYPE}/${names.join("/")}`, resourceGroup ?? "");
  return { status: 200, headers: { etag: group.etag }, body: group };
}

function listGroups(core: Core, call: Call): Answer {
  return page(core, call, groupsAt(core, endpointOf(core, call, "read")));
}

function putGroup(core: Core, call: Call): Answer {
  const endpoint = endpointOf(core, call, "write");
  const asked = read(body, call.body, "PUT")["properties"] as { readonly privateDnsZoneConfigs?: readonly Config[] };
  const configs = asked.privateDnsZoneConfigs ?? [];
  const { lowerPath, names } = call.target;
  const before = core.state.get("zoneGroup", lowerPath);
  if (before === undefined && groupsAt(core, endpoint).length > 0) {
    // Code and wording from memory (MEM).
    throw refused("PrivateEndpointCannotHaveMultipleDnsZoneGroups", "A private endpoint has one DNS zone group only.");
  }
  check(configs);
  const id = before?.id ?? `${endpoint}/privateDnsZoneGroups/${names[1] ?? ""}`;
  const group: ZoneGroup = {
    id,
    name: before?.name ?? names[1] ?? "",
    etag: `W/"${uuid(core.random)}"`,
    properties: {
      provisioningState: "Succeeded",
      privateDnsZoneConfigs: configs.map(({ name, properties: { privateDnsZoneId } }) => ({
        name,
        properties: { privateDnsZoneId, recordSets: [] },
      })),
    },
  };
  core.state.put("zoneGroup", lowerPath, group);
  return { status: before === undefined ? 201 : 200, headers: { etag: group.etag }, body: group };
}

/** Codes and wording from memory (MEM). */
function check(configs: readonly Config[]): void {
  if (configs.length > ZONES_MAX)
    throw refused(
      "TooManyPrivateDnsZoneConfigs",
      `A DNS zone group has at most ${ZONES_MAX} zones; found ${configs.length}.`,
    );
  const names = configs.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw refused("DuplicateResourceName", `Two zones of the group have the name '${twice}'.`);
  for (const { properties } of configs) {
    const { privateDnsZoneId } = properties;
    if (
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i.test(
        privateDnsZoneId,
      )
    )
      continue;
    throw refused("InvalidResourceReference", `The ID '${privateDnsZoneId}' is not that of a private DNS zone.`);
  }
}

function deleteGroup(core: Core, call: Call): Answer {
  const { lowerPath } = call.target;
  if (core.state.get("zoneGroup", lowerPath) === undefined) return { status: 204 };
  core.state.delete("zoneGroup", lowerPath);
  return { status: 200 };
}

/** The endpoint's ID in its own spelling. */
function endpointOf(core: Core, call: Call, verb: "read" | "write"): string {
  const parent = parentPath(call.target);
  const endpoint = core.state.get("tracked", parent.toLowerCase());
  if (endpoint !== undefined) return endpoint.id;
  throw parentNotFound(verb, "privateEndpoints/privateDnsZoneGroups", parent);
}

function groupsAt(core: Core, endpointId: string): ZoneGroup[] {
  const prefix = `${endpointId.toLowerCase()}/privatednszonegroups/`;
  return [...core.state.entries("zoneGroup")].filter(([id]) => id.startsWith(prefix)).map(([, group]) => group);
}

function refused(code: string, message: string): ArmRefusal {
  return new ArmRefusal(400, code, message);
}
