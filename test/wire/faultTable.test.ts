/**
 * Every fault that can be asked for: that it strikes, and that what it leaves behind is what its phase says. The table of
 * the platform is what is walked, so a combination that is added there without an effect fails here.
 */
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { CosmosEngine } from "../../infra/local/cosmos/engine.ts";
import { Directory } from "../../infra/local/identity/directory.ts";
import { faultyDirectory, serveDirectory } from "../../infra/local/identity/directoryApi.ts";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import { GraphEngine } from "../../infra/local/identity/graph/engine.ts";
import { GRAPH_AUDIENCE } from "../../infra/local/identity/issuer.ts";
import { tenantId } from "../../infra/local/platform/constants.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { faultPlaces, faultSchema, possibleFaultSchema, type Fault } from "../../infra/local/platform/faults.ts";
import { faultTable } from "../../infra/local/platform/faultTable.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";
import { DroppedConnection, type WireRequest, type WireResponse } from "../../infra/local/platform/wire.ts";
import { BrokerError } from "../../infra/local/servicebus/errors.ts";
import { Guard } from "../../infra/local/servicebus/guard.ts";
import { A, armRig, owner } from "../support/armRig.ts";
import { resetApp, runs } from "../support/durableApp.ts";
import { DurableRig } from "../support/durableRig.ts";
import { engineContext } from "../support/engineContext.ts";
import { EventGridRig } from "../support/eventgridRig.ts";
import { localTls, type LocalTls } from "../support/localTls.ts";

type Outcome = "answered" | "refused" | "cut" | "waiting";

/** One place, and one operation there that changes something. */
interface Stand {
  readonly context: EngineContext;
  /** Does the operation once. */
  readonly operate: () => Promise<Outcome>;
  /** How often it took effect; undefined where it is of reading only. */
  readonly effects: () => number | undefined;
}

const host = "core-1";
const closers: (() => unknown)[] = [];
let tls: LocalTls | undefined;

afterAll(async () => {
  await made?.engine.stop();
  await tls?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function certificate(): Promise<LocalTls> {
  tls ??= await localTls();
  return tls;
}

/** What comes of a handler that is called in process. */
async function outcomeOf(answer: Promise<WireResponse>): Promise<Outcome> {
  try {
    return (await answer).status < 400 ? "answered" : "refused";
  } catch (error) {
    if (error instanceof DroppedConnection) return "cut";
    throw error;
  }
}

/** What comes of a request over a socket. */
function ask(url: string, headers: Record<string, string>, method = "GET", body?: object): Promise<Outcome> {
  const request = url.startsWith("https:") ? tlsRequest : plainRequest;
  return new Promise((resolve) => {
    const sent = request(url, { method, headers, agent: false, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 0) < 400 ? "answered" : "refused");
    });
    sent.on("error", () => resolve("cut"));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function arm(): Promise<Stand> {
  const { key, cert } = await certificate();
  const { arm: engine, context, changes } = armRig({ tls: { key, cert }, verify: async () => ({ ...owner, host }) });
  await engine.start();
  closers.push(() => engine.stop());
  const url = `https://localhost:${engine.ports.tls}${A}?api-version=2025-09-01`;
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  return {
    context,
    operate: () => ask(url, headers, "PATCH", { tags: { by: "fault" } }),
    effects: () => changes.length,
  };
}

async function cosmos(): Promise<Stand> {
  const context = engineContext();
  const engine = new CosmosEngine(context, {
    port: 0,
    tls: await certificate(),
    verify: async () => ({ oid: "c0de0000-0000-4000-8000-00000000c02e", type: "ServicePrincipal", roles: [], host }),
    containers: [{ database: "d", container: "c", partitionKey: "/pk" }],
  });
  await engine.start();
  closers.push(() => engine.stop());
  const url = new URL(`https://localhost:${engine.port}/dbs/d/colls/c/docs`);
  const token = ["", Buffer.from(JSON.stringify({ aud: url.origin })).toString("base64url"), ""].join(".");
  const request: WireRequest = {
    method: "POST",
    url,
    headers: {
      authorization: `type=aad&ver=1.0&sig=${token}`,
      "x-ms-documentdb-partitionkey": '["p"]',
      "x-ms-documentdb-is-upsert": "true",
    },
    body: Buffer.from(JSON.stringify({ id: "a", pk: "p" })),
  };
  return {
    context,
    operate: () => outcomeOf(engine.handle(request)),
    effects: () => context.effects.after(0).length,
  };
}

async function directory(): Promise<Stand> {
  const context = engineContext();
  const people = new Directory(openDatabase(":memory:"));
  const handler = faultyDirectory(context, "/_platform/directory", ({ method, url, body }) =>
    serveDirectory(people, method, url.pathname.slice("/_platform/directory".length), JSON.parse(body.toString())),
  );
  const oid = "00000000-0000-4000-8000-0000000000aa";
  const request: WireRequest = {
    method: "PUT",
    url: new URL(`http://localhost/_platform/directory/people/${oid}`),
    headers: {},
    body: Buffer.from(JSON.stringify({ name: "Ada" })),
  };
  return {
    context,
    operate: () => outcomeOf(Promise.resolve(handler(request))),
    effects: () => people.read().people.length,
  };
}

let made: { context: EngineContext; engine: IdentityEngine } | undefined;

/** One for all: it makes an RSA key. */
async function identityEngine(): Promise<{ context: EngineContext; engine: IdentityEngine }> {
  if (made !== undefined) return made;
  const context = engineContext();
  const engine = new IdentityEngine(context, { ports: { managedIdentity: 0, issuer: 0 }, tls: await certificate() });
  await engine.start();
  made = { context, engine };
  return made;
}

async function issuer(): Promise<Stand> {
  const { context, engine } = await identityEngine();
  const url = `https://localhost:${engine.ports.issuer}/${tenantId}/v2.0/.well-known/openid-configuration`;
  return { context, operate: () => ask(url, {}), effects: () => undefined };
}

async function identity(): Promise<Stand> {
  const { context, engine } = await identityEngine();
  const oid = "c0de0000-0000-4000-8000-00000000c02e";
  engine.directory.putServicePrincipal(oid, { appid: oid, name: "core" });
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret = "" } = engine.identityEnv(oid, host);
  const issued = vi.spyOn(engine.directory, "principal").mockClear();
  return {
    context,
    operate: () =>
      ask(`${endpoint}?api-version=2019-08-01&resource=https://cosmos.azure.com`, { "x-identity-header": secret }),
    // The directory is asked twice for each token that is made: by the endpoint and by the issuer.
    effects: () => issued.mock.calls.length / 2,
  };
}

/** The directory as the product sees it. */
async function graph(): Promise<Stand> {
  const { context, engine: identity } = await identityEngine();
  const { verify, directory: people } = identity;
  const engine = new GraphEngine(context, { port: 0, tls: await certificate(), verify, directory: people });
  await engine.start();
  closers.push(() => engine.stop());
  const oid = "c0de0000-0000-4000-8000-00000000c02e";
  people.putServicePrincipal(oid, { appid: oid, name: "core", graph: ["Directory.Read.All"] });
  const bearer = await identity.issue({ as: oid, audience: GRAPH_AUDIENCE, host });
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const url = `https://localhost:${engine.port}/v1.0/directoryObjects/getByIds`;
  return { context, operate: () => ask(url, headers, "POST", { ids: [oid] }), effects: () => undefined };
}

/** The guard of every Service Bus operation, around an effect that counts. */
async function servicebus(): Promise<Stand> {
  const context = engineContext();
  const guard = new Guard(context, (work) => work());
  let effects = 0;
  const point = { method: "send", path: "events", caller: "c", host };
  const told = (resolve: (outcome: Outcome) => void) => ({
    answer: () => resolve("answered"),
    refuse: () => resolve("refused"),
    cut: () => resolve("cut"),
  });
  return {
    context,
    operate: () =>
      new Promise((resolve) => {
        const [fault] = context.faults.list();
        if (fault?.kind === "duplicate" || fault?.kind === "reorder") {
          const effect = (shapes: readonly { twice?: boolean; overtaken?: boolean }[]): void => {
            for (const shape of shapes) effects += shape.twice === true || shape.overtaken === true ? 2 : 1;
          };
          guard.runSend(point, 1, { ...told(resolve), effect });
        } else guard.run(point, { ...told(resolve), effect: () => void (effects += 1) });
      }),
    effects: () => effects,
  };
}

const stands = { arm, cosmos, directory, graph, issuer, identity, servicebus } as const;

/** Turns of the event loop and of the sockets until what was begun has come as far as it does by itself. */
async function pump(outcome: () => Outcome, clock: { next(): unknown }): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (outcome() === "waiting" && clock.next() === undefined && Date.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setImmediate(resolve));
}

/** Effects while the fault holds the operation, what the caller saw in the end, and effects then. */
const expected: Record<string, { held?: number; outcome: Outcome; effects: number; crashed?: string[] }> = {
  "status beforeEffect": { outcome: "refused", effects: 0 },
  "status afterEffect": { outcome: "refused", effects: 1 },
  "drop beforeEffect": { outcome: "cut", effects: 0 },
  "drop afterEffect": { outcome: "cut", effects: 1 },
  "drop afterResponse": { outcome: "answered", effects: 1 },
  "delay beforeEffect": { held: 0, outcome: "answered", effects: 1 },
  "delay afterEffect": { held: 1, outcome: "answered", effects: 1 },
  "crash beforeEffect": { outcome: "cut", effects: 0, crashed: ["core"] },
  "crash afterEffect": { outcome: "cut", effects: 1, crashed: ["core"] },
  "crash afterResponse": { outcome: "answered", effects: 1, crashed: ["core"] },
  "duplicate beforeEffect": { outcome: "answered", effects: 2 },
  "reorder beforeEffect": { outcome: "answered", effects: 2 },
};

function combinations(
  where: Fault["where"],
  without: readonly string[] = [],
): (readonly [Fault["kind"], Fault["phase"]])[] {
  return Object.entries(faultTable[where] ?? {})
    .filter(([kind]) => !without.includes(kind))
    .flatMap(([kind, phases]) => phases.map((phase) => [kind as Fault["kind"], phase] as const));
}

function faultOf(where: Fault["where"], kind: Fault["kind"], phase: Fault["phase"]): Fault {
  return possibleFaultSchema.parse({ where, kind, phase, retryAfter: 5, count: 1 });
}

/** Nobody needs a token for the issuer's documents or for the control surface. */
const knowsWho = new Set<string>(["arm", "cosmos", "graph", "identity", "servicebus"]);

for (const [stand, build] of Object.entries(stands) as [keyof typeof stands, () => Promise<Stand>][]) {
  // The directory has two doors.
  const where = stand === "graph" ? "directory" : stand;
  // A read that is behind is another operation; it has a test of its own.
  test.each(combinations(where, ["staleRead"]))(`${stand}: %s %s`, async (kind, phase) => {
    const { context, operate, effects } = await build();
    const killed = vi.spyOn(context, "crash").mockClear();
    const wanted = expected[`${kind} ${phase}`];
    context.faults.set([faultOf(where, kind, phase)]);
    let outcome: Outcome = "waiting";
    void operate().then((seen) => (outcome = seen));
    await pump(() => outcome, context.clock);
    const held = outcome === "waiting" ? (effects() ?? wanted?.held) : undefined;
    await context.clock.step(context.clock.now() + 5_000);
    await pump(() => outcome, { next: () => undefined });
    const crashed = killed.mock.calls;
    expect(context.faults.list()[0]?.hits).toBe(1);
    expect({ held, outcome, effects: effects() ?? wanted?.effects, crashed }).toEqual({
      held: wanted?.held,
      outcome: wanted?.outcome,
      effects: wanted?.effects,
      // Whoever asked is the one that dies, where the engine can know it.
      crashed: wanted?.crashed === undefined ? [] : [knowsWho.has(stand) ? ["core", host] : ["core"]],
    });
  });
}

test("arm: staleRead beforeEffect", async () => {
  const { arm: engine, context } = armRig({ verify: async () => owner, tls: await certificate() });
  await engine.start();
  closers.push(() => engine.stop());
  const url = `http://127.0.0.1:${engine.ports.plain}${A}?api-version=2025-09-01`;
  const headers = { "x-ms-client-principal-id": owner.oid, "content-type": "application/json" };
  const tags = async (): Promise<unknown> => ((await (await fetch(url, { headers })).json()) as { tags: unknown }).tags;
  const before = await tags();
  await fetch(url, { method: "PATCH", headers, body: JSON.stringify({ tags: { by: "fault" } }) });
  context.faults.set([faultOf("arm", "staleRead", "beforeEffect")]);
  expect([await tags(), context.faults.list()[0]?.hits, await tags()]).toEqual([before, 1, { by: "fault" }]);
});

/** Deliveries: how many copies come at once, how many in the end (after the retries), who was killed. */
const deliveries: Record<string, { now: number; later: number; crashed?: string[] }> = {
  "drop beforeEffect": { now: 0, later: 0 },
  "drop afterEffect": { now: 1, later: 2 },
  "status beforeEffect": { now: 0, later: 1 },
  "status afterEffect": { now: 1, later: 2 },
  "delay beforeEffect": { now: 0, later: 1 },
  "duplicate beforeEffect": { now: 1, later: 2 },
  "reorder beforeEffect": { now: 0, later: 1 },
  "crash beforeEffect": { now: 1, later: 1, crashed: ["core"] },
  "crash afterEffect": { now: 1, later: 1, crashed: ["core"] },
  "crash afterResponse": { now: 1, later: 1, crashed: ["core"] },
};

test.each(combinations("eventgrid"))("eventgrid: %s %s", async (kind, phase) => {
  const rig = await EventGridRig.create(await certificate());
  closers.push(() => rig.dispose());
  await rig.start();
  rig.context.faults.set([faultOf("eventgrid", kind, phase)]);
  rig.publishNumbered(1);
  await rig.pumped();
  const now = rig.queue.length;
  await rig.advance(120_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.context.faults.list()[0]?.hits).toBe(1);
  expect({ now, later: rig.queue.length, crashed: rig.context.crashed }).toEqual({
    crashed: [],
    ...deliveries[`${kind} ${phase}`],
  });
});

/** An activity: how often it has run while it is held, and in the end. */
const activities: Record<string, { held?: number; runs: number; crashed?: string[] }> = {
  "delay beforeEffect": { held: 0, runs: 1 },
  "delay afterEffect": { held: 1, runs: 1 },
  "duplicate beforeEffect": { runs: 2 },
  "crash beforeEffect": { runs: 1, crashed: ["core"] },
  "crash afterEffect": { runs: 2, crashed: ["core"] },
  "crash afterResponse": { runs: 1, crashed: ["core"] },
};

test.each(combinations("durable"))("durable: %s %s", async (kind, phase) => {
  const rig = await DurableRig.start();
  closers.push(async () => {
    resetApp();
    await rig.stop();
  });
  const wanted = activities[`${kind} ${phase}`];
  rig.faults.set([{ ...faultOf("durable", kind, phase), match: { path: "activity/echo" } }]);
  const id = rig.start("sequence", { n: 1 });
  await rig.settle();
  const held = rig.status(id).runtimeStatus === "Running" ? runs.length : undefined;
  expect((await rig.finish(id)).output).toEqual([{ i: 0 }]);
  expect(rig.faults.list()[0]?.hits).toBe(1);
  expect({ held, runs: runs.length, crashed: rig.crashes }).toEqual({ held: undefined, crashed: [], ...wanted });
});

describe("what can strike nowhere", () => {
  test("is refused with what is possible there", () => {
    const reasons = (fault: object): string[] =>
      possibleFaultSchema.safeParse(fault).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ??
      [];
    expect(reasons({ where: "chat", kind: "drop" })).toEqual([
      "where: expected a place that has a local engine: arm, cosmos, servicebus, eventgrid, directory, issuer, identity, durable",
    ]);
    expect(reasons({ where: "durable", kind: "status" })).toEqual([
      "kind: expected a kind that can strike at durable: delay (beforeEffect, afterEffect), crash (beforeEffect, afterEffect, afterResponse), duplicate (beforeEffect)",
    ]);
    expect(reasons({ where: "arm", kind: "delay", phase: "afterResponse" })).toEqual([
      "phase: expected a phase of delay at arm: beforeEffect, afterEffect",
    ]);
  });

  test("is everything that the table does not name", () => {
    const { kind, phase } = faultSchema.shape;
    const all = faultPlaces.flatMap((where) =>
      kind.options.flatMap((one) => phase.unwrap().options.map((when) => ({ where, kind: one, phase: when }))),
    );
    const possible = all.filter((fault) => possibleFaultSchema.safeParse(fault).success);
    const named = Object.entries(faultTable).flatMap(([where]) => combinations(where as Fault["where"]));
    expect(possible.length).toBe(named.length);
  });
});

test("an error of the broker passes the guard as a refusal", () => {
  const refusals: string[] = [];
  new Guard(engineContext(), (work) => work()).run(
    { method: "send" },
    {
      effect: () => {
        throw new BrokerError("MessagingEntityNotFound", "no such queue");
      },
      answer: () => {},
      refuse: ({ condition }) => refusals.push(condition),
      cut: () => {},
    },
  );
  expect(refusals).toEqual(["amqp:not-found"]);
});
