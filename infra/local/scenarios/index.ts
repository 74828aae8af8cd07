import { contoso } from "./contoso.ts";
import { empty } from "./empty.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";
import { small } from "./small.ts";

/** What `reset` and the first start can lay down. */
export const scenarios: Readonly<Record<ScenarioName, (options: ScenarioOptions) => Scenario>> = {
  contoso,
  empty,
  small,
};

export const scenarioNames = ["contoso", "empty", "small"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** Those in which colleagues act by themselves. */
export const eventful: readonly ScenarioName[] = ["contoso"];
