/** The first whole path, as a person would walk it: two processes, real SDK clients, the control surface. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import {
  accessOf,
  apiVersion,
  decide,
  isQuery,
  ledger,
  oids,
  open,
  privateAccount,
  proposalsOf,
} from "../support/estate.ts";

const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ scenario: "small" });
});

afterAll(async () => {
  await platform.stop();
});

async function findingsOf(
  account: string,
): Promise<{ state: string; changedBy: string; reason: string; standard: { id: string } }[]> {
  const { body } = await platform.api("GET", `findings?target=${encodeURIComponent(account.toLowerCase())}`);
  return body.value;
}

describe("a colleague opens a private account by hand", () => {
  let account: string;
  let proposal: string;

  it("is found and a remedy proposed, and nothing is written yet", async () => {
    account = await privateAccount(platform);
    expect((await open(platform, account)).status).toBe(200);
    await platform.settle();
    expect(await findingsOf(account)).toMatchObject([
      { standard: { id: "NET-01" }, state: "open", changedBy: oids.reader },
    ]);
    const proposals = await proposalsOf(platform, account);
    expect(proposals).toMatchObject([
      { fields: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }] },
    ]);
    proposal = proposals[0]!.id;
    expect(await accessOf(platform, account)).toBe("Enabled");
  });

  it("can only be decided by an approver with a good token", async () => {
    expect((await decide(platform, proposal, "approve", oids.reader)).status).toBe(403);
    const path = `${platform.edgeUrl}/api/proposals/${proposal}/decisions`;
    expect((await fetch(path, { method: "POST", body: '{"verdict":"approve"}' })).status).toBe(401);
    const headers = { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4In0." };
    expect((await fetch(path, { method: "POST", body: '{"verdict":"approve"}', headers })).status).toBe(401);
    expect(await accessOf(platform, account)).toBe("Enabled");
  });

  it("is closed again when an approver agrees, read back and told in the ledger", async () => {
    expect((await decide(platform, proposal)).status).toBe(200);
    await platform.settle();
    expect(await accessOf(platform, account)).toBe("Disabled");
    expect(await findingsOf(account)).toEqual([]);
    const entries = await ledger(platform, account);
    expect(entries.map(({ type }) => type)).toEqual([
      "finding",
      "proposal",
      "decision",
      "intent",
      "outcome",
      "finding",
    ]);
    const intent = entries.find(({ type }) => type === "intent")!;
    expect(intent.body).toMatchObject({
      id: proposal,
      authority: { kind: "standard", id: "NET-01" },
      changedBy: oids.reader,
      agreedBy: [oids.approver],
      fields: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
    });
    const outcome = entries.find(({ type }) => type === "outcome")!;
    expect(outcome.body).toMatchObject({
      intent: intent.seq,
      result: "applied",
      observed: [{ path: "properties.publicNetworkAccess", value: "Disabled" }],
    });
  });

  it("changed nothing but the one field", async () => {
    const { body } = await platform.control("GET", `arm/exchanges?caller=${coreIdentity}`);
    const writes = (body as string)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { method: string; url: string; requestBody: unknown })
      .filter(({ method, url }) => method !== "GET" && !isQuery(url));
    expect(writes.map(({ method, requestBody }) => [method, requestBody])).toEqual([
      ["PATCH", { properties: { publicNetworkAccess: "Disabled" } }],
    ]);
  });

  it("cannot be decided again", async () => {
    expect((await decide(platform, proposal, "reject", oids.secondApprover)).status).toBe(409);
    expect((await decide(platform, "p-00000000000000000000000000000000-1")).status).toBe(404);
    expect((await decide(platform, "nonsense")).status).toBe(404);
  });

  it("can be undone for a day with a reason; then the standard asks again", async () => {
    const refused = await platform.api("POST", "undo", { change: proposal, reason: "x" });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toMatch(/reason: found "x"; expected a reason of five characters/);
    const undone = await platform.api("POST", "undo", { change: proposal, reason: "a partner's test runs today" });
    expect(undone.status).toBe(202);
    await platform.settle();
    expect(await accessOf(platform, account)).toBe("Enabled");
    expect(await findingsOf(account)).toMatchObject([{ state: "waived" }]);
    expect((await platform.api("POST", "undo", { change: proposal, reason: "once more" })).status).toBe(409);
    await platform.clock({ jump: "PT25H" });
    await platform.settle();
    expect(await findingsOf(account)).toMatchObject([{ state: "open" }]);
    expect(await accessOf(platform, account)).toBe("Enabled");
    expect(await proposalsOf(platform, account)).toHaveLength(1);
  });
});

const sample = (account: string) => ({
  id: "4db48cba-50a2-455a-93b4-de41a3b5b7f6",
  subject: account,
  data: {
    authorization: {
      scope: account,
      action: "Microsoft.CognitiveServices/accounts/write",
      evidence: { role: "Contributor" },
    },
    claims: {
      aud: "https://management.core.windows.net/",
      appid: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      ipaddr: "203.0.113.7",
      name: "Somebody",
      "http://schemas.microsoft.com/identity/claims/objectidentifier": oids.secondApprover,
    },
    correlationId: "6a1f5f5e-0b1c-4b2a-9c7e-0d6f1b2a3c4d",
    resourceProvider: "Microsoft.CognitiveServices",
    resourceUri: account,
    operationName: "Microsoft.CognitiveServices/accounts/write",
    status: "Succeeded",
    subscriptionId: account.split("/")[2],
    tenantId: "7e57e57e-0000-4000-8000-00000000c0de",
  },
});

describe("an event published by hand", () => {
  it.each([
    [
      "Event Grid schema",
      1,
      (account: string) => ({
        ...sample(account),
        topic: `/subscriptions/${account.split("/")[2]}`,
        eventType: "Microsoft.Resources.ResourceWriteSuccess",
        eventTime: new Date().toISOString(),
        dataVersion: "2",
        metadataVersion: "1",
      }),
    ],
    [
      "CloudEvents schema",
      2,
      (account: string) => ({
        ...sample(account),
        specversion: "1.0",
        source: `/subscriptions/${account.split("/")[2]}`,
        type: "Microsoft.Resources.ResourceWriteSuccess",
        time: new Date().toISOString(),
      }),
    ],
    [
      "lower case",
      3,
      (account: string) => ({
        ...sample(account.toLowerCase()),
        topic: `/subscriptions/${account.split("/")[2]}`,
        eventType: "Microsoft.Resources.ResourceWriteSuccess",
        eventTime: new Date().toISOString(),
        dataVersion: "2",
        metadataVersion: "1",
      }),
    ],
  ])("in %s leads to a finding like any other", async (_name, index, event) => {
    const account = await privateAccount(platform, index);
    const drop = [{ where: "eventgrid", match: { path: account.split("/").at(-1) }, kind: "drop", count: 1 }];
    expect((await platform.control("PUT", "faults", drop)).status).toBe(200);
    await open(platform, account);
    await platform.settle();
    expect(await findingsOf(account)).toEqual([]);
    expect((await platform.control("GET", "faults")).body).toMatchObject([{ hits: 1 }]);
    await platform.control("DELETE", "faults");
    const published = await platform.control("POST", "eventgrid/publish", event(account));
    expect(published.status, JSON.stringify(published.body)).toBe(202);
    await platform.settle();
    expect(await findingsOf(account)).toMatchObject([{ standard: { id: "NET-01" }, state: "open" }]);
    const [proposal] = await proposalsOf(platform, account);
    await decide(platform, proposal!.id);
    await platform.settle();
    expect(await accessOf(platform, account)).toBe("Disabled");
  });
});

describe("events that tell nothing new", () => {
  it("hold up neither a decision nor the next change", async () => {
    const account = await privateAccount(platform, 6);
    await open(platform, account);
    await platform.settle();
    const subscription = account.split("/")[2];
    for (let index = 0; index < 4; index += 1) {
      const event = {
        ...sample(account),
        id: `quiet-${index}`,
        specversion: "1.0",
        source: `/subscriptions/${subscription}`,
        type: "Microsoft.Resources.ResourceWriteSuccess",
        time: new Date().toISOString(),
      };
      await platform.control("POST", "eventgrid/publish", event);
      await platform.settle();
    }
    const [proposal] = await proposalsOf(platform, account);
    const decidedMs = Date.now();
    await decide(platform, proposal!.id);
    await platform.settle();
    expect(await accessOf(platform, account)).toBe("Disabled");
    await open(platform, account);
    await platform.settle();
    expect(await findingsOf(account)).toMatchObject([{ state: "open" }]);
    // Nothing of it waited for a pause, the shortest of which is ten seconds.
    expect(Date.now() - decidedMs).toBeLessThan(9_000);
  });
});

describe("bad input", () => {
  it("is kept as a dead letter when an event is foreign, and costs nothing else", async () => {
    const account =
      "/subscriptions/99999999-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a";
    const event = {
      ...sample(account),
      topic: "/subscriptions/5b000000-0000-4000-8000-000000000001",
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: new Date().toISOString(),
      dataVersion: "2",
      metadataVersion: "1",
    };
    await platform.control("POST", "eventgrid/publish", event);
    await platform.settle();
    const { body } = await platform.api("GET", "deadletters");
    expect(JSON.stringify(body.value)).toMatch(
      /found subscription 99999999-0000-4000-8000-000000000001; expected an enrolled one/,
    );
    expect(JSON.stringify(body.value)).not.toMatch(/203\.0\.113|Somebody/);
  });

  it("is told with what was found and expected by the API", async () => {
    const { status, body } = await platform.api(
      "POST",
      "proposals/p-00000000000000000000000000000000-1/decisions",
      { verdict: "maybe" },
      oids.approver,
    );
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/request body at verdict: found "maybe"/);
    expect((await platform.api("GET", "findings?limit=0")).status).toBe(400);
    const misspelt = await platform.api("GET", "findings?targt=x");
    expect(misspelt.status).toBe(400);
    expect(misspelt.body.error.message).toMatch(/targt/);
    expect((await platform.api("GET", "findings?continuation=nonsense")).status).toBe(400);
    const unknown = Buffer.from("nonsense").toString("base64url");
    expect((await platform.api("GET", `findings?continuation=${unknown}`)).status).toBe(400);
  });

  it("is refused by ARM as Azure refuses it", async () => {
    const account = await privateAccount(platform, 5);
    const path = `${account}?api-version=${apiVersion}`;
    const { status, body } = await platform.armAs(oids.reader, "PATCH", path, {
      properties: { publicNetwork: "Enabled" },
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(/publicNetwork/);
  });
});

describe("the sweep of the estate", () => {
  const lost = "5b000000-0000-4000-8000-000000000002";

  async function swept(): Promise<Record<string, unknown>> {
    expect((await platform.api("POST", "sweep", {})).status).toBe(202);
    await platform.clock({ advance: "PT2M" });
    return (await platform.api("GET", "sweep", undefined, oids.reader)).body;
  }

  it("asks Resource Graph, a page for all subscriptions", async () => {
    expect((await platform.api("POST", "sweep", {}, oids.approver)).status).toBe(403);
    const { body } = await platform.control("GET", "arm/exchanges");
    const before = (body as string).split("\n").length;
    expect(await swept()).toMatchObject({ state: "finished", done: 3, total: 3, accounts: 40, problems: [] });
    const lines = ((await platform.control("GET", "arm/exchanges")).body as string).split("\n").slice(before - 1);
    const urls = lines.filter((line) => line !== "").map((line) => (JSON.parse(line) as { url: string }).url);
    expect(urls.filter((url) => isQuery(url))).toHaveLength(1);
    expect(urls.filter((url) => /\/accounts\?/.test(url))).toEqual([]);
    const read = new Set(
      urls.map((url) => /\/accounts\/([^/?]+)\?/i.exec(url)?.[1]).filter((name) => name !== undefined),
    );
    expect(read.size).toBe(40);
  });

  it("lists the subscriptions when Resource Graph refuses, and says which cannot be listed", async () => {
    const refused = { where: "arm", kind: "status", status: 403 };
    await platform.control("PUT", "faults", [
      { ...refused, code: "AccessDenied", match: { method: "POST", path: "Microsoft.ResourceGraph" } },
      { ...refused, code: "AuthorizationFailed", match: { path: `${lost}/providers/.*/accounts$` } },
    ]);
    expect(await swept()).toMatchObject({
      state: "finished",
      accounts: 25,
      problems: [{ subscriptionId: lost, reason: "NotReadable" }],
    });
    await platform.control("DELETE", "faults");
  });
});
