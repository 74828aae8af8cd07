/** What remedies write beside accounts and below their projects: alerts, zone groups, connections, Defender's setting. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../shared/kernel/canonicalJson.ts";
import { takeIn } from "../../../shared/reconcile/intake.ts";
import { compileStandard } from "../../../shared/standards/definition.ts";
import { colleague, MemberBench } from "../../support/memberBench.ts";
import { keyOf, subscriptionId } from "../../support/passBench.ts";

let bench: MemberBench;
const accounts = "Microsoft.CognitiveServices/accounts";
const group = `/subscriptions/${subscriptionId}/resourcegroups/rg`;

/** A standard under the ID of one that there is, so that the configuration may name it. */
function holds(resourceType: string, reads: readonly string[], rule: object, remedy: object, mode = "enforce"): void {
  bench.standards([{ id: "ACC-12", mode: mode as "enforce" }]);
  const base = { id: "ACC-12", version: 1, title: "t", severity: "low", archetypes: ["corp"], cases: [], sources: [] };
  bench.made = [compileStandard({ ...base, resourceType, reads, rule: { if: rule }, remedy })];
}

beforeEach(() => {
  bench = new MemberBench();
});

describe("an alert that watches an account", () => {
  const alert = keyOf(`${group}/providers/microsoft.insights/metricalerts/steelyard-a-throttling`);
  const criteria = {
    "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
    allOf: [
      {
        criterionType: "StaticThresholdCriterion",
        name: "blocked",
        metricName: "BlockedCalls",
        timeAggregation: "Total",
        operator: "GreaterThan",
        threshold: 0,
      },
    ],
  };
  const set = (path: string, value: Json): object => ({ path: `properties.${path}`, op: "set", value });
  const remedy = {
    kind: "subresource",
    safety: "S",
    target: "{group}/providers/microsoft.insights/metricalerts/steelyard-{account}-throttling",
    assertions: [
      set("enabled", true),
      set("severity", 2),
      set("scopes", ["[toLower(field('id'))]"]),
      set("evaluationFrequency", "PT5M"),
      set("windowSize", "PT5M"),
      set("criteria", criteria),
    ],
  };
  const watched = {
    count: {
      field: "alertRules[*]",
      where: {
        allOf: [
          { field: "alertRules[*].properties.criteria.allOf[*].metricName", equals: "BlockedCalls" },
          { field: "alertRules[*].properties.enabled", equals: true },
        ],
      },
    },
    equals: 0,
  };

  beforeEach(() => holds(accounts, ["alertRules"], watched, remedy));

  it("is made in the account's group where none is, and taken away by an undo", async () => {
    await bench.settled();
    expect(bench.arm.writes).toMatchObject([
      { kind: "put", target: alert, body: { location: "global", properties: { enabled: true, scopes: [bench.key] } } },
    ]);
    expect(await bench.live("finding")).toEqual([]);
    await bench.settled();
    expect(bench.arm.writes).toHaveLength(1);
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.writes.at(-1)).toEqual({ kind: "delete", target: alert });
    expect(bench.arm.members.has(alert)).toBe(false);
    expect(await bench.live("finding")).toMatchObject([{ target: bench.key, state: "waived" }]);
  });

  it("is put back as it was when somebody turns it off, with what Azure added left out", async () => {
    await bench.settled();
    const made = bench.arm.members.get(alert)!;
    const properties = {
      ...(made["properties"] as object),
      enabled: false,
      autoMitigate: true,
      lastUpdatedTime: "x",
      isMigrated: null,
    };
    bench.arm.members.set(alert, { ...made, location: "global", type: "Microsoft.Insights/metricAlerts", properties });
    const event = {
      id: "1",
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-11-21T10:00:00Z",
      subject: alert,
      data: {
        resourceUri: alert.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/"),
        operationName: "Microsoft.Insights/metricAlerts/write",
      },
    };
    // Nobody but the alert's own event tells of it: what we made is on record.
    expect(await takeIn(bench.context, [event])).toEqual([bench.key]);
    await bench.pass();
    const { body } = bench.arm.writes.at(-1) as unknown as { body: { properties: object } };
    expect(body.properties).toMatchObject({ enabled: true, autoMitigate: true });
    expect(body.properties).not.toHaveProperty("lastUpdatedTime");
    expect(bench.property(alert, "enabled")).toBe(true);
  });

  it("of that name which somebody else made is written over only when people agree", async () => {
    bench.arm.members.set(alert, { id: alert, name: "x", properties: { enabled: false, scopes: [bench.key] } });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("proposal")).toMatchObject([{ target: alert, state: "open" }]);
  });

  it("whose event nobody's record speaks of wakes nobody", async () => {
    const uri = `${group}/providers/Microsoft.Insights/metricAlerts/theirs`;
    const data = { resourceUri: uri, operationName: "Microsoft.Insights/metricAlerts/write" };
    const event = {
      id: "1",
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-11-21T10:00:00Z",
      subject: uri,
      data,
    };
    expect(await takeIn(bench.context, [event])).toEqual([]);
  });
});

describe("the zone group of a private endpoint", () => {
  const endpoint = keyOf(`${group}/providers/microsoft.network/privateendpoints/pe`);
  const zone = `${group}/providers/microsoft.network/privatednszones/privatelink.openai.azure.com`;
  const config = { name: "openai", properties: { privateDnsZoneId: zone } };
  const zones = "dnsZoneGroup.properties.privateDnsZoneConfigs[*]";
  const unzoned = {
    count: { field: zones, where: { field: `${zones}.properties.privateDnsZoneId`, equals: zone } },
    equals: 0,
  };
  const remedy = {
    kind: "subresource",
    safety: "S",
    target: "/privatednszonegroups/{dnsZoneGroup}",
    assertions: [{ path: "properties.privateDnsZoneConfigs", op: "include", value: [config] }],
  };
  const configs = (name: string): unknown =>
    bench.property(keyOf(`${endpoint}/privatednszonegroups/${name}`), "privateDnsZoneConfigs");
  const reach = (id: string): void => {
    bench.arm.members.set(id, { id, name: "pe", type: "Microsoft.Network/privateEndpoints", properties: {} });
  };

  beforeEach(() => {
    reach(endpoint);
    holds("Microsoft.Network/privateEndpoints", ["privateDnsZoneGroups"], unzoned, remedy);
  });

  it("is made where none is, and taken away by an undo", async () => {
    await bench.settled();
    expect(configs("default")).toEqual([config]);
    expect(await bench.applied()).toMatchObject({ target: `${endpoint}/privatednszonegroups/default` });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.writes.at(-1)).toEqual({ kind: "delete", target: `${endpoint}/privatednszonegroups/default` });
  });

  it("that somebody made, whatever its name, has the zone added once people agree, and has only that taken out again", async () => {
    const theirs = keyOf(`${endpoint}/privatednszonegroups/theirs`);
    const other = {
      name: "other",
      properties: { privateDnsZoneId: zone.replace("openai", "cognitiveservices"), recordSets: [{ ttl: 10 }] },
    };
    bench.arm.members.set(theirs, { id: theirs, name: "Theirs", properties: { privateDnsZoneConfigs: [other] } });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    const [asked] = await bench.live("proposal");
    expect(asked).toMatchObject({ target: theirs, state: "open" });
    await bench.approve(asked!.id);
    await bench.settled();
    const kept = { name: "other", properties: { privateDnsZoneId: other.properties.privateDnsZoneId } };
    expect(configs("theirs")).toEqual(expect.arrayContaining([kept, config]));
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(configs("theirs")).toEqual([kept]);
    expect(bench.arm.writes.map(({ kind }) => kind)).toEqual(["put", "put"]);
  });

  it("keeps what was asked while it cannot be told which it is", async () => {
    const theirs = keyOf(`${endpoint}/privatednszonegroups/theirs`);
    bench.arm.members.set(theirs, { id: theirs, name: "theirs", properties: { privateDnsZoneConfigs: [] } });
    await bench.settled();
    const [asked] = await bench.live("proposal");
    bench.arm.members.delete(theirs);
    const hidden = `${endpoint}/privatednszonegroups/-`;
    bench.arm.members.set(hidden, { id: hidden, name: "-", unread: "AuthorizationFailed" });
    await bench.settled();
    expect(await bench.live("proposal")).toMatchObject([{ id: asked!.id, state: "open" }]);
    expect(await bench.live("finding")).toMatchObject([{ target: endpoint, verdict: "unknown" }]);
  });

  it("is not written in a subscription that its owner has not enrolled", async () => {
    bench.arm.members.clear();
    const away = keyOf(endpoint.replace(subscriptionId, "5b000000-0000-4000-8000-0000000000ff"));
    reach(away);
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("finding")).toMatchObject([
      { target: away, verdict: "fail", condition: { message: expect.stringContaining("not in the account's") } },
    ]);
  });
});

describe("a connection", () => {
  const connection = keyOf(`${bench0()}/projects/p/connections/search`);
  function bench0(): string {
    return new MemberBench().key;
  }
  const alias = "Microsoft.CognitiveServices/accounts/connections/isSharedToAll";
  const remedy = {
    kind: "patch",
    safety: "R",
    assertions: [{ path: "properties.isSharedToAll", op: "set", value: false }],
  };

  beforeEach(() => {
    const properties = {
      authType: "AAD",
      category: "CognitiveSearch",
      target: "https://s.search.windows.net",
      isSharedToAll: true,
    };
    const systemData = { lastModifiedBy: colleague, createdAt: "2026-01-01T00:00:00Z" };
    const type = `${accounts}/projects/connections`;
    bench.arm.members.set(connection, { id: connection, name: "search", type, systemData, properties });
    holds(`${accounts}/connections`, [], { field: alias, equals: true }, remedy, "approve");
  });

  it("is patched with the one field and how it authenticates once people agree, and restored by an undo", async () => {
    await bench.settled();
    const [asked] = await bench.live("proposal");
    await bench.approve(asked!.id);
    await bench.settled();
    expect(bench.arm.writes).toEqual([
      { kind: "patch", target: connection, body: { properties: { authType: "AAD", isSharedToAll: false } } },
    ]);
    expect(bench.property(connection, "target")).toBe("https://s.search.windows.net");
    await bench.undo(asked!.id);
    await bench.settled();
    expect(bench.property(connection, "isSharedToAll")).toBe(true);
  });
});

describe("Defender's setting", () => {
  const setting = (): ReturnType<typeof keyOf> => keyOf(`${bench.key}/defenderforaisettings/default`);
  const off = {
    count: { field: "defender[*]", where: { field: "defender[*].properties.state", equals: "Enabled" } },
    equals: 0,
  };
  const remedy = {
    kind: "subresource",
    safety: "S",
    target: "/defenderforaisettings/default",
    assertions: [{ path: "properties.state", op: "set", value: "Enabled" }],
  };

  beforeEach(() => holds(accounts, ["defender"], off, remedy));

  it("is put where it was never set; that cannot be taken back, and is said", async () => {
    await bench.settled();
    expect(bench.arm.writes).toEqual([{ kind: "put", target: setting(), body: { properties: { state: "Enabled" } } }]);
    await expect(bench.undo((await bench.applied()).id)).rejects.toThrow("properties.state was absent before");
  });

  it("that was off is turned off again by an undo", async () => {
    bench.arm.members.set(setting(), { id: setting(), name: "Default", properties: { state: "Disabled" } });
    await bench.settled();
    const [asked] = await bench.live("proposal");
    await bench.approve(asked!.id);
    await bench.settled();
    expect(bench.property(setting(), "state")).toBe("Enabled");
    await bench.undo(asked!.id);
    await bench.settled();
    expect(bench.property(setting(), "state")).toBe("Disabled");
  });
});
