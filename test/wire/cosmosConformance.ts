/**
 * What any Azure Cosmos DB for NoSQL account does that the product relies on, asked with the unmodified client: the local
 * engine, the emulator or an account in Azure. Writes only into the one container that it is given, only into partitions
 * of its own names, and takes everything away again.
 */
import type { Container, PartitionKey } from "@azure/cosmos";
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { batchConformance } from "./cosmosBatchConformance.ts";
import { itemConformance } from "./cosmosItemConformance.ts";
import { patchConformance } from "./cosmosPatchConformance.ts";
import { queryConformance } from "./cosmosQueryConformance.ts";
import type { CosmosUnderTest, Suite } from "./cosmosSuite.ts";

/** Operations of one transactional batch, at most. */
const BATCH_MAX = 100;

/** Registers the suite. */
export function cosmosConformance(target: () => CosmosUnderTest): void {
  const run = randomUUID();
  const partitions: string[] = [];
  const strays: { id: string; key: PartitionKey | undefined }[] = [];
  const items = (): Container => target().client.database(target().database).container(target().container);
  const suite: Suite = {
    target,
    items,
    partition: (label = String(partitions.length)) => {
      const name = `steelyard-${run}-${label}`;
      partitions.push(name);
      return name;
    },
    wrote: (id, key) => strays.push({ id, key }),
    readStatus: async (id, tenant) => (await items().item(id, tenant).read()).statusCode,
  };
  itemConformance(suite);
  patchConformance(suite);
  batchConformance(suite);
  queryConformance(suite);

  test("what was made is taken away", async () => {
    for (const { id, key } of strays) await items().item(id, key).delete();
    for (const partitionKey of partitions) {
      const query = items().items.query<string>("SELECT VALUE c.id FROM c", { partitionKey });
      const { resources: ids } = await query.fetchAll();
      while (ids.length > 0) {
        const deletions = ids.splice(0, BATCH_MAX).map((id) => ({ operationType: "Delete" as const, id }));
        expect((await items().items.batch(deletions, partitionKey)).code).toBe(200);
      }
    }
    const condition = "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.tenant, @run) OR STARTSWITH(c.id, @run)";
    const parameters = [{ name: "@run", value: `steelyard-${run}` }];
    expect((await items().items.query({ query: condition, parameters }).fetchAll()).resources).toEqual([]);
  });
}
