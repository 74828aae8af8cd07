/** Projects of Contoso's Foundry accounts, and what they are connected to without keys. */
import type { Draft, Making, Site } from "./site.ts";
import { createdBy } from "./site.ts";

/** What a project works with: its documents, its index, its threads. */
const stores = [
  { name: "documents", category: "AzureBlob", target: (site: string) => `https://st${site}.blob.core.windows.net/` },
  { name: "index", category: "CognitiveSearch", target: (site: string) => `https://srch-${site}.search.windows.net/` },
  {
    name: "threads",
    category: "CosmosDb",
    target: (site: string) => `https://cosmos-${site}.documents.azure.com:443/`,
  },
] as const;

export function layFoundry(site: Site, making: Making): void {
  const { account, useCase, environment } = site;
  if (account.kind !== "AIServices") return;
  const names = environment === "prod" ? [useCase.id] : [useCase.id, `${useCase.id}-lab`];
  for (const name of names) {
    const project: Draft = {
      id: `${account.id}/projects/${name}`,
      name,
      type: "Microsoft.CognitiveServices/accounts/projects",
      location: account.location ?? "",
      identity: { type: "SystemAssigned" },
      tags: { useCase: useCase.id },
      systemData: createdBy(useCase, making),
      properties: { displayName: `${useCase.id} (${environment})`, description: `${useCase.team}: ${useCase.id}` },
    };
    site.projects.push(project);
    const used = environment === "prod" ? stores : stores.slice(0, 2);
    for (const store of used) site.connections.push(connection(site, project, store, making));
  }
}

function connection(site: Site, project: Draft, store: (typeof stores)[number], making: Making): Draft {
  const name = `${store.name}-${project.name}`;
  return {
    id: `${project.id}/connections/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts/projects/connections",
    systemData: createdBy(site.useCase, making),
    properties: {
      authType: "AAD",
      category: store.category,
      target: store.target(`${site.useCase.unit}${site.useCase.id}${site.environment}`),
      isSharedToAll: false,
    },
  };
}
