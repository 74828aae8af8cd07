/** Models: which Contoso has approved, what its deployments look like, how much quota there is and what the ceilings are. */
import { modelsIn } from "../../arm/modelCatalogue.ts";
import type { Quota } from "../../arm/model.ts";
import { enrolled, regions } from "./organisation.ts";

export interface ModelVersion {
  readonly format: "OpenAI";
  readonly name: string;
  readonly version: string;
}

const openAi = (name: string, version: string): ModelVersion => ({ format: "OpenAI", name, version });

export const approvedModels: readonly ModelVersion[] = [
  openAi("gpt-4.1", "2025-04-14"),
  openAi("gpt-4.1-mini", "2025-04-14"),
  openAi("gpt-4.1-nano", "2025-04-14"),
  openAi("gpt-5", "2025-08-07"),
  openAi("gpt-5-mini", "2025-08-07"),
  openAi("gpt-5-nano", "2025-08-07"),
  openAi("gpt-5.1", "2025-11-13"),
  openAi("gpt-5.2", "2025-12-11"),
  openAi("o3", "2025-04-16"),
  openAi("o4-mini", "2025-04-16"),
  openAi("text-embedding-3-large", "1"),
  openAi("text-embedding-3-small", "1"),
];

/** Forgotten ones, one that was retired long ago, and one that is too new to have been looked at. */
export const unapprovedModels: readonly ModelVersion[] = [
  openAi("gpt-4o", "2024-08-06"),
  openAi("gpt-4o-mini", "2024-07-18"),
  openAi("o1", "2024-12-17"),
  openAi("text-embedding-ada-002", "2"),
  openAi("gpt-5.4", "2026-03-05"),
];

export const catalogue = modelsIn(regions.map(({ name }) => name));

/** The most that a deployment may have: thousands of tokens a minute, or PTU, by SKU. */
export const ceilings: Readonly<Record<string, number>> = {
  Standard: 300,
  DataZoneStandard: 1000,
  GlobalStandard: 2000,
  ProvisionedManaged: 200,
  DataZoneProvisionedManaged: 200,
  GlobalProvisionedManaged: 300,
};

/** A region's quota in a subscription: thousands of tokens a minute for a model, PTU for all models together. */
const quotaBySku: Readonly<Record<string, number>> = {
  Standard: 1500,
  DataZoneStandard: 3000,
  GlobalStandard: 10_000,
  GlobalBatch: 20_000,
  ProvisionedManaged: 700,
  DataZoneProvisionedManaged: 500,
  GlobalProvisionedManaged: 1000,
};

export function quotas(): Omit<Quota, "localizedName">[] {
  const pools = new Map<string, number>();
  for (const { skus } of catalogue) for (const sku of skus) pools.set(sku.usageName, quotaBySku[sku.name] ?? 0);
  return enrolled.flatMap(({ id }) =>
    regions.flatMap(({ name }) =>
      [...pools].map(([usageName, limit]) => ({ subscriptionId: id, location: name, usageName, limit })),
    ),
  );
}

/** @throws Error when Contoso has approved no model of that name */
export function approved(name: string): ModelVersion {
  const found = approvedModels.find((model) => model.name === name);
  if (found === undefined) throw new Error(`Contoso has not approved '${name}'`);
  return found;
}
