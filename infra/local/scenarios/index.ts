import { empty } from "./empty.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";
import { small } from "./small.ts";

/** What `reset` and the first start can lay down. */
export const scenarios: Readonly<Record<ScenarioName, (options: ScenarioOptions) => Scenario>> = { empty, small };

export const scenarioNames = ["empty", "small"] as const;
export type ScenarioName = (typeof scenarioNames)[number];
