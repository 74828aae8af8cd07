/** The gate on the wire: what may happen to a change that a standard demands, with two instances of core. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
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
    for (let hour = 0; hour < 2; hour += 1) {
      const open = await platform.api("GET", "findings?limit=1000");
      const waiting = open.body.value.filter(
        (item: { condition: { reason: string } }) => item.condition?.reason === "Budget",
      );
      expect(waiting).toHaveLength(accounts.length - 5 * (hour + 1));
      expect(waiting[0].condition.message).toBe(
        "The budget of 5 writes within an hour (one step at a time) is used up.",
      );
      await platform.clock({ advance: "PT70M" });
      await platform.settle();
    }
    const times = (await writes()).map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
    expect(times).toHaveLength(15);
    const sixths = times.slice(5).map((at, index) => at - times[index]!);
    expect(Math.min(...sixths)).toBeGreaterThan(3_600_000);
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
