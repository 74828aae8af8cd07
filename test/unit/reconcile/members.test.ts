import { beforeEach, describe, expect, it } from "vitest";
import type { Finding, Proposal, Summary } from "../../../shared/desired/documents.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import { MemberBench } from "../../support/memberBench.ts";
import { subscriptionId } from "../../support/passBench.ts";

let bench: MemberBench;

beforeEach(() => {
  bench = new MemberBench();
});

const option = (): unknown => bench.property(bench.chat, "versionUpgradeOption");

describe("a deployment", () => {
  beforeEach(() => {
    bench.standards([{ id: "DEP-05", mode: "enforce" }]);
    bench.deployment("chat");
    bench.deployment("right", { option: "OnceCurrentVersionExpired" });
  });

  it("is put right by its full body with the one field changed, and told by its own ID", async () => {
    const before = structuredClone(bench.arm.members.get(bench.chat));
    await bench.settled();
    expect(option()).toBe("OnceCurrentVersionExpired");
    const properties = { ...(before?.["properties"] as object), versionUpgradeOption: "OnceCurrentVersionExpired" };
    expect(bench.arm.writes).toHaveLength(1);
    const { deploymentState: _, provisioningState: __, ...sent } = properties as Record<string, unknown>;
    expect(bench.arm.writes[0]).toEqual({
      kind: "put",
      target: bench.chat,
      body: { sku: before?.["sku"], properties: sent },
    });
    const proposal = await bench.applied();
    expect(proposal).toMatchObject({ target: bench.chat, changedBy: "00000000-0000-4000-8000-00000000000a" });
    expect(await bench.live("finding")).toEqual([]);
  });

  it("is brought back by an undo, and put right again when that is over", async () => {
    await bench.settled();
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(option()).toBe("NoAutoUpgrade");
    expect(await bench.live("finding")).toMatchObject([{ target: bench.chat, state: "waived" }]);
    bench.nowMs += 25 * 3_600_000;
    await bench.settled();
    expect(option()).toBe("OnceCurrentVersionExpired");
  });

  it("that is gone takes what was found and asked about it along", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    await bench.settled();
    expect(await bench.live("proposal")).toHaveLength(1);
    bench.arm.members.delete(bench.chat);
    await bench.settled();
    expect(await bench.live("proposal")).toEqual([]);
    expect(await bench.live("finding")).toEqual([]);
    const closed = (await bench.ledger()).filter(({ type }) => type === "void");
    expect(closed.map(({ body }) => (body as { reason: string }).reason)).toEqual(["the target is gone"]);
  });

  it("is not written when somebody changed the field after it was agreed to", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    await bench.settled();
    const [open] = await bench.live("proposal");
    if (open === undefined) throw new Error("nothing was asked");
    bench.deployment("chat", { option: "OnceNewDefaultVersionAvailable" });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    const proposals = await bench.live("proposal");
    expect(proposals.map(({ fields }) => fields[0]?.before)).toEqual(["OnceNewDefaultVersionAvailable"]);
    expect((await bench.read<Proposal>(open.id)).state).toBe("void");
  });
});

describe("a lock", () => {
  beforeEach(() => bench.standards([{ id: "ACC-12", mode: "enforce" }]));

  it("is put where none is, and taken away again by an undo", async () => {
    await bench.settled();
    expect(bench.arm.members.get(bench.lock)).toMatchObject({ properties: { level: "CanNotDelete" } });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.members.has(bench.lock)).toBe(false);
    expect(bench.arm.writes.map(({ kind }) => kind)).toEqual(["put", "delete"]);
  });

  it("of somebody else is enough, and never touched", async () => {
    const id = bench.lock.replace("steelyard", "theirs");
    bench.arm.members.set(id, { id, name: "theirs", properties: { level: "ReadOnly" } });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
  });
});

describe("a list that is not shown", () => {
  const refused = {
    kind: "failed",
    error: { class: "retrySlowly", code: "AuthorizationFailed", message: "", status: 403, retryAfterMs: undefined },
  } as const;
  const away = {
    kind: "failed",
    error: { class: "retry", code: "HTTP503", message: "", status: 503, retryAfterMs: undefined },
  } as const;

  it("makes unknown what rests on it, and nothing else", async () => {
    bench.standards([
      { id: "ACC-12", mode: "audit" },
      { id: "NET-01", mode: "audit" },
    ]);
    bench.arm.onList = () => refused;
    await bench.settled();
    const findings = await bench.live("finding");
    expect(findings.map(({ standard, verdict }) => `${standard.id} ${verdict}`).sort()).toEqual([
      "ACC-12 unknown",
      "NET-01 fail",
    ]);
    expect(findings.find(({ verdict }) => verdict === "unknown")?.reason).toContain("AuthorizationFailed");
  });

  it("calls nothing off that was found or agreed to", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    bench.arm.onList = () => refused;
    await bench.settled();
    expect(await bench.live("proposal")).toHaveLength(1);
    const verdicts = async (): Promise<string[]> =>
      (await bench.live("finding"))
        .map((finding: Finding) => `${finding.target === bench.key ? "account" : "chat"} ${finding.verdict}`)
        .sort();
    expect(await verdicts()).toEqual(["account unknown", "chat fail"]);
    bench.arm.onList = undefined;
    await bench.settled();
    expect(await verdicts()).toEqual(["chat fail"]);
  });

  it("is read again until it answers, when it will", async () => {
    bench.standards([{ id: "ACC-12", mode: "enforce" }]);
    let failures = 6;
    bench.arm.onList = () => {
      failures -= 1;
      if (failures > 0) return away;
      bench.arm.onList = undefined;
      return { kind: "listed", resources: [] };
    };
    await bench.want();
    await bench.pass();
    expect(bench.arm.members.has(bench.lock)).toBe(true);
    expect(await bench.live("finding")).toEqual([]);
  });
});

describe("tags", () => {
  it("are set by name, and taken away by an undo", async () => {
    bench.standards([{ id: "TAG-03", mode: "enforce" }]);
    bench.config = {
      ...bench.config,
      subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level: "enforce", environment: "test" }],
    };
    bench.arm.account = { ...bench.arm.account, tags: { Team: "search" } };
    const id = `/subscriptions/${subscriptionId}/resourceGroups/rg`;
    bench.arm.onList = () => ({ kind: "listed", resources: [parseResource("resourceGroup", { id, name: "rg" })] });
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ Team: "search", env: "test" });
    await bench.undo((await bench.applied()).id);
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ Team: "search" });
  });
});

describe("more than one transaction holds", () => {
  it("is told in several steps, each whole, until all is told", async () => {
    bench.standards([
      { id: "DEP-05", mode: "approve" },
      { id: "DEP-08", mode: "approve", parameters: { standardCeiling: 10, provisionedCeiling: 10 } },
    ]);
    for (let number = 0; number < 60; number += 1) bench.deployment(`d${number}`);
    const passes = await bench.settled();
    expect(await bench.live("finding")).toHaveLength(120);
    expect(await bench.live("proposal")).toHaveLength(120);
    expect(passes).toBeGreaterThan(1);
    const summary = await bench.read<Summary>("summary");
    expect(summary).toMatchObject({ judged: 120, met: 0, targets: 60, rank: 3, present: true });
    bench.arm.account = undefined;
    await bench.settled();
    expect(await bench.live("finding")).toEqual([]);
    expect(await bench.live("proposal")).toEqual([]);
    expect(await bench.read<Summary>("summary")).toMatchObject({ present: false, judged: 0, deviations: [], rank: 0 });
  });
});

describe("the summary", () => {
  const deviations = async (): Promise<string[]> =>
    (await bench.read<Summary>("summary")).deviations.map(({ standard, state, condition }) =>
      [standard, state, condition].filter((part) => part !== null).join(" "),
    );

  it("says what is met, waits, is blocked, waived, and is stored only when it changes", async () => {
    bench.standards([
      { id: "NET-01", mode: "approve" },
      { id: "DEP-05", mode: "enforce" },
    ]);
    bench.deployment("chat");
    bench.arm.onPatch = () => ({ kind: "done" });
    await bench.settled();
    expect(await deviations()).toEqual(["NET-01 waits"]);
    const summary = await bench.read<Summary>("summary");
    expect(summary).toMatchObject({ name: "a", judged: 2, met: 1, rank: 3, deploymentsUnread: false });
    expect(summary.deployments).toMatchObject([{ name: "chat", model: "gpt-4o", sku: "GlobalStandard", capacity: 50 }]);
    bench.nowMs += 60_000;
    await bench.settled();
    expect(await bench.read<Summary>("summary")).toEqual(summary);
    bench.config = { ...bench.config, paused: true };
    await bench.settled();
    expect(await deviations()).toEqual(["NET-01 waits Paused"]);
  });
});
