/**
 * The conformance suite on the local engine and, when STEELYARD_COSMOS_ENDPOINT is set, on that account too. With
 * STEELYARD_COSMOS_KEY (the emulator's, say) it makes a database of its own and removes it; without, it signs in as
 * DefaultAzureCredential finds and needs the container of test/support/cosmosAccount.ts, which a data-plane token cannot
 * make: STEELYARD_COSMOS_DATABASE and STEELYARD_COSMOS_CONTAINER, `conformance` and `items` by default.
 */
import { CosmosClient, type CosmosClientOptions, PartitionKeyDefinitionVersion } from "@azure/cosmos";
import type { TokenCredential } from "@azure/identity";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe } from "vitest";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { conformanceContainers, openLocalAccount, type LocalAccount } from "../support/cosmosAccount.ts";
import { cosmosConformance } from "./cosmosConformance.ts";

describe("the local account", () => {
  let account: LocalAccount;
  beforeAll(async () => {
    account = await openLocalAccount();
  });
  afterAll(() => account[Symbol.asyncDispose]());

  cosmosConformance(() => ({
    client: account.client,
    database: "conformance",
    container: "items",
    connect: (options) => account.connect(undefined, options),
    pass: async (ms) => account.context.clock.setNow(account.context.clock.now() + ms),
    throttle: (count) => {
      const fault = { where: "cosmos", kind: "status", status: 429, retryAfter: 0.001, count };
      account.context.faults.set([faultSchema.parse({ ...fault, match: { method: "POST", path: "/docs/" } })]);
    },
  }));
});

const { env } = process;
const endpoint = env["STEELYARD_COSMOS_ENDPOINT"];

describe.skipIf(endpoint === undefined)("the account at STEELYARD_COSMOS_ENDPOINT", () => {
  const key = env["STEELYARD_COSMOS_KEY"];
  const database = env["STEELYARD_COSMOS_DATABASE"] ?? (key === undefined ? "conformance" : newName());
  const container = env["STEELYARD_COSMOS_CONTAINER"] ?? "items";
  const clients: CosmosClient[] = [];
  let aadCredentials: TokenCredential;
  const connect = (options: Partial<CosmosClientOptions> = {}): CosmosClient => {
    const access = key === undefined ? { aadCredentials } : { key };
    const client = new CosmosClient({ endpoint: endpoint ?? "", ...access, ...options });
    clients.push(client);
    return client;
  };
  const isOurs = key !== undefined && env["STEELYARD_COSMOS_DATABASE"] === undefined;
  let client: CosmosClient;
  beforeAll(async () => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    aadCredentials = new DefaultAzureCredential();
    client = connect();
    if (!isOurs) return;
    const [definition] = conformanceContainers;
    await client.databases.create({ id: database });
    await client.database(database).containers.create({
      id: container,
      partitionKey: { paths: [definition.partitionKey], version: PartitionKeyDefinitionVersion.V2 },
      defaultTtl: definition.defaultTtlS,
      indexingPolicy: {
        includedPaths: [{ path: "/*" }],
        compositeIndexes: definition.indexes.composite.map((paths) => [...paths]),
      },
    });
  });
  afterAll(async () => {
    if (isOurs) await client.database(database).delete();
    for (const one of clients) one.dispose();
  });

  cosmosConformance(() => ({ client, database, container, connect, pass: (ms) => sleep(ms) }));
});

function newName(): string {
  return `steelyard-${randomBytes(4).toString("hex")}`;
}
