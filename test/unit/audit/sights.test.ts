import { describe, expect, it } from "vitest";
import { readJson } from "../../../shared/audit/json.ts";
import { readResources } from "../../../shared/audit/shapes.ts";
import { seenAccounts, type SeenAccount } from "../../../shared/audit/sights.ts";
import type { MemberKind } from "../../../shared/estate/sight.ts";

const subscription = "/subscriptions/5b000000-0000-4000-8000-000000000001";
const group = `${subscription}/resourceGroups/rg-a`;
const type = "Microsoft.CognitiveServices/accounts";
const id = `${group}/providers/${type}/oai-a`;
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/pe`;
const connection = { properties: { privateEndpoint: { id: endpoint } } };
const account = { id, name: "oai-a", type, properties: { privateEndpointConnections: [connection] } };
const resource = (path: string, more: object = {}) => ({
  id: path,
  name: path.slice(path.lastIndexOf("/") + 1),
  ...more,
});
const listed = (path: string, value: object[] = []) => ({
  method: "GET",
  url: `https://management.azure.com${path}?api-version=1`,
  status: 200,
  responseBody: { value },
});

function seen(...values: unknown[]): SeenAccount {
  const [first] = seenAccounts(readResources(readJson(JSON.stringify(values), "f.json"), { parameters: {} }), false);
  if (first === undefined) throw new Error("no account");
  return first;
}

const list = (kind: MemberKind, ...values: unknown[]) => {
  const { resources, missing } = seen(...values).members[kind];
  return missing ?? resources.map(({ name }) => name);
};

const NOT = "not in the file";
const PART = "the file holds a part of them";
const at = (scope: string, rest: string): string => `${scope}/providers/Microsoft.Authorization/${rest}`;

describe("what belongs to an account, out of files", () => {
  it.each<[string, MemberKind, unknown[], string | string[]]>([
    ["a lock at its group", "locks", [account, resource(at(group, "locks/l"))], ["l"]],
    ["a lock at its subscription", "locks", [account, resource(at(subscription, "locks/l"))], ["l"]],
    ["a lock at another group", "locks", [account, resource(at(`${group}-2`, "locks/l"))], NOT],
    ["its group", "resourceGroup", [account, resource(group)], ["rg-a"]],
    ["another group", "resourceGroup", [account, resource(`${group}-2`)], NOT],
    [
      "no role assignment of a subscription",
      "roleAssignments",
      [account, listed(at(subscription, "roleAssignments"))],
      [],
    ],
    ["a role assignment above it", "roleAssignments", [account, resource(at(group, "roleAssignments/r"))], NOT],
    ["a role assignment at it", "roleAssignments", [account, resource(at(id, "roleAssignments/r"))], ["r"]],
    ["no lock of a group, which may have one above", "locks", [account, listed(at(group, "locks"))], NOT],
    ["no lock at it and above", "locks", [account, listed(at(id, "locks"))], []],
    ["the endpoint that it names", "privateEndpoints", [account, resource(endpoint)], ["pe"]],
    ["an endpoint that it names and the file lacks", "privateEndpoints", [account], NOT],
    ["no endpoint where it names none", "privateEndpoints", [{ ...account, properties: {} }], []],
    ["no endpoint where it tells nothing", "privateEndpoints", [{ ...account, properties: null }], NOT],
    ["no zone group of its endpoint", "privateDnsZoneGroups", [account, resource(endpoint)], NOT],
    [
      "the zone group of its endpoint",
      "privateDnsZoneGroups",
      [account, resource(endpoint), resource(`${endpoint}/privateDnsZoneGroups/default`)],
      ["default"],
    ],
    ["connections of one project", "connections", [account, listed(`${id}/projects/p/connections`)], PART],
    [
      "connections of all projects",
      "connections",
      [
        account,
        listed(`${id}/projects`, [resource(`${id}/projects/p`)]),
        listed(`${id}/connections`),
        listed(`${id}/projects/p/connections`, [resource(`${id}/projects/p/connections/c`)]),
      ],
      ["c"],
    ],
    [
      "an alert on accounts of its group",
      "alertRules",
      [
        account,
        resource(`${group}/providers/Microsoft.Insights/metricAlerts/m`, {
          properties: { scopes: [group], targetResourceType: type },
        }),
      ],
      ["m"],
    ],
    [
      "a page of its deployments",
      "deployments",
      [account, { value: [resource(`${id}/deployments/d`)], nextLink: "x" }],
      PART,
    ],
  ])("%s", (_name, kind, values, wanted) => {
    expect(list(kind, ...values)).toEqual(wanted);
  });

  it("is there without the account, by the name that the file gives it", () => {
    const alone = seen(listed(`${id}/deployments`));
    expect([alone.given, alone.found, alone.members.deployments.missing]).toEqual([id, undefined, undefined]);
    expect(seen(resource(`${id}/deployments/d`)).given).toBe(id);
  });

  it("keeps IDs that are none of Azure's apart", () => {
    const odd = (name: string) => ({ id: `/subs/x/providers/${type}/${name}`, name, type, properties: {} });
    const lock = resource(`/subs/x/providers/${type}/b/providers/Microsoft.Authorization/locks/l`);
    const found = readResources(readJson(JSON.stringify([odd("a"), odd("b"), lock]), "f.json"), { parameters: {} });
    const [a, b] = seenAccounts(found, false);
    expect([a?.given, a?.members.locks.missing]).toEqual([odd("a").id, NOT]);
    expect([b?.given, b?.members.locks.resources.length]).toEqual([odd("b").id, 1]);
  });
});
