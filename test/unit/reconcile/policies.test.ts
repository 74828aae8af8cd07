/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { beforeEach, describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { MemberBench } from "../../support/memberBench.ts";
import { keyOf } from "../../support/passBench.ts";

const account = "Microsoft.CognitiveServices/accounts";
const ofAccounts = { field: "type", equals: account };
const field = `${account}/publicNetworkAccess`;
const closing = {
  id: "AZP-closing",
  definition: {
    name: "closing",
    properties: {
      displayName: "Accounts are closed",
      mode: "Indexed",
      policyRule: {
        if: { allOf: [ofAccounts, { field, notEquals: "Disabled" }] },
        then: {
          effect: "modify",
          details: { roleDefinitionIds: [], operations: [{ operation: "addOrReplace", field, value: "Disabled" }] },
        },
      },
    },
  },
};
const workspace = "/subscriptions/a/resourceGroups/b/providers/Microsoft.OperationalInsights/workspaces/c";
/** As Azure's own definitions on groups of logs ask: those that are off have to be there, too. */
const isOn = (group: string, enabled: boolean) => ({
  count: {
    field: "Microsoft.Insights/diagnosticSettings/logs[*]",
    where: {
      allOf: [
        { field: "Microsoft.Insights/diagnosticSettings/logs[*].enabled", equals: enabled },
        { field: "Microsoft.Insights/diagnosticSettings/logs[*].categoryGroup", equals: group },
      ],
    },
  },
  equals: 1,
});
const logging = {
  id: "AZP-logging",
  parameters: { workspace },
  definition: {
    name: "logging",
    properties: {
      mode: "Indexed",
      parameters: { workspace: { type: "String" } },
      policyRule: {
        if: ofAccounts,
        then: {
          effect: "deployIfNotExists",
          details: {
            type: "Microsoft.Insights/diagnosticSettings",
            existenceCondition: {
              allOf: [
                { field: "Microsoft.Insights/diagnosticSettings/workspaceId", equals: "[parameters('workspace')]" },
                isOn("allLogs", true),
                isOn("audit", false),
              ],
            },
            deployment: {
              properties: {
                parameters: { workspace: { value: "[parameters('workspace')]" } },
                template: {
                  parameters: { workspace: { type: "string" } },
                  resources: [
                    {
                      type: `${account}/providers/diagnosticSettings`,
                      properties: {
                        workspaceId: "[parameters('workspace')]",
                        logs: [
                          { categoryGroup: "audit", enabled: false },
                          { categoryGroup: "allLogs", enabled: true },
                        ],
                      },
                    },
                  ],
                },
              },
            },
          },
        },
      },
    },
  },
};

let bench: MemberBench;
beforeEach(() => {
  bench = new MemberBench();
});

function holds(...policies: NonNullable<ConfigInput["policies"]>): void {
  bench.standards([]);
  bench.config = { ...bench.config, policies };
}

async function approveAll(): Promise<void> {
  for (const { id } of await bench.live("proposal")) await bench.approve(id);
  await bench.settled();
}

describe("an imported policy", () => {
  it("in audit finds, and writes nothing", async () => {
    holds({ ...closing, mode: "audit" });
    await bench.settled();
    expect(await bench.live("finding")).toMatchObject([
      {
        standard: { id: "AZP-closing", title: "Accounts are closed" },
        reason: 'properties.publicNetworkAccess is "Enabled", must be "Disabled".',
      },
    ]);
    expect(await bench.live("proposal")).toEqual([]);
    expect(bench.arm.writes).toEqual([]);
  });

  it("in approve asks, writes what was agreed to and nothing else, and is met then", async () => {
    holds({ ...closing, mode: "approve" });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("proposal")).toMatchObject([
      {
        standard: { id: "AZP-closing" },
        fields: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
      },
    ]);
    await approveAll();
    expect(bench.arm.sent).toEqual([{ properties: { publicNetworkAccess: "Disabled" } }]);
    expect(bench.access).toBe("Disabled");
    expect(await bench.live("finding")).toEqual([]);
    await bench.settled();
    expect(bench.arm.writes).toHaveLength(1);
  });

  it("is undone as any change is", async () => {
    holds({ ...closing, mode: "approve" });
    await bench.settled();
    await approveAll();
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.access).toBe("Enabled");
    expect(await bench.live("finding")).toMatchObject([{ standard: { id: "AZP-closing" }, state: "waived" }]);
  });

  it("that deploys a diagnostic setting adds one of ours instead", async () => {
    holds({ ...logging, mode: "enforce" });
    await bench.settled();
    const target = keyOf(`${bench.key}/providers/microsoft.insights/diagnosticsettings/steelyardazplogging`);
    const logs = [
      { categoryGroup: "allLogs", enabled: true },
      { categoryGroup: "audit", enabled: false },
    ];
    const properties = { workspaceId: workspace.toLowerCase(), logs };
    expect(bench.arm.writes).toEqual([{ kind: "put", target, body: { properties } }]);
    expect(await bench.live("finding")).toEqual([]);
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.members.has(target)).toBe(false);
  });

  it("says nothing of what could not be read", async () => {
    holds({ ...logging, mode: "enforce" });
    bench.arm.onList = () => ({
      kind: "failed",
      error: { class: "permanent", status: 403, code: "AuthorizationFailed", retryAfterMs: undefined } as never,
    });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("finding")).toMatchObject([
      { verdict: "unknown", reason: "The diagnostic settings could not be read: AuthorizationFailed." },
    ]);
  });
});
