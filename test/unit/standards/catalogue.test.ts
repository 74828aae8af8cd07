import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../shared/desired/judgement.ts";
import { definitions } from "../../../shared/standards/catalogue.ts";
import { caseFault, judgeCase } from "../../../shared/standards/cases.ts";
import { standardSchema, type StandardDefinition } from "../../../shared/standards/definition.ts";
import type { StandardCase } from "../../../shared/standards/schema.ts";

const parsed = definitions.map((item) => standardSchema.parse(item));

function byId(id: string): StandardDefinition {
  return parsed.find((definition) => definition.id === id)!;
}

function judged(id: string, sample: Omit<StandardCase, "name" | "verdict">): Judgement {
  return judgeCase(byId(id), { ...sample, name: "", verdict: "fail" })[0]!;
}

describe.each(parsed.map((definition) => [definition.id, definition] as const))("standard %s", (_id, definition) => {
  it.each(definition.cases.map((sample) => [sample.name, sample] as const))("%s", (_name, sample) => {
    expect(judgeCase(definition, sample)).toHaveLength(1);
    expect(caseFault(definition, sample)).toBeUndefined();
  });

  it("says what it asks and why, and where it comes from", () => {
    expect(definition.description).toMatch(/\.$/);
    expect(definition.test).toMatch(/\.$/);
    // Either the product can put it right, or people are told what they have to do.
    expect(definition.remedy?.description ?? definition.byHand).toMatch(/^(?!\[).*\.$/);
    expect(definition.remedy === undefined).toBe(definition.byHand !== undefined);
    expect(definition.sources.length).toBeGreaterThan(0);
  });

  it("has cases that pass, fail, and do not concern it", () => {
    const verdicts = new Set(definition.cases.map(({ verdict }) => verdict));
    expect([...verdicts]).toEqual(expect.arrayContaining(["pass", "fail", "notApplicable"]));
    expect(definition.cases.length).toBeGreaterThanOrEqual(4);
  });
});

describe("NET-01", () => {
  const open = { type: "Microsoft.CognitiveServices/accounts", properties: { publicNetworkAccess: "Enabled" } };
  const endpoint = { properties: { privateLinkServiceConnectionState: { status: "Approved" } } };
  const plain = { members: {}, parameters: {}, environment: "prod" };

  it("does not concern online subscriptions", () => {
    expect(judged("NET-01", { ...plain, resource: open, archetype: "online" }).verdict).toBe("notApplicable");
  });

  it("says which field is wrong and what it must be", () => {
    const { reason } = judged("NET-01", { ...plain, resource: open });
    expect(reason).toBe('properties.publicNetworkAccess is "Enabled", must be "Disabled".');
  });

  it("does not put a remedy forward that would cut everybody off", () => {
    expect(judged("NET-01", { ...plain, resource: open }).unmet).toMatch(/no approved private endpoint/);
    const reachable = { ...open, properties: { ...open.properties, privateEndpointConnections: [endpoint] } };
    expect(judged("NET-01", { ...plain, resource: reachable }).unmet).toBeUndefined();
  });
});
