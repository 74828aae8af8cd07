/** The product as seen from outside: what it says of itself, and how it is stopped by somebody who does not ask it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { Effect } from "../../infra/local/platform/effects.ts";
import type { TestPlatform } from "../support/platform.ts";
import { accessOf, decide, ledger, oids, open, privateAccount, proposalsOf } from "../support/estate.ts";

const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";
const cognitiveServicesContributor = "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68";
const subscriptions = ["5b000000-0000-4000-8000-000000000001", "5b000000-0000-4000-8000-000000000002"] as const;

let platform: TestPlatform;

/** The cases, on a platform with the small scenario in which nothing has happened yet; they leave its clock manual. */
export function watchedFromOutside(running: () => TestPlatform): void {
  describe("watched from outside", () => {
    beforeAll(async () => {
      platform = running();
      await platform.clock({ mode: "manual" });
      // The first minute sweeps the estate; in the second all is told.
      await platform.clock({ advance: "PT1M" });
      await platform.settle();
      await platform.clock({ advance: "PT1M" });
    });
    describe("a product that does its work", () => {
      worksWell();
    });
    describe("taking the writer's rights away", () => {
      rightsTaken();
    });
    describe("work that fails again and again", () => {
      failsAgain();
    });
  });
}

interface Details {
  readonly verdict: string;
  readonly reasons: readonly { readonly reason: string; readonly message: string }[];
  // oxlint-disable-next-line typescript/no-explicit-any -- the signals as JSON; tests assert their shape
  readonly signals: any;
}

async function details(): Promise<Details> {
  const { status, body } = await platform.api("GET", "health/details", undefined, oids.reader);
  expect(status).toBe(200);
  return body;
}

async function reasonNames(): Promise<string[]> {
  return (await details()).reasons.map(({ reason }) => reason);
}

async function health(path = "health"): Promise<[number, unknown]> {
  const response = await fetch(`${platform.edgeUrl}/api/${path}`);
  return [response.status, await response.json()];
}

async function effects(after = 0): Promise<Effect[]> {
  const { body } = await platform.control("GET", `effects?after=${after}`);
  return (body as Effect[]).filter(({ engine, caller }) => engine === "arm" && caller === coreIdentity);
}

function worksWell(): void {
  it("is ready, beats, and is well in every signal", async () => {
    expect(await health()).toEqual([200, { status: "ready" }]);
    expect(await health("health/heartbeat")).toEqual([200, { status: "beating" }]);
    const { verdict, reasons, signals } = await details();
    expect({ verdict, reasons }).toEqual({ verdict: "ok", reasons: [] });
    expect(signals).toMatchObject({
      heartbeat: { configVersion: 1 },
      pausedSince: null,
      unserved: { count: 0, since: null },
      unsealedSince: null,
      held: {},
      deadLetters: { count: 0 },
    });
    expect(signals.sweep.finishedAt).not.toBeNull();
  });

  it("tells the numbers to those with a role only, as OpenMetrics", async () => {
    expect((await fetch(`${platform.edgeUrl}/api/metrics`)).status).toBe(401);
    expect((await fetch(`${platform.edgeUrl}/api/health/details`)).status).toBe(401);
    const { status, headers, body } = await platform.api("GET", "metrics", undefined, oids.reader);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(body).toContain('steelyard_health{steelyard_health="ok"} 1\n');
    expect(body).toMatch(/^steelyard_heartbeat_age_seconds \d+(\.\d+)?$/m);
    expect(body.endsWith("\n# EOF\n")).toBe(true);
  });
}

interface Assignment {
  readonly id: string;
  readonly properties: { readonly principalId: string; readonly roleDefinitionId: string };
}

const rbacVersion = "api-version=2022-04-01";

/** What `az role assignment list --assignee` shows an owner. */
async function rolesOfCore(subscription: string): Promise<Assignment[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments?${rbacVersion}`;
  const { status, body } = await platform.armAs(oids.admin, "GET", path);
  expect(status).toBe(200);
  return (body.value as Assignment[]).filter(({ properties }) => properties.principalId === coreIdentity);
}

/** More tries than a change has that fails for a reason of its own. */
const QUARTERS = 6;

function rightsTaken(): void {
  const accounts: string[] = [];
  const taken: Assignment[] = [];
  let seq = 0;

  it("is what an owner of the subscription may do, and nobody else", async () => {
    const [writing] = await rolesOfCore(subscriptions[0]);
    const refused = await platform.armAs(oids.operator, "DELETE", `${writing!.id}?${rbacVersion}`);
    expect(refused.status).toBe(403);
  });

  it("stops every write at once, without the product's help", async () => {
    accounts.push(await privateAccount(platform, 0), await privateAccount(platform, 20));
    expect(accounts.map((id) => id.split("/")[2])).toEqual(subscriptions);
    for (const account of accounts) expect((await open(platform, account)).status).toBe(200);
    await platform.settle();
    // In the first subscription the right to write; in the second also the right to read.
    for (const [index, subscription] of subscriptions.entries()) {
      for (const assignment of await rolesOfCore(subscription)) {
        const writes = assignment.properties.roleDefinitionId.endsWith(cognitiveServicesContributor);
        if (index === 0 && !writes) continue;
        taken.push(assignment);
        expect((await platform.armAs(oids.admin, "DELETE", `${assignment.id}?${rbacVersion}`)).status).toBe(200);
      }
    }
    expect(taken).toHaveLength(6);
    seq = (await effects()).at(-1)?.seq ?? 0;
    for (const account of accounts) {
      const [proposal] = await proposalsOf(platform, account);
      expect((await decide(platform, proposal!.id)).status).toBe(200);
    }
    await platform.settle();
    for (const account of accounts) expect(await accessOf(platform, account)).toBe("Enabled");
  });

  it("is told on every change that was agreed to, and in the product's health", async () => {
    const held = [];
    // What was approved and cannot be seen any more stands as it was when it could.
    for (const [index, state] of ["approved", "open"].entries())
      held.push(...(await proposalsOf(platform, accounts[index]!, state)));
    expect(held).toMatchObject([
      { condition: { reason: "Refused", message: "Azure refused the write: AuthorizationFailed." } },
      { condition: { reason: "Unknown" } },
    ]);
    const { verdict, reasons, signals } = await details();
    expect(verdict).toBe("degraded");
    expect(reasons.map(({ reason }) => reason)).toEqual(["ChangesRefused", "ChangesUnknown", "Unreadable"]);
    expect(signals.held).toEqual({ Refused: 1, Unknown: 1 });
    const { body } = await platform.api("GET", "metrics", undefined, oids.reader);
    expect(body).toContain('steelyard_held_changes{reason="Refused"} 1\n');
    expect(body).toContain('steelyard_health{steelyard_health="degraded"} 1\n');
  });

  it("is tried once in a quarter of an hour, not over and over", async () => {
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      await platform.clock({ jump: "PT15M" });
      await platform.settle();
      await platform.clock({ advance: "PT2M" });
    }
    const tried = await effects(seq);
    expect(tried.filter(({ status }) => status < 400)).toEqual([]);
    expect(tried.length).toBeLessThanOrEqual(QUARTERS + 1);
    const { body } = await platform.control("GET", `arm/exchanges?caller=${coreIdentity}`);
    const asked = (body as string).split("\n").filter((line) => line.includes(accounts[1]!.split("/").at(-1)!));
    expect(asked.length).toBeLessThan(20);
    expect(await reasonNames()).toContain("ChangesRefused");
  });

  it("ends when the rights are given back: within the quarter of an hour all is put right", async () => {
    for (const { id, properties } of taken) {
      expect((await platform.armAs(oids.admin, "PUT", `${id}?${rbacVersion}`, { properties })).status).toBe(201);
    }
    await platform.clock({ jump: "PT15M" });
    await platform.settle();
    for (const account of accounts) {
      expect(await accessOf(platform, account)).toBe("Disabled");
      expect(await proposalsOf(platform, account, "applied")).toHaveLength(1);
    }
    await platform.clock({ advance: "PT1M" });
    expect(await reasonNames()).toEqual([]);
  });

  it("left a ledger that tells all of it and verifies", async () => {
    const outcomes = (await ledger(platform, accounts[0])).filter(({ type }) => type === "outcome");
    expect(new Set(outcomes.map(({ body }) => body.result))).toEqual(new Set(["notApplied", "applied"]));
    const { body } = await platform.control("POST", "token", { as: oids.operator });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["shared/cli/main.ts", "ledger", "verify", "--json"],
      { env: { ...process.env, STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: body.token } },
    );
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, firstBad: null });
  });
}

function failsAgain(): void {
  it("shows as targets that wait for their look when ARM is away", async () => {
    const account = await privateAccount(platform, 1);
    const away = { where: "arm", match: { caller: coreIdentity }, kind: "status", status: 503, code: "ServerBusy" };
    expect((await platform.control("PUT", "faults", [away])).status).toBe(200);
    expect((await open(platform, account)).status).toBe(200);
    await platform.clock({ advance: "PT6M" });
    const { verdict, reasons, signals } = await details();
    expect({ verdict, reasons: reasons.map(({ reason }) => reason) }).toEqual({
      verdict: "degraded",
      reasons: ["Unserved"],
    });
    expect(signals.unserved).toMatchObject({ count: 1, key: account.toLowerCase() });
    expect(await health("health/heartbeat")).toEqual([200, { status: "beating" }]);
    await platform.control("DELETE", "faults");
    await platform.clock({ advance: "PT2M" });
    await platform.settle();
    expect(await reasonNames()).toEqual([]);
  });

  it("shows as a heartbeat that stops when core cannot reach the store; who serves people is ready all the same", async () => {
    const away = { where: "cosmos", match: { caller: coreIdentity }, kind: "status", status: 500, code: "Away" };
    expect((await platform.control("PUT", "faults", [away])).status).toBe(200);
    await platform.clock({ advance: "PT4M" });
    expect(await health()).toEqual([200, { status: "ready" }]);
    expect(await health("health/heartbeat")).toEqual([503, { status: "late" }]);
    expect(await details()).toMatchObject({ verdict: "failing", reasons: [{ reason: "HeartbeatLate" }] });
    await platform.control("DELETE", "faults");
    await platform.clock({ advance: "PT1M" });
    expect(await health("health/heartbeat")).toEqual([200, { status: "beating" }]);
  });

  it("shows as no answer when nobody can reach it", async () => {
    const away = { where: "cosmos", kind: "status", status: 500, code: "Away" };
    expect((await platform.control("PUT", "faults", [away])).status).toBe(200);
    expect(await health()).toEqual([503, { status: "unavailable" }]);
    expect(await health("health/heartbeat")).toEqual([503, { status: "unavailable" }]);
    expect((await platform.api("GET", "metrics")).status).toBe(503);
    await platform.control("DELETE", "faults");
  });
}
