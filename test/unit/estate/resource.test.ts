import { describe, expect, it } from "vitest";
import { withoutNames } from "../../../shared/estate/account.ts";
import { memberKindOf, shortName } from "../../../shared/estate/member.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import { keyOf } from "../../support/passBench.ts";

const key =
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a";
const at = (rest: string) => memberKindOf(keyOf(key), keyOf(`${key}${rest}`));

it("tells the lists of an account apart by the ID", () => {
  expect(at("/deployments/chat")).toBe("deployments");
  expect(at("/raiPolicies/x")).toBe("raiPolicies");
  expect(at("/providers/Microsoft.Insights/diagnosticSettings/x")).toBe("diagnosticSettings");
  expect(at("/providers/Microsoft.Authorization/locks/x")).toBe("locks");
  expect(at("/deployments/chat/providers/Microsoft.Authorization/locks/x")).toBeUndefined();
  expect(at("/projects/x")).toBe("projects");
  expect(at("/connections/x")).toBe("connections");
  expect(at("/projects/p/connections/x")).toBe("connections");
  expect(at("/projects/p/x")).toBeUndefined();
  expect(at("/defenderForAISettings/Default")).toBe("defender");
  expect(at("/projects/p/providers/Microsoft.Authorization/roleAssignments/x")).toBe("roleAssignments");
  expect(at("/providers/Microsoft.Authorization/policyExemptions/x")).toBe("policyExemptions");
  expect(at("b/deployments/chat")).toBeUndefined();
  expect(memberKindOf(keyOf(key), keyOf(key))).toBeUndefined();
});

it("calls everything by a short name", () => {
  const name = (rest: string) => shortName(keyOf(`${key}${rest}`));
  expect(name("")).toBe("a");
  expect(name("/deployments/chat")).toBe("a/chat");
  expect(name("/raiPolicies/x")).toBe("a/policy x");
  expect(name("/providers/Microsoft.Authorization/locks/steelyard")).toBe("a/lock steelyard");
  expect(name("/projects/x")).toBe("a/project x");
  expect(name("/agents/x")).toBe("a/agents/x");
  expect(shortName(keyOf("/subscriptions/s/resourceGroups/rg"))).toBe("rg");
});

describe("a diagnostic setting", () => {
  const id = `${key}/providers/microsoft.insights/diagnosticSettings/x`;
  const asAzureShowsIt = {
    id,
    name: "x",
    location: null,
    properties: {
      workspaceId: "/subscriptions/S/resourceGroups/RG/providers/Microsoft.OperationalInsights/workspaces/Law",
      storageAccountId: null,
      logs: [
        { category: null, categoryGroup: "allLogs", enabled: true, retentionPolicy: { days: 0, enabled: false } },
        { category: "Audit", categoryGroup: null, enabled: false, retentionPolicy: { days: 0, enabled: false } },
      ],
      metrics: [],
    },
  };

  it("compares with what was asked for, whatever Azure adds", () => {
    expect(parseResource("diagnosticSettings", asAzureShowsIt).body["properties"]).toEqual({
      workspaceId: "/subscriptions/s/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/law",
      logs: [{ categoryGroup: "allLogs", enabled: true }],
      metrics: [],
    });
  });

  it("stays as it is when read again from where it was kept", () => {
    const once = parseResource("diagnosticSettings", asAzureShowsIt);
    expect(parseResource("diagnosticSettings", once.body)).toEqual(once);
  });
});

it("names what cannot be read", () => {
  expect(() => parseResource("locks", { id: "x", name: "y" })).toThrow(/ARM locks at id: found "x"; expected the ID/);
  expect(() => parseResource("deployments", { id: key })).toThrow(/ARM deployments at name/);
  expect(() => parseResource("deployments", null)).toThrow(/ARM deployments/);
  expect(() => parseResource("diagnosticSettings", { id: `${key}/a`, name: "x", properties: { logs: "all" } })).toThrow(
    /at properties at logs/,
  );
});

it("keeps who owns it by object ID where the directory knows the address, and hides it where not", () => {
  const tags = { owner: "Team@Contoso.example", Contact: "mail someone@contoso.example", env: "prod" };
  expect(withoutNames({ tags }, { "team@contoso.example": "00000000-0000-4000-8000-00000000000a" })["tags"]).toEqual({
    owner: "00000000-0000-4000-8000-00000000000a",
    Contact: "mail (address)",
    env: "prod",
  });
});

it("knows what stands beside an account, in whatever group, and none of it is at the account", () => {
  const beside = (rest: string): string | undefined =>
    memberKindOf(keyOf(key), keyOf(`/subscriptions/s2/resourceGroups/net/providers/${rest}`));
  expect(beside("Microsoft.Network/privateEndpoints/pe")).toBe("privateEndpoints");
  expect(beside("Microsoft.Network/privateEndpoints/pe/privateDnsZoneGroups/default")).toBe("privateDnsZoneGroups");
  expect(beside("Microsoft.Insights/metricAlerts/x")).toBe("alertRules");
  expect(beside("Microsoft.Network/virtualNetworks/v")).toBeUndefined();
  expect(memberKindOf(keyOf(key), keyOf(`${key}2/deployments/chat`))).toBeUndefined();
});

it("takes policy assignments of management groups, and nothing else from above the subscriptions", () => {
  const id =
    "/providers/Microsoft.Management/managementGroups/MG/providers/Microsoft.Authorization/policyAssignments/x";
  expect(parseResource("policyAssignments", { id, name: "x", properties: {} }).id).toBe(id.toLowerCase());
  expect(() => parseResource("roleAssignments", { id, name: "x", properties: {} })).toThrow("expected the ID");
});

it("keeps that something was not shown", () => {
  const id = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/pe";
  expect(parseResource("privateEndpoints", { id, name: "pe", unread: "AuthorizationFailed" }).unread).toBe(
    "AuthorizationFailed",
  );
});
