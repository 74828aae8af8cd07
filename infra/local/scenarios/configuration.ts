import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configFileSchema, configSchema, type Config } from "../../../shared/config/schema.ts";

type Overrides = Readonly<Record<string, unknown>>;

const files = {
  /** The file that people change is the one that a fresh start begins with. */
  contoso: join(import.meta.dirname, "../../../steelyard.yaml"),
  small: join(import.meta.dirname, "small.yaml"),
} as const;

const baselines = new Map<string, object>();

/**
 * Version 1 of the product's configuration, as the scenarios `small` and `empty` have it, with changes laid over it.
 *
 * @throws ZodError when the outcome is no configuration
 */
export function configuration(overrides: Overrides): Config {
  return from(files.small, overrides);
}

/**
 * The same for `contoso`: steelyard.yaml.
 *
 * @throws ZodError when the outcome is no configuration
 */
export function contosoConfiguration(overrides: Overrides): Config {
  return from(files.contoso, overrides);
}

function from(file: string, overrides: Overrides): Config {
  const baseline = baselines.get(file) ?? configFileSchema.parse(parse(readFileSync(file, "utf8")));
  baselines.set(file, baseline);
  return configSchema.parse(merge({ ...baseline, version: 1 }, overrides));
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
