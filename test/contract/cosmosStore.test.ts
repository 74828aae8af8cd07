/** The store port on Cosmos DB: the local engine, or the account that STEELYARD_COSMOS_ENDPOINT names. */
import { CosmosClient } from "@azure/cosmos";
import { DefaultAzureCredential } from "@azure/identity";
import { expect, it } from "vitest";
import { Agenda } from "../../infra/local/platform/agenda.ts";
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
  const clock = new Agenda({ mode: "manual", nowMs: Date.UTC(2026, 10, 21, 10) });
  const account = await openLocalAccount({ containers, clock });
  return {
    store: new CosmosStore(account.client, database),
    forward: (seconds) => clock.setNow(clock.now() + 1_000 * seconds),
    close: async () => account[Symbol.asyncDispose](),
  };
}

storeContract("on Cosmos DB", open);

it("shows again what was written five minutes before the mark, and nothing older", async () => {
  const clock = new Agenda({ mode: "manual", nowMs: Date.UTC(2026, 10, 21, 10) });
  await using account = await openLocalAccount({ containers, clock });
  const store = new CosmosStore(account.client, database);
  const write = async (pk: string, minutes: number): Promise<void> => {
    const document = { id: "a", pk, kind: "writer" };
    expect((await store.write("state", pk, [{ kind: "upsert", document }])).ok).toBe(true);
    clock.setNow(clock.now() + minutes * 60_000);
  };
  await write("old", 6);
  await write("lately", 5);
  await write("last", 1);
  const query = { container: "state", kinds: ["writer"], pageSize: 10 } as const;
  const { items, mark = "" } = await store.query({ ...query, since: null });
  expect(items).toHaveLength(3);
  await write("later", 0);
  const since = await store.query({ ...query, since: mark });
  expect(since.items.map(({ pk }) => pk).sort()).toEqual(["last", "lately", "later"]);
});
