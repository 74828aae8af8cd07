import { configSchema, type Config, type ConfigInput } from "../../../shared/config/schema.ts";
import { subscriptions } from "./people.ts";

/** Version 1 of the product's configuration, as every scenario has it. */
const baseline: ConfigInput = {
  version: 1,
  subscriptions: subscriptions.map(({ id, name, archetype }) => ({ id, name, archetype, level: "enforce" })),
  standards: [{ id: "NET-01", mode: "approve" }],
};

/**
 * The scenario's configuration with changes laid over it.
 *
 * @throws ZodError when the outcome is no configuration
 */
export function configuration(overrides: Readonly<Record<string, unknown>>): Config {
  return configSchema.parse(merge(baseline, overrides));
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = key in base ? merge(base[key], value) : value;
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
