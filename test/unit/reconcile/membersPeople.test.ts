/** Whoever is named: asked before anything is done about them, and named in no document. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Observation, Proposal, Summary } from "../../../shared/desired/documents.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import { compile } from "../../../shared/reconcile/configuration.ts";
import { recalled } from "../../../shared/reconcile/memory.ts";
import { foretell } from "../../../shared/reconcile/plan.ts";
import { approver, MemberBench } from "../../support/memberBench.ts";
import { subscriptionId } from "../../support/passBench.ts";

let bench: MemberBench;
const ada = "00000000-0000-4000-8000-0000000000ad";

beforeEach(() => {
  bench = new MemberBench();
});

function group(tags: Record<string, string>): void {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/rg`;
  bench.arm.onList = () => ({ kind: "listed", resources: [parseResource("resourceGroup", { id, name: "rg", tags })] });
}

function tags(given: Record<string, string>): void {
  bench.arm.account = { ...bench.arm.account, tags: given };
}

/** All that the store holds. */
async function stored(): Promise<string> {
  const kinds = ["finding", "proposal", "claim", "guard", "entry", "observation", "summary", "writer"];
  return JSON.stringify((await bench.store.query({ container: "state", kinds, pageSize: 1_000 })).items);
}

describe("whoever is to own an account", () => {
  beforeEach(() => {
    bench.standards([{ id: "TAG-01", mode: "enforce" }]);
    bench.directory.known = [{ oid: ada, kind: "user", enabled: true }];
    group({ owner: ada });
  });

  it("is asked, and asked again when the tag is taken away: not put back unasked", async () => {
    await bench.settled();
    const [asked] = await bench.live("proposal");
    expect(asked).toMatchObject({ state: "open", askOf: ada, quorum: 1 });
    await bench.approve(asked?.id ?? "", ada);
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({ owner: ada });
    tags({});
    await bench.settled();
    expect(bench.arm.account?.["tags"]).toEqual({});
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", askOf: ada }]);
  });

  it("is not unknown because the directory did not answer once", async () => {
    const principals = bench.directory.principals.bind(bench.directory);
    let asked = 0;
    bench.directory.principals = async (references) => {
      asked += 1;
      if (asked > 1) return principals(references);
      return { kind: "failed", error: { code: "Http503", message: "", retryAfterMs: 5_000 } };
    };
    await bench.settled();
    expect(await bench.live("finding")).toMatchObject([{ verdict: "fail" }]);
  });
});

describe("a plan", () => {
  it.each([
    ["whom the directory does not know", []],
    ["whose account is disabled", [{ oid: ada, kind: "user", enabled: false, addresses: ["ada@contoso.example"] }]],
  ] as const)("foretells of an owner by address %s what the pass decides", async (_, people) => {
    const grace = "00000000-0000-4000-8000-0000000000ce";
    bench.standards([{ id: "TAG-01", mode: "approve" }]);
    bench.directory.known = [...people, { oid: grace, kind: "user", enabled: true }];
    group({ owner: grace });
    tags({ owner: "ada@contoso.example" });
    await bench.settled();
    expect(await bench.live("finding")).toMatchObject([{ condition: { reason: "PreconditionUnmet" } }]);
    const sight = recalled(await bench.read<Observation>("observation"));
    if (sight === undefined) throw new Error("nothing was kept");
    const { pk, address, nowMs } = bench;
    const sighting = { pk, address, sight, documents: [], nextSeq: 1, changedBy: null };
    const none = compile({ ...bench.config, standards: [] });
    const pipeline = { before: undefined, after: undefined };
    const [told] = foretell(none, compile(bench.config), [{ ...sighting, pipeline }], new Map(), nowMs);
    expect(told?.will).toMatchObject({ kind: "hold", reason: "PreconditionUnmet" });
    expect(await stored()).not.toContain("ada@");
  });
});

describe("an address", () => {
  it("in a tag that a standard would write is stored nowhere, and a person has to change it", async () => {
    bench.standards([{ id: "TAG-03", mode: "enforce" }]);
    group({ env: "dev" });
    tags({ env: "ada@contoso.example" });
    await bench.settled();
    expect(bench.arm.writes).toEqual([]);
    expect(await bench.live("finding")).toMatchObject([
      { fields: [{ before: "(address)" }], condition: { reason: "PreconditionUnmet" } },
    ]);
    expect(await stored()).not.toContain("ada@");
  });

  it("that somebody writes while we do is not in the outcome", async () => {
    bench.standards([{ id: "TAG-03", mode: "enforce" }]);
    group({ env: "dev" });
    const write = bench.arm.write.bind(bench.arm);
    bench.arm.write = async (...given) => {
      const answer = await write(...given);
      tags({ env: "ada@contoso.example" });
      return answer;
    };
    await bench.settled();
    expect(await stored()).not.toContain("ada@");
  });

  it("for the name of a tag is not kept", async () => {
    bench.standards([{ id: "NET-01", mode: "audit" }]);
    tags({ "ada@contoso.example": "owner" });
    await bench.settled();
    expect(await stored()).not.toContain("ada@");
  });

  it("for a business unit is none in the summary", async () => {
    bench.standards([{ id: "NET-01", mode: "audit" }]);
    tags({ businessUnit: "ada@contoso.example" });
    await bench.settled();
    expect((await bench.read<Summary>("summary")).businessUnit).toBe("(address)");
  });
});

describe("an environment that a write of ours gives an account", () => {
  it("has what was agreed to in the other one asked again", async () => {
    bench.standards([
      { id: "TAG-03", mode: "audit" },
      { id: "NET-01", mode: "approve" },
    ]);
    group({ env: "dev" });
    await bench.settled();
    const [asked] = await bench.live("proposal");
    await bench.approve(asked?.id ?? "", approver);
    bench.config = {
      ...bench.config,
      version: 2,
      standards: [
        { id: "TAG-03", mode: "enforce" },
        { id: "NET-01", mode: "approve" },
      ],
    };
    await bench.want();
    const look = await bench.look();
    if (look.kind !== "apply") throw new Error(`found ${look.kind}; expected something to write`);
    const tagged = (await bench.live("proposal")).find(({ standard }) => standard.id === "TAG-03");
    await bench.apply(tagged?.id ?? "");
    expect(bench.arm.account?.["tags"]).toEqual({ env: "dev" });
    expect(await bench.apply(asked?.id ?? "")).toMatchObject({ kind: "dropped" });
    await bench.settled();
    expect(bench.arm.sent).toEqual([]);
    expect((await bench.read<Proposal>(asked?.id ?? "")).state).toBe("void");
    expect(await bench.live("proposal")).toMatchObject([{ environment: "dev", state: "open" }]);
  });
});
