/** Summaries of accounts for tests of what people see of the estate. */
import type { Deviation } from "../../shared/desired/documents.ts";
import { partitionOf, toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import type { EstateStandard, Summary } from "../../shared/view/estateModel.ts";

export const subscriptionId = "5b000000-0000-4000-8000-000000000001";

export function accountId(name: string, resourceGroup = "rg-payments"): ResourceId {
  return toResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.CognitiveServices/accounts/${name}`,
  )!;
}

export function sampleDeployment(
  name: string,
  change: Partial<Summary["deployments"][number]> = {},
): Summary["deployments"][number] {
  return {
    name,
    model: "gpt-4.1-mini",
    version: "2025-04-14",
    sku: "GlobalStandard",
    capacity: 120,
    isPaused: false,
    ...change,
  };
}

const ranks: Readonly<Record<Deviation["state"], number>> = { blocked: 4, waits: 3, open: 2, unknown: 2, waived: 1 };

/** An account that is as it should be, but for `deviations`: of the account itself where no target is named. */
export function sampleSummary(
  name: string,
  change: Partial<Omit<Summary, "deviations">> & {
    readonly deviations?: readonly (Pick<Deviation, "standard" | "state"> & Partial<Deviation>)[];
  } = {},
): Summary {
  const key = accountId(name);
  const deviations = (change.deviations ?? []).map((deviation) => ({ target: key, condition: null, ...deviation }));
  const deployments = change.deployments ?? [sampleDeployment("chat"), sampleDeployment("mail")];
  return {
    id: "summary",
    pk: partitionOf(key),
    kind: "summary",
    key,
    present: true,
    name,
    subscriptionId,
    resourceGroup: "rg-payments",
    location: "swedencentral",
    accountKind: "OpenAI",
    environment: "prod",
    archetype: "corp",
    businessUnit: "Payments",
    deploymentsUnread: false,
    policies: [],
    exempt: [],
    targets: 1 + deployments.length,
    judged: 10,
    met: 10 - deviations.length,
    rank: Math.max(0, ...deviations.map(({ state }) => ranks[state])),
    at: "2026-11-18T12:00:00.000Z",
    ...change,
    deployments,
    deviations,
  };
}

const standard = (id: string, label: string, view: EstateStandard["view"], archetypes = ["corp", "online"]) => ({
  id,
  title: `${label} is as it should be`,
  label,
  view,
  archetypes,
});

export const sampleStandards: readonly EstateStandard[] = [
  standard("ACC-01", "Local auth", "accounts"),
  standard("ACC-02", "Identity", "accounts"),
  standard("ACC-12", "Lock", "accounts"),
  standard("MON-01", "Diagnostics", "accounts"),
  standard("NET-01", "Public network access", "accounts", ["corp"]),
  standard("NET-05", "Addresses", "accounts", ["online"]),
  standard("TAG-01", "Tag owner", "accounts"),
  standard("TAG-04", "Tag costCenter", "accounts"),
  standard("DEP-03", "Retirement", "deployments"),
  standard("DEP-05", "Upgrade option", "deployments"),
  standard("DEP-10", "Content filter", "deployments"),
  standard("RAI-01", "Prompt shields", "policies"),
];
