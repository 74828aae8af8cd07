import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../shared/desired/judgement.ts";
import { judgeCase } from "../../../shared/standards/cases.ts";
import { compileStandard, standardSchema } from "../../../shared/standards/definition.ts";
import type { StandardCase } from "../../../shared/standards/schema.ts";

const deployments = "Microsoft.CognitiveServices/accounts/deployments";
const accounts = "Microsoft.CognitiveServices/accounts";

/** A standard that is broken where the rule holds. */
function standard(rule: object, reads: readonly string[], more: object = {}): object {
  const known = { id: "DEP-99", version: 1, title: "t", severity: "low", archetypes: ["corp", "online"] };
  return { ...known, resourceType: deployments, reads, rule: { if: rule }, cases: [], sources: [], ...more };
}

function judged(definition: object, members: StandardCase["members"], properties: object = {}): Judgement {
  const model = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
  const resource = {
    name: "chat",
    type: deployments,
    properties: { model, ...properties },
  } as StandardCase["resource"];
  const sample = { name: "", verdict: "fail", resource, members, parameters: {}, environment: "prod" } as const;
  const [judgement] = judgeCase(standardSchema.parse(definition), sample);
  return judgement!;
}

describe("the policy that a deployment names", () => {
  const weak = standard({ field: "raiPolicy.properties.mode", equals: "Asynchronous_filter" }, ["raiPolicies"]);
  const policies = [
    { name: "Microsoft.DefaultV2", properties: { mode: "Default", type: "SystemManaged" } },
    { name: "Team", properties: { mode: "Asynchronous_filter", type: "UserManaged" } },
  ];

  it("is joined by its name, whatever the case, Azure's own like any other", () => {
    expect(judged(weak, { raiPolicies: policies }, { raiPolicyName: "team" }).verdict).toBe("fail");
    expect(judged(weak, { raiPolicies: policies }, { raiPolicyName: "microsoft.defaultv2" }).verdict).toBe("pass");
  });

  it("is unknown where it is none of those that were read, and where they were not read", () => {
    const { verdict, reason } = judged(weak, { raiPolicies: policies }, { raiPolicyName: "gone" });
    expect(verdict).toBe("unknown");
    expect(reason).toBe("The content filter policy gone that it names is none of the account's.");
    expect(judged(weak, { raiPolicies: { unread: "Forbidden" } }, { raiPolicyName: "Team" }).verdict).toBe("unknown");
    expect(judged(weak, {}, { raiPolicyName: "Team" }).verdict).toBe("unknown");
  });

  it("is absent where the deployment names none", () => {
    const named = standard({ field: "raiPolicy", exists: "false" }, ["raiPolicies"]);
    expect(judged(named, { raiPolicies: policies }).verdict).toBe("fail");
    expect(judged(named, { raiPolicies: policies }, { raiPolicyName: "Team" }).verdict).toBe("pass");
  });

  it("leaves alone what does not ask for it", () => {
    const other = standard({ field: "raiPolicies[*].name", equals: "x" }, ["raiPolicies"]);
    expect(judged(other, { raiPolicies: policies }, { raiPolicyName: "gone" }).verdict).toBe("pass");
    const elsewhere = { ...weak, when: { if: { field: "environment", equals: "dev" }, reason: "Not here." } };
    expect(judged(elsewhere, { raiPolicies: policies }, { raiPolicyName: "gone" }).verdict).toBe("notApplicable");
  });

  it("makes unknown whether a standard applies that asks for it there", () => {
    const when = { if: { field: "raiPolicy.properties.type", equals: "UserManaged" }, reason: "Not theirs." };
    const narrow = standard({ field: "name", equals: "chat" }, ["raiPolicies"], { when });
    expect(judged(narrow, { raiPolicies: policies }, { raiPolicyName: "gone" }).verdict).toBe("unknown");
    expect(judged(narrow, { raiPolicies: policies }, { raiPolicyName: "Team" }).verdict).toBe("fail");
  });

  it("is refused where a standard judges something else, or does not say that it reads it", () => {
    const rule = { field: "raiPolicy.properties.mode", equals: "Default" };
    expect(() => compileStandard(standard(rule, ["raiPolicies"], { resourceType: accounts }))).toThrow(
      `standard DEP-99: /rule/if: found raiPolicy, which is joined to ${deployments} alone`,
    );
    expect(() => compileStandard(standard(rule, []))).toThrow("raiPolicy.properties.mode");
  });

  it("shows no address of a person, whatever a policy is called", () => {
    const { reason } = judged(weak, { raiPolicies: policies }, { raiPolicyName: "ann@contoso.example" });
    expect(reason).not.toContain("@");
  });
});

describe("the model of the catalogue", () => {
  const leaves = { field: "catalogueModel.deprecation.inference", less: "2026-06-01" };
  const retiring = standard(leaves, ["models"]);
  const entry = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };

  it("is joined by format, name and version, whatever the case", () => {
    const soon = { ...entry, name: "GPT-4o", deprecation: { inference: "2026-05-01T00:00:00Z" } };
    const other = { ...entry, version: "2024-08-06", deprecation: { inference: "2026-01-01T00:00:00Z" } };
    expect(judged(retiring, { models: [other, soon] }).verdict).toBe("fail");
    expect(judged(retiring, { models: [other, entry] }).verdict).toBe("pass");
  });

  it("is unknown where Azure does not offer it, or the deployment does not say which it runs", () => {
    const { verdict, reason } = judged(retiring, { models: [{ ...entry, version: "2024-08-06" }] });
    expect(verdict).toBe("unknown");
    expect(reason).toBe("OpenAI gpt-4o 2024-11-20 is not among the models that Azure offers to the account.");
    const unversioned = { model: { format: "OpenAI", name: "gpt-4o" } };
    expect(judged(retiring, { models: [entry] }, unversioned).verdict).toBe("unknown");
  });
});

describe("the zone group of a private endpoint", () => {
  const type = "Microsoft.Network/privateEndpoints";
  const zones = "dnsZoneGroup.properties.privateDnsZoneConfigs[*].properties.privateDnsZoneId";
  const rule = {
    count: { field: "dnsZoneGroup.properties.privateDnsZoneConfigs[*]", where: { field: zones, contains: "openai" } },
    equals: 0,
  };
  const unzoned = standard(rule, ["privateDnsZoneGroups"], { resourceType: type });
  const group = (zone: string): object => ({
    name: "theirs",
    properties: {
      privateDnsZoneConfigs: [{ name: "z", properties: { privateDnsZoneId: `/x/privatelink.${zone}.azure.com` } }],
    },
  });
  const verdict = (groups: unknown, more: object = {}): Judgement => {
    const members = { privateDnsZoneGroups: groups } as StandardCase["members"];
    const resource = { name: "sample", type, ...more } as StandardCase["resource"];
    const sample = { name: "", verdict: "fail", resource, members, parameters: {}, environment: "prod" } as const;
    return judgeCase(standardSchema.parse(unzoned), sample)[0]!;
  };

  it("is the one below it, whatever its name; there may be none", () => {
    expect(verdict([group("openai")]).verdict).toBe("pass");
    expect(verdict([group("cognitiveservices")]).verdict).toBe("fail");
    expect(verdict([]).verdict).toBe("fail");
    expect(verdict([group("openai")], { name: "another" }).verdict).toBe("fail");
  });

  it("is unknown where Azure does not show it, and so is an endpoint that it does not show", () => {
    expect(verdict([{ name: "-", unread: "AuthorizationFailed" }])).toMatchObject({
      verdict: "unknown",
      reason: "Its DNS zone group could not be read: AuthorizationFailed.",
    });
    expect(verdict([], { unread: "AuthorizationFailed" }).reason).toBe("It could not be read: AuthorizationFailed.");
  });

  it("leaves an account unknown whose rule counts what was not all shown", () => {
    const few = { count: { field: "privateEndpoints[*]" }, less: 2 };
    const counted = standard(few, ["privateEndpoints"], { resourceType: accounts });
    const members = { privateEndpoints: [{ name: "a" }, { name: "b", unread: "AuthorizationFailed" }] };
    const resource = { type: accounts, properties: {} };
    const sample = { name: "", verdict: "fail", resource, members, parameters: {}, environment: "prod" } as const;
    expect(judgeCase(standardSchema.parse(counted), sample)[0]!.reason).toBe(
      "The private endpoints could not all be read: AuthorizationFailed.",
    );
  });
});

describe("who has a role", () => {
  const oid = "00000000-0000-4000-8000-00000000000a";
  const type = "Microsoft.Authorization/roleAssignments";
  const orphaned = standard({ field: "principal", exists: "false" }, ["principals"], { resourceType: type });
  const verdict = (principals: StandardCase["principals"]): string => {
    const resource = { type, properties: { principalId: oid.toUpperCase() } };
    const sample = { name: "", verdict: "fail", resource, members: {}, parameters: {}, environment: "prod" } as const;
    return judgeCase(standardSchema.parse(orphaned), { ...sample, principals })[0]!.verdict;
  };

  it("is joined from the directory, and absent where it knows nobody of that ID", () => {
    expect(verdict({ [oid]: { oid, kind: "user", enabled: true } })).toBe("pass");
    expect(verdict({ [oid]: null })).toBe("fail");
  });

  it("is unknown where the directory was not asked, or did not answer", () => {
    expect(verdict({})).toBe("unknown");
    expect(verdict({ unread: "Forbidden" })).toBe("unknown");
  });
});

it("judges the connections of projects like those of accounts", () => {
  const shared = { field: "Microsoft.CognitiveServices/accounts/connections/isSharedToAll", equals: "true" };
  const definition = standard(shared, [], { resourceType: "Microsoft.CognitiveServices/accounts/connections" });
  const properties = { isSharedToAll: true };
  const verdicts = ["accounts/connections", "accounts/projects/connections", "accounts/projects"].map((type) => {
    const resource = { type: `Microsoft.CognitiveServices/${type}`, properties };
    const sample = { name: "", verdict: "fail", resource, members: {}, parameters: {}, environment: "prod" } as const;
    return judgeCase(standardSchema.parse(definition), sample)[0]!.verdict;
  });
  expect(verdicts).toEqual(["fail", "fail", "notApplicable"]);
});
