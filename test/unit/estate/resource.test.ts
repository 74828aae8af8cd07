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
  expect(at("/projects/x")).toBeUndefined();
  expect(at("b/deployments/chat")).toBeUndefined();
  expect(memberKindOf(keyOf(key), keyOf(key))).toBeUndefined();
});

it("calls everything by a short name", () => {
  const name = (rest: string) => shortName(keyOf(`${key}${rest}`));
  expect(name("")).toBe("a");
  expect(name("/deployments/chat")).toBe("a/chat");
  expect(name("/raiPolicies/x")).toBe("a/policy x");
  expect(name("/providers/Microsoft.Authorization/locks/steelyard")).toBe("a/lock steelyard");
  expect(name("/projects/x")).toBe("a/projects/x");
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
