/** Lists as Azure may hand them out: late, doubled, in another order, too long, of something that is gone. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Observation, Proposal } from "../../../shared/desired/documents.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import type { MemberKind } from "../../../shared/estate/sight.ts";
import type { MembersResult } from "../../../shared/ports/arm.ts";
import { MemberBench } from "../../support/memberBench.ts";
import { subscriptionId } from "../../support/passBench.ts";

let bench: MemberBench;

beforeEach(() => {
  bench = new MemberBench();
});

function listed(kind: MemberKind, ...targets: string[]): MembersResult {
  const resources = targets.map((target) => parseResource(kind, structuredClone(bench.arm.members.get(target))));
  return { kind: "listed", resources };
}

const closed = async (): Promise<unknown[]> =>
  (await bench.ledger())
    .filter(({ type, body }) => type === "void" || (body as { state?: string }).state === "closed")
    .map(({ body }) => (body as { reason: string }).reason);

describe("a list that lags behind", () => {
  it("does not take a deployment for gone that is there: what was asked and waived stands", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    const [asked] = await bench.live("proposal");
    bench.arm.onList = (kind) => listed(kind);
    await bench.settled();
    expect(await bench.live("proposal")).toMatchObject([{ id: asked?.id }]);
    expect(await bench.live("finding")).toMatchObject([{ target: bench.chat, verdict: "fail" }]);
  });

  it("does not have people asked again about what was read back", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    const [asked] = await bench.live("proposal");
    await bench.approve(asked?.id ?? "");
    const stale = listed("deployments", bench.chat);
    let reads = 0;
    bench.arm.onList = () => {
      reads += 1;
      if (reads > 4) bench.arm.onList = undefined;
      return stale;
    };
    await bench.settled();
    await bench.settled();
    expect((await bench.proposals()).map(({ state }) => state)).toEqual(["applied"]);
    expect(await bench.live("finding")).toEqual([]);
  });

  it("does not have a lock missing again that was read back", async () => {
    bench.standards([{ id: "ACC-12", mode: "enforce" }]);
    bench.arm.onList = (kind) => listed(kind);
    await bench.settled();
    expect(await bench.proposals()).toHaveLength(1);
    expect(await bench.live("finding")).toEqual([]);
  });
});

describe("a list", () => {
  it("that tells of one twice has it asked about once", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    bench.arm.onList = (kind) => listed(kind, bench.chat, bench.chat);
    await bench.settled();
    expect(await bench.proposals()).toHaveLength(1);
  });

  it("in another order is no news", async () => {
    bench.standards([{ id: "DEP-05", mode: "audit" }]);
    for (const name of ["chat", "code"]) bench.deployment(name);
    const code = bench.chat.replace("chat", "code");
    bench.arm.onList = (kind) => listed(kind, bench.chat, code);
    await bench.settled();
    const before = await bench.read<Observation>("observation");
    bench.nowMs += 60_000;
    bench.arm.onList = (kind) => listed(kind, code, bench.chat);
    await bench.settled();
    expect(await bench.read<Observation>("observation")).toEqual(before);
  });

  it("of an account that went away meanwhile is no list that was refused", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    bench.arm.onList = () => {
      bench.arm.account = undefined;
      const error = { class: "giveUp", code: "ParentResourceNotFound", message: "", retryAfterMs: undefined } as const;
      return { kind: "failed", error: { ...error, status: 404 } };
    };
    await bench.settled();
    expect(await bench.live("finding")).toEqual([]);
    expect(await bench.live("proposal")).toEqual([]);
  });

  it("with nulls for what is not said, and a deployment without a type, makes nothing pass", async () => {
    bench.standards([{ id: "DEP-05", mode: "audit" }]);
    bench.deployment("chat");
    const { type: _, ...chat } = bench.arm.members.get(bench.chat) ?? {};
    bench.arm.members.set(bench.chat, { ...chat, systemData: { lastModifiedBy: null, createdAt: null }, sku: null });
    bench.deployment("right", { option: "OnceCurrentVersionExpired" });
    await bench.settled();
    expect(await bench.live("finding")).toMatchObject([{ target: bench.chat, verdict: "unknown" }]);
  });

  it("of more than a document holds is told as such, and the rest goes on", async () => {
    bench.standards([
      { id: "DEP-05", mode: "audit" },
      { id: "NET-01", mode: "audit" },
    ]);
    bench.deployment("chat");
    const body = bench.arm.members.get(bench.chat) ?? {};
    bench.arm.members.set(bench.chat, { ...body, tags: { long: "x".repeat(3_000_000) } });
    await bench.settled();
    const observation = await bench.read<Observation>("observation");
    expect(JSON.stringify(observation).length).toBeLessThan(1_500_000);
    expect(observation.unread).toEqual({ deployments: "TooLarge" });
    expect(await bench.live("finding")).toHaveLength(2);
  });

  it("of a hundred deployments, all put right before and asked about again, is still decided on", async () => {
    bench.standards([{ id: "NET-01", mode: "audit" }]);
    const target = { pk: bench.pk, key: bench.key, target: bench.key, subscriptionId };
    const guard = {
      ...target,
      kind: "guard",
      live: true,
      standard: "DEP-05",
      createdAt: null,
      verified: [],
      repairs: [],
    };
    for (let batch = 0; batch < 20; batch += 1) {
      const guards = Array.from({ length: 100 }, (_, number) => ({ ...guard, id: `guard-DEP-05-${batch}-${number}` }));
      await bench.store.write(
        "state",
        bench.pk,
        guards.map((document) => ({ kind: "upsert", document })),
      );
    }
    await bench.settled();
    expect(await bench.live("finding")).toHaveLength(1);
  });
});

describe("what is over", () => {
  it("is told as gone, also when the last one of its kind is", async () => {
    bench.standards([{ id: "DEP-05", mode: "approve" }]);
    bench.deployment("chat");
    await bench.settled();
    bench.arm.members.delete(bench.chat);
    await bench.settled();
    expect(await closed()).toEqual(["the target is gone", "the target is gone"]);
  });

  it("is told as no longer asked for when the standard is", async () => {
    bench.standards([
      { id: "NET-01", mode: "approve" },
      { id: "DEP-05", mode: "audit" },
    ]);
    await bench.settled();
    bench.standards([{ id: "DEP-05", mode: "audit" }]);
    await bench.settled();
    const reason = "the configuration no longer names the standard";
    expect(await closed()).toEqual([reason, reason]);
  });
});

describe("filters", () => {
  const filter = (name: string, source: string) => ({ name, source, enabled: true, severityThreshold: "Low" });
  const [hate, violence] = [filter("Hate", "Prompt"), filter("Violence", "Prompt")];
  const loose = { ...hate, enabled: false };
  let policy: string;

  beforeEach(() => {
    const policies = { baseline: { contentFilters: [violence, hate] } };
    bench.standards([{ id: "RAI-01", mode: "approve", parameters: { policies } }]);
    policy = `${bench.key}/raipolicies/baseline`;
  });

  function answered(contentFilters: readonly unknown[]): void {
    const type = "Microsoft.CognitiveServices/accounts/raiPolicies";
    const properties = { mode: "Default", contentFilters };
    bench.arm.members.set(policy, { id: policy, name: "baseline", type, properties });
  }

  it("are the same change in whatever order Azure shows them", async () => {
    answered([loose, violence]);
    await bench.settled();
    const [asked] = await bench.live("proposal");
    answered([violence, loose]);
    await bench.settled();
    expect(await bench.live("proposal")).toEqual([asked]);
    const found = (await bench.ledger()).filter(({ type }) => type === "finding");
    expect(found).toHaveLength(1);
  });

  it("are put right, too, when Azure answers with them in an order of its own", async () => {
    answered([loose, violence]);
    await bench.settled();
    const [asked] = await bench.live("proposal");
    const write = bench.arm.write.bind(bench.arm);
    bench.arm.write = async (...given) => {
      const answer = await write(...given);
      answered([hate, violence]);
      return answer;
    };
    await bench.approve(asked?.id ?? "");
    await bench.settled();
    expect((await bench.read<Proposal>(asked?.id ?? "")).state).toBe("applied");
    expect(await bench.live("finding")).toEqual([]);
  });
});
