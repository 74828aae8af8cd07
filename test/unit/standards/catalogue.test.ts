import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../shared/desired/judgement.ts";
import { definitions } from "../../../shared/standards/catalogue.ts";
import { judgeCase } from "../../../shared/standards/cases.ts";
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
    const judgements = judgeCase(definition, sample);
    expect(judgements).toHaveLength(1);
    const { verdict, assertions, safety, reason, unmet = null, askOf } = judgements[0]!;
    expect({ verdict, reason }).toEqual({
      verdict: sample.verdict,
      reason: expect.stringContaining(sample.reason ?? ""),
    });
    const demands = assertions.map(({ path, op, value }) => ({ path, op, value }));
    // A case says as much as it is about.
    const wanted = {
      demands: sample.demands ?? demands,
      safety: sample.safety ?? safety,
      askOf: sample.askOf ?? askOf,
    };
    expect({ demands, safety, askOf }).toEqual(wanted);
    const { unmet: message = unmet } = sample;
    const isTold = message === null ? unmet === null : unmet?.includes(message);
    expect({ unmet, message, isTold }).toEqual({ unmet, message, isTold: true });
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
