/** What is known of one account, for tests of what people see of a resource. */
import type { Finding } from "../../shared/desired/documents.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import { parseResource } from "../../shared/estate/resource.ts";
import { partitionOf, type ResourceId } from "../../shared/estate/resourceId.ts";
import type { ResourceFacts } from "../../shared/view/resourceModel.ts";
import { accountId, sampleSummary, subscriptionId } from "./summaries.ts";

export const resourceNowMs = Date.parse("2026-11-18T14:32:00.000Z");
export const accountKey = accountId("oai-search");
export const deploymentKey = `${accountKey}/deployments/chat` as ResourceId;
export const lockKey = `${accountKey}/providers/microsoft.authorization/locks/steelyard` as ResourceId;

const account = parseAccount({
  id: accountKey,
  name: "oai-search",
  type: "Microsoft.CognitiveServices/accounts",
  location: "swedencentral",
  identity: { type: "SystemAssigned" },
  properties: { publicNetworkAccess: "Enabled", disableLocalAuth: true },
});
const chat = parseResource("deployments", {
  id: deploymentKey,
  name: "chat",
  sku: { name: "GlobalStandard", capacity: 120 },
  properties: { versionUpgradeOption: "NoAutoUpgrade" },
});

/** A verdict of a standard; `sets`: the fields that its remedy asserts. */
export function sampleJudgement(
  id: string,
  verdict: Judgement["verdict"],
  sets: Readonly<Record<string, string | boolean | number>> = {},
  change: Partial<Judgement> = {},
): Judgement {
  const authority = { kind: "standard", id, version: 1 } as const;
  return {
    standard: { id, version: 1, title: `Title of ${id}`, severity: "high" },
    target: accountKey,
    remedyTarget: accountKey,
    verdict,
    reason: `Reason of ${id}.`,
    assertions: Object.entries(sets).map(([path, value]) => ({ path, op: "set", value, authority })),
    safety: "R",
    unmet: undefined,
    askOf: null,
    ...change,
  };
}

export function sampleFinding(id: string, change: Partial<Finding> = {}): Finding {
  return {
    id: `finding-${id}`,
    pk: partitionOf(accountKey),
    kind: "finding",
    live: true,
    key: accountKey,
    target: accountKey,
    subscriptionId,
    standard: { id, version: 1, title: `Title of ${id}`, severity: "high" },
    verdict: "fail",
    state: "open",
    reason: `Reason of ${id}.`,
    fields: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
    condition: null,
    changedBy: "00000000-0000-4000-8000-00000000000a",
    environment: "prod",
    patch: null,
    since: "2026-11-18T12:31:00.000Z",
    presentSince: "2026-11-18T12:30:00.000Z",
    closedAt: null,
    proposal: null,
    ...change,
  };
}

/** The account is open to the internet, its lock is missing, one standard does not apply. */
export function sampleFacts(change: Partial<ResourceFacts> = {}): ResourceFacts {
  return {
    target: accountKey,
    key: accountKey,
    summary: sampleSummary("oai-search", {
      deviations: [
        { standard: "NET-01", state: "waits" },
        { standard: "ACC-12", state: "open" },
      ],
    }),
    sight: { account, members: { deployments: [chat], locks: [] } },
    readAt: "2026-11-18T12:31:00.000Z",
    fault: null,
    judgements: [
      sampleJudgement("NET-01", "fail", { "properties.publicNetworkAccess": "Disabled" }),
      sampleJudgement("ACC-01", "pass", { "properties.disableLocalAuth": true }),
      sampleJudgement("ACC-12", "fail", { "properties.level": "CanNotDelete" }, { remedyTarget: lockKey, safety: "S" }),
      sampleJudgement("NET-05", "notApplicable"),
      sampleJudgement(
        "DEP-05",
        "pass",
        { "properties.versionUpgradeOption": "NoAutoUpgrade" },
        { target: deploymentKey, remedyTarget: deploymentKey },
      ),
    ],
    findings: [sampleFinding("NET-01"), sampleFinding("ACC-12")],
    proposals: [],
    claims: [],
    ...change,
  };
}
