/**
 * The catalogue and quotas that an estate has unless its seed says otherwise: a handful of models with the capacity steps
 * of Microsoft's tables (standard: 1 unit = 1,000 tokens a minute; provisioned: 1 unit = 1 PTU), in three regions.
 */
import type { CatalogueModel, ModelSku } from "./model.ts";

export const DEFAULT_LOCATIONS = ["swedencentral", "westeurope", "eastus2"] as const;

/** Units in each pool that no seed sets. */
export const DEFAULT_QUOTA = 5000;

/** The largest deployment of a provisioned SKU (PTU). */
const PTU_MAX = 100_000;
const STANDARD_MAX = 10_000;

const standardSkus = ["Standard", "DataZoneStandard", "GlobalStandard"] as const;

/** Provisioned pools are shared by all models; standard pools belong to one. */
function skus(name: string, provisioned: { minimum: number; step: number } | undefined): ModelSku[] {
  const standard = standardSkus.map((sku) => ({
    name: sku,
    usageName: `OpenAI.${sku}.${name}`,
    capacity: { minimum: 1, maximum: STANDARD_MAX, step: 1, default: 10 },
  }));
  if (provisioned === undefined) return standard;
  const zoned = ["DataZoneProvisionedManaged", "GlobalProvisionedManaged"].map((sku) => ({
    name: sku,
    usageName: `OpenAI.${sku}`,
    capacity: { minimum: 15, maximum: PTU_MAX, step: 5, default: 15 },
  }));
  const { minimum, step } = provisioned;
  const regional = {
    name: "ProvisionedManaged",
    usageName: "OpenAI.ProvisionedManaged",
    capacity: { minimum, maximum: PTU_MAX, step, default: minimum },
  };
  return [...standard, ...zoned, regional];
}

function model(
  name: string,
  version: string,
  kind: "chatCompletion" | "embeddings",
  provisioned?: { minimum: number; step: number },
): CatalogueModel {
  return {
    format: "OpenAI",
    name,
    version,
    isDefaultVersion: true,
    lifecycleStatus: "GenerallyAvailable",
    capabilities: { inference: "true", [kind]: "true" },
    skus: skus(name, provisioned),
    locations: DEFAULT_LOCATIONS,
  };
}

export const defaultModels: readonly CatalogueModel[] = [
  model("gpt-4o", "2024-11-20", "chatCompletion", { minimum: 50, step: 50 }),
  model("gpt-4o-mini", "2024-07-18", "chatCompletion", { minimum: 25, step: 25 }),
  model("gpt-4.1", "2025-04-14", "chatCompletion", { minimum: 50, step: 50 }),
  model("gpt-4.1-mini", "2025-04-14", "chatCompletion", { minimum: 25, step: 25 }),
  model("gpt-5", "2025-08-07", "chatCompletion", { minimum: 50, step: 50 }),
  model("gpt-5-mini", "2025-08-07", "chatCompletion", { minimum: 25, step: 25 }),
  model("o4-mini", "2025-04-16", "chatCompletion", { minimum: 25, step: 25 }),
  model("text-embedding-3-large", "1", "embeddings"),
  model("text-embedding-3-small", "1", "embeddings"),
];

/** As ARM words the pools: `Tokens Per Minute (thousands) - gpt-4o - GlobalStandard`. */
export function localizedUsage(usageName: string): string {
  const [, sku = "", ...name] = usageName.split(".");
  if (name.length === 0) return `Provisioned Managed Throughput Unit - ${sku}`;
  return `Tokens Per Minute (thousands) - ${name.join(".")}${sku === "Standard" ? "" : ` - ${sku}`}`;
}
