/** The platform as a real process with small apps in place of the product: control surface, scenarios, engines. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { oids, subscriptions } from "../../infra/local/scenarios/people.ts";
import { fixtureApps, request, startPlatform, type Health, type TestPlatform } from "../support/platform.ts";

const start = "2026-11-20T08:00:00.000Z";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ scenario: "small", clock: "manual", appFiles: fixtureApps });
});
afterAll(() => platform?.stop());

describe("scenario small", () => {
  test("is laid by reset, the same for the same seed", async () => {
    const lay = async (seed: number): Promise<string[]> => {
      const options = { scenario: "small", seed, clock: "manual", now: start };
      const { status, body } = await platform.control("POST", "reset", options);
      expect([status, body.status]).toEqual([200, "ready"]);
      return Object.keys((await platform.control("GET", "arm/state")).body);
    };
    const [one, other, again] = [await lay(1), await lay(2), await lay(1)];
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect((await platform.control("GET", "effects")).body).toEqual([]);
  });

  test("a colleague's change by hand becomes an effect, an exchange and an event", async () => {
    const state: Record<string, { id: string; properties: { publicNetworkAccess?: string } }> = (
      await platform.control("GET", "arm/state")
    ).body;
    const account = Object.values(state).find(({ properties }) => properties?.publicNetworkAccess === "Disabled");
    const patch = { properties: { publicNetworkAccess: "Enabled" } };
    const answer = await platform.armAs(oids.reader, "PATCH", `${account!.id}?api-version=2025-09-01`, patch);
    expect(answer.status).toBe(200);
    await platform.settle();
    const effects = (await platform.control("GET", "effects")).body;
    expect(effects).toMatchObject([
      { seq: 1, at: start, engine: "arm", caller: oids.reader, method: "PATCH", target: account!.id.toLowerCase() },
      { seq: 2, at: start, engine: "servicebus", caller: "eventgrid", method: "send", target: "events" },
    ]);
    const exchanges = (await platform.control("GET", `arm/exchanges?caller=${oids.reader}`)).body as string | object;
    const lines = typeof exchanges === "string" ? exchanges.trim().split("\n") : [JSON.stringify(exchanges)];
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ method: "PATCH", status: 200, requestBody: patch }]);
    expect(String(platform.seen("event").at(-1)?.["subject"]).toLowerCase()).toBe(account!.id.toLowerCase());
  });

  test("the product's identities are held to their roles", async () => {
    const [subscription] = subscriptions;
    const accounts = `/subscriptions/${subscription!.id}/providers/Microsoft.CognitiveServices/accounts?api-version=2025-09-01`;
    const asCore = await platform.armAs(coreIdentity, "GET", accounts);
    expect([asCore.status, asCore.body.value.length]).toEqual([200, 15]);
    const open = asCore.body.value.filter(
      (account: { properties: { publicNetworkAccess: string } }) =>
        account.properties.publicNetworkAccess === "Enabled",
    );
    expect(open.length).toBeLessThanOrEqual(3);
    expect((await platform.armAs(oids.admin, "GET", accounts)).status).toBe(200);
  });

  test("a published event reaches the queue", async () => {
    const subject = `/subscriptions/${subscriptions[0]!.id}/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a`;
    const event = {
      id: "1",
      topic: `/subscriptions/${subscriptions[0]!.id}`,
      subject,
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: start,
      dataVersion: "2",
      metadataVersion: "1",
      data: { operationName: "Microsoft.CognitiveServices/accounts/write", resourceUri: subject },
    };
    expect((await platform.control("POST", "eventgrid/publish", event)).body).toEqual({
      accepted: 1,
      matched: 1,
      deliveries: 1,
    });
    await platform.settle();
    expect(platform.seen("event").at(-1)).toMatchObject({ subject });
    expect((await platform.control("POST", "eventgrid/publish", { id: "2" })).status).toBe(400);
  });
});

describe("control surface", () => {
  test("health names every address and process", async () => {
    const { status, body } = await platform.control("GET", "health");
    expect(status).toBe(200);
    const health = body as Health;
    expect(health.startedInMs).toBeLessThan(10_000);
    expect(Object.keys(health.endpoints).sort()).toEqual(
      ["api", "arm", "armTls", "console", "control", "core", "cosmos", "edge", "eventgrid", "graph", "issuer"].concat([
        "managedIdentity",
        "servicebus",
      ]),
    );
    expect(health.processes.map(({ name }) => name)).toEqual(["platform", "core-0", "edge"]);
    expect(health.processes.every(({ rssBytes }) => rssBytes > 10_000_000)).toBe(true);
  });

  test("describes itself", async () => {
    const { body } = await platform.control("GET", "");
    expect(body.openapi).toBe("3.1.0");
    expect(Object.keys(body.paths)).toContain("/_platform/arm/exchanges");
    const clock = body.paths["/_platform/clock"].post.requestBody.content["application/json"].schema;
    expect(Object.keys(clock.properties).sort()).toEqual(["advance", "jump", "mode", "set", "skew"]);
    const index = await request("GET", `http://127.0.0.1:${platform.portBase}/`);
    expect(index.body).toContain("POST   /_platform/settle");
  });

  test("says what was found, where, and what was expected", async () => {
    const answer = await platform.control("PUT", "faults", [{ where: "armm", kind: "status" }]);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toEqual([
      { where: "body.0.where", found: '"armm"', expected: expect.stringContaining('"arm"') },
    ]);
    expect((await platform.control("POST", "clock", { advance: "8h" })).body.error.message).toMatch(/PT8H/);
    expect((await platform.control("POST", "clock", { advance: "PT1H", jump: "PT1H" })).status).toBe(400);
    expect((await platform.control("POST", "clock", { jump: "P99999999999D" })).body.error.code).toBe("OutOfRange");
    expect((await platform.control("POST", "reset", { now: "9999-01-01T00:00:00Z" })).status).toBe(400);
    expect((await platform.control("GET", "directory/people/%zz")).body.error.message).toContain('found "%zz"');
    expect((await platform.control("POST", "reset", "{")).body.error.code).toBe("InvalidJson");
    expect((await platform.control("GET", "effects?after=x")).status).toBe(400);
    expect((await platform.control("POST", "reset", { config: { quorum: 9 } })).status).toBe(400);
    expect((await platform.control("GET", "health")).status).toBe(200);
  });

  test("refuses by name what it does not have", async () => {
    const answer = await platform.control("POST", "chat/click", {});
    expect(answer.status).toBe(501);
    expect(answer.body.error).toMatchObject({ code: "NotImplemented", message: expect.stringContaining("chat/click") });
    expect((await platform.control("DELETE", "clock")).headers.get("allow")).toBe("GET, POST");
  });

  test("faults are put, listed with their hits, and ended", async () => {
    const fault = { where: "arm", kind: "status", status: 503, count: 1 };
    expect((await platform.control("PUT", "faults", [fault])).body).toMatchObject([{ ...fault, hits: 0 }]);
    expect((await platform.control("GET", "faults")).body.length).toBe(1);
    expect((await platform.control("DELETE", "faults")).body).toEqual([]);
    expect((await platform.control("GET", "faults")).body).toEqual([]);
  });

  test("the directory can be changed, tokens be had", async () => {
    const { body } = await platform.control("GET", "directory");
    expect(body.people.map((person: { oid: string }) => person.oid)).toEqual(Object.values(oids));
    expect(body.servicePrincipals.length).toBe(2);
    const { token } = (await platform.control("POST", "token", { as: oids.admin })).body;
    expect(JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())).toMatchObject({ oid: oids.admin });
    const disabled = await platform.control("PUT", `directory/people/${oids.admin}`, { enabled: false });
    expect(disabled.body).toMatchObject({ oid: oids.admin, enabled: false });
    expect((await platform.control("POST", "token", { as: oids.admin })).status).toBe(400);
    expect((await platform.control("DELETE", `directory/people/${oids.reader}`)).status).toBe(204);
    expect((await platform.control("GET", `directory/people/${oids.reader}`)).status).toBe(404);
  });
});

/** Names of the settings that a host's app has. */
async function env(url: string): Promise<string[]> {
  return (await request("GET", `${url}/api/now`)).body.env;
}

describe("apps", () => {
  test("get the settings that they have in Azure; the edge gets no address of ARM or of the directory", async () => {
    const [core, edge] = await Promise.all([env(platform.coreUrl()), env(platform.edgeUrl)]);
    const ofCore = ["STEELYARD_ARM_ENDPOINT", "STEELYARD_GRAPH_ENDPOINT"];
    expect(core).toEqual(expect.arrayContaining(ofCore));
    const ofEdge = ["HAND_CHANGE_COMMAND"];
    expect(core.filter((name) => !ofCore.includes(name))).toEqual(edge.filter((name) => !ofEdge.includes(name)));
    expect(edge).toEqual(expect.arrayContaining(["COSMOS_ENDPOINT", "IDENTITY_ENDPOINT", "NODE_EXTRA_CA_CERTS"]));
  });

  test("the command-line tool finds the product", () => {
    const file = join(platform.dir, "data/connection.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      url: platform.edgeUrl,
      tokenUrl: `http://127.0.0.1:${platform.portBase}/_platform/token`,
      as: oids.admin,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
