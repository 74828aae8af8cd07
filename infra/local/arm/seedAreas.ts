/** Lays the resources of a seed that their own PUT can make: alerts, workspaces, endpoints, diagnostics, policy. */
import type { Call, Core, Serve } from "./call.ts";
import { activityLogAlerts } from "./monitor/activityLogAlerts.ts";
import { actionGroups, metricAlerts } from "./monitor/alerts.ts";
import { diagnosticSettings } from "./monitor/diagnosticSettings.ts";
import { layPolicyAssignment, policyAssignments } from "./policy/assignments.ts";
import { policyExemptions } from "./policy/exemptions.ts";
import { privateDnsZoneGroups } from "./privateDnsZoneGroups.ts";
import { privateEndpoints } from "./privateEndpoints.ts";
import { Rbac } from "./rbac.ts";
import { workspaces } from "./workspaces.ts";

/** What others refer to comes first. */
const order: readonly (readonly [string, Serve | undefined])[] = [
  ...[
    workspaces,
    actionGroups,
    privateEndpoints,
    privateDnsZoneGroups,
    diagnosticSettings,
    metricAlerts,
    activityLogAlerts,
  ].map(({ name, item }) => [name, item?.PUT] as const),
  [
    policyAssignments.name,
    (core, call) => {
      layPolicyAssignment(core, call);
      return { status: 201 };
    },
  ],
  [policyExemptions.name, policyExemptions.item?.PUT],
];

export function isAreaType(type: string): boolean {
  return order.some(([name]) => name.toLowerCase() === type.toLowerCase());
}

/** A seed may do everything. */
class SeedRbac extends Rbac {
  override allows(): boolean {
    return true;
  }
}

/** @param calls a PUT for each resource, with its type */
export function layAreas(core: Core, calls: readonly { readonly type: string; readonly call: Call }[]): void {
  const seeding = { ...core, rbac: new SeedRbac(core.state, () => []) };
  for (const [name, put] of order) {
    for (const { type, call } of calls) if (type.toLowerCase() === name.toLowerCase()) put?.(seeding, call);
  }
}
