/** The store port on Cosmos DB: the local engine, or the account that STEELYARD_COSMOS_ENDPOINT names. */
import { CosmosClient } from "@azure/cosmos";
import { DefaultAzureCredential } from "@azure/identity";
import { containers } from "../../infra/local/platform/topology.ts";
import { CosmosStore } from "../../shared/adapters/cosmosStore.ts";
import { openLocalAccount } from "../support/cosmosAccount.ts";
import { storeContract, type OpenStore } from "./store.ts";

const database = "steelyard";

async function open(): Promise<OpenStore> {
  const endpoint = process.env["STEELYARD_COSMOS_ENDPOINT"];
  if (endpoint !== undefined) {
    const client = new CosmosClient({ endpoint, aadCredentials: new DefaultAzureCredential() });
    return { store: new CosmosStore(client, database), close: async () => client.dispose() };
  }
  const account = await openLocalAccount({ containers });
  return { store: new CosmosStore(account.client, database), close: async () => account[Symbol.asyncDispose]() };
}

storeContract("on Cosmos DB", open);
