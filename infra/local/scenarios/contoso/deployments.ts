/** What an account of Contoso deploys, and the content filter that its deployments name. */
import { approved, ceilings, type ModelVersion } from "./models.ts";
import type { UseCase } from "./organisation.ts";
import { between, pick } from "./random.ts";
import { createdBy, type Draft, type Making, type Site } from "./site.ts";

/** The organisation's content filter, by name on every account. */
export const BASELINE = "contoso-baseline";

const harms = ["hate", "sexual", "selfharm", "violence"] as const;

/** The approved body of {@link BASELINE}. */
export function baselineProperties(): Record<string, unknown> {
  return {
    mode: "Default",
    basePolicyName: "Microsoft.DefaultV2",
    contentFilters: [
      ...harms.flatMap((name) =>
        ["Prompt", "Completion"].map((source) => ({
          name,
          enabled: true,
          blocking: true,
          severityThreshold: "Medium",
          source,
        })),
      ),
      { name: "jailbreak", enabled: true, blocking: true, source: "Prompt" },
      { name: "indirect_attack", enabled: true, blocking: true, source: "Prompt" },
      { name: "protected_material_text", enabled: true, blocking: true, source: "Completion" },
    ],
  };
}

export function policy(site: Site, name: string, properties: Record<string, unknown>, making: Making): Draft {
  return {
    id: `${site.account.id}/raiPolicies/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts/raiPolicies",
    systemData: createdBy(site.useCase, making),
    properties,
  };
}

/** @throws Error when the account has none */
export function baselineOf({ account, policies }: Site): Draft {
  const found = policies.find(({ name }) => name === BASELINE);
  if (found === undefined) throw new Error(`${account.name} has no content filter of that name`);
  return found;
}

/** How far a use case's data may travel, which its SKUs have to keep to. */
type Residency = "Global" | "DataZone" | "Regional";

function residencyOf({ dataClass, unit }: UseCase): Residency {
  if (dataClass !== "confidential") return "Global";
  return unit === "finance" ? "Regional" : "DataZone";
}

const tokenSku = { Global: "GlobalStandard", DataZone: "DataZoneStandard", Regional: "Standard" } as const;
const provisionedSku = {
  Global: "GlobalProvisionedManaged",
  DataZone: "DataZoneProvisionedManaged",
  Regional: "ProvisionedManaged",
} as const;

const chatModels = ["gpt-4.1", "gpt-5", "gpt-5.1", "gpt-5.2"];
const smallModels = ["gpt-4.1-mini", "gpt-5-mini", "gpt-4.1-nano", "gpt-5-nano"];
const reasoningModels = ["o3", "o4-mini"];
const embeddings = ["text-embedding-3-large", "text-embedding-3-small"];

/** Use cases whose production is served from provisioned throughput whatever the seed: one of each SKU. */
const provisionedAlways = ["search", "shop", "claims", "customs"];

/** Thousands of tokens a minute that a deployment of the SKU takes in an environment, at most. */
function tokensMax(sku: string, isProd: boolean): number {
  const ceiling = ceilings[sku] ?? 0;
  return isProd ? ceiling * 0.6 : ceiling * 0.1;
}

export function layDeployments(site: Site, making: Making): void {
  const { random } = making;
  const { useCase, environment } = site;
  const isProd = environment === "prod";
  const sku = tokenSku[residencyOf(useCase)];
  const chat = pick(chatModels, random);
  const names = [chat, ...(isProd || random() < 0.15 ? [pick(smallModels, random)] : []), pick(embeddings, random)];
  if (random() < (isProd ? 0.3 : 0.1)) names.push(pick(reasoningModels, random));
  for (const name of names) {
    const capacity = between(10, Math.max(20, tokensMax(sku, isProd)), 10, random);
    site.deployments.push(deployment(site, name, approved(name), { name: sku, capacity }, making));
  }
  if (!isProd) return;
  if (provisionedAlways.includes(useCase.id) || random() < 0.25) {
    const ptu = provisionedSku[residencyOf(useCase)];
    // Regional deployments of these models come in steps of 50 PTU, the others in steps of 5 from 15 on.
    const capacity = ptu === "ProvisionedManaged" ? between(50, 100, 50, random) : between(15, 90, 5, random);
    const made = deployment(site, `${chat}-ptu`, approved(chat), { name: ptu, capacity }, making);
    made.properties["spilloverDeploymentName"] = chat;
    site.deployments.push(made);
  }
}

/** A deployment as it should be in its environment. */
export function deployment(
  site: Site,
  name: string,
  model: ModelVersion,
  sku: { name: string; capacity: number },
  making: Making,
): Draft {
  const isProd = site.environment === "prod";
  return {
    id: `${site.account.id}/deployments/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts/deployments",
    sku,
    systemData: createdBy(site.useCase, making),
    properties: {
      model: { ...model },
      // Nobody is bound to an option outside of production.
      versionUpgradeOption: isProd
        ? "OnceCurrentVersionExpired"
        : pick(["NoAutoUpgrade", "OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired"], making.random),
      raiPolicyName: model.name.startsWith("text-embedding") ? "Microsoft.DefaultV2" : BASELINE,
    },
  };
}
