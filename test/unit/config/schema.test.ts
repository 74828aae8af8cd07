import { describe, expect, it } from "vitest";
import {
  activationKey,
  activationsOf,
  concerns,
  configSchema,
  environmentOf,
  modeOf,
  quorumOf,
  type Config,
  type ConfigInput,
  type Scope,
} from "../../../shared/config/schema.ts";
import { emptyLog, unreadable } from "../../../shared/desired/budget.ts";
import { isOwned, ownedAt, termsOf } from "../../../shared/desired/terms.ts";
import { hourMs } from "../../../shared/kernel/clock.ts";

const here = "5b000000-0000-4000-8000-000000000001";
const elsewhere = "5b000000-0000-4000-8000-000000000002";
const place = { environment: "prod", subscriptionId: here, standard: "NET-01" };

function config(change: Partial<ConfigInput> = {}): Config {
  const subscriptions: ConfigInput["subscriptions"] = [{ id: here, name: "a", archetype: "corp", level: "enforce" }];
  return configSchema.parse({ version: 1, subscriptions, standards: [{ id: "NET-01", mode: "approve" }], ...change });
}

/** Where the document is refused, and with which words. */
function refused(change: object): string[] {
  const { error } = configSchema.safeParse({ version: 1, subscriptions: [], standards: [], ...change });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("what an entry concerns", () => {
  it.each<[string, Scope, boolean]>([
    ["all, without a list", {}, true],
    ["all, with lists that are undefined", { environments: undefined, standards: undefined }, true],
    ["what every list names", { environments: ["dev", "prod"], subscriptions: [here], standards: ["NET-01"] }, true],
    ["nothing of another environment", { environments: ["dev"], subscriptions: [here] }, false],
    ["nothing of another subscription", { environments: ["prod"], subscriptions: [elsewhere] }, false],
    ["no other standard", { standards: ["NET-02"] }, false],
    ["nothing, with an empty list", { environments: [] }, false],
  ])("is %s", (_name, scope, expected) => {
    expect(concerns(scope, place)).toBe(expected);
  });

  it("is never a place without a standard where standards are named", () => {
    const { environment, subscriptionId } = place;
    expect(concerns({ standards: ["NET-01"] }, { environment, subscriptionId })).toBe(false);
    expect(concerns({ environments: ["prod"] }, { environment, subscriptionId, standard: undefined })).toBe(true);
  });
});

describe("the environment of a target", () => {
  const environments = { names: ["prod", "test", "dev"], tag: "Env" };
  it.each<[string, string | undefined, Record<string, unknown>, string]>([
    ["its subscription's own, whatever its tag says", "dev", { env: "test" }, "dev"],
    ["the one that its tag names", undefined, { env: "test" }, "test"],
    ["the one that its tag names, however it is spelled", undefined, { ENV: "TEST" }, "test"],
    ["the first, without the tag", undefined, { team: "test" }, "prod"],
    ["the first, with a value that nobody knows", undefined, { env: "stage" }, "prod"],
    ["the first, with a value that only looks alike", undefined, { env: "test " }, "prod"],
    ["the first, with a value that is no text", undefined, { env: ["test"] }, "prod"],
  ])("is %s", (_name, environment, tags, expected) => {
    expect(environmentOf({ environments }, { environment }, tags)).toBe(expected);
  });

  it("is the first where no tag is configured and the subscription is not known", () => {
    expect(environmentOf({ environments: { names: ["live", "lab"] } }, undefined, { env: "lab" })).toBe("live");
  });
});

describe("mode and quorum of an environment", () => {
  it("are its own, else the ones of all", () => {
    const setting = { mode: "approve", modes: { dev: "enforce" } } as const;
    expect(["prod", "dev"].map((environment) => modeOf(setting, environment))).toEqual(["approve", "enforce"]);
    const quorums = { quorum: 1, quorums: { prod: 2 } };
    expect(["prod", "dev"].map((environment) => quorumOf(quorums, environment))).toEqual([2, 1]);
  });

  it("are the ones of all for an environment that is named like something that every object has", () => {
    const named = config({ environments: { names: ["constructor"] } });
    expect(modeOf(named.standards[0]!, "constructor")).toBe("approve");
    expect(quorumOf(named, "constructor")).toBe(1);
  });
});

describe("when a mode became what it is", () => {
  const first = activationsOf(config(), {}, "2026-03-02T10:00:00.000Z");

  it("is kept by every version that leaves it", () => {
    const same = config({ version: 2, standards: [{ id: "NET-01", mode: "approve", modes: { dev: "approve" } }] });
    expect(activationsOf(same, first, "2026-03-03T10:00:00.000Z")).toEqual(first);
  });

  it("is anew where it changes, and only there", () => {
    const raised = config({ version: 7, standards: [{ id: "NET-01", mode: "approve", modes: { dev: "enforce" } }] });
    const next = activationsOf(raised, first, "2026-03-03T10:00:00.000Z");
    expect(next[activationKey("NET-01", "prod")]).toEqual(first["NET-01.prod"]);
    expect(next["NET-01.dev"]).toEqual({ mode: "enforce", version: 7, at: "2026-03-03T10:00:00.000Z" });
  });

  it("is anew for a standard that was taken out and comes back", () => {
    const without = activationsOf(config({ version: 2, standards: [] }), first, "2026-03-03T10:00:00.000Z");
    expect(without).toEqual({});
    const back = activationsOf(config({ version: 3 }), without, "2026-03-04T10:00:00.000Z");
    expect(back["NET-01.prod"]).toEqual({ mode: "approve", version: 3, at: "2026-03-04T10:00:00.000Z" });
  });

  it("is forgotten with its environment", () => {
    const fewer = config({ version: 2, environments: { names: ["prod"] } });
    expect(Object.keys(activationsOf(fewer, first, "2026-03-03T10:00:00.000Z"))).toEqual(["NET-01.prod"]);
  });
});

describe("freezes and budgets as people write them", () => {
  const weekly = { days: ["sat"], from: "00:00", to: "00:00" };
  const from = "2026-12-20T00:00:00Z";
  const until = "2027-01-07T00:00:00+01:00";
  it.each([
    ["with neither", {}],
    ["with a beginning alone", { from }],
    ["with an end alone", { until }],
    ["with all", { from, until, weekly }],
    ["with a beginning beside a time of the week", { from, weekly }],
    ["with an end beside a time of the week", { until, weekly }],
  ])("a freeze is refused %s", (_name, times) => {
    expect(refused({ freezes: [{ name: "f", ...times }] })).toEqual([
      "freezes.0: expected either from and until, or weekly",
    ]);
  });

  it("a freeze ends after it begins, by time and not by text", () => {
    const [freeze] = config({ freezes: [{ name: "f", from, until }] }).freezes;
    expect(freeze).toMatchObject({ from: "2026-12-20T00:00:00.000Z", until: "2027-01-06T23:00:00.000Z" });
    const turned = { name: "f", from: "2026-12-20T00:30:00+00:00", until: "2026-12-20T01:00:00+01:00" };
    expect(refused({ freezes: [turned] })).toEqual(["freezes.0.until: expected from to come before until"]);
    expect(refused({ freezes: [{ name: "f", from, until: from }] })).toHaveLength(1);
    // In UTC that is the year 10000, whose text sorts before all others: the freeze would look longer and never hold.
    expect(refused({ freezes: [{ name: "f", from: "9999-12-31T23:59:59-12:00", until }] })).toEqual([
      "freezes.0.from: expected a time in UTC of the years 0000 to 9999",
    ]);
    expect(refused({ freezes: [{ name: "f", from: "2026-12-20", until }] })[0]).toMatch(
      /^freezes\.0\.from: expected a/,
    );
  });

  it.each([
    ["a negative number", { writesPerHour: -1 }, "budgets.0.writesPerHour"],
    ["half a write", { writesPerHour: 0.5 }, "budgets.0.writesPerHour"],
    ["more than a thousand", { writesPerHour: 1001 }, "budgets.0.writesPerHour"],
    ["nothing", {}, "budgets.0.writesPerHour"],
    ["a list of nothing", { writesPerHour: 1, environments: [] }, "budgets.0.environments"],
    ["another per", { writesPerHour: 1, writesPerDay: 1 }, "budgets.0"],
  ])("a budget is refused with %s", (_name, budget, path) => {
    expect(refused({ budgets: [budget] }).map((text) => text.split(": ")[0])).toEqual([path]);
  });

  it("there is a budget where none is named, and none where the list is empty", () => {
    expect(config().budgets).toEqual([{ writesPerHour: 20 }]);
    expect(config({ budgets: [] }).budgets).toEqual([]);
  });
});

describe("the terms of a standard on a target", () => {
  const nowMs = Date.parse("2026-03-02T10:00:00Z");
  const terms = (
    change: Partial<ConfigInput>,
    log: Parameters<typeof termsOf>[3] = emptyLog("NET-01"),
    standard = "NET-01",
  ) =>
    termsOf(
      config(change),
      activationsOf(config(change), {}, "2026-03-01T00:00:00.000Z"),
      { ...place, standard },
      log,
      nowMs,
    );

  it("are those of its environment, its freeze, its budget and its fields", () => {
    const found = terms({
      standards: [{ id: "NET-01", mode: "audit", modes: { prod: "enforce" } }],
      budgets: [{ writesPerHour: 3 }, { writesPerHour: 1, environments: ["dev"] }],
      freezes: [
        { name: "short", from: "2026-03-02T00:00:00Z", until: "2026-03-02T11:00:00Z" },
        { name: "long", from: "2026-03-02T00:00:00Z", until: "2026-03-02T12:00:00Z" },
        { name: "elsewhere", from: "2026-03-02T00:00:00Z", until: "2026-03-09T00:00:00Z", subscriptions: [elsewhere] },
      ],
      fields: [
        { path: "properties.publicNetworkAccess", owner: "iac" },
        { path: "identity.type", owner: "iac", environments: ["dev"] },
      ],
    });
    expect(found).toEqual({
      mode: "enforce",
      activation: { mode: "enforce", version: 1, at: "2026-03-01T00:00:00.000Z" },
      frozen: { name: "long", untilMs: nowMs + 2 * hourMs },
      allowance: { left: 3, limit: "The budget of 3 writes within an hour is used up", againMs: undefined },
      owned: ["properties.publicNetworkAccess"],
      deciders: { named: null, escalation: [] },
    });
  });

  it("are audit, without an activation, for a standard that the configuration does not name", () => {
    expect(terms({}, emptyLog("TLS-01"), "TLS-01")).toMatchObject({ mode: "audit", activation: undefined });
  });

  it("allow nothing while the log cannot be read, and anything where no budget concerns the standard", () => {
    expect(terms({}, unreadable).allowance.left).toBe(0);
    expect(terms({ budgets: [{ writesPerHour: 0, standards: ["TLS-01"] }] }).allowance.left).toBeUndefined();
    expect(terms({ budgets: [] }).allowance).toEqual({ left: undefined, limit: "", againMs: undefined });
  });

  it("have the fields of templates by place alone", () => {
    const fields: ConfigInput["fields"] = [{ path: "identity.type", owner: "iac", subscriptions: [here] }];
    expect(ownedAt(config({ fields }), { environment: "dev", subscriptionId: here })).toEqual(["identity.type"]);
    expect(ownedAt(config({ fields }), { environment: "dev", subscriptionId: elsewhere })).toEqual([]);
  });
});

describe("fields of templates", () => {
  it("may be parts of properties, the capacity, or a tag, and nothing else", () => {
    const owned = (path: string) => config({ fields: [{ path, owner: "iac" }] }).fields.map((field) => field.path);
    for (const path of ["properties.networkAcls.defaultAction", "sku.capacity", "tags.cost-center"])
      expect(owned(path)).toEqual([path]);
    for (const path of ["properties", "sku.name", "tags.", "tags.a.b", "properties.a.b.c.d", "location"])
      expect(() => owned(path)).toThrow(/expected a member of properties/);
  });

  it("hold what lies in them, and nothing beside them", () => {
    const owned = ["properties.networkAcls"];
    expect(isOwned(owned, "properties.networkAcls")).toBe(true);
    expect(isOwned(owned, "properties.networkAcls.defaultAction")).toBe(true);
    expect(isOwned(owned, "properties.networkAclsOther")).toBe(false);
    expect(isOwned(["properties.networkAcls.defaultAction"], "properties.networkAcls")).toBe(false);
  });
});
