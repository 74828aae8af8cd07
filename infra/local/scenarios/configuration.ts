import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configFileSchema, configSchema, type Config } from "../../../shared/config/schema.ts";

/** The file that people change is the one that a fresh start begins with. */
const file = join(import.meta.dirname, "../../../steelyard.yaml");

let baseline: object | undefined;

/**
 * Version 1 of the product's configuration, as every scenario has it, with changes laid over it.
 *
 * @throws ZodError when the outcome is no configuration
 */
export function configuration(overrides: Readonly<Record<string, unknown>>): Config {
  baseline ??= configFileSchema.parse(parse(readFileSync(file, "utf8")));
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
