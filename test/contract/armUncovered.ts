/**
 * What the local ARM serves although the official contract, as far as it lies beside the clone, doesn't have it. Nobody
 * judges these answers, so each entry says why the operation is served and what its answers go by. The list is exact: an
 * entry that the contract covers, and an operation without an entry, fail test/wire/armExamples.test.ts.
 */
import { parseTarget, type Target } from "../../infra/local/arm/target.ts";

export interface Uncovered {
  /** Resource types, without regard to case. */
  readonly types: readonly string[];
  /** API versions that the contract lacks; without them, it lacks every one that is served. */
  readonly versions?: readonly string[];
  /** Only at such scopes, as a path in lower case; without it, at all. */
  readonly at?: RegExp;
  readonly why: string;
}

const cognitive = (types: string): string[] => types.split(" ").map((type) => `Microsoft.CognitiveServices/${type}`);

const sinceDeployments = cognitive(
  "accounts accounts/deployments accounts/deployments/skus accounts/privateEndpointConnections accounts/raiPolicies accounts/usages accounts/models accounts/defenderForAISettings locations/resourceGroups/deletedAccounts deletedAccounts locations/usages locations/models locations/modelCapacities modelCapacities calculateModelCapacity checkDomainAvailability",
);

export const uncovered: readonly Uncovered[] = [
  {
    types: sinceDeployments,
    versions: ["2024-10-01", "2025-06-01"],
    why: "scripts of people and templates in the field ask in these versions; answered in the shape of 2025-09-01",
  },
  {
    types: cognitive("accounts/projects accounts/connections accounts/projects/connections"),
    versions: ["2025-06-01"],
    why: "the first stable version that has them; answered in the shape of 2025-09-01",
  },
  {
    types: ["Microsoft.Authorization/locks"],
    versions: ["2016-09-01"],
    why: "what the portal and older tools send; the same shape as 2020-05-01",
  },
  {
    types: ["Microsoft.Resources/subscriptions"],
    why: "people look up what there is; shaped as Microsoft's reference describes it",
  },
  {
    types: ["Microsoft.Resources/tags", "Microsoft.Resources/subscriptions/resourceGroups"],
    versions: ["2021-04-01", "2024-03-01"],
    why: "what older tools send; the same shape as 2024-07-01",
  },
  {
    types: ["Microsoft.ResourceGraph/resources"],
    versions: ["2021-03-01", "2022-10-01"],
    why: "what the portal and older tools send; the same shape as 2024-04-01",
  },
  {
    types: [
      "Microsoft.Insights/metrics",
      "Microsoft.Insights/metricDefinitions",
      "Microsoft.Insights/metrics:getBatch",
    ],
    versions: ["2018-01-01", "2021-05-01", "2023-10-01"],
    why: "what exporters ask in; the same shape as 2024-02-01",
  },
  {
    types: ["Microsoft.Insights/metricAlerts"],
    versions: ["2024-03-01-preview", "2026-01-01"],
    why: "2026-01-01 is the version of Microsoft's client; the same shape as 2018-03-01",
  },
  {
    types: ["Microsoft.Insights/actionGroups"],
    versions: ["2021-09-01", "2022-06-01", "2024-10-01-preview"],
    why: "2024-10-01-preview is the version of Microsoft's client; the same shape as 2023-01-01",
  },
  {
    types: ["Microsoft.Insights/activityLogAlerts"],
    why: "a standard asks for them; shaped as Microsoft's templates describe them",
  },
  {
    types: ["Microsoft.OperationalInsights/workspaces"],
    why: "diagnostic settings need a workspace; shaped as Microsoft's templates describe it",
  },
  {
    types: ["Microsoft.Network/privateEndpoints", "Microsoft.Network/privateEndpoints/privateDnsZoneGroups"],
    versions: ["2023-11-01", "2024-01-01", "2024-05-01", "2026-01-01"],
    why: "what templates in the field and Microsoft's client ask in; the same shape as 2025-07-01",
  },
  {
    types: ["Microsoft.Authorization/policyAssignments"],
    versions: ["2022-06-01", "2023-04-01", "2024-04-01"],
    why: "what older tools ask in; the same shape as 2024-05-01",
  },
  {
    types: ["Microsoft.Authorization/policyAssignments"],
    versions: ["2024-05-01"],
    at: /\/accounts\/[^/]+\/providers\/microsoft\.authorization\/policyassignments$/,
    why: "the contract has resources as any path behind any provider, which its judge can't tell from others",
  },
  {
    types: [
      "Microsoft.Authorization/roleEligibilitySchedules",
      "Microsoft.Authorization/roleEligibilityScheduleInstances",
    ],
    why: "who may activate a role; shaped as the schedules of assignments, which the contract has",
  },
  {
    types: ["Microsoft.Authorization/policyExemptions"],
    why: "exemptions are what the access loop grants of Azure Policy; shaped as Microsoft's templates describe them",
  },
];

/** The entry that an exchange falls under; undefined when the contract has to know it. */
export function uncoveredBy(method: string, url: URL): Uncovered | undefined {
  const type = typeOf(method, url.pathname);
  const version = [...url.searchParams].find(([name]) => name.toLowerCase() === "api-version")?.[1]?.toLowerCase();
  return uncovered.find(
    ({ types, versions, at }) =>
      (at?.test(url.pathname.toLowerCase()) ?? true) &&
      types.some((one) => one.toLowerCase() === type) &&
      (versions === undefined || (version !== undefined && versions.includes(version))),
  );
}

function typeOf(method: string, path: string): string | undefined {
  let target: Target;
  try {
    target = parseTarget(method, path);
  } catch {
    // No ARM path: nothing that could be listed, so the judge sees it.
    return undefined;
  }
  const last = target.types === "" ? (target.action ?? "") : target.types;
  return `${target.namespace}/${last}`.toLowerCase();
}
