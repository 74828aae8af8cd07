/** What other people have beside what a standard is about: the rest of a body, and neighbours of every kind. */
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import type { Random } from "../sim/random.ts";

type Body = Record<string, Json>;
type Draw = (random: Random) => Json;

const network = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network";
const identity =
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities";
const storage =
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts";

const flag: Draw = (random) => random.chance(0.5);
const octet = (random: Random): number => random.between(0, 255);
const address: Draw = (random) => `203.0.113.${octet(random)}${random.chance(0.3) ? "/32" : ""}`;
const listOf =
  (most: number, draw: Draw): Draw =>
  (random) =>
    Array.from({ length: random.between(0, most) }, () => draw(random));
const oneOf =
  (...values: readonly Json[]): Draw =>
  (random) =>
    random.pick(values);

/** A network rule set without its default action, which people set or leave out. */
const networkAcls: Draw = (random) => ({
  ...(random.chance(0.5) ? { defaultAction: random.pick(["Allow", "Deny"]) } : {}),
  ...(random.chance(0.6) ? { bypass: random.pick(["AzureServices", "None"]) } : {}),
  ipRules: listOf(3, (inner) => ({ value: address(inner) }))(random),
  virtualNetworkRules: listOf(2, (inner) => ({
    id: `${network}/virtualNetworks/vnet-${inner.between(1, 3)}/subnets/snet-${inner.between(1, 3)}`,
    ignoreMissingVnetServiceEndpoint: flag(inner),
  }))(random),
});

const identities: Draw = (random) => {
  const type = random.pick(["None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]);
  const userAssignedIdentities = { [`${identity}/id-${random.between(1, 3)}`]: {} };
  return type.includes("UserAssigned") ? { type, userAssignedIdentities } : { type };
};

const tags: Draw = (random) => ({
  costCenter: `${random.between(1000, 9999)}`,
  ...(random.chance(0.5) ? { "Business Unit": random.pick(["search", "sales", "R&D"]) } : {}),
  ...(random.chance(0.3) ? { hidden: "" } : {}),
});

/** By type of resource: members at the root, and below `properties` where the name begins with a dot. */
const members: Readonly<Record<string, Readonly<Record<string, Draw>>>> = {
  "microsoft.cognitiveservices/accounts": {
    tags,
    identity: identities,
    ".networkAcls": networkAcls,
    ".publicNetworkAccess": oneOf("Enabled", "Disabled"),
    ".disableLocalAuth": flag,
    ".customSubDomainName": (random) => `sample-${random.between(1, 999)}`,
    ".dynamicThrottlingEnabled": flag,
    ".storedCompletionsDisabled": flag,
    ".restrictOutboundNetworkAccess": flag,
    ".allowedFqdnList": listOf(3, (random) => `host-${random.between(1, 9)}.contoso.example`),
    ".userOwnedStorage": listOf(1, (random) => ({ resourceId: `${storage}/st${random.between(1, 9)}` })),
    ".encryption": oneOf({ keySource: "Microsoft.CognitiveServices" }),
    ".apiProperties": oneOf({}, { statisticsEnabled: true }),
    ".networkInjections": listOf(1, (random) => ({
      scenario: "agent",
      subnetArmId: `${network}/virtualNetworks/vnet-1/subnets/snet-${random.between(1, 3)}`,
      useMicrosoftManagedNetwork: false,
    })),
  },
  "microsoft.cognitiveservices/accounts/deployments": {
    tags,
    ".raiPolicyName": oneOf("Microsoft.Default", "Microsoft.DefaultV2"),
    ".versionUpgradeOption": oneOf("NoAutoUpgrade", "OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable"),
    ".serviceTier": oneOf("Default", "Priority"),
    ".capacitySettings": (random) => ({ designatedCapacity: random.between(0, 9), priority: random.between(0, 2) }),
    ".spilloverDeploymentName": oneOf("other", "elsewhere"),
  },
  "microsoft.cognitiveservices/accounts/raipolicies": {
    tags,
    ".mode": oneOf("Default", "Deferred", "Blocking", "Asynchronous_filter"),
    ".basePolicyName": oneOf("Microsoft.Default", "Microsoft.DefaultV2"),
    ".customBlocklists": listOf(2, (random) => ({
      blocklistName: `words-${random.between(1, 9)}`,
      blocking: flag(random),
      source: "Prompt",
    })),
  },
  "microsoft.cognitiveservices/accounts/projects": {
    tags,
    ".displayName": oneOf("Search", "Sales"),
    ".description": oneOf("", "What it is for"),
  },
  "microsoft.insights/diagnosticsettings": {
    ".storageAccountId": (random) => `${storage}/logs${random.between(1, 9)}`,
    ".logAnalyticsDestinationType": oneOf("Dedicated", "AzureDiagnostics"),
    ".metrics": oneOf([], [{ category: "AllMetrics", enabled: true }]),
  },
  "microsoft.authorization/locks": {
    ".notes": oneOf("Ask the platform team", ""),
    ".owners": oneOf([], [{ applicationId: "a" }]),
  },
};

/** The body with some of what others have: nothing that it says itself is changed, and parts of objects are added to theirs. */
export function besides(random: Random, type: string, body: Body): Body {
  const known = members[type.toLowerCase()] ?? {};
  const next: Body = { ...body };
  for (const [name, draw] of Object.entries(known)) {
    if (random.chance(0.5)) continue;
    const value = draw(random);
    if (!name.startsWith(".")) next[name] = joined(value, next[name]);
    else
      next["properties"] = {
        ...objectOf(next["properties"]),
        [name.slice(1)]: joined(value, objectOf(next["properties"])[name.slice(1)]),
      };
  }
  return next;
}

/** What is there stays as it is; of an object, what it lacks is added. */
function joined(added: Json, there: Json | undefined): Json {
  if (there === undefined) return added;
  const [mine, theirs] = [objectOf(added), objectOf(there)];
  return isObject(added) && isObject(there) ? { ...mine, ...theirs } : there;
}

function isObject(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for what is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function objectOf(value: Json | undefined): Body {
  return value !== undefined && isObject(value) ? (value as Body) : {};
}

/** A model in the engine's catalogue. */
const models: readonly Json[] = [
  { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" },
  { format: "OpenAI", name: "gpt-4.1-mini", version: "2025-04-14" },
  { format: "OpenAI", name: "gpt-5", version: "2025-08-07" },
];

/** Neighbours of a kind that an account has many of: a whole body without its ID. */
export const neighbours: Readonly<Record<string, Draw>> = {
  deployments: (random) => ({
    name: `other-${random.between(1, 9)}`,
    type: "Microsoft.CognitiveServices/accounts/deployments",
    sku: { name: random.pick(["Standard", "GlobalStandard"]), capacity: random.between(1, 60) },
    properties: { model: random.pick(models), versionUpgradeOption: "OnceCurrentVersionExpired" },
  }),
  raiPolicies: (random) => ({
    name: `filter-${random.between(1, 9)}`,
    type: "Microsoft.CognitiveServices/accounts/raiPolicies",
    properties: { mode: "Default", basePolicyName: "Microsoft.DefaultV2", contentFilters: [] },
  }),
  diagnosticSettings: (random) => ({
    name: `soc-${random.between(1, 2)}`,
    type: "Microsoft.Insights/diagnosticSettings",
    properties: {
      storageAccountId: `${storage}/soc${random.between(1, 9)}`,
      logs: [{ category: "Audit", enabled: true }],
    },
  }),
};
