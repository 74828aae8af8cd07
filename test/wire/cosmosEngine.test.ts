/** What only the local engine can be asked: identity, faults, effects, business time, restart, what it refuses. */
import { CosmosClient, type CosmosClientOptions, type ErrorResponse } from "@azure/cosmos";
import { DefaultAzureCredential } from "@azure/identity";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { openLocalAccount, testCredential, type LocalAccount } from "../support/cosmosAccount.ts";
import { engineContext } from "../support/engineContext.ts";
import { localTls } from "../support/localTls.ts";

const reader = "0000bbbb-0000-4000-8000-000000000002";
const stranger = "0000cccc-0000-4000-8000-000000000003";

let account: LocalAccount;
beforeAll(async () => {
  account = await openLocalAccount({
    authorize: ({ oid }, operation) => oid !== stranger && (oid !== reader || operation === "read"),
  });
});
afterEach(() => {
  account.context.faults.clear();
  account.engine.reset();
});
afterAll(() => account[Symbol.asyncDispose]());

const items = (client: CosmosClient = account.client) => client.database("conformance").container("items");
/** The client reads this option, its published type lacks it. */
const scoped = (aadScope: string): Partial<CosmosClientOptions> => ({ aadScope }) as object;
const endpoint = (): string => `https://localhost:${account.engine.port}`;
const fault = (more: object): void => account.context.faults.set([faultSchema.parse({ where: "cosmos", ...more })]);

async function failure(work: Promise<unknown>): Promise<ErrorResponse> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return ((error as Error).cause ?? error) as ErrorResponse;
}

async function raw(
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { token } = await testCredential(reader.replace("bbbb", "aaaa")).getToken("https://cosmos.azure.com/.default");
  const headers = { authorization: encodeURIComponent(`type=aad&ver=1.0&sig=${token}`), ...init.headers };
  return fetch(`${endpoint()}${path}`, { ...init, headers });
}

/** A create without the client, which would try again. */
const put = (): Promise<unknown> =>
  raw("/dbs/conformance/colls/items/docs", {
    method: "POST",
    body: JSON.stringify({ id: "a", tenant: "t" }),
    headers: { "x-ms-documentdb-partitionkey": '["t"]' },
  });

describe("who calls", () => {
  test("the client asks for the account's own scope; that of all accounts is good too", async () => {
    const scopes: string[] = [];
    const credential = testCredential(reader);
    const aadCredentials = {
      getToken: (asked: string | string[]) => {
        scopes.push(String(asked));
        return credential.getToken(asked);
      },
    };
    await items(account.connect(reader, { aadCredentials })).read();
    expect(new Set(scopes)).toEqual(new Set([`${endpoint()}/.default`]));
    expect((await items(account.connect(reader, scoped("https://cosmos.azure.com/.default"))).read()).statusCode).toBe(
      200,
    );
  });

  test("a managed identity of the local issuer gets in, and not once it is deleted", async () => {
    const tls = await localTls();
    const identity = new IdentityEngine(engineContext(), { ports: { managedIdentity: 0, issuer: 0 }, tls });
    await identity.start();
    const servicePrincipals = [{ oid: coreIdentity, appid: "c0de0000-0000-4000-8000-0000000000a0", name: "core" }];
    identity.directory.replace({ servicePrincipals });
    const own = await openLocalAccount({ verify: identity.verify });
    for (const [name, value] of Object.entries(identity.identityEnv(coreIdentity))) vi.stubEnv(name, value);
    const container = items(own.connect("", { aadCredentials: new DefaultAzureCredential() }));
    expect((await container.items.create({ id: "a", tenant: "t" })).statusCode).toBe(201);
    expect(own.context.effects.after(0)[0]).toMatchObject({ caller: coreIdentity, target: "conformance/items/t/a" });
    identity.directory.replace({ servicePrincipals: [] });
    expect((await failure(container.item("a", "t").delete())).code).toBe(401);
    vi.unstubAllEnvs();
    await own[Symbol.asyncDispose]();
    await identity.stop();
    await tls[Symbol.asyncDispose]();
  });

  test("no token, a bad one, one for another audience, a key: 401", async () => {
    const bad = { aadCredentials: testCredential(reader, { iss: "somebody" }) };
    expect((await failure(items(account.connect(reader, bad)).read())).code).toBe(401);
    const elsewhere = scoped("https://management.azure.com/.default");
    expect((await failure(items(account.connect(reader, elsewhere)).read())).code).toBe(401);
    const key = new CosmosClient({ endpoint: endpoint(), key: Buffer.from("secret").toString("base64") });
    const error = await failure(items(key).read());
    expect([error.code, error.message]).toEqual([401, expect.stringContaining("Local Authorization is disabled")]);
    key.dispose();
    expect((await fetch(endpoint())).status).toBe(401);
  });

  test("roles decide who reads and who writes: 403", async () => {
    await items().items.create({ id: "a", tenant: "t" });
    const read = items(account.connect(reader));
    expect((await read.item("a", "t").read()).statusCode).toBe(200);
    expect((await read.items.query("SELECT * FROM c").fetchAll()).resources).toHaveLength(1);
    expect((await failure(read.items.create({ id: "b", tenant: "t" }))).code).toBe(403);
    expect((await failure(read.items.batch([{ operationType: "Read", id: "a" }], "t"))).code).toBe(403);
    const none = items(account.connect(stranger));
    const error = await failure(none.item("a", "t").read());
    expect([error.code, error.message]).toEqual([403, expect.stringContaining(stranger)]);
    expect((await failure(none.read())).code).toBe(403);
  });

  test("databases and containers cannot be made with a token: 403; what exists is found", async () => {
    const { client } = account;
    const error = await failure(client.databases.create({ id: "new" }));
    expect([error.code, error.substatus]).toEqual([403, 5300]);
    const { database } = await client.databases.createIfNotExists({ id: "conformance" });
    expect((await failure(database.containers.create({ id: "new" }))).code).toBe(403);
    const { container } = await database.containers.createIfNotExists({ id: "items" });
    expect((await failure(container.delete())).code).toBe(403);
    expect((await container.read()).resource).toMatchObject({
      id: "items",
      defaultTtl: -1,
      partitionKey: { paths: ["/tenant"] },
    });
    expect((await database.containers.readAll().fetchAll()).resources.map(({ id }) => id)).toEqual(["items"]);
  });
});

describe("refused by name", () => {
  test.each([
    ["change feed", () => items().items.changeFeed("t", { startFromBeginning: true }).fetchNext()],
    ["sprocs", () => items().scripts.storedProcedure("p").execute("t")],
    [
      "bulk",
      () =>
        items().items.executeBulkOperations([
          { operationType: "Create", partitionKey: "t", resourceBody: { id: "a", tenant: "t" } },
        ]),
    ],
    ["pre-trigger", () => items().items.create({ id: "a", tenant: "t" }, { preTriggerInclude: "check" })],
    ["offers", () => account.client.offers.readAll().fetchAll()],
    [
      "patch operation move",
      () =>
        items()
          .item("a", "t")
          .patch([{ op: "move", from: "/a", path: "/b" } as never]),
    ],
    ["'DISTINCT'", () => items().items.query("SELECT DISTINCT VALUE c.a FROM c").fetchAll()],
    ["'JOIN'", () => items().items.query("SELECT * FROM c JOIN t IN c.tags").fetchAll()],
    ["operator", () => items().items.query("SELECT VALUE c.a + 1 FROM c").fetchAll()],
  ])("%s", async (what, work) => {
    const outcome: unknown = await work().then(
      (result: unknown) => result,
      (error: unknown) => error,
    );
    expect(JSON.stringify(outcome, ["message", "cause", "response", "error", "code"]) + String(outcome)).toContain(
      what,
    );
  });

  test("a hierarchical partition key, If-None-Match on a write, an unknown property of a query", async () => {
    const docs = "/dbs/conformance/colls/items/docs";
    const key = { "x-ms-documentdb-partitionkey": '["t"]' };
    const twoKeys = await raw(docs, {
      method: "POST",
      body: "{}",
      headers: { "x-ms-documentdb-partitionkey": '["a","b"]' },
    });
    expect([twoKeys.status, await twoKeys.text()]).toEqual([501, expect.stringContaining("hierarchical")]);
    const guarded = await raw(docs, { method: "POST", body: "{}", headers: { ...key, "if-none-match": "*" } });
    expect([guarded.status, await guarded.text()]).toEqual([501, expect.stringContaining("If-None-Match on create")]);
    const body = JSON.stringify({ query: "SELECT * FROM c", timeout: 1 });
    const strange = await raw(docs, { method: "POST", body, headers: { ...key, "x-ms-documentdb-isquery": "true" } });
    expect([strange.status, await strange.text()]).toEqual([400, expect.stringContaining("timeout")]);
  });
});

describe("faults", () => {
  test.each([412, 449, 503])("%i reaches the caller, nothing is written", async (status) => {
    fault({ kind: "status", status });
    expect((await failure(items().items.create({ id: "a", tenant: "t" }))).code).toBe(status);
    account.context.faults.clear();
    expect((await items().item("a", "t").read()).statusCode).toBe(404);
  });

  test("batches and queries have points of their own; the query plan is neither", async () => {
    fault({ kind: "status", status: 449, count: 1, match: { path: "^/dbs/conformance/colls/items#query$" } });
    expect((await failure(items().items.query("SELECT * FROM c").fetchAll())).code).toBe(449);
    fault({ kind: "status", status: 449, match: { path: "#batch$" } });
    await items().items.create({ id: "a", tenant: "t" });
    expect((await failure(items().items.batch([{ operationType: "Delete", id: "a" }], "t"))).code).toBe(449);
  });

  test("a connection dropped before the effect writes nothing, one dropped after it has written", async () => {
    fault({ kind: "drop", count: 1 });
    await expect(put()).rejects.toThrow("fetch failed");
    expect((await items().item("a", "t").read()).statusCode).toBe(404);
    fault({ kind: "drop", phase: "afterEffect", count: 1 });
    await expect(put()).rejects.toThrow("fetch failed");
    expect((await items().item("a", "t").read()).statusCode).toBe(200);
  });
});

test("every write is on record with caller, target and status, also the refused ones", async () => {
  account.context.effects.reset();
  const container = items(account.connect("0000DDDD-0000-4000-8000-000000000004"));
  await container.items.create({ id: "A", tenant: "T" });
  await failure(container.items.create({ id: "A", tenant: "T" }));
  await container.item("A", "T").patch([{ op: "set", path: "/n", value: 1 }]);
  await container.item("A", "T").read();
  await container.items.batch(
    [
      { operationType: "Read", id: "A" },
      { operationType: "Delete", id: "A" },
    ],
    "T",
  );
  const effects = account.context.effects.after(0);
  expect(effects.map(({ method, target, status }) => `${method} ${target} ${status}`)).toEqual([
    "create conformance/items/t/a 201",
    "create conformance/items/t/a 409",
    "patch conformance/items/t/a 200",
    "batch.delete conformance/items/t/a 204",
  ]);
  expect(new Set(effects.map(({ engine, caller }) => `${engine} ${caller}`))).toEqual(
    new Set(["cosmos 0000DDDD-0000-4000-8000-000000000004"]),
  );
});

describe("state", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "steelyard-cosmos-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test("stays over a restart, with sequence numbers that go on; reset empties it", async () => {
    const dataDir = join(dir, "restart");
    const before = await openLocalAccount({ dataDir });
    const created = await items(before.client).items.create({ id: "a", tenant: "t" });
    await items(before.client).item("a", "t").delete();
    const again = await items(before.client).items.create({ id: "a", tenant: "t" });
    await before[Symbol.asyncDispose]();
    const after = await openLocalAccount({ dataDir });
    expect((await items(after.client).item("a", "t").read()).resource).toEqual(again.resource);
    const next = await items(after.client).items.create({ id: "b", tenant: "t" });
    expect([created.etag, again.etag]).not.toContain(next.etag);
    after.engine.reset();
    expect((await items(after.client).item("a", "t").read()).statusCode).toBe(404);
    expect((await items(after.client).items.create({ id: "a", tenant: "t" })).resource).toEqual(created.resource);
    await after[Symbol.asyncDispose]();
  });

  test("what was answered is there after kill -9", async () => {
    const file = join(dir, "killed.sqlite");
    const store = new URL("../../infra/local/cosmos/items.ts", import.meta.url).href;
    const catalogue = new URL("../../infra/local/cosmos/catalogue.ts", import.meta.url).href;
    const sqlite = new URL("../../infra/local/platform/sqlite.ts", import.meta.url).href;
    const program = `
      import { ItemStore } from ${JSON.stringify(store)};
      import { Catalogue } from ${JSON.stringify(catalogue)};
      import { openDatabase } from ${JSON.stringify(sqlite)};
      const database = openDatabase(${JSON.stringify(file)});
      const containers = new Catalogue(database, [{ database: "d", container: "c", partitionKey: "/p" }]);
      containers.provision();
      const items = new ItemStore(database);
      for (let n = 0; n < 100; n++) {
        items.write(1, () => items.execute(containers.find("d", "c"), '"x"', { kind: "create", item: { id: String(n), p: "x" } }, 1));
      }
      process.stdout.write("written");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    using database = new DatabaseSync(file);
    expect(database.prepare("SELECT COUNT(*) AS found FROM docs").get()).toEqual({ found: 100 });
  });

  test("a container whose declared partition key changed is refused at start", async () => {
    const dataDir = join(dir, "changed");
    const declared = (partitionKey: string) => ({
      dataDir,
      containers: [{ database: "d", container: "c", partitionKey }],
    });
    await (await openLocalAccount(declared("/a")))[Symbol.asyncDispose]();
    await expect(openLocalAccount(declared("/b"))).rejects.toThrow("d/c has partition key /a, declared is /b");
    await expect(openLocalAccount(declared("/a,/b"))).rejects.toThrow("expected one path");
  });
});
