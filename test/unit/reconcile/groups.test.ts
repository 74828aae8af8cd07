/** What people decide on, and take back, in one piece. */
import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { changeHash } from "../../../shared/desired/change.ts";
import type { Claim, Proposal } from "../../../shared/desired/documents.ts";
import { dayMs, hourMs, toIso } from "../../../shared/kernel/clock.ts";
import type { StoreOperation } from "../../../shared/ports/store.ts";
import { compile } from "../../../shared/reconcile/configuration.ts";
import type { DeskContext } from "../../../shared/reconcile/desk.ts";
import {
  backlogDays,
  decideGroup,
  listRequests,
  readRequest,
  readRequests,
  SAMPLE_MAX,
} from "../../../shared/reconcile/groups.ts";
import { undoRun } from "../../../shared/reconcile/undo.ts";
import { newWriter, record } from "../../../shared/writer/writer.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { proposalNowMs as nowMs, sampleProposal } from "../../support/proposals.ts";

const anna = "00000000-0000-4000-8000-0000000000a1";
const ben = "00000000-0000-4000-8000-0000000000b2";
const mallory = "00000000-0000-4000-8000-00000000000a";
const group = "NET-01.prod.v7";

/** Fails a write when told to, after which the process is as dead. */
class MortalStore extends MemoryStore {
  writesLeft = Infinity;

  override async write(...batch: Parameters<MemoryStore["write"]>): ReturnType<MemoryStore["write"]> {
    this.writesLeft -= 1;
    if (this.writesLeft < 0) throw new Error("the process ended");
    return super.write(...batch);
  }
}

class Desk {
  readonly store = new MortalStore();
  nowMs = nowMs;
  config: ConfigInput = {
    version: 1,
    subscriptions: [{ id: "5b000000-0000-4000-8000-000000000001", name: "corp", archetype: "corp", level: "approve" }],
    standards: [{ id: "NET-01", mode: "approve" }],
  };
  readonly context: DeskContext = {
    clock: { now: () => this.nowMs },
    store: this.store,
    bus: { wake: async () => {} },
    configuration: { read: async () => compile(this.config) },
    log: () => {},
  };

  /** An account with a proposal, and the intent of its write. */
  add(name: string, change: Partial<Proposal> = {}): Proposal {
    const proposal = sampleProposal({ group, quorum: 1, run: group, ...change }, name);
    const { id, key, pk } = proposal;
    const { writer, entries } = record(newWriter(key), [{ type: "intent", body: { id } }], this.nowMs);
    const documents = [writer, ...entries, proposal];
    this.store.writeNow(
      "state",
      pk,
      documents.map((document): StoreOperation => ({ kind: "create", document })),
    );
    return proposal;
  }

  find<T>(kind: string): T[] {
    return this.store.queryNow({ container: "state", kinds: [kind], pageSize: 1_000 }).items as never;
  }

  /** Who decided what, by account. */
  get decisions(): string[] {
    const all = this.find<Proposal>("proposal").map(({ key, decisions }) => {
      return `${key.split("/").at(-1)}: ${decisions.map(({ by, verdict }) => `${verdict} ${by.slice(-2)}`).join(" ")}`;
    });
    return all.sort();
  }
}

function daysAgo(days: number): string {
  return toIso(nowMs - days * dayMs);
}

describe("the requests that wait", () => {
  it("leave out a proposal that cannot be read, and count it", async () => {
    const desk = new Desk();
    desk.add("a");
    const { pk } = desk.add("b");
    const document = { id: "p-junk", pk, kind: "proposal", live: true, state: "open", group, presentSince: "2026" };
    desk.store.writeNow("state", pk, [{ kind: "create", document }]);
    const { requests, corrupt } = await readRequests(desk.context);
    expect([requests.map(({ count }) => count), corrupt]).toEqual([[2], 1]);
    expect(await readRequest(desk.context, group)).toMatchObject({ request: { count: 2 }, corrupt: 1 });
  });

  it("are made of the open proposals of a group, longest-standing first", async () => {
    const desk = new Desk();
    const [soon, later] = [toIso(nowMs + hourMs), toIso(nowMs + dayMs)];
    desk.add("a", { presentSince: daysAgo(6.9), expiresAt: later, quorum: 2 });
    desk.add("b", { presentSince: daysAgo(7), expiresAt: soon, escalated: true });
    desk.add("c", { presentSince: daysAgo(400), expiresAt: later });
    desk.add("d", { presentSince: daysAgo(-1), expiresAt: later });
    desk.add("other", { group: "NET-01.dev.v8", environment: "dev", presentSince: daysAgo(500) });
    desk.add("single", { group: null, presentSince: daysAgo(900) });
    desk.add("approved", { state: "approved", presentSince: daysAgo(900) });
    desk.add("over", { state: "void", live: false, presentSince: daysAgo(900) });
    const requests = await listRequests(desk.context);
    expect(requests.map(({ id, count }) => [id, count])).toEqual([
      ["NET-01.dev.v8", 1],
      [group, 4],
    ]);
    const [, request] = requests;
    expect(request).toMatchObject({ oldest: daysAgo(400), expiresAt: soon, quorum: 2, approvals: 0, escalated: true });
    expect(request?.backlog).toEqual(backlogDays.map((days, index) => ({ days, count: [2, 1, 0, 0, 1][index] })));
    expect(request?.sample.map(({ key }) => key.split("/").at(-1))).toEqual(["c", "b", "a", "d"]);
  });

  it("show few of many, and count all", async () => {
    const desk = new Desk();
    for (let index = 0; index < SAMPLE_MAX + 5; index += 1) desk.add(`a${index}`);
    const found = await readRequest(desk.context, group);
    expect([found?.request.count, found?.request.sample.length, found?.members.length]).toEqual([15, 10, 15]);
    expect(await readRequest(desk.context, "NET-01.prod.v8")).toBeUndefined();
  });

  it("are told apart by what they say, not by the order in which it is found", async () => {
    const hashes = [["a", "b"], ["b", "a"], ["a"], ["a", "c"]].map(async (names) => {
      const desk = new Desk();
      for (const [index, name] of names.entries()) desk.add(name, { presentSince: daysAgo(index) });
      return (await readRequest(desk.context, group))?.request.hash;
    });
    const [one, turned, fewer, another] = await Promise.all(hashes);
    expect(turned).toBe(one);
    expect(new Set([one, fewer, another]).size).toBe(3);
  });
});

describe("a decision on a request", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
  async function asked(): Promise<{ desk: Desk; decision: Parameters<typeof decideGroup>[1] }> {
    const desk = new Desk();
    for (const name of names) desk.add(name);
    const { hash } = (await readRequest(desk.context, group))!.request;
    return { desk, decision: { group, hash, verdict: "approve", reason: null, by: anna } };
  }

  it("is one on each of its proposals, and once", async () => {
    const { desk, decision } = await asked();
    const decided = await decideGroup(desk.context, decision);
    expect([decided.decided.length, decided.declined]).toEqual([10, []]);
    expect(desk.decisions).toEqual(names.map((name) => `${name}: approve a1`));
    expect(await decideGroup(desk.context, decision)).toEqual(decided);
    expect(desk.find("entry").length).toBe(20);
    expect((await listRequests(desk.context))[0]?.approvals).toBe(1);
  });

  it("is none when it says something else than what was seen, or nothing waits", async () => {
    const { desk, decision } = await asked();
    desk.add("k");
    await expect(decideGroup(desk.context, decision)).rejects.toMatchObject({ name: "Declined", reason: "conflict" });
    const other = { ...decision, group: "NET-01.prod.v8" };
    await expect(decideGroup(desk.context, other)).rejects.toMatchObject({ name: "Declined", reason: "notFound" });
    expect(desk.find<Proposal>("proposal").filter(({ decisions }) => decisions.length > 0)).toEqual([]);
  });

  it("goes on with what is left after it was interrupted", async () => {
    const { desk, decision } = await asked();
    desk.store.writesLeft = 4;
    await expect(decideGroup(desk.context, decision)).rejects.toThrow("the process ended");
    expect(desk.decisions.filter((text) => text.endsWith("approve a1"))).toHaveLength(4);
    desk.store.writesLeft = Infinity;
    expect((await decideGroup(desk.context, decision)).decided).toHaveLength(10);
    expect(desk.decisions).toEqual(names.map((name) => `${name}: approve a1`));
  });

  it("says which it does not stand on, and why", async () => {
    const desk = new Desk();
    desk.config.approvers = [{ people: [anna, mallory] }];
    desk.add("made-by-another", { changedBy: ben });
    desk.add("made-by-mallory", { changedBy: mallory });
    const approved = { by: mallory, verdict: "approve", reason: null, at: toIso(nowMs) } as const;
    desk.add("approved-before", { changedBy: ben, quorum: 2, decisions: [approved] });
    const over = desk.add("just-over", { changedBy: ben, expiresAt: toIso(nowMs) });
    const { hash } = (await readRequest(desk.context, group))!.request;
    const decision = { group, hash, verdict: "reject", reason: "not now", by: mallory } as const;
    const { decided, declined } = await decideGroup(desk.context, decision);
    expect(decided).toHaveLength(1);
    expect(declined.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/^proposal p-.* is expired/),
      'you decided "approve" on proposal '.concat(sampleProposal({}, "approved-before").id, " before"),
      expect.stringMatching(/^you made the change/),
    ]);
    expect(declined.map(({ proposal }) => proposal)).toContain(over.id);
    const stranger = { ...decision, hash: (await readRequest(desk.context, group))!.request.hash, by: ben };
    expect((await decideGroup(desk.context, stranger)).decided).toEqual([]);
  });
});

describe("taking back a run", () => {
  const request = { run: group, reason: "it broke a batch job", by: anna };
  const applied = { state: "applied", live: false } as const;
  const names = (list: readonly { readonly target: string }[]) => list.map(({ target }) => target.split("/").at(-1));

  it("takes back all that it wrote and nothing else", async () => {
    const desk = new Desk();
    for (const name of ["b", "a"]) desk.add(name, applied);
    desk.add("another-run", { ...applied, run: "NET-01.prod.2026-11-18" });
    desk.add("void", { state: "void", live: false });
    desk.add("open");
    const { run, undone, declined } = await undoRun(desk.context, request);
    expect([run, names(undone), declined]).toEqual([group, ["a", "b"], []]);
    const claims = desk.find<Claim>("claim");
    expect(claims.map(({ id }) => id).sort()).toEqual(undone.map(({ waiver }) => waiver).sort());
    expect(claims).toMatchObject(claims.map(() => ({ undoes: 1, reason: request.reason, by: anna, state: "active" })));
    await expect(undoRun(desk.context, { ...request, run: "NET-01.prod.v6" })).rejects.toMatchObject({
      name: "Declined",
      reason: "notFound",
    });
  });

  it("goes on where it was interrupted, with one waiver for each change", async () => {
    const desk = new Desk();
    const all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    for (const name of all) desk.add(name, applied);
    desk.store.writesLeft = 5;
    await expect(undoRun(desk.context, request)).rejects.toThrow("the process ended");
    expect(desk.find("claim")).toHaveLength(5);
    desk.store.writesLeft = Infinity;
    const { undone, declined } = await undoRun(desk.context, request);
    expect([undone.length, declined.length]).toEqual([7, 5]);
    expect(declined.every(({ reason }) => /^waiver w-.* is live on the same fields$/.test(reason))).toBe(true);
    const taken = desk.find<Claim>("claim").map(({ key }) => key.split("/").at(-1) ?? "");
    expect(taken.sort()).toEqual(all);
  });

  it("tells which it cannot take back, and why", async () => {
    const desk = new Desk();
    const fields = [{ path: "properties.customSubDomainName", before: null, after: "a" }];
    const absent = desk.add("absent-before", { ...applied, fields });
    desk.store.writeNow("state", absent.pk, [
      { kind: "upsert", document: { ...absent, hash: changeHash(absent.key, fields, absent.authority) } as Proposal },
    ]);
    desk.add("undone-before", applied);
    await undoRun(desk.context, { ...request, reason: "the first time" });
    const [waiver] = desk.find<Claim>("claim");
    const over = { ...waiver!, live: false, state: "ended", restored: true } as const;
    desk.store.writeNow("state", over.pk, [{ kind: "upsert", document: over }]);
    desk.add("fresh", applied);
    const { undone, declined } = await undoRun(desk.context, request);
    expect(names(undone)).toEqual(["fresh"]);
    expect(declined.map(({ reason }) => reason)).toEqual([
      "properties.customSubDomainName was absent before: Azure cannot be asked to restore that",
      expect.stringMatching(/^change p-.* was undone before, by waiver w-.*: a change is taken back once$/),
    ]);
  });

  it("of more changes than one request takes back is finished by the next one", async () => {
    const desk = new Desk();
    for (let index = 0; index < 210; index += 1) desk.add(`a${index}`, applied);
    const first = await undoRun(desk.context, request, 50);
    expect([first.undone.length, first.declined.length]).toEqual([200, 0]);
    const second = await undoRun(desk.context, request, 50);
    expect([second.undone.length, second.declined.length]).toEqual([10, 200]);
    expect(new Set(desk.find<Claim>("claim").map(({ key }) => key)).size).toBe(210);
  });
});
