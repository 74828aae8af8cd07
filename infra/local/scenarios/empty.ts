import { configuration } from "./configuration.ts";
import { customRoles, people, roleAssignments, servicePrincipals, subscriptions } from "./people.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";

/** Subscriptions, people and roles, and nothing in them. */
export function empty(options: ScenarioOptions): Scenario {
  return {
    laidMs: options.nowMs,
    subscriptions,
    resourceGroups: [],
    resources: [],
    roleAssignments: roleAssignments(),
    roleDefinitions: customRoles(subscriptions),
    people,
    groups: [],
    servicePrincipals,
    documents: [],
    config: configuration(options.config),
  };
}
