/** What others have made, changed or put in the place of what was agreed to. */
import type { Guard } from "../../../shared/desired/guard.ts";
import { beforeEach, describe, expect, it } from "vitest";
import { MemberBench } from "../../support/memberBench.ts";
import { keyOf, subscriptionId } from "../../support/passBench.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import type { Proposal } from "../../../shared/desired/documents.ts";

let bench: MemberBench;

beforeEach(() => {
  bench = new MemberBench();
});

const workspace = (name: string): string =>
  `/subscriptions/${subscriptionId}/resourcegroups/logs/providers/microsoft.operationalinsights/workspaces/${name}`;
const allLogs = [{ categoryGroup: "allLogs", enabled: true }];

function logsTo(name: string): void {
  bench.standards([{ id: "MON-01", mode: "enforce", parameters: { workspaceId: workspace(name) } }]);
}

function setting(properties: Record<string, unknown>): void {
  bench.arm.members.set(bench.setting, { id: bench.setting, name: "steelyard", properties });
}

describe("a setting of our name", () => {
  it("that somebody else made is not written over unasked, and comes back whole when that is undone", async () => {
    logsTo("central");
    setting({ workspaceId: workspace("theirs"), logs: allLogs });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    const [asked] = await bench.live("proposal");
    expect(asked).toMatchObject({ state: "open", target: bench.setting });
    await bench.approve(asked?.id ?? "");
    await bench.settled();
    expect(bench.property(bench.setting, "workspaceId")).toBe(workspace("central"));
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.property(bench.setting, "workspaceId")).toBe(workspace("theirs"));
  });

  it("that we made is put right again unasked", async () => {
    logsTo("central");
    await bench.settled();
    setting({ workspaceId: workspace("theirs"), logs: allLogs });
    await bench.settled();
    expect(bench.property(bench.setting, "workspaceId")).toBe(workspace("central"));
  });

  it("to which somebody added something is not deleted with it by an undo", async () => {
    logsTo("central");
    await bench.settled();
    setting({ workspaceId: workspace("central"), logs: allLogs, storageAccountId: "/theirs", metrics: [] });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.members.has(bench.setting)).toBe(true);
    expect(bench.arm.members.get(bench.setting)?.["properties"]).toEqual({ storageAccountId: "/theirs", metrics: [] });
  });

  it("is deleted by an undo though Azure shows what it adds by itself", async () => {
    logsTo("central");
    await bench.settled();
    const empty = { storageAccountId: null, eventHubName: null, logAnalyticsDestinationType: null, metrics: [] };
    setting({ workspaceId: workspace("central"), logs: allLogs, ...empty });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.members.has(bench.setting)).toBe(false);
  });

  it("stays when somebody put a third value there before the undo wrote", async () => {
    logsTo("central");
    await bench.settled();
    const { id } = await bench.applied();
    setting({ workspaceId: workspace("theirs"), logs: allLogs });
    const claim = await bench.undo(id);
    await bench.pass();
    expect(await bench.read(claim.id)).toMatchObject({ state: "stopped", live: false });
    expect(bench.arm.writes.map(({ kind }) => kind)).not.toContain("delete");
  });
});

describe("the flap guard", () => {
  it("holds at the next look as it did at the first, whoever changed the account itself last", async () => {
    bench.standards([{ id: "ACC-12", mode: "enforce" }]);
    bench.arm.account = {
      ...bench.arm.account,
      systemData: { lastModifiedBy: "00000000-0000-4000-8000-0000000000ee" },
    };
    for (let time = 0; time < 4; time += 1) {
      bench.arm.members.delete(bench.lock);
      bench.nowMs += 60_000;
      await bench.settled();
    }
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", condition: { reason: "Flapping" } }]);
    bench.nowMs += 60_000;
    await bench.settled();
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", condition: { reason: "Flapping" } }]);
    expect(bench.arm.writes).toHaveLength(3);
  });

  it("holds after the account was deleted and made again, and what was verified of the first one does not", async () => {
    bench.standards([{ id: "ACC-01", mode: "enforce" }]);
    const lastModifiedBy = "00000000-0000-4000-8000-0000000000ee";
    const first = bench.arm.account;
    for (let time = 0; time < 4; time += 1) {
      bench.arm.account = undefined;
      await bench.settled();
      // Young, so that nobody has to be asked.
      const systemData = { lastModifiedBy, createdAt: new Date(bench.nowMs).toISOString() };
      bench.arm.account = { ...first, systemData };
      bench.nowMs += 60_000;
      await bench.settled();
    }
    expect(bench.arm.writes).toHaveLength(3);
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", condition: { reason: "Flapping" } }]);
    bench.arm.account = undefined;
    bench.nowMs += 25 * 3_600_000;
    await bench.settled();
    expect((await bench.read<Guard>("guard-ACC-01")).live).toBe(false);
  });

  it("does not blame for a lock that is missing whoever changed the account", async () => {
    bench.standards([{ id: "ACC-12", mode: "approve" }]);
    bench.arm.account = {
      ...bench.arm.account,
      systemData: { lastModifiedBy: "00000000-0000-4000-8000-0000000000ee" },
    };
    await bench.settled();
    expect(await bench.live("finding")).toMatchObject([{ changedBy: null }]);
  });
});

describe("a deployment that took another's name", () => {
  const again = "2026-11-21T09:00:00Z";

  it("is asked about anew: what was agreed to was another one", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    const [asked] = await bench.live("proposal");
    await bench.approve(asked?.id ?? "");
    bench.deployment("chat", { createdAt: again });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect((await bench.read<Proposal>(asked?.id ?? "")).state).toBe("void");
    expect(await bench.live("proposal")).toMatchObject([{ state: "open" }]);
  });

  it("between the look and the write is not written", async () => {
    bench.standards([{ id: "DEP-05", mode: "enforce" }]);
    bench.deployment("chat");
    await bench.want();
    const look = await bench.look();
    if (look.kind !== "apply") throw new Error(`found ${look.kind}; expected something to write`);
    bench.deployment("chat", { createdAt: again });
    expect(await bench.apply(look.changes[0] ?? "")).toMatchObject({ kind: "dropped" });
    expect(bench.arm.writes).toEqual([]);
  });
});

describe("a run that wrote many members of one account", () => {
  /** Answers come sooner or later, as from a store that is not in the same process. */
  function later(): void {
    const write = bench.store.write.bind(bench.store);
    let calls = 0;
    bench.store.write = async (...given) => {
      calls += 1;
      for (let turns = (calls * 7_919) % 13; turns > 0; turns -= 1) await Promise.resolve();
      return write(...given);
    };
  }

  it("is agreed to as one", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    Object.assign(bench.config, {
      activations: { "DEP-05.prod": { mode: "approve", version: 1, at: "2026-11-21T00:00:00.000Z" } },
    });
    for (let number = 0; number < 40; number += 1)
      bench.deployment(`d${number}`, { changedAt: "2026-01-01T00:00:00Z" });
    await bench.settled();
    later();
    expect((await bench.approveGroup("DEP-05.prod.v1")).decided).toHaveLength(40);
  });

  it("is taken back as one", async () => {
    bench.standards([{ id: "DEP-05", mode: "enforce" }]);
    for (let number = 0; number < 40; number += 1) bench.deployment(`d${number}`);
    await bench.settled();
    expect(bench.arm.writes).toHaveLength(40);
    later();
    const { undone, declined } = await bench.undoRun("DEP-05.prod.2026-11-21");
    expect(declined).toEqual([]);
    expect(undone).toHaveLength(40);
    await bench.settled();
    const last = keyOf(`${bench.key}/deployments/d39`);
    expect(bench.property(last, "versionUpgradeOption")).toBe("NoAutoUpgrade");
    // All waivers end at once, and all that they held off is put right again.
    bench.nowMs += 25 * 3_600_000;
    await bench.settled();
    expect(await bench.live("claim")).toEqual([]);
    expect(bench.property(last, "versionUpgradeOption")).toBe("OnceCurrentVersionExpired");
    expect(bench.arm.writes).toHaveLength(120);
  });
});

describe("a deployment that Azure disabled", () => {
  it("holds no write open for ever", async () => {
    bench.standards([{ id: "DEP-05", mode: "enforce" }]);
    bench.deployment("chat");
    const write = bench.arm.write.bind(bench.arm);
    bench.arm.write = async (...given) => {
      const answer = await write(...given);
      const chat = bench.arm.members.get(bench.chat);
      const properties = { ...(chat?.["properties"] as object), provisioningState: "Disabled" };
      bench.arm.members.set(bench.chat, { ...chat, properties });
      return answer;
    };
    await bench.settled();
    expect(await bench.read("writer")).toMatchObject({ fence: null });
    expect((await bench.applied()).target).toBe(bench.chat);
  });
});

describe("a deployment that is sent whole", () => {
  it("keeps what somebody else changed of it since it was first read", async () => {
    bench.standards([{ id: "DEP-05", mode: "enforce" }]);
    bench.deployment("chat");
    await bench.want();
    const look = await bench.look();
    if (look.kind !== "apply") throw new Error(`found ${look.kind}; expected something to write`);
    const reserving = bench.store.write.bind(bench.store);
    bench.store.write = async (container, ...rest) => {
      // The budget is the last thing that is asked before the write.
      if (container !== "state" || rest[0] !== bench.pk) bench.deployment("chat", { capacity: 70 });
      return reserving(container, ...rest);
    };
    await bench.apply(look.changes[0] ?? "");
    expect(bench.property(bench.chat, "versionUpgradeOption")).toBe("OnceCurrentVersionExpired");
    expect(bench.arm.members.get(bench.chat)).toMatchObject({ sku: { capacity: 70 } });
  });
});

describe("what came back after it was put right", () => {
  it("was not there all the time: it is no part of the request of when the standard's mode was raised", async () => {
    bench.standards([{ id: "ACC-12", mode: "approve" }]);
    Object.assign(bench.config, {
      activations: { "ACC-12.prod": { mode: "approve", version: 1, at: "2026-11-20T00:00:00.000Z" } },
    });
    bench.arm.account = { ...bench.arm.account, systemData: { lastModifiedAt: "2026-01-01T00:00:00Z" } };
    await bench.settled();
    const [first] = await bench.live("proposal");
    expect(first?.group).toBe("ACC-12.prod.v1");
    await bench.approve(first?.id ?? "");
    await bench.settled();
    bench.arm.members.delete(bench.lock);
    bench.nowMs += 60_000;
    await bench.settled();
    expect(await bench.live("proposal")).toMatchObject([{ group: null, run: "ACC-12.prod.2026-11-21" }]);
  });

  it("is forgotten with its account", async () => {
    bench.standards([{ id: "ACC-12", mode: "enforce" }]);
    await bench.settled();
    const account = bench.arm.account;
    bench.arm.account = undefined;
    await bench.settled();
    bench.arm.account = account;
    bench.arm.members.set(bench.lock, { id: bench.lock, name: "steelyard", properties: { level: "NotSpecified" } });
    await bench.settled();
    expect(await bench.live("proposal")).toMatchObject([{ state: "open" }]);
  });
});

describe("a tag", () => {
  const group = parseResource("resourceGroup", {
    id: `/subscriptions/${subscriptionId}/resourceGroups/rg`,
    name: "rg",
    tags: { env: "dev" },
  });

  beforeEach(() => {
    bench.standards([{ id: "TAG-03", mode: "enforce" }]);
    bench.arm.onList = () => ({ kind: "listed", resources: [group] });
  });

  it("that belongs to a template is not written, however it is spelled", async () => {
    bench.config = { ...bench.config, fields: [{ path: "tags.env", owner: "iac" }] };
    bench.arm.account = { ...bench.arm.account, tags: { Env: "nonsense" } };
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("finding")).toMatchObject([{ condition: { reason: "OwnedByTemplate" } }]);
  });

  it("keeps its spelling, and what was taken back stays so when somebody spells it otherwise", async () => {
    bench.arm.account = { ...bench.arm.account, tags: { Env: "nonsense" } };
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ Env: "dev" });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ Env: "nonsense" });
    bench.arm.account = { ...bench.arm.account, tags: { ENV: "nonsense" } };
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ ENV: "nonsense" });
    expect(await bench.live("finding")).toMatchObject([{ state: "waived" }]);
  });
});
