/** What an estate may hold, as ARM would answer it, and more: bodies for standards to be judged on. */
import * as fc from "fast-check";
import type { Body } from "../../shared/desired/compare.ts";
import { toIso } from "../../shared/kernel/clock.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import type { Parameters } from "../../shared/standards/policy/scope.ts";

export const nowMs = 1_760_000_000_000;
const workspaceId = `${sampleAccountId.split("/providers")[0]}/providers/Microsoft.OperationalInsights/workspaces/Central`;
const actionGroupId = `${sampleAccountId.split("/providers")[0]}/providers/Microsoft.Insights/actionGroups/Platform`;
const filters = [
  { name: "Hate", enabled: true, blocking: true, severityThreshold: "Medium", source: "Prompt" },
  { name: "Violence", enabled: true, blocking: true, severityThreshold: "Medium", source: "Completion" },
  { name: "Jailbreak", enabled: true, blocking: true, source: "Prompt" },
];

/** As a configuration would give them. */
export const given: Readonly<Record<string, Parameters>> = {
  "DEP-01": { models: ["OpenAI/gpt-4o", "OpenAI/o3/1"] },
  "DEP-04": { environments: ["prod", "dev"] },
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
  "LZ-03": { assignments: ["guardrails"] },
  "RAI-02": { blocklists: [{ blocklistName: "secrets", source: "Prompt", blocking: true }] },
  "MON-01": { workspaceId },
  "MON-02": { actionGroupId },
  "MON-03": { actionGroupId },
  "NET-04": { zonesIn: sampleAccountId.split("/providers")[0]! },
  "PRJ-03": { dataClasses: ["confidential", "public", "eu"] },
  "TAG-02": { useCases: ["Claims", "search"] },
  "TAG-05": { dataClasses: ["public", "eu"] },
  "REG-01": { locations: ["swedencentral"], byDataClass: { EU: ["eastus2"] } },
  "REG-02": { dataClasses: ["eu", "confidential"] },
  "ACC-07": { fqdns: ["api.contoso.example", "data.contoso.example"] },
  "ACC-05": { dataClasses: ["confidential", "public", "eu"] },
  "ACC-06": { dataClasses: ["confidential", "public", "eu"] },
  "ACC-09": { dataClasses: ["confidential", "public", "eu"] },
  "NET-05": { ranges: ["203.0.113.0/24", "10.0.0.0/30"], rulesMax: 2 },
};

export const oids = ["0a", "0b", "0c", "0d"].map((end) => `00000000-0000-4000-8000-0000000000${end}`);
const owners = [...oids, "ada@contoso.example", "Ada@Contoso.Example", "gone@contoso.example", "Retail", "", " "];
const principal = (at: number, kind: "user" | "group" | "servicePrincipal", enabled = true) => ({
  oid: oids[at]!,
  kind,
  enabled,
});
export const principals = {
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
export const some = <T extends Json>(...values: readonly T[]) => fc.constantFrom<T | undefined>(...values, undefined);
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

export const accountBody = body({
  kind: some("OpenAI", "AIServices", "SpeechServices"),
  sku: some({ name: "S0" }, { name: "F0" }),
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
      { ipRules: [], bypass: "AzureServices" },
      { ipRules: [], bypass: "None" },
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
    encryption: some<Json>({ keySource: "Microsoft.KeyVault" }, { keySource: "Microsoft.CognitiveServices" }, null),
    userOwnedStorage: some<Json>([], [{ resourceId: "/s" }], null),
    capabilities: some<Json>([{ name: "CustomerManagedStorage" }], [{ name: "customermanagedstorage" }], []),
    abusePenalty: some<Json>({ action: "Block" }, { action: "Throttle", expiration: "2024-01-01T00:00:00Z" }, null),
    storedCompletionsDisabled: some<Json>(true, false, null),
    other,
  }),
});

export const deploymentBody = body({
  sku: some<Json>(
    { name: "GlobalStandard", capacity: 100 },
    { name: "Standard", capacity: 10 },
    { name: "ProvisionedManaged", capacity: 300 },
    { name: "GlobalProvisionedManaged", capacity: 50 },
    { name: "Standard" },
    null,
  ),
  systemData: some<Json>({ lastModifiedAt: "2025-10-09T00:00:00Z" }, { lastModifiedAt: toIso(nowMs) }, null),
  properties: body({
    provisioningState: some<Json>("Succeeded", "Succeeded", "Failed"),
    raiPolicyName: some<Json>("baseline", "BASELINE-2", "gone", null),
    spilloverDeploymentName: some<Json>("chat", "Embed", "gone", null),
    serviceTier: some<Json>("Default", "priority", null),
    model: some<Json>(
      { format: "OpenAI", name: "gpt-4o", version: "1" },
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

export const policyBody = body({
  properties: body({
    type: fc.constant("UserManaged"),
    customBlocklists: some<Json>(
      [{ blocklistName: "Secrets", source: "Prompt", blocking: true, more: 1 }],
      [{ blocklistName: "secrets", source: "Prompt", blocking: false }],
      [{ blocklistName: "own", source: "Completion", blocking: true }, null],
      [],
      null,
    ),
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

export const settingBody = body({
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
export const lockBody = body({
  properties: body({ level: some<Json>("CanNotDelete", "ReadOnly", "Other", null), notes: other }),
});
export const groupBody = body({ tags: fc.option(textTags, { nil: undefined }), properties: fc.constant({}) });

const versions = [
  { name: "gpt-4o", version: "1" },
  { name: "gpt-4o", version: "2" },
  { name: "o3", version: "2" },
];

const staying = { deprecation: {}, skus: ["GlobalStandard", "Standard"].map((name) => ({ name })) };

/** Entries of Azure's catalogue. */
export const modelBodies: fc.Arbitrary<readonly (Body & { readonly name: string })[]> = fc
  .tuple(
    fc.subarray(versions, { minLength: 2 }),
    fc.array(
      body({
        format: fc.constant("OpenAI"),
        lifecycleStatus: some("Preview", "Preview", "GenerallyAvailable", "Deprecating", "legacy"),
        deprecation: some<Json>(
          { inference: "2025-11-01T00:00:00Z" },
          { inference: "2025-09-01" },
          { inference: "2027-01-01" },
          {},
        ),
        replacementConfig: fc.constant({ targetModelName: "GPT-4o", targetModelVersion: "2" }),
        skus: some<Json>(
          [{ name: "GlobalStandard" }, { name: "Standard" }, { name: "ProvisionedManaged" }],
          [{ name: "GlobalStandard" }, { name: "Standard" }, { name: "ProvisionedManaged" }],
          [{ name: "standard", deprecationDate: "2025-10-20T00:00:00Z" }],
        ),
      }),
      { minLength: 3, maxLength: 3 },
    ),
  )
  .map(([named, made]) => named.map((one, at) => ({ ...made[at], ...one })))
  // Of the versions that come next some stay.
  .chain((all) =>
    fc.constantFrom(
      all,
      all.map((one) => (one.version === "2" ? { ...one, ...staying } : one)),
    ),
  );

export const connectionBody = body({
  properties: body({
    authType: some("AAD", "ApiKey", "projectManagedIdentity"),
    category: some("CognitiveSearch", "CustomKeys"),
    isSharedToAll: some<Json>(true, false, null),
    expiryTime: some<Json>("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z", null),
  }),
});

export const assignmentBody = body({
  properties: body({
    policyDefinitionId: some("/providers/Microsoft.Authorization/policySetDefinitions/Guardrails", "/other"),
    enforcementMode: some("Default", "DoNotEnforce"),
    notScopes: some<Json>([], [sampleAccountId.split("/resourceGroups")[0]!.toUpperCase()], null),
  }),
});

export const exemptionBody = body({
  properties: body({
    policyAssignmentId: some(`${sampleAccountId}/providers/microsoft.authorization/policyassignments/guardrails`),
    expiresOn: some<Json>("2025-11-01T00:00:00Z", "2025-10-20T00:00:00Z", "2027-01-01T00:00:00Z", null),
    metadata: some<Json>({ requestedBy: "Search" }, { owner: "Claims" }, {}),
  }),
});

export const roleBody = body({
  properties: body({
    principalId: some(...oids, "00000000-0000-4000-8000-00000000ffff", "retail"),
    principalType: some("User", "Group", "ServicePrincipal", "ForeignGroup"),
    roleDefinitionId: some(
      "/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-A8FF-443C-A75C-2FE8C4BCB635",
      "/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
    ),
  }),
});

export const defenderBody = body({ properties: body({ state: some<Json>("Enabled", "Disabled", null) }) });

/** Thresholds as each metric has them. */
const watched: readonly (readonly [string, number, string])[] = [
  ["AzureOpenAIProvisionedManagedUtilizationV2", 80, "GreaterThan"],
  ["BlockedCalls", 0, "GreaterThan"],
  ["ServerErrors", 0, "GreaterThan"],
  ["SuccessRate", 99.9, "LessThan"],
  ["AzureOpenAITimeToResponse", 200, "GreaterThan"],
];

const alertBody = ([metricName, threshold, operator]: (typeof watched)[number]) =>
  body({
    properties: body({
      enabled: fc.constantFrom(true, true, true, false),
      actions: fc.constantFrom([{ actionGroupId }], [{ actionGroupId }], []),
      criteria: body({
        allOf: body({
          metricName: fc.constant(metricName),
          threshold: fc.constantFrom(threshold, threshold, threshold, threshold + 50),
          operator: fc.constant(operator),
          dimensions: some<Json>([], [{ name: "ModelDeploymentName", operator: "Include", values: ["*"] }]),
        }).map((one) => [one]),
      }),
    }),
  });

/** Alerts by their names, on some of the metrics or on all. */
export const alertBodies = fc
  .oneof(fc.subarray([...watched]), fc.constant(watched))
  .chain((all) => fc.tuple(...all.map((one) => alertBody(one).map((made) => [one[0], made] as const))));

const zones = ["openai.azure", "cognitiveservices.azure", "services.ai.azure", "blob.core.windows"].map((zone) => ({
  name: zone,
  properties: { privateDnsZoneId: `/dns/providers/microsoft.network/privatednszones/privatelink.${zone}.com` },
}));

export const zoneGroupBody = body({
  properties: body({ privateDnsZoneConfigs: fc.option(fc.subarray(zones), { nil: undefined }) }),
});

/** Other accounts of a use case, as their last looks told of them. */
export const useCaseBody = body({
  location: fc.constantFrom("swedencentral", "Sweden Central", "eastus2"),
  environment: fc.constantFrom("prod", "dev"),
  deployments: fc.constant([]),
});
