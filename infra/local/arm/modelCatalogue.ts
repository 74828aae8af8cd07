/**
 * The catalogue and quotas that an estate has unless its seed says otherwise, in three regions. Capacity steps and
 * throughput are those of Microsoft's tables of April 2026 (standard: 1 unit = 1,000 tokens a minute; provisioned: 1 unit
 * = 1 PTU; batch: 1 unit = 1,000 enqueued tokens), lifecycle and retirement dates those published in February 2026. They
 * move: nothing may be concluded from them about the real service.
 */
import type { CatalogueModel, ModelSku } from "./model.ts";

export const DEFAULT_LOCATIONS = ["swedencentral", "westeurope", "eastus2"] as const;

/** Units in each pool that no seed sets. */
export const DEFAULT_QUOTA = 5000;

/** The largest deployment of a provisioned SKU (PTU). */
const PTU_MAX = 100_000;
const STANDARD_MAX = 10_000;
/** The largest batch deployment, thousands of enqueued tokens; from memory (MEM). */
const BATCH_MAX = 1_000_000;

const standardSkus = ["Standard", "DataZoneStandard", "GlobalStandard"] as const;

/** How a model is sold by PTU: its steps in one region, tokens a minute per PTU, and what an output token counts. */
interface Provisioned {
  readonly step: number;
  /** The step, unless said otherwise. */
  readonly minimum?: number;
  readonly inputTokensPerPtu: number;
  readonly outputWeight: number;
}

interface Offer {
  readonly provisioned?: Provisioned;
  /** Date from which it is gone, and the model that follows. */
  readonly retires?: string;
  readonly successor?: readonly [name: string, version: string];
  /** Standard deployments go earlier than the others. */
  readonly standardRetires?: string;
  readonly lifecycle?: string;
  readonly isDefault?: false;
  readonly batch?: true;
  readonly perUnit?: CatalogueModel["perUnit"];
}

const instant = (date: string): string => `${date}T00:00:00Z`;

/** Provisioned pools are shared by all models; standard and batch pools belong to one. */
function skus(name: string, { provisioned, batch, standardRetires }: Offer): ModelSku[] {
  const standard = standardSkus.map((sku) => ({
    name: sku,
    usageName: `OpenAI.${sku}.${name}`,
    capacity: { minimum: 1, maximum: STANDARD_MAX, step: 1, default: 10 },
    ...(sku === "Standard" && standardRetires !== undefined ? { deprecationDate: instant(standardRetires) } : {}),
  }));
  const batches = ["GlobalBatch"].map((sku) => ({
    name: sku,
    usageName: `OpenAI.${sku}.${name}`,
    capacity: { minimum: 1, maximum: BATCH_MAX, step: 1, default: 50 },
  }));
  const tokens = batch === true ? [...standard, ...batches] : standard;
  if (provisioned === undefined) return tokens;
  const zoned = ["DataZoneProvisionedManaged", "GlobalProvisionedManaged"].map((sku) => ({
    name: sku,
    usageName: `OpenAI.${sku}`,
    capacity: { minimum: 15, maximum: PTU_MAX, step: 5, default: 15 },
  }));
  const { step, minimum = step } = provisioned;
  const regional = {
    name: "ProvisionedManaged",
    usageName: "OpenAI.ProvisionedManaged",
    capacity: { minimum, maximum: PTU_MAX, step, default: minimum },
  };
  return [...tokens, ...zoned, regional];
}

function model(name: string, version: string, kind: "chatCompletion" | "embeddings", offer: Offer): CatalogueModel {
  const { provisioned, retires, successor, lifecycle = "GenerallyAvailable", isDefault = true } = offer;
  const deprecation =
    retires === undefined
      ? {}
      : { deprecation: { inference: instant(retires), deprecationStatus: "Planned" as const } };
  const replacement =
    successor === undefined
      ? {}
      : { replacementConfig: { targetModelName: successor[0], targetModelVersion: successor[1] } };
  return {
    format: "OpenAI",
    name,
    version,
    isDefaultVersion: isDefault,
    lifecycleStatus: lifecycle,
    capabilities: { inference: "true", [kind]: "true" },
    ...deprecation,
    ...replacement,
    skus: skus(name, offer),
    ...(offer.perUnit === undefined ? {} : { perUnit: offer.perUnit }),
    ...(provisioned === undefined
      ? {}
      : {
          throughput: { inputTokensPerPtu: provisioned.inputTokensPerPtu, outputWeight: provisioned.outputWeight },
        }),
    locations: DEFAULT_LOCATIONS,
  };
}

const chat = (name: string, version: string, offer: Offer): CatalogueModel =>
  model(name, version, "chatCompletion", offer);

const ptu = (step: number, inputTokensPerPtu: number, outputWeight: number): Provisioned => ({
  step,
  inputTokensPerPtu,
  outputWeight,
});

/** What a unit of o3 and o4-mini allows in a minute. */
const reasoning = { tokens: 1000, requests: 1 };

const gpt51 = ["gpt-5.1", "2025-11-13"] as const;
const gpt5 = ["gpt-5", "2025-08-07"] as const;
const gpt5mini = ["gpt-5-mini", "2025-08-07"] as const;

export const defaultModels: readonly CatalogueModel[] = [
  chat("gpt-4o", "2024-11-20", { provisioned: ptu(50, 2500, 4), retires: "2026-10-01", successor: gpt51, batch: true }),
  chat("gpt-4o", "2024-08-06", {
    provisioned: ptu(50, 2500, 4),
    retires: "2026-10-01",
    standardRetires: "2026-03-31",
    successor: gpt51,
    lifecycle: "Deprecating",
    isDefault: false,
    batch: true,
  }),
  chat("gpt-4o-mini", "2024-07-18", {
    provisioned: ptu(25, 37_000, 4),
    retires: "2026-10-01",
    standardRetires: "2026-03-31",
    successor: ["gpt-4.1-mini", "2025-04-14"],
    batch: true,
  }),
  chat("gpt-4.1", "2025-04-14", { provisioned: ptu(50, 3000, 4), retires: "2026-10-14", successor: gpt5, batch: true }),
  chat("gpt-4.1-mini", "2025-04-14", {
    provisioned: ptu(25, 14_900, 4),
    retires: "2026-10-14",
    successor: gpt5mini,
    batch: true,
  }),
  chat("gpt-4.1-nano", "2025-04-14", {
    provisioned: ptu(25, 59_400, 4),
    retires: "2026-10-14",
    successor: ["gpt-5-nano", "2025-08-07"],
    batch: true,
  }),
  chat("gpt-5", "2025-08-07", { provisioned: ptu(50, 4750, 8), retires: "2027-02-06", batch: true }),
  chat("gpt-5-mini", "2025-08-07", { provisioned: ptu(25, 23_750, 8), retires: "2027-02-06", batch: true }),
  chat("gpt-5-nano", "2025-08-07", { retires: "2027-02-06" }),
  chat("gpt-5.1", "2025-11-13", { provisioned: ptu(50, 4750, 8), retires: "2027-05-15", batch: true }),
  chat("gpt-5.2", "2025-12-11", { provisioned: ptu(50, 3400, 8) }),
  chat("gpt-5.4", "2026-03-05", { provisioned: ptu(50, 2400, 6) }),
  chat("o1", "2024-12-17", {
    provisioned: { ...ptu(50, 230, 4), minimum: 25 },
    perUnit: { tokens: 6000, requests: 1 },
    retires: "2026-07-15",
    successor: ["o3", "2025-04-16"],
    lifecycle: "Deprecating",
  }),
  chat("o3-mini", "2025-01-31", {
    provisioned: ptu(25, 2500, 4),
    perUnit: { tokens: 10_000, requests: 1 },
    retires: "2026-08-02",
    successor: ["o4-mini", "2025-04-16"],
    lifecycle: "Deprecating",
    batch: true,
  }),
  chat("o3", "2025-04-16", { provisioned: ptu(50, 3000, 4), perUnit: reasoning, retires: "2026-10-16", batch: true }),
  chat("o4-mini", "2025-04-16", {
    provisioned: ptu(25, 5400, 4),
    perUnit: reasoning,
    retires: "2026-10-16",
    batch: true,
  }),
  model("text-embedding-3-large", "1", "embeddings", {}),
  model("text-embedding-3-small", "1", "embeddings", {}),
  model("text-embedding-ada-002", "2", "embeddings", { lifecycle: "Legacy" }),
];

/** The same catalogue, offered in these regions. */
export function modelsIn(locations: readonly string[]): readonly CatalogueModel[] {
  return defaultModels.map((one) => ({ ...one, locations }));
}

/** As ARM words the pools: `Tokens Per Minute (thousands) - gpt-4o - GlobalStandard`. */
export function localizedUsage(usageName: string): string {
  const [, sku = "", ...name] = usageName.split(".");
  if (name.length === 0) return `Provisioned Managed Throughput Unit - ${sku}`;
  if (sku === "GlobalBatch") return `Enqueued Tokens (thousands) - ${name.join(".")} - ${sku}`;
  return `Tokens Per Minute (thousands) - ${name.join(".")}${sku === "Standard" ? "" : ` - ${sku}`}`;
}
