/** A local Cosmos DB account to test against, and clients that trust it. */
import { CosmosClient, type CosmosClientOptions } from "@azure/cosmos";
import { CosmosEngine, type ContainerDefinition, type CosmosOptions } from "../../infra/local/cosmos/engine.ts";
import type { Caller, Verify } from "../../infra/local/identity/caller.ts";
import type { Agenda } from "../../infra/local/platform/agenda.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { engineContext } from "./engineContext.ts";
import { localTls } from "./localTls.ts";

/** What the conformance suite needs to exist. In Azure it has to be made beforehand (data-plane tokens can't). */
export const conformanceContainers = [
  {
    database: "conformance",
    container: "items",
    partitionKey: "/tenant",
    defaultTtlS: -1,
    indexes: {
      included: ["/run", "/due"],
      composite: [
        [
          { path: "/team", order: "ascending" },
          { path: "/n", order: "descending" },
        ],
      ],
    },
  },
] as const satisfies readonly ContainerDefinition[];

export interface LocalAccount extends AsyncDisposable {
  readonly client: CosmosClient;
  readonly engine: CosmosEngine;
  readonly context: EngineContext;
  /** Another client; `oid` names its caller, `options` go over the defaults. */
  connect(oid?: string, options?: Partial<CosmosClientOptions>): CosmosClient;
}

/** Starts the local engine on a free port; its clock stands still. */
export async function openLocalAccount(
  options: Partial<CosmosOptions> & { dataDir?: string; clock?: Agenda } = {},
): Promise<LocalAccount> {
  const tls = await localTls();
  const { dataDir = ":memory:", clock, ...cosmos } = options;
  const context = engineContext({ dataDir, ...(clock === undefined ? {} : { clock }) });
  const engine = new CosmosEngine(context, {
    port: 0,
    tls,
    verify: testVerify,
    containers: conformanceContainers,
    ...cosmos,
  });
  await engine.start();
  const clients: CosmosClient[] = [];
  const connect: LocalAccount["connect"] = (oid = "0000aaaa-0000-4000-8000-000000000001", more = {}) => {
    const endpoint = `https://localhost:${engine.port}`;
    const client = new CosmosClient({ endpoint, aadCredentials: testCredential(oid), ...more });
    clients.push(client);
    return client;
  };
  return {
    client: connect(),
    engine,
    context,
    connect,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.dispose();
      await engine.stop();
      if (clock === undefined) context.clock.stop();
      await tls[Symbol.asyncDispose]();
    },
  };
}

/** Issues unsigned tokens for whatever audience is asked, as {@link testVerify} accepts them. */
export function testCredential(oid: string, claims: object = {}) {
  return {
    getToken: async (scopes: string | string[]) => {
      const aud = String(scopes).replace(/\/\.default$/, "");
      const payload = Buffer.from(JSON.stringify({ aud, oid, iss: "test", ...claims })).toString("base64url");
      return { token: `e30.${payload}.sig`, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}

const testVerify: Verify = async (authorization, audience) => {
  const payload = authorization?.replace("Bearer ", "").split(".")[1] ?? "";
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { aud: string; oid: string; iss: string };
  if (claims.aud !== audience || claims.iss !== "test") return undefined;
  return { oid: claims.oid, type: "ServicePrincipal", roles: [] } satisfies Caller;
};
