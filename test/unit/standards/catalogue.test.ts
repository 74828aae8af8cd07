import { describe, expect, it } from "vitest";
import { definitions } from "../../../shared/standards/catalogue.ts";
import { compileStandard, type StandardDefinition } from "../../../shared/standards/definition.ts";
import { judge } from "../../../shared/standards/judge.ts";
import { parseAccount, type Account } from "../../../shared/estate/account.ts";

const id =
  "/subscriptions/5ba00000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a";

function account(resource: unknown): Account {
  const sample = resource as { type: string };
  const body = { id, name: "a", ...sample };
  return { ...parseAccount({ ...body, type: "Microsoft.CognitiveServices/accounts" }), body };
}

describe.each(definitions.map((definition) => [definition.id, definition] as const))(
  "standard %s",
  (_id, definition) => {
    const standard = compileStandard(definition);
    const { cases, archetypes } = definition as StandardDefinition;

    it.each(cases.map((sample) => [sample.name, sample] as const))("%s", (_name, { resource, verdict }) => {
      expect(judge(standard, account(resource), { archetype: archetypes[0]! }).verdict).toBe(verdict);
    });
  },
);

describe("NET-01", () => {
  const standard = compileStandard(definitions.find((definition) => definition.id === "NET-01"));
  const open = { type: "Microsoft.CognitiveServices/accounts", properties: { publicNetworkAccess: "Enabled" } };
  const endpoint = { properties: { privateLinkServiceConnectionState: { status: "Approved" } } };

  it("does not concern online subscriptions", () => {
    expect(judge(standard, account(open), { archetype: "online" }).verdict).toBe("notApplicable");
  });

  it("says which field is wrong and what it must be", () => {
    const { reason } = judge(standard, account(open), { archetype: "corp" });
    expect(reason).toBe('properties.publicNetworkAccess is "Enabled", must be "Disabled".');
  });

  it("does not put a remedy forward that would cut everybody off", () => {
    expect(judge(standard, account(open), { archetype: "corp" }).unmet).toMatch(/no approved private endpoint/);
    const reachable = { ...open, properties: { ...open.properties, privateEndpointConnections: [endpoint] } };
    expect(judge(standard, account(reachable), { archetype: "corp" }).unmet).toBeUndefined();
  });
});
