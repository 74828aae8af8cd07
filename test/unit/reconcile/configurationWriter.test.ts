import { beforeEach, describe, expect, it } from "vitest";
import { configAddress, configKey, type Config } from "../../../shared/config/schema.ts";
import { enrolled, withdrawn } from "../../../shared/config/enrolment.ts";
import { hourMs } from "../../../shared/kernel/clock.ts";
import { partitionOf, type ResourceId } from "../../../shared/estate/resourceId.ts";
import { verifyChain } from "../../../shared/ledger/chain.ts";
import { compile } from "../../../shared/reconcile/configuration.ts";
import { readVersion } from "../../../shared/reconcile/configurationStore.ts";
import { planOf } from "../../../shared/reconcile/planning.ts";
import {
  CHANGE_EXPIRES_MS,
  listChanges,
  listVersions,
  propose,
  readChange,
} from "../../../shared/reconcile/configurationWriter.ts";
import {
  ada,
  baseline,
  ben,
  cleo,
  ConfigurationBench,
  corp,
  online,
  pending,
} from "../../support/configurationBench.ts";

let bench: ConfigurationBench;
beforeEach(async () => {
  bench = new ConfigurationBench();
  await bench.lay();
});

const paused = (config: Config): Config => ({ ...config, paused: true });
const resumed = (config: Config): Config => ({ ...config, paused: false });
const enforced = (config: Config): Config => ({
  ...config,
  standards: config.standards.map((setting) => ({ ...setting, mode: "enforce" })),
});
const audited = (config: Config): Config => ({
  ...config,
  standards: config.standards.map((setting) => ({ ...setting, mode: "audit" })),
});

it("keeps the configuration in the partition of its writer key", () => {
  expect(configAddress.pk).toBe(partitionOf(configKey as ResourceId));
});

it("lets nobody move a subscription alone by withdrawing it and enrolling it again, at once or later", async () => {
  bench = new ConfigurationBench();
  const subscriptions = baseline().subscriptions.map((item) => ({ ...item, environment: "prod" }));
  await bench.lay(baseline({ subscriptions, quorums: { prod: 2 } }));
  expect(await bench.submit(ada, (config) => withdrawn(config, corp))).toMatchObject({ kind: "applied" });
  await bench.submit(ada, paused);
  const enrolment = { name: "corp", archetype: "corp", level: "audit" } as const;
  const moved = await bench.submit(ada, (config) => enrolled(config, corp, { ...enrolment, environment: "dev" }));
  expect(pending(moved).needs).toMatchObject([{ path: `subscriptions[${corp}].environment` }]);
  const back = await bench.submit(ada, (config) => enrolled(config, corp, { ...enrolment, environment: "prod" }));
  expect(back).toMatchObject({ kind: "applied" });
  // Compiled as passes read it.
  expect((await bench.context.configuration.read()).subscription(corp)).toMatchObject({ environment: "prod" });
});

it("knows changes by their ids only, whatever else is asked for", async () => {
  for (const id of ["a#b", "a\\b", "current", "writer", "", "c-", "x".repeat(2_000)]) {
    await expect(readChange(bench.context, id)).rejects.toMatchObject({ reason: "notFound" });
    await expect(bench.decide(ben, { id, hash: "" })).rejects.toMatchObject({ reason: "notFound" });
  }
});

describe("a change that one person may make", () => {
  it("is there at once, as a new version, a copy and an entry of a chain that verifies", async () => {
    const submitted = await bench.submit(ada, paused, { reason: "an incident" });
    expect(submitted).toMatchObject({ kind: "applied", version: 2 });
    expect(await bench.current()).toMatchObject({ version: 2, paused: true, appliedBy: ada });
    expect(await readVersion(bench.store, 2)).toMatchObject({ config: { paused: true }, reason: "an incident" });
    expect(await readVersion(bench.store, 1)).toMatchObject({ config: { paused: false } });
    const ledger = await bench.ledger();
    const { ok, head } = verifyChain(ledger);
    const writer = await bench.writer();
    expect([ok, head]).toEqual([true, writer.chain]);
    expect([writer.key, writer.wanted, writer.served]).toEqual([configKey, 0, 0]);
    expect(ledger.at(-1)).toMatchObject({
      type: "configuration",
      key: configKey,
      body: { event: "applied", version: 2, by: ada, changes: [{ path: "paused", before: false, after: true }] },
    });
  });

  it.each<[string, (config: Config) => unknown]>([
    ["a lower mode", audited],
    ["a withdrawal", (config) => withdrawn(config, corp)],
    ["a lower level", (config) => enrolled(config, corp, { level: "audit" })],
    ["a smaller budget", (config) => ({ ...config, budgets: [{ writesPerHour: 3 }] })],
    [
      "an enrolment that asks",
      (config) =>
        enrolled(config, "5b000000-0000-4000-8000-000000000009", { level: "approve", name: "new", archetype: "corp" }),
    ],
  ])("may be %s", async (_, make) => {
    expect(await bench.submit(ada, make)).toMatchObject({ kind: "applied", version: 2 });
  });

  it("keeps the times of modes that stay, and notes when another one changed", async () => {
    bench.nowMs += hourMs;
    await bench.submit(ada, (config) => ({ ...audited(config), digestHour: 7 }));
    await bench.submit(ada, (config) => ({ ...config, digestHour: 8 }));
    const { activations } = await bench.current();
    expect(activations["NET-01.prod"]).toEqual({ mode: "audit", version: 2, at: "2026-11-21T11:00:00.000Z" });
    expect(compile(await bench.current()).activations).toEqual(activations);
  });

  it("writes nothing when nothing differs, whatever the order", async () => {
    const submitted = await bench.submit(ada, (config) => ({
      ...config,
      subscriptions: config.subscriptions.toReversed(),
    }));
    expect(submitted).toMatchObject({ kind: "unchanged", version: 1 });
    expect(await bench.ledger()).toHaveLength(1);
  });

  it("is refused, and nothing written, when it makes no sense", async () => {
    const make = (config: Config): object => ({ ...config, quorums: { prd: 2 } });
    await expect(bench.submit(ada, make)).rejects.toThrow(
      "configuration at quorums.prd: found prd; expected one of environments.names: prod, test, dev",
    );
    expect(await bench.current()).toMatchObject({ version: 1 });
  });
});

describe("two who change it at the same time", () => {
  it("come one after the other, and the second one changes what the first one left", async () => {
    await Promise.all([
      bench.submit(ada, paused),
      bench.submit(ben, (config) => ({ ...config, digestHour: 9 })),
      bench.submit(cleo, (config) => withdrawn(config, online)),
    ]);
    expect(await bench.current()).toMatchObject({
      version: 4,
      paused: true,
      digestHour: 9,
      subscriptions: [{ id: corp }],
    });
    expect(verifyChain(await bench.ledger())).toMatchObject({ ok: true, head: { seq: 4 } });
  });

  it("from the same version: one applies, the other is told who came first and what differs", async () => {
    const both = await Promise.allSettled([
      bench.submit(ada, () => paused(baseline()), { base: 1 }),
      bench.submit(ben, () => audited(baseline()), { base: 1 }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await bench.current()).toMatchObject({ version: 2, paused: true, appliedBy: ada });
    const refused = both.find((result) => result.status === "rejected")?.reason as Error;
    expect(refused.message).toContain("is based on version 1; version 2 is current, applied by");
    expect(refused.message).toContain("paused from false to true");
  });
});

describe("a change that needs two", () => {
  it("waits, and holds nothing until somebody else agrees", async () => {
    const change = pending(await bench.submit(ada, enforced));
    expect(change.needs).toEqual([
      { path: "standards[NET-01].mode", why: "it lets NET-01 write unasked in prod, test, dev" },
    ]);
    expect(await bench.current()).toMatchObject({ version: 1, standards: [{ mode: "approve" }] });
    expect(await bench.decide(ben, change)).toMatchObject({ state: "applied" });
    expect(await bench.current()).toMatchObject({ version: 2, standards: [{ mode: "enforce" }], appliedBy: ada });
    const ledger = await bench.ledger();
    expect(ledger.slice(1).map(({ type }) => type)).toEqual(["configuration", "decision", "configuration"]);
    expect(ledger.at(-1)?.body).toMatchObject({ event: "applied", by: ada, agreedBy: [ben], change: change.id });
    expect(verifyChain(ledger).ok).toBe(true);
  });

  it("is not confirmed by whoever proposed it, by no path", async () => {
    const change = pending(await bench.submit(ada, enforced));
    await expect(bench.decide(ada, change)).rejects.toMatchObject({ reason: "forbidden" });
    expect(pending(await bench.submit(ada, enforced)).id).toBe(change.id);
    expect(pending(await bench.submit(ben, enforced))).toMatchObject({ id: change.id, by: ada });
    const enrolment = pending(await bench.submit(ada, (config) => enrolled(config, corp, { level: "enforce" })));
    await expect(bench.decide(ada, enrolment)).rejects.toMatchObject({ reason: "forbidden" });
    await bench.submit(ada, (config) => withdrawn(config, corp));
    const fresh = { level: "enforce", name: "corp", archetype: "corp" } as const;
    const again = pending(await bench.submit(ada, (config) => enrolled(config, corp, fresh)));
    await expect(bench.decide(ada, again)).rejects.toMatchObject({ reason: "forbidden" });
    expect(await bench.current()).toMatchObject({ version: 2, standards: [{ mode: "approve" }] });
  });

  it("can be called off by whoever proposed it", async () => {
    const change = pending(await bench.submit(ada, enforced));
    expect(await bench.decide(ada, change, "reject")).toMatchObject({ state: "rejected" });
    await expect(bench.decide(ben, change)).rejects.toMatchObject({ reason: "conflict" });
  });

  it("takes one decision a person, and the same one again changes nothing", async () => {
    const change = pending(await bench.submit(ada, enforced));
    await bench.decide(ben, change);
    const entries = (await bench.ledger()).length;
    expect(await bench.decide(ben, change)).toMatchObject({ state: "applied" });
    await expect(bench.decide(ben, change, "reject")).rejects.toMatchObject({ reason: "conflict" });
    expect(await bench.ledger()).toHaveLength(entries);
  });

  it("is agreed to for what was seen and nothing else", async () => {
    const change = pending(await bench.submit(ada, enforced));
    await expect(bench.decide(ben, { ...change, hash: "0".repeat(64) })).rejects.toMatchObject({ reason: "conflict" });
    expect(await bench.current()).toMatchObject({ version: 1 });
  });

  it("is void when another version came first: what was agreed to is no longer that step", async () => {
    const change = pending(await bench.submit(ada, enforced));
    await bench.submit(cleo, paused);
    expect(await listChanges(bench.context)).toMatchObject([{ id: change.id, state: "void" }]);
    await expect(bench.decide(ben, change)).rejects.toThrow(/void: your change is based on version 1; version 2/);
    expect(await bench.current()).toMatchObject({ version: 2, standards: [{ mode: "approve" }] });
    expect((await bench.ledger()).at(-1)).toMatchObject({ type: "void" });
  });

  it("expires after three days", async () => {
    const change = pending(await bench.submit(ada, enforced));
    bench.nowMs += CHANGE_EXPIRES_MS;
    await expect(bench.decide(ben, change)).rejects.toThrow("is expired");
    expect(await listChanges(bench.context)).toMatchObject([{ state: "expired" }]);
  });

  it("is the end of a pause; its beginning needs one", async () => {
    await bench.submit(ada, paused);
    const change = pending(await bench.submit(ada, resumed));
    expect(await bench.current()).toMatchObject({ paused: true });
    await bench.decide(ben, change);
    expect(await bench.current()).toMatchObject({ paused: false });
  });

  it("is the first configuration, where that enforces anything", async () => {
    const fresh = new ConfigurationBench();
    const change = pending(await fresh.submit(ada, () => enforced(baseline()), { base: 0 }));
    expect(change.base).toBe(0);
    await fresh.decide(ben, change);
    expect(await fresh.current()).toMatchObject({ version: 1 });
  });

  it("waits with at most twenty others", async () => {
    for (let hour = 0; hour < 20; hour += 1) {
      await bench.submit(ada, (config) => ({ ...enforced(config), digestHour: hour }));
    }
    await expect(bench.submit(ada, enforced)).resolves.toMatchObject({ kind: "pending" });
    await expect(bench.submit(ada, (config) => ({ ...enforced(config), digestHour: 23 }))).rejects.toThrow(
      "20 changes wait",
    );
  });
});

it("goes back to an older version as it goes to any other", async () => {
  await bench.submit(ada, audited);
  const before = await readVersion(bench.store, 1);
  expect(await bench.submit(ada, () => before?.config)).toMatchObject({ kind: "applied", version: 3 });
  expect(await bench.current()).toMatchObject({ version: 3, standards: [{ mode: "approve" }] });
  expect(await listVersions(bench.store, undefined)).toMatchObject([{ version: 3 }, { version: 2 }, { version: 1 }]);
  expect(await listVersions(bench.store, 3)).toMatchObject([{ version: 2 }, { version: 1 }]);
});

it("can be mended when it names a standard that there is no more", async () => {
  const { container, pk } = configAddress;
  const document = {
    ...(await bench.current()),
    standards: [{ id: "OLD-01", mode: "audit", modes: {}, parameters: {} }],
  };
  await bench.store.write(container, pk, [{ kind: "upsert", document }]);
  await expect(bench.submit(ada, paused)).rejects.toThrow("standards[0].id: found OLD-01; expected one of");
  const make = (config: Config): Config => ({ ...config, standards: [] });
  const { current, config } = await propose(bench.store, { base: 1, make });
  expect(await planOf(bench.context, current, config)).toMatchObject({ accounts: 0, total: 0 });
  expect(await bench.submit(ada, make)).toMatchObject({ kind: "applied", version: 2 });
});
