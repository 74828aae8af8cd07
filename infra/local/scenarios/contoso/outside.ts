/** What lies outside of the subscriptions that Steelyard is enrolled in: central logs, and a company that was bought. */
import type { SeedResource } from "../scenario.ts";
import { acquired, management, oldWorkspaceId, workspaceId } from "./organisation.ts";

const day = "2024-03-01T09:00:00.000Z";
const by = "00000000-0000-4000-8000-00000000fab1";
const systemData = {
  createdBy: by,
  createdByType: "User",
  createdAt: day,
  lastModifiedBy: by,
  lastModifiedByType: "User",
  lastModifiedAt: day,
};

const legacyGroup = `/subscriptions/${acquired.id}/resourceGroups/rg-fabrikam`;

export const outsideGroups: readonly SeedResource[] = [
  `/subscriptions/${management.id}/resourceGroups/rg-logs`,
  legacyGroup,
].map((id) => ({
  id,
  name: id.slice(id.lastIndexOf("/") + 1),
  type: "Microsoft.Resources/resourceGroups",
  location: "swedencentral",
}));

/** Every standard would find something there; Steelyard never looks, and may not. */
const legacy = ["chatbot", "intranet"].flatMap((name): SeedResource[] => {
  const id = `${legacyGroup}/providers/Microsoft.CognitiveServices/accounts/fabrikam-${name}`;
  return [
    {
      id,
      name: `fabrikam-${name}`,
      type: "Microsoft.CognitiveServices/accounts",
      location: "swedencentral",
      kind: "OpenAI",
      sku: { name: "S0" },
      systemData,
      properties: { customSubDomainName: `fabrikam-${name}`, disableLocalAuth: false, publicNetworkAccess: "Enabled" },
    },
    {
      id: `${id}/deployments/gpt-4o`,
      name: "gpt-4o",
      type: "Microsoft.CognitiveServices/accounts/deployments",
      sku: { name: "GlobalStandard", capacity: 10 },
      systemData,
      properties: {
        model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" },
        versionUpgradeOption: "NoAutoUpgrade",
      },
    },
  ];
});

export const outside: readonly SeedResource[] = [
  ...[workspaceId, oldWorkspaceId].map((id) => ({
    id,
    name: id.slice(id.lastIndexOf("/") + 1),
    type: "Microsoft.OperationalInsights/workspaces",
    location: "swedencentral",
    properties: { retentionInDays: 90 },
  })),
  ...legacy,
];
