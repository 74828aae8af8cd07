import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine } from "../../shared/desired/assertion.ts";
import { compare, valueAt, type Body } from "../../shared/desired/compare.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import { toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import { memberKinds, type MemberKind, type Resource, type Sight } from "../../shared/estate/sight.ts";
import { dayMs, hourMs, toIso } from "../../shared/kernel/clock.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import { compileStandard, standardSchema, type JudgedPlace } from "../../shared/standards/definition.ts";
import type { Parameters } from "../../shared/standards/policy/scope.ts";

const nowMs = 1_760_000_000_000;
const account = "Microsoft.CognitiveServices/accounts";
const workspaceId = `${sampleAccountId.split("/providers")[0]}/providers/Microsoft.OperationalInsights/workspaces/Central`;
const filters = [
  { name: "Hate", enabled: true, blocking: true, severityThreshold: "Medium", source: "Prompt" },
  { name: "Violence", enabled: true, blocking: true, severityThreshold: "Medium", source: "Completion" },
  { name: "Jailbreak", enabled: true, blocking: true, source: "Prompt" },
];

/** As a configuration would give them. */
const given: Readonly<Record<string, Parameters>> = {
  "DEP-01": { models: ["OpenAI/gpt-4o", "OpenAI/o3/1"] },
  "DEP-07": { skus: ["Standard", "ProvisionedManaged"], byDataClass: { eu: ["GlobalStandard"] } },
  "DEP-10": {
    policy: "baseline",
    defaultPolicy: "Baseline-2",
    filters: [{ name: "hate", source: "Prompt", severities: ["Low", "Medium"] }],
  },
  "DEP-11": {
    environments: ["prod", "dev"],
    policy: "Baseline-2",
    defaultPolicy: "baseline",
    filters: [{ name: "jail_break", source: "Prompt" }],
  },
  "DEP-12": { policy: "baseline", defaultPolicy: "Baseline-2", modes: ["Default"] },
  "DEP-08": { standardCeiling: 50, provisionedCeiling: { prod: 100, dev: 15 }, ceilings: { GlobalStandard: 80 } },
  "RAI-01": {
    policies: { baseline: { mode: "Default", basePolicyName: "Microsoft.DefaultV2", contentFilters: filters } },
  },
  "MON-01": { workspaceId },
  "TAG-02": { useCases: ["Claims", "search"] },
  "TAG-05": { dataClasses: ["public", "eu"] },
  "REG-01": { locations: ["swedencentral"], byDataClass: { EU: ["eastus2"] } },
  "REG-02": { dataClasses: ["eu", "confidential"] },
  "ACC-07": { fqdns: ["api.contoso.example", "data.contoso.example"] },
  "ACC-09": { dataClasses: ["confidential", "public", "eu"] },
  "NET-05": { ranges: ["203.0.113.0/24", "10.0.0.0/30"], rulesMax: 2 },
};

const oids = ["0a", "0b", "0c", "0d"].map((end) => `00000000-0000-4000-8000-0000000000${end}`);
const owners = [...oids, "ada@contoso.example", "Ada@Contoso.Example", "gone@contoso.example", "Retail", "", " "];
const principal = (at: number, kind: "user" | "group" | "servicePrincipal", enabled = true) => ({
  oid: oids[at]!,
  kind,
  enabled,
});
const principals = {
  [oids[0]!]: principal(0, "user"),
  [oids[1]!]: principal(1, "group"),
  [oids[2]!]: principal(2, "user", false),
  [oids[3]!]: principal(3, "servicePrincipal"),
  "ada@contoso.example": principal(0, "user"),
  "gone@contoso.example": null,
  retail: null,
  "": null,
};

/** One of these, or nothing at all. */
const some = <T extends Json>(...values: readonly T[]) => fc.constantFrom<T | undefined>(...values, undefined);
const body = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Body> =>
  fc.record(members).map((made) => JSON.parse(JSON.stringify(made)) as Body);
const other = fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined });

const tags = body({
  owner: some(...owners),
  Owner: some(undefined as never),
  env: some("prod", "Test", "sandbox", "ada@contoso.example", ""),
  costCenter: other,
  dataClass: some("confidential", "Public", "eu", ""),
  useCase: some("claims", "Search", "nobody's", ""),
  reviewBy: some("2025-10-20", "2026-12-31", "2024-01-01", "2025-13-01", "soon"),
}).chain((made) =>
  fc.constantFrom(made, Object.fromEntries(Object.entries(made).map(([name, value]) => [name.toUpperCase(), value]))),
);
const textTags = tags.map((made) =>
  Object.fromEntries(Object.entries(made).filter(([, value]) => typeof value === "string")),
);

const connection = (status: string, subscription: string): Json => ({
  properties: {
    privateEndpoint: { id: `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Network/x/pe` },
    privateLinkServiceConnectionState: { status },
  },
});

const accountBody = body({
  kind: some("OpenAI", "AIServices", "SpeechServices"),
  location: some("swedencentral", "Sweden Central", "eastus2"),
  tags: fc.option(textTags, { nil: undefined }),
  identity: some({ type: "None" }, { type: "SystemAssigned" }, { type: "UserAssigned", userAssignedIdentities: {} }),
  systemData: some({ createdBy: oids[0]! }, { createdBy: "Ada@contoso.example" }, { createdBy: oids[2]! }),
  properties: body({
    disableLocalAuth: some<Json>(true, false, "true", null),
    publicNetworkAccess: some<Json>("Enabled", "Disabled", "disabled", null),
    networkAcls: some<Json>(
      { defaultAction: "Allow", ipRules: [{ value: "10.0.0.1" }] },
      { defaultAction: "Deny" },
      { ipRules: [] },
      { ipRules: [{ value: "203.0.113.7" }, { value: "192.0.2.0/24" }], virtualNetworkRules: [{ id: "/subnet" }] },
      { ipRules: [{ value: "10.0.0.1" }, { value: "10.0.0.2" }, { value: "203.0.113.0/25" }] },
      {},
      null,
    ),
    privateEndpointConnections: some<Json>(
      [],
      [{ properties: { privateLinkServiceConnectionState: { status: "Approved" } } }],
      [connection("Approved", sampleAccountId.split("/")[2]!), connection("Rejected", oids[0]!)],
      [connection("Pending", oids[0]!)],
      null,
    ),
    customSubDomainName: some<Json>("sample", "another", "", null),
    restrictOutboundNetworkAccess: some<Json>(true, false, "true", null),
    allowedFqdnList: some<Json>(["api.contoso.example", "evil.example", null], ["Data.Contoso.example"], [], null),
    storedCompletionsDisabled: some<Json>(true, false, null),
    other,
  }),
});

const deploymentBody = body({
  sku: some<Json>(
    { name: "GlobalStandard", capacity: 100 },
    { name: "Standard", capacity: 10 },
    { name: "ProvisionedManaged", capacity: 300 },
    { name: "GlobalProvisionedManaged", capacity: 50 },
    { name: "Standard" },
    null,
  ),
  properties: body({
    raiPolicyName: some<Json>("baseline", "BASELINE-2", "gone", null),
    spilloverDeploymentName: some<Json>("chat", "Embed", "gone", null),
    serviceTier: some<Json>("Default", "priority", null),
    model: some<Json>(
      { format: "OpenAI", name: "gpt-4o", version: "1" },
      { format: "OpenAI", name: "o3", version: "2" },
      { format: "OpenAI", name: "gpt-x" },
      null,
    ),
    versionUpgradeOption: some<Json>("OnceCurrentVersionExpired", "NoAutoUpgrade", "OnceNewDefaultVersionAvailable", 5),
    deploymentState: some<Json>("Running", "Paused"),
    other,
  }),
});

const policyBody = body({
  properties: body({
    type: fc.constant("UserManaged"),
    mode: some<Json>("Default", "Default", "Default", "Asynchronous_filter", 5),
    basePolicyName: some<Json>("Microsoft.DefaultV2", "Microsoft.DefaultV2", "Microsoft.Default"),
    contentFilters: fc.option(
      fc.oneof(
        fc.constant<readonly Json[]>(filters),
        fc.shuffledSubarray(filters),
        fc.array(fc.constantFrom(...filters, { name: "Hate", source: "Prompt" }, null), { maxLength: 4 }),
      ),
      { nil: undefined },
    ),
    other,
  }),
});

const settingBody = body({
  properties: body({
    workspaceId: some<Json>(workspaceId, workspaceId.toLowerCase(), "/other", null),
    logs: some<Json>(
      [],
      [{ categoryGroup: "allLogs", enabled: true }],
      [{ categoryGroup: "audit", enabled: true }],
      [{ category: "Trace", enabled: true }],
      [{ categoryGroup: "allLogs", enabled: false }],
      null,
    ),
  }),
});
const lockBody = body({
  properties: body({ level: some<Json>("CanNotDelete", "ReadOnly", "Other", null), notes: other }),
});
const groupBody = body({ tags: fc.option(textTags, { nil: undefined }), properties: fc.constant({}) });

const paths: Readonly<Partial<Record<MemberKind, string>>> = {
  deployments: "/deployments/",
  raiPolicies: "/raiPolicies/",
  diagnosticSettings: "/providers/microsoft.insights/diagnosticSettings/",
  locks: "/providers/microsoft.authorization/locks/",
  resourceGroup: "",
};

function resource(kind: MemberKind, name: string, made: Body): Resource {
  const text =
    kind === "resourceGroup" ? sampleAccountId.split("/providers")[0]! : `${sampleAccountId}${paths[kind]}${name}`;
  const type = kind === "deployments" || kind === "raiPolicies" ? `${account}/${kind}` : kind;
  const times = { provisioningState: "Succeeded", lastModifiedBy: undefined, lastModifiedAt: undefined };
  return { id: toResourceId(text)!, name, ...times, createdAt: undefined, body: { ...made, id: text, name, type } };
}

const list = (
  kind: MemberKind,
  names: readonly string[],
  made: fc.Arbitrary<Body>,
): fc.Arbitrary<readonly Resource[]> =>
  fc
    .subarray([...names])
    .chain((present) => fc.tuple(...present.map((name) => made.map((one) => resource(kind, name, one)))));

/** A provisioned deployment beside a standard one of the same model and filter. */
const twins = fc.tuple(deploymentBody, some("embed", "chat", "gone")).map(([made, spilloverDeploymentName]) => {
  const properties = made["properties"] as Body;
  const provisioned = { sku: { name: "GlobalProvisionedManaged", capacity: 50 } };
  const spilling = JSON.parse(JSON.stringify({ ...properties, spilloverDeploymentName })) as Body;
  return [
    resource("deployments", "chat", { ...made, ...provisioned, properties: spilling }),
    resource("deployments", "embed", { ...made, sku: { name: "GlobalStandard", capacity: 10 }, properties }),
  ] as const;
});

const sights: fc.Arbitrary<Sight> = fc
  .record({
    account: accountBody,
    age: fc.constantFrom(hourMs, 30 * dayMs),
    deployments: fc.oneof(list("deployments", ["chat", "embed"], deploymentBody), twins),
    raiPolicies: fc.oneof(
      list("raiPolicies", ["baseline", "Baseline-2"], policyBody),
      fc
        .tuple(policyBody, policyBody)
        .map(([one, two]) => [resource("raiPolicies", "baseline", one), resource("raiPolicies", "Baseline-2", two)]),
    ),
    diagnosticSettings: list("diagnosticSettings", ["steelyard", "team"], settingBody),
    locks: list("locks", ["steelyard", "team"], lockBody),
    group: groupBody,
  })
  .map(({ account: made, age, group, ...members }) => {
    const type = "Microsoft.CognitiveServices/accounts";
    const parsed = parseAccount({ properties: {}, ...made, id: sampleAccountId, name: "sample", type });
    return {
      account: { ...parsed, createdAt: toIso(nowMs - age) },
      members: { ...members, resourceGroup: [resource("resourceGroup", "rg", group)] },
      principals,
    };
  });

const places: fc.Arbitrary<JudgedPlace> = fc.record({
  archetype: fc.constantFrom("corp", "online"),
  environment: fc.constantFrom("prod", "dev"),
  subscriptionEnvironment: fc.constantFrom("prod", "sandbox", undefined),
  nowMs: fc.constant(nowMs),
});

const standards = definitions.map((input) => {
  const definition = standardSchema.parse(input);
  return [definition.id, definition, compileStandard(input, given[definition.id])] as const;
});

/** Body of what the remedy writes; empty where it is not there. */
function bodyAt({ account: { address, body: own }, members }: Sight, id: ResourceId): Body {
  if (id === address.id) return own;
  const all = memberKinds.flatMap((kind) => (members[kind] ?? []) as readonly Resource[]);
  return all.find((one) => one.id === id)?.body ?? {};
}

/** The sight after what is demanded was written, as the product would, and how many fields that changed. */
function remedied(sight: Sight, { remedyTarget, assertions }: Judgement): { sight: Sight; changed: number } {
  const before = bodyAt(sight, remedyTarget);
  const changes = compare(combine(assertions), before);
  let after = before;
  for (const { path, after: value } of changes) after = withValue(after, path.split("."), value);
  return { sight: withBody(sight, remedyTarget, after), changed: changes.length };
}

function withValue(node: Json | undefined, [key, ...rest]: readonly string[], value: Json): Body {
  const members = typeof node === "object" && node !== null && !Array.isArray(node) ? (node as Body) : {};
  if (key === undefined) return members;
  return { ...members, [key]: rest.length === 0 ? value : withValue(members[key], rest, value) };
}

function withBody(sight: Sight, id: ResourceId, after: Body): Sight {
  if (id === sight.account.address.id)
    return { ...sight, account: { ...parseAccount(after), createdAt: sight.account.createdAt, body: after } };
  const members = Object.fromEntries(
    memberKinds.map((kind) => {
      const known = (sight.members[kind] ?? []) as readonly Resource[];
      const made = id.includes(`/${kind.toLowerCase()}/`) && !known.some((one) => one.id === id);
      const all = made ? [...known, resource(kind, id.split("/").at(-1)!, {})] : known;
      return [kind, all.map((one) => (one.id === id ? { ...one, body: { ...one.body, ...after } } : one))];
    }),
  );
  return { ...sight, members };
}

describe.each(standards)("%s", (_id, { remedy }, standard) => {
  it("gives each target one verdict that holds no address, and whose remedy makes it pass by what it declares alone", () => {
    let fixed = 0;
    const seen = { pass: 0, fail: 0, unknown: 0, notApplicable: 0 };
    fc.assert(
      fc.property(sights, places, (sight, place) => {
        const judgements = standard.judge(sight, place);
        expect(new Set(judgements.map(({ target }) => target)).size).toBe(judgements.length);
        expect(JSON.stringify(judgements.map(({ reason, unmet }) => [reason, unmet]))).not.toContain("@");
        for (const judgement of judgements) {
          const { verdict, target, assertions, unmet } = judgement;
          seen[verdict] += 1;
          const declared = (remedy?.assertions ?? []).map(({ path }) => path.toLowerCase());
          for (const { path } of assertions) expect(declared).toContain(path.toLowerCase());
          expect(combine(assertions).map(({ kind }) => kind)).not.toContain("conflict");
          const { sight: after, changed } = remedied(sight, judgement);
          // What passes is left alone.
          expect(verdict === "fail" || changed === 0).toBe(true);
          expect(verdict === "fail" || unmet === undefined).toBe(true);
          // Where nothing is demanded people are told what to do.
          expect(verdict !== "fail" || assertions.length > 0 || typeof unmet === "string").toBe(true);
          if (verdict !== "fail" || assertions.length === 0) continue;
          const again = standard.judge(after, place).find((one) => one.target === target)!;
          expect({ verdict: again.verdict, reason: again.reason, changed: changed > 0 }).toEqual({
            verdict: "pass",
            reason: expect.any(String),
            changed: true,
          });
          expect(remedied(after, again).changed).toBe(0);
          fixed += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.pass).toBeGreaterThan(0);
    expect(seen.fail).toBeGreaterThan(10);
    expect(remedy === undefined || fixed > 3).toBe(true);
  });
});

describe.each(standards.filter(([, , { sources }]) => sources.length > 0))("%s", (_id, _definition, standard) => {
  it("does not know what it could not read, whatever else it sees", () => {
    fc.assert(
      fc.property(sights, places, fc.constantFrom(...standard.sources), (sight, place, source) => {
        const unread = { unread: "TooManyRequests" };
        const blind: Sight =
          source === "principals"
            ? { ...sight, principals: unread }
            : { ...sight, members: { ...sight.members, [source]: unread } };
        const verdicts = new Set(standard.judge(blind, place).map(({ verdict }) => verdict));
        expect([...verdicts].filter((verdict) => verdict === "pass" || verdict === "fail")).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

it("never gives up on what an estate may hold", () => {
  const junk = fc.dictionary(fc.constantFrom("properties", "tags", "sku", "name", "identity", "kind"), fc.jsonValue());
  let judged = 0;
  fc.assert(
    fc.property(sights, junk, places, (sight, made, place) => {
      const mangled: Sight = {
        ...sight,
        account: { ...sight.account, body: { ...sight.account.body, ...(made as Body) } },
        members: Object.fromEntries(
          memberKinds.map((kind) => [
            kind,
            ((sight.members[kind] ?? []) as Resource[]).map((one) => ({
              ...one,
              body: { ...one.body, ...(made as Body) },
            })),
          ]),
        ),
      };
      for (const [, , standard] of standards) judged += standard.judge(mangled, place).length;
      return valueAt(mangled.account.body, "id") !== undefined;
    }),
    { numRuns: 300 },
  );
  expect(judged).toBeGreaterThan(300);
});
