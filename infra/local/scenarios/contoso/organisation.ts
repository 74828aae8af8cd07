/**
 * Contoso, the company of scenario `contoso`: business units and their teams, subscriptions, use cases, regions. The same
 * for every seed, because steelyard.yaml names its subscriptions and people; what a seed varies is what they run there.
 */
import type { SeedSubscription } from "../scenario.ts";

export const environments = ["prod", "test", "dev"] as const;
export type Environment = (typeof environments)[number];

export type Archetype = SeedSubscription["archetype"];

export interface BusinessUnit {
  readonly id: string;
  readonly name: string;
  readonly costCenter: string;
}

export const businessUnits = [
  { id: "retail", name: "Retail", costCenter: "CC-2100" },
  { id: "finance", name: "Financial Services", costCenter: "CC-2200" },
  { id: "logistics", name: "Logistics", costCenter: "CC-2300" },
  { id: "research", name: "Research", costCenter: "CC-2400" },
] as const satisfies readonly BusinessUnit[];

export type UnitId = (typeof businessUnits)[number]["id"];

/** How sensitive the data of a use case is; `confidential` stays in its data zone. */
export type DataClass = "public" | "internal" | "confidential";

/** What a team runs models for. */
export interface UseCase {
  readonly id: string;
  readonly unit: UnitId;
  readonly team: string;
  readonly archetype: Archetype;
  readonly dataClass: DataClass;
  /** Foundry accounts have projects and connections; OpenAI accounts have deployments only. */
  readonly kind: "OpenAI" | "AIServices";
  /** In how many regions it is in production. */
  readonly prodRegions: 1 | 2;
  /** Where else it is. */
  readonly others: readonly ("test" | "dev")[];
}

const corp = { archetype: "corp", prodRegions: 1 } as const;
const online = { archetype: "online", prodRegions: 1 } as const;
const both = ["test", "dev"] as const;

/** 16 use cases in 40 accounts: 20 of prod, 10 of test, 10 of dev. */
export const useCases: readonly UseCase[] = [
  { ...corp, id: "search", unit: "retail", team: "retail-search", dataClass: "internal", kind: "OpenAI", others: both },
  {
    ...online,
    id: "shop",
    unit: "retail",
    team: "retail-shop",
    dataClass: "public",
    kind: "AIServices",
    others: both,
    prodRegions: 2,
  },
  {
    ...online,
    id: "reviews",
    unit: "retail",
    team: "retail-shop",
    dataClass: "public",
    kind: "OpenAI",
    others: ["dev"],
  },
  {
    ...corp,
    id: "pricing",
    unit: "retail",
    team: "retail-search",
    dataClass: "confidential",
    kind: "OpenAI",
    others: [],
  },
  {
    ...corp,
    id: "claims",
    unit: "finance",
    team: "finance-claims",
    dataClass: "confidential",
    kind: "AIServices",
    others: both,
    prodRegions: 2,
  },
  {
    ...corp,
    id: "kyc",
    unit: "finance",
    team: "finance-claims",
    dataClass: "confidential",
    kind: "OpenAI",
    others: ["test"],
  },
  {
    ...corp,
    id: "advisor",
    unit: "finance",
    team: "finance-advice",
    dataClass: "confidential",
    kind: "AIServices",
    others: ["test"],
    prodRegions: 2,
  },
  {
    ...corp,
    id: "audit",
    unit: "finance",
    team: "finance-advice",
    dataClass: "confidential",
    kind: "OpenAI",
    others: ["dev"],
  },
  {
    ...corp,
    id: "routing",
    unit: "logistics",
    team: "logistics-planning",
    dataClass: "internal",
    kind: "OpenAI",
    others: both,
  },
  {
    ...online,
    id: "tracking",
    unit: "logistics",
    team: "logistics-service",
    dataClass: "internal",
    kind: "AIServices",
    others: both,
    prodRegions: 2,
  },
  {
    ...online,
    id: "helpdesk",
    unit: "logistics",
    team: "logistics-service",
    dataClass: "internal",
    kind: "OpenAI",
    others: ["test"],
  },
  {
    ...corp,
    id: "customs",
    unit: "logistics",
    team: "logistics-planning",
    dataClass: "confidential",
    kind: "OpenAI",
    others: ["dev"],
  },
  {
    ...corp,
    id: "library",
    unit: "research",
    team: "research-knowledge",
    dataClass: "internal",
    kind: "AIServices",
    others: both,
  },
  {
    ...corp,
    id: "patents",
    unit: "research",
    team: "research-knowledge",
    dataClass: "confidential",
    kind: "OpenAI",
    others: ["test"],
  },
  {
    ...corp,
    id: "lab",
    unit: "research",
    team: "research-lab",
    dataClass: "internal",
    kind: "AIServices",
    others: ["dev"],
  },
  {
    ...corp,
    id: "trials",
    unit: "research",
    team: "research-lab",
    dataClass: "confidential",
    kind: "OpenAI",
    others: [],
  },
];

/** A subscription, and the environment that all of its accounts belong to; without one their tags say it. */
export interface ContosoSubscription extends SeedSubscription {
  readonly environment?: Environment;
}

const subscriptionId = (number: number): string => `c0500000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export const subscriptions = {
  corpProd: { id: subscriptionId(1), name: "contoso-ai-corp-prod", archetype: "corp", environment: "prod" },
  corpNonprod: { id: subscriptionId(2), name: "contoso-ai-corp-nonprod", archetype: "corp" },
  onlineProd: { id: subscriptionId(3), name: "contoso-ai-online-prod", archetype: "online", environment: "prod" },
  onlineNonprod: { id: subscriptionId(4), name: "contoso-ai-online-nonprod", archetype: "online" },
  finance: { id: subscriptionId(5), name: "contoso-ai-finance", archetype: "corp" },
  researchDev: { id: subscriptionId(6), name: "contoso-ai-research-dev", archetype: "corp", environment: "dev" },
} as const satisfies Readonly<Record<string, ContosoSubscription>>;

/** Where Steelyard looks. */
export const enrolled: readonly ContosoSubscription[] = Object.values(subscriptions);

/** Central logs, and a company that was bought: Steelyard isn't enrolled there and holds no role on what is in the second. */
export const management = { id: subscriptionId(7), name: "contoso-management" } as const;
export const acquired = { id: subscriptionId(8), name: "fabrikam-legacy" } as const;

/** Where an account of a use case lies. Finance has a subscription of its own; research tries things out in one. */
export function subscriptionOf(useCase: UseCase, environment: Environment): ContosoSubscription {
  if (useCase.unit === "finance") return subscriptions.finance;
  if (useCase.unit === "research" && environment === "dev") return subscriptions.researchDev;
  if (useCase.archetype === "online")
    return environment === "prod" ? subscriptions.onlineProd : subscriptions.onlineNonprod;
  return environment === "prod" ? subscriptions.corpProd : subscriptions.corpNonprod;
}

export const regions = [
  { name: "swedencentral", short: "swc", zone: "EU" },
  { name: "westeurope", short: "weu", zone: "EU" },
  { name: "germanywestcentral", short: "gwc", zone: "EU" },
  { name: "eastus2", short: "eus2", zone: "US" },
  { name: "westus3", short: "wus3", zone: "US" },
] as const;

export type Region = (typeof regions)[number];

/** The workspace that every account's logs go to. */
export const workspaceId = `/subscriptions/${management.id}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-contoso-central`;
/** One that a business unit had before; nobody looks there any more. */
export const oldWorkspaceId = `/subscriptions/${management.id}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-retail-old`;
