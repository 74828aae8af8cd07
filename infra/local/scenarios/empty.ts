import { configuration } from "./configuration.ts";
import { lockOperator, people, roleAssignments, servicePrincipals, subscriptions } from "./people.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";

/** Subscriptions, people and roles, and nothing in them. */
export function empty(options: ScenarioOptions): Scenario {
  return {
    laidMs: options.nowMs,
    subscriptions,
    resourceGroups: [],
    resources: [],
    roleAssignments: roleAssignments(),
    roleDefinitions: [lockOperator(subscriptions)],
    people,
    groups: [],
    servicePrincipals,
    documents: [],
    config: configuration(options.config),
  };
}
