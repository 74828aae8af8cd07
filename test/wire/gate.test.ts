/** The gate on the wire: what may happen to a change that a standard demands, with two instances of core. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { compileCache } from "../support/productBuild.ts";
import { daysWithDigest } from "./digest.ts";
import { accessOf, apiVersion, corpAccounts, decide, ledger, oids, open, proposalsOf } from "../support/estate.ts";

const core = "c0de0000-0000-4000-8000-00000000c02e";

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ core: 2, clock: "manual" });
});

afterAll(async () => {
  await platform.stop();
});

async function reset(config: object): Promise<void> {
  const { status, body } = await platform.control("POST", "reset", {
    scenario: "small",
    seed: 7,
    clock: "manual",
    config,
  });
  expect([status, body]).toMatchObject([200, {}]);
}

interface Effect {
  readonly seq: number;
  readonly at: string;
  readonly target: string;
  readonly status: number;
}

/** Writes to accounts by the product's identity that ARM served. */
async function writes(): Promise<Effect[]> {
  const { body } = await platform.control("GET", "effects?after=0");
  const effects = (body.value ?? body) as (Effect & { engine: string; caller: string; method: string })[];
  return effects.filter(
    ({ engine, caller, status, target }) =>
      engine === "arm" && caller === core && status < 300 && target.toLowerCase().includes("/accounts/"),
  );
}

async function finding(
  account: string,
): Promise<{ condition: { reason: string; message: string } | null; patch: unknown }> {
  const { body } = await platform.api("GET", `findings?target=${encodeURIComponent(account.toLowerCase())}`);
  return body.value[0];
}

const setIdentity = (account: string, type: string, as: string = oids.reader) =>
  platform.armAs(as, "PATCH", `${account}?api-version=${apiVersion}`, { identity: { type } });

async function identityOf(account: string): Promise<string> {
  const { body } = await platform.control("GET", "arm/state");
  return body[account.toLowerCase()].identity?.type ?? "None";
}

describe("a budget of five writes an hour", () => {
  it("is never exceeded by two instances, and what waits says so", async () => {
    const budgets = [{ writesPerHour: 5, reason: "one step at a time" }];
    await reset({ standards: [{ id: "ACC-02", mode: "enforce" }], budgets });
    const accounts = [...(await corpAccounts(platform)).values()].map(({ id }) => id);
    for (const account of accounts) expect((await setIdentity(account, "None")).status).toBe(200);
    await platform.settle();
    const open = await platform.api("GET", "findings?limit=1000");
    const waiting = open.body.value.filter(
      (item: { condition: { reason: string } }) => item.condition?.reason === "Budget",
    );
    expect(waiting).toHaveLength(accounts.length - 5);
    expect(waiting[0].condition.message).toBe("The budget of 5 writes within an hour (one step at a time) is used up.");
    await platform.clock({ advance: "PT70M" });
    await platform.settle();
    const times = (await writes()).map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
    expect(times).toHaveLength(10);
    const sixths = times.slice(5).map((at, index) => at - times[index]!);
    expect(Math.min(...sixths)).toBeGreaterThan(3_600_000);
  });

  it("comes with one digest a day, which tells what was written; of days of outage with one", async () => {
    expect(await daysWithDigest(platform, writes, steelyard)).toEqual([3, 2, 0]);
  });
});

const allWeek = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" };
const corp2 = "5b000000-0000-4000-8000-000000000002";

describe("beside each other", () => {
  let accounts: string[];

  beforeAll(async () => {
    await reset({
      standards: [
        { id: "ACC-02", mode: "enforce" },
        { id: "NET-01", mode: "approve" },
      ],
      freezes: [{ name: "year end", standards: ["NET-01"], weekly: allWeek }],
      fields: [{ path: "identity.type", owner: "iac", subscriptions: [corp2] }],
      pipelines: [{ name: "Terraform of the landing zone", application: "7e44af02-0000-4000-8000-00000000071f" }],
    });
    accounts = [...(await corpAccounts(platform)).values()]
      .filter(({ properties }) => properties["publicNetworkAccess"] === "Disabled")
      .map(({ id }) => id);
  });

  it("a budget that cannot be read allows nothing, and what waits says so", async () => {
    await platform.control("PUT", "faults", [
      { where: "cosmos", match: { path: "budget-ACC-02" }, kind: "status", status: 403, phase: "beforeEffect" },
    ]);
    const account = accounts[0]!;
    await setIdentity(account, "None");
    await platform.settle();
    expect(await finding(account)).toMatchObject({ condition: { reason: "Budget" } });
    await platform.clock({ advance: "PT10M" });
    expect(await writes()).toEqual([]);
    await platform.control("DELETE", "faults");
    await platform.clock({ advance: "PT5M" });
    await platform.settle();
    expect(await identityOf(account)).toBe("SystemAssigned");
  });

  it("a colleague who reopens a field is followed three times; then it stays and people are asked, by object ID", async () => {
    const account = accounts[1]!;
    for (let time = 0; time < 3; time += 1) {
      await setIdentity(account, "None");
      await platform.settle();
      expect(await identityOf(account)).toBe("SystemAssigned");
    }
    await setIdentity(account, "None");
    await platform.settle();
    await platform.clock({ advance: "PT20M" });
    expect(await identityOf(account)).toBe("None");
    const [proposal] = await proposalsOf(platform, account);
    expect(proposal).toMatchObject({ state: "open", changedBy: oids.reader, condition: { reason: "Flapping" } });
    expect((await finding(account)).condition?.message).toContain(oids.reader);
    expect((await decide(platform, proposal!.id)).status).toBe(200);
    await platform.settle();
    expect(await identityOf(account)).toBe("SystemAssigned");
  });

  it("a field that belongs to templates is never written; the finding carries the patch", async () => {
    const account = accounts.find((id) => id.includes(corp2))!;
    const before = (await writes()).length;
    await setIdentity(account, "None");
    await platform.settle();
    await platform.clock({ advance: "PT1H" });
    expect(await identityOf(account)).toBe("None");
    expect(await finding(account)).toMatchObject({
      condition: { reason: "OwnedByTemplate" },
      patch: {
        json: { identity: { type: "SystemAssigned" } },
        bicep: "identity: {\n  type: 'SystemAssigned'\n}",
        terraform: 'body = {\n  identity = {\n    type = "SystemAssigned"\n  }\n}',
      },
    });
    expect(await writes()).toHaveLength(before);
  });

  it("what was approved is void when somebody changes it by hand before it is written, and is asked again", async () => {
    const account = accounts[2]!;
    const before = (await writes()).length;
    await open(platform, account);
    await platform.settle();
    const [asked] = await proposalsOf(platform, account);
    expect((await decide(platform, asked!.id)).status).toBe(200);
    await platform.settle();
    expect(await finding(account)).toMatchObject({ condition: { reason: "Frozen" } });
    expect(await accessOf(platform, account)).toBe("Enabled");
    const closed = { properties: { publicNetworkAccess: "Disabled" } };
    expect((await platform.armAs(oids.reader, "PATCH", `${account}?api-version=${apiVersion}`, closed)).status).toBe(
      200,
    );
    await platform.settle();
    await open(platform, account);
    await platform.settle();
    expect(await proposalsOf(platform, account, "void")).toMatchObject([{ id: asked!.id }]);
    const [again] = await proposalsOf(platform, account);
    expect(again).toMatchObject({ state: "open", decisions: [] });
    expect(again!.id).not.toBe(asked!.id);
    expect((await ledger(platform, account)).filter(({ type }) => type === "intent")).toEqual([]);
    expect(await writes()).toHaveLength(before);
  });
});

const root = join(import.meta.dirname, "../..");

/** The command line, as a person of the scenario. */
async function steelyard(as: string, ...words: string[]): Promise<{ status: number | null; stdout: string }> {
  const { token } = (await platform.control("POST", "token", { as })).body;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "shared/cli/main.ts"), ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: token, ...compileCache() },
  });
  return { status, stdout: stdout === "" ? stderr : stdout };
}

const approve = ({ id, hash }: { id: string; hash: string }, as: string) =>
  platform.api("POST", `config/changes/${id}/decisions`, { verdict: "approve", hash }, as);

/** The scenario's configuration as a file, with the modes of standards changed, as somebody edits it. */
function edited(modes: Readonly<Record<string, string>>): string {
  const file = join(platform.dir, "steelyard.yaml");
  let text = readFileSync(join(root, "infra/local/scenarios/small.yaml"), "utf8");
  for (const [standard, mode] of Object.entries(modes)) {
    expect(text).toMatch(`- id: ${standard}\n    mode: audit\n`);
    text = text.replace(`- id: ${standard}\n    mode: audit\n`, `- id: ${standard}\n    mode: ${mode}\n`);
  }
  writeFileSync(file, text);
  return file;
}

/** Whatever changed is looked at within a minute. */
async function aMinuteLater(): Promise<void> {
  await platform.clock({ advance: "PT2M" });
  await platform.settle();
}

describe("the configuration", () => {
  let identityless: string;

  beforeAll(async () => {
    await reset({});
    identityless = [...(await corpAccounts(platform)).values()][0]!.id;
    await setIdentity(identityless, "None");
    await aMinuteLater();
  });

  it("is in audit after a fresh start: a day of changes by hand is found, nobody is asked, nothing is written", async () => {
    const accounts = [...(await corpAccounts(platform)).values()].map(({ id }) => id);
    const touched = accounts.slice(1, 13);
    for (const [hour, account] of touched.entries()) {
      const by = [oids.reader, oids.approver, oids.operator][hour % 3]!;
      await open(platform, account, by);
      await setIdentity(account, "None", by);
      const deployment = `${account}/deployments/extra?api-version=${apiVersion}`;
      const model = { format: "OpenAI", name: "gpt-4o-mini", version: "2024-07-18" };
      await platform.armAs(by, "PUT", deployment, {
        sku: { name: "GlobalStandard", capacity: 1 },
        properties: { model },
      });
      if (hour % 3 === 0) await platform.armAs(by, "DELETE", `${account}?api-version=${apiVersion}`);
      await platform.clock({ jump: "PT2H" });
      await platform.settle();
    }
    const left = touched.filter((_account, hour) => hour % 3 !== 0).map((account) => account.toLowerCase());
    const { body } = await platform.api("GET", "findings?standard=ACC-02&limit=1000");
    expect(body.value.map(({ target }: { target: string }) => target).sort()).toEqual(
      [...left, identityless.toLowerCase()].sort(),
    );
    expect((await platform.api("GET", "proposals")).body.value).toEqual([]);
    expect(await writes()).toEqual([]);
    expect((await platform.api("GET", "config")).headers.get("etag")).toBe('"v1"');
    for (const account of left) await setIdentity(account, "SystemAssigned");
    await platform.settle();
  });

  it("asks, once it says so, for exactly what its plan told", async () => {
    const file = edited({ "NET-01": "approve" });
    const plan = await steelyard(oids.admin, "config", "apply", file, "--plan", "--json");
    expect(plan.status).toBe(1);
    const { plan: told, changes, needs } = JSON.parse(plan.stdout);
    expect(changes).toEqual([{ path: "standards[NET-01].mode", before: "audit", after: "approve" }]);
    expect(needs).toEqual([]);
    expect(told).toMatchObject({
      accounts: 36,
      total: told.differences.length,
      unseen: { accounts: 0, subscriptions: [] },
    });
    expect((await platform.api("GET", "config")).body.version).toBe(1);
    expect(await steelyard(oids.admin, "config", "apply", file)).toMatchObject({
      status: 0,
      stdout: "Version 2 holds:\n  standards[NET-01].mode: audit -> approve\n",
    });
    await aMinuteLater();
    const { body } = await platform.api("GET", "proposals");
    const targets = (items: readonly { target: string }[]): string[] => items.map(({ target }) => target).sort();
    expect(targets(body.value)).toEqual(targets(told.differences));
    expect(told.differences[0].will).toMatchObject({ kind: "ask", quorum: 1 });
  });

  it("needs two to write unasked, and then writes exactly the paths that its plan told", async () => {
    const file = edited({ "NET-01": "approve", "ACC-02": "enforce" });
    const asked = await steelyard(oids.admin, "config", "apply", file, "--reason", "every account needs one", "--json");
    expect(asked.status).toBe(1);
    const { change } = JSON.parse(asked.stdout);
    expect(change.needs).toEqual([
      { path: "standards[ACC-02].mode", why: "it lets ACC-02 write unasked in prod, test, dev" },
    ]);
    const target = identityless.toLowerCase();
    const fields = [{ path: "identity.type", before: "None", after: "SystemAssigned" }];
    expect(change.plan.differences).toMatchObject([
      { target, was: { kind: "report" }, will: { kind: "write", fields } },
    ]);
    const own = await approve(change, oids.admin);
    expect([own.status, own.body.error.message]).toEqual([403, expect.stringContaining("somebody else has to agree")]);
    expect((await approve(change, oids.operator)).status).toBe(403);
    await aMinuteLater();
    expect(await writes()).toEqual([]);
    expect(await steelyard(oids.secondAdmin, "config", "approve", change.id)).toMatchObject({
      status: 0,
      stdout: `Change ${change.id} is applied, as version 3.\n`,
    });
    await aMinuteLater();
    expect((await writes()).map((write) => write.target.toLowerCase())).toEqual([target]);
    expect(await identityOf(identityless)).toBe("SystemAssigned");
  });

  it("stops at once when one person says so, goes on when two do, and its ledger verifies", async () => {
    expect((await platform.api("POST", "pause", { reason: "an incident" })).body).toMatchObject({ state: "applied" });
    expect((await setIdentity(identityless, "None")).status).toBe(200);
    await platform.settle();
    expect(await writes()).toHaveLength(1);
    const resume = await platform.api("POST", "resume", {});
    expect([resume.status, resume.body.state]).toEqual([202, "pending"]);
    expect((await approve(resume.body.change, oids.admin)).status).toBe(200);
    await aMinuteLater();
    expect(await writes()).toHaveLength(2);
    const entries = (await ledger(platform)).filter(({ key }) => key === "/configuration");
    expect(entries.map(({ body }): string => body.event ?? body.verdict)).toEqual([
      "applied",
      "proposed",
      "approve",
      "applied",
      "applied",
      "proposed",
      "approve",
      "applied",
    ]);
    const verdict = await steelyard(oids.reader, "ledger", "verify", "--json");
    expect([verdict.status, JSON.parse(verdict.stdout).ok]).toEqual([0, true]);
  });

  it("has what it wrote taken back by run, for a day", async () => {
    const { body } = await platform.api(
      "GET",
      `proposals?state=applied&target=${encodeURIComponent(identityless.toLowerCase())}`,
    );
    const { run } = body.value.find((proposal: { run: string }) => proposal.run.endsWith(".v3"));
    expect(run).toMatch(/^ACC-02\.(prod|test|dev)\.v3$/);
    const undone = await steelyard(oids.operator, "undo", "--run", run, "--reason", "a supplier cannot cope with it");
    expect(undone).toMatchObject({ status: 0, stdout: `1 change of run ${run} taken back for a day.\n` });
    await platform.settle();
    expect(await identityOf(identityless)).toBe("None");
    expect((await steelyard(oids.operator, "undo", "--run", run, "--reason", "once more")).status).toBe(1);
    expect(await steelyard(oids.operator, "undo", "--run", "ACC-02.prod.v99", "--reason", "mistaken")).toMatchObject({
      status: 2,
    });
    await platform.clock({ jump: "P1D" });
    await aMinuteLater();
    expect(await identityOf(identityless)).toBe("SystemAssigned");
  });

  it("is changed by one of two who change the same version", async () => {
    const { config, version } = (await platform.api("GET", "config")).body;
    const put = (digestHour: number, as: string) =>
      platform.api("PUT", "config", { config: { ...config, digestHour }, version }, as);
    const answers = await Promise.all([put(7, oids.admin), put(8, oids.secondAdmin)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.error.message).toContain(`is based on version ${version}; version ${version + 1} is current`);
    expect((await put(9, oids.operator)).status).toBe(403);
    const id = "5b000000-0000-4000-8000-000000000003";
    const withdrawn = await platform.api("DELETE", `subscriptions/${id}/enrolment`, { reason: "sold" }, oids.admin);
    expect(withdrawn.body.error.message).toContain("expected a reason of five characters or more");
    expect((await platform.api("DELETE", `subscriptions/${id}/enrolment`, {}, oids.admin)).status).toBe(200);
    // Exit code 1: it waits for another admin.
    const words = ["enroll", id, "--level", "enforce", "--archetype", "online", "--name", "ai-online-1"];
    expect((await steelyard(oids.admin, ...words)).status).toBe(1);
    expect((await platform.api("POST", `subscriptions/${id}/enrolment`, { level: "audit" })).status).toBe(403);
  });
});
