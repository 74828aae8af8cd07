/** Estates as looks may see them, for standards to be judged on. */
import * as fc from "fast-check";
import type { Body } from "../../shared/desired/compare.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import { toResourceId } from "../../shared/estate/resourceId.ts";
import type { MemberKind, Resource, Sight } from "../../shared/estate/sight.ts";
import { dayMs, hourMs, toIso } from "../../shared/kernel/clock.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import {
  accountBody,
  alertBodies,
  assignmentBody,
  connectionBody,
  defenderBody,
  deploymentBody,
  exemptionBody,
  groupBody,
  lockBody,
  modelBodies,
  nowMs,
  oids,
  policyBody,
  principals,
  roleBody,
  settingBody,
  some,
  useCaseBody,
  zoneGroupBody,
} from "./judgedBodies.ts";

const account = "Microsoft.CognitiveServices/accounts";
const group = sampleAccountId.split("/providers")[0]!;

/** Where what belongs to it lies, and of which type it is. */
const kinds: Readonly<Record<MemberKind, readonly [path: string, type: string]>> = {
  deployments: [`${sampleAccountId}/deployments/`, `${account}/deployments`],
  raiPolicies: [`${sampleAccountId}/raiPolicies/`, `${account}/raiPolicies`],
  models: [`${sampleAccountId}/models/`, ""],
  projects: [`${sampleAccountId}/projects/`, `${account}/projects`],
  connections: [`${sampleAccountId}/connections/`, `${account}/connections`],
  defender: [`${sampleAccountId}/defenderForAISettings/`, `${account}/defenderForAISettings`],
  diagnosticSettings: [`${authority("microsoft.insights")}/diagnosticSettings/`, ""],
  alertRules: [`${group}/providers/microsoft.insights/metricAlerts/`, "Microsoft.Insights/metricAlerts"],
  privateEndpoints: [`${group}/providers/Microsoft.Network/privateEndpoints/`, "Microsoft.Network/privateEndpoints"],
  privateDnsZoneGroups: [`${group}/providers/Microsoft.Network/privateEndpoints/pe/privateDnsZoneGroups/`, ""],
  locks: [`${authority("microsoft.authorization")}/locks/`, ""],
  roleAssignments: [
    `${authority("microsoft.authorization")}/roleAssignments/`,
    "Microsoft.Authorization/roleAssignments",
  ],
  policyAssignments: [`${authority("microsoft.authorization")}/policyAssignments/`, ""],
  policyExemptions: [`${authority("microsoft.authorization")}/policyExemptions/`, ""],
  resourceGroup: [group, "Microsoft.Resources/resourceGroups"],
  useCaseAccounts: [`${group}/providers/${account}/`, account],
};

function authority(namespace: string): string {
  return `${sampleAccountId}/providers/${namespace}`;
}

export function resource(kind: MemberKind, name: string, made: Body): Resource {
  const [path, type] = kinds[kind];
  const text = kind === "resourceGroup" ? path : `${path}${name}`;
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

export const sights: fc.Arbitrary<Sight> = fc
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
    defender: list("defender", ["Default"], defenderBody),
    alertRules: alertBodies.map((all) => all.map(([name, made]) => resource("alertRules", name, made))),
    privateEndpoints: fc.constant([resource("privateEndpoints", "pe", {})]),
    privateDnsZoneGroups: list("privateDnsZoneGroups", ["zones"], zoneGroupBody),
    useCaseAccounts: list("useCaseAccounts", ["second", "third"], useCaseBody),
    connections: list("connections", ["search", "tool"], connectionBody),
    policyAssignments: list("policyAssignments", ["guardrails", "other"], assignmentBody),
    policyExemptions: list("policyExemptions", ["waiver"], exemptionBody),
    roleAssignments: list("roleAssignments", oids, roleBody),
    models: modelBodies.map((all) => all.map((one) => ({ ...resource("models", one.name, {}), body: one }))),
    around: groupBody,
  })
  .map(({ account: made, age, around, ...members }) => {
    const parsed = parseAccount({ properties: {}, ...made, id: sampleAccountId, name: "sample", type: account });
    return {
      account: { ...parsed, createdAt: toIso(nowMs - age) },
      members: { ...members, resourceGroup: [resource("resourceGroup", "rg", around)] },
      principals,
    };
  });
