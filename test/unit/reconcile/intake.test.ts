import { describe, expect, it } from "vitest";
import { deadLetterPartition, takeIn, type DeadLetter } from "../../../shared/reconcile/intake.ts";
import { compile } from "../../../shared/reconcile/configuration.ts";
import { changedBy, pipelineOf } from "../../../shared/reconcile/lastWriter.ts";
import { readWriter } from "../../../shared/reconcile/writerStore.ts";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import type { Observation } from "../../../shared/desired/documents.ts";
import { parseAccount, type Account } from "../../../shared/estate/account.ts";
import type { Signal } from "../../../shared/writer/writer.ts";
import { openAccount, PassBench, self, subscriptionId } from "../../support/passBench.ts";

const claims = { upn: "somebody@example.com", ipaddr: "203.0.113.7" };

async function deadLetters(bench: PassBench): Promise<readonly DeadLetter[]> {
  const query = { container: "state" as const, pk: deadLetterPartition, kinds: ["deadLetter"], pageSize: 100 };
  return (await bench.store.query<DeadLetter>(query)).items;
}

describe("a message that cannot be read", () => {
  it.each([
    ["an object", { id: "1", data: { claims } }],
    ["JSON text", JSON.stringify({ id: "1", data: { claims } })],
    ["broken JSON text", JSON.stringify({ id: "1", data: { claims } }).slice(1)],
    ["a list", [{ data: { claims } }, { data: { claims } }]],
  ])("is kept with its reason and without personal data: %s", async (_name, message) => {
    const bench = new PassBench();
    expect(await takeIn(bench.context, [message])).toEqual([]);
    const letters = await deadLetters(bench);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.reason).toMatch(/found/);
    expect(JSON.stringify(letters)).not.toMatch(/example\.com|203\.0\.113/);
  });

  it("does not hold up the others of its batch, however deep it is nested", async () => {
    const bench = new PassBench();
    const nested: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    const good = {
      id: "2",
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-11-21T10:00:00Z",
      subject: bench.key,
      data: { resourceUri: bench.key, operationName: "Microsoft.CognitiveServices/accounts/write" },
    };
    const bad = { ...good, id: nested };
    expect(await takeIn(bench.context, [bad, good, { ...good, data: nested }])).toEqual([bench.key]);
    expect(await deadLetters(bench)).toHaveLength(2);
  });
});

const person = "00000000-0000-4000-8000-00000000000a";
const application = "a9900000-0000-4000-8000-0000000000a1";
const principal = "a9900000-0000-4000-8000-0000000000a2";
const correlationId = "c0440000-0000-4000-8000-0000000000c1";
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg`;

/** A write to a resource, as the system topic tells it. */
function written(resourceUri: string, data: object = {}): object {
  return {
    id: "1",
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    eventTime: "2026-11-21T10:00:00Z",
    subject: resourceUri,
    data: { resourceUri, operationName: "Microsoft.Resources/write", correlationId, ...data },
  };
}

const deployment = (name: string, scope = group): string =>
  `${scope}/providers/Microsoft.Resources/deployments/${name}`;

/** What people read on the finding of an account that somebody opened. */
async function asked(bench: PassBench): Promise<{ because: string | undefined; hasPatch: boolean }> {
  await bench.pass();
  const [finding] = await bench.live("finding");
  return { because: finding?.condition?.message, hasPatch: finding?.patch !== null };
}

describe("a template deployment", () => {
  it.each([
    ["before the account's event", [deployment("Main-2026"), undefined], "Deployment main-2026"],
    ["after the account's event, before the look", [undefined, deployment("main")], "Deployment main"],
    ["in the same batch, doubled", [deployment("main"), undefined, deployment("main")], "Deployment main"],
    [
      "at the subscription's scope",
      [deployment("main", `/subscriptions/${subscriptionId}`), undefined],
      "Deployment main",
    ],
    [
      "of another subscription that is not enrolled",
      [deployment("main", group.replace("5b0", "5b9")), undefined],
      undefined,
    ],
    ["never", [undefined], undefined],
  ])("is told as the writer when its event comes %s", async (_name, resources, expected) => {
    const bench = new PassBench();
    const events = resources.map((uri) => written(uri ?? bench.key));
    expect(await takeIn(bench.context, events)).toEqual([bench.key]);
    const { because, hasPatch } = await asked(bench);
    expect(because?.split(" brought ")[0]).toBe(expected);
    expect(hasPatch).toBe(expected !== undefined);
    expect(await deadLetters(bench)).toEqual([]);
  });

  it("asks for no look by itself, and is no other write's", async () => {
    const bench = new PassBench();
    expect(await takeIn(bench.context, [written(deployment("main"))])).toEqual([]);
    await takeIn(bench.context, [written(bench.key, { correlationId: "c0440000-0000-4000-8000-0000000000c2" })]);
    expect((await asked(bench)).because).toBeUndefined();
  });

  it("is nobody's when its correlation ID is none, and nothing breaks", async () => {
    const bench = new PassBench();
    const odd = { correlationId: "../other?x#y" };
    await takeIn(bench.context, [written(deployment("main"), odd), written(bench.key, odd)]);
    expect((await asked(bench)).because).toBeUndefined();
  });
});

describe("who wrote last", () => {
  const pipelines: ConfigInput["pipelines"] = [
    { name: "by application", application },
    { name: "by principal", principal },
  ];
  const signal = (change: Partial<Signal> = {}): Signal => ({
    caller: person,
    application: null,
    operation: "write",
    correlationId: null,
    at: "2026-11-21T10:00:00Z",
    ...change,
  });
  function account(lastModifiedBy?: string): Account {
    return parseAccount({ ...openAccount(), systemData: lastModifiedBy === undefined ? {} : { lastModifiedBy } });
  }

  it.each<[string, Signal | null, Account | undefined, string | undefined, string | null]>([
    ["the pipeline that ARM names", null, account(principal), "by principal", principal],
    ["the pipeline that the event names", signal({ caller: principal }), account(), "by principal", principal],
    ["the application of the event", signal({ application }), account(), "by application", person],
    [
      "the application, when ARM names the same caller",
      signal({ application }),
      account(person),
      "by application",
      person,
    ],
    [
      "not the application of an earlier event",
      signal({ application, caller: principal }),
      account(person),
      undefined,
      person,
    ],
    [
      "not the deployment of an earlier event",
      signal({ correlationId, caller: principal }),
      account(person),
      undefined,
      person,
    ],
    ["the deployment of the last event", signal({ correlationId }), account(person), "Deployment main", person],
    ["ARM's word before the event's", signal({ application }), account(principal), "by principal", principal],
    ["a person, by the event, where ARM shows a name", signal(), account("anna@example.com"), undefined, person],
    ["the event's when we wrote last", signal(), account(self), undefined, person],
    ["nobody, of whom nothing is known", null, account(), undefined, null],
    ["nobody, when only we wrote", signal({ caller: self }), account(self), undefined, null],
    ["the event's where the account is gone", signal({ application }), undefined, "by application", person],
  ])("is %s", async (_name, last, seen, pipeline, by) => {
    const bench = new PassBench();
    await takeIn(bench.context, [written(deployment("main"))]);
    const compiled = compile({ ...bench.config, pipelines });
    expect(await pipelineOf(bench.store, compiled, { signal: last }, seen)).toBe(pipeline);
    expect(changedBy({ signal: last }, seen, self)).toBe(by);
  });

  it("is the latest of several events, in whatever order they come, and none of below the account", async () => {
    const bench = new PassBench();
    const claims = { oid: person, appid: application };
    const event = (eventTime: string, data: object, below = "") => ({
      ...written(`${bench.key}${below}`, data),
      eventTime,
    });
    await takeIn(bench.context, [
      event("2026-11-21T10:00:02Z", { claims }),
      event("2026-11-21T10:00:01Z", { claims: { oid: principal } }),
      event("2026-11-21T10:00:03Z", { claims: { oid: principal } }, "/deployments/gpt"),
      event("2026-11-21T10:00:04Z", { claims: { oid: self } }),
    ]);
    const writer = await readWriter(bench.store, bench.key);
    expect(writer?.signal).toMatchObject({ caller: person, application, at: "2026-11-21T10:00:02Z" });
    expect(writer?.wanted).toBe(3);
  });
});

describe("what is kept of an account that was looked at", () => {
  const observed = (bench: PassBench): Promise<Observation> => bench.read<Observation>("observation");

  it("is without the names of people, and with the IDs of applications", async () => {
    const bench = new PassBench();
    const times = { createdAt: "2026-01-01T00:00:00Z", lastModifiedByType: "User" };
    const systemData = { createdBy: "anna@example.com", lastModifiedBy: principal, ...times };
    bench.arm.account = { ...openAccount(), systemData };
    await bench.want();
    await bench.look();
    const first = await observed(bench);
    expect(first.body).toMatchObject({ name: "a", properties: { publicNetworkAccess: "Enabled" } });
    expect(first.body?.["systemData"]).toEqual({ lastModifiedBy: principal, ...times });
    expect([...bench.store.documents("state")].filter((item) => JSON.stringify(item).includes("example.com"))).toEqual(
      [],
    );
  });

  it("is kept anew only when it changed, and is empty when the account is gone", async () => {
    const bench = new PassBench();
    const look = async (): Promise<string> => {
      bench.nowMs += 1_000;
      await bench.want();
      await bench.look();
      return (await observed(bench)).at;
    };
    const first = await look();
    expect(await look()).toBe(first);
    bench.arm.onRead = () => ({
      kind: "failed",
      error: { class: "giveUp", code: "AuthorizationFailed", message: "", status: 403, retryAfterMs: undefined },
    });
    expect(await look()).toBe(first);
    bench.arm.onRead = undefined;
    bench.arm.account = undefined;
    expect(await look()).not.toBe(first);
    expect((await observed(bench)).body).toBeNull();
  });
});
