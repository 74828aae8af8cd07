/** A standard on a use case sees the other accounts that serve it, as their last looks saw them. */
import { beforeEach, expect, it } from "vitest";
import type { Summary } from "../../../shared/desired/documents.ts";
import { partitionOf, type ResourceId } from "../../../shared/estate/resourceId.ts";
import type { UseCaseAccount } from "../../../shared/estate/useCase.ts";
import { readWriter, want } from "../../../shared/reconcile/writerStore.ts";
import { compileStandard } from "../../../shared/standards/definition.ts";
import { MemberBench } from "../../support/memberBench.ts";
import { keyOf, openAccount, subscriptionId } from "../../support/passBench.ts";
import { sampleSummary } from "../../support/summaries.ts";

let bench: MemberBench;
let other: ResourceId;
const accounts = "Microsoft.CognitiveServices/accounts";

/** The other account, as its last look left it. */
async function otherIs(change: Partial<UseCaseAccount> = {}, more: Partial<Summary> = {}): Promise<void> {
  const serves = {
    key: other,
    name: "b",
    location: "westeurope",
    environment: "prod",
    useCase: "claims",
    deployments: [],
  };
  const document = {
    ...sampleSummary("b", more),
    key: other,
    pk: partitionOf(other),
    serves: { ...serves, ...change },
  };
  await bench.store.write("state", document.pk, [{ kind: "upsert", document }]);
}

beforeEach(async () => {
  bench = new MemberBench();
  other = keyOf(`${bench.key.slice(0, -1)}b`);
  bench.arm.account = { ...openAccount(), location: "swedencentral", tags: { useCase: "Claims", env: "prod" } };
  const elsewhere = {
    allOf: [
      { field: "useCaseAccounts[*].environment", equals: "[field('environment')]" },
      { field: "useCaseAccounts[*].location", notEquals: "[field('location')]" },
    ],
  };
  const rule = { if: { count: { field: "useCaseAccounts[*]", where: elsewhere }, equals: 0 } };
  const base = { id: "ACC-12", version: 1, title: "t", severity: "low", archetypes: ["corp"], cases: [], sources: [] };
  bench.standards([{ id: "ACC-12", mode: "audit" }]);
  bench.made = [compileStandard({ ...base, resourceType: accounts, reads: ["deployments", "useCaseAccounts"], rule })];
  await want(bench.store, other, 1, null);
});

const verdicts = async (): Promise<unknown> => (await bench.live("finding")).map(({ verdict }) => verdict);

it("passes with another account in another region, and fails without", async () => {
  await bench.settled();
  expect(await verdicts()).toEqual(["fail"]);
  await otherIs();
  await bench.settled();
  expect(await verdicts()).toEqual([]);
  await otherIs({ location: "swedencentral" });
  await bench.settled();
  expect(await verdicts()).toEqual(["fail"]);
});

it("counts none that is gone, serves something else, or lies where nobody enrolled it", async () => {
  for (const [change, more] of [
    [{}, { present: false }],
    [{ useCase: "other" }, {}],
    [{}, { subscriptionId: subscriptionId.replace(/1$/, "9") }],
  ] as const) {
    await otherIs(change, more);
    await bench.settled();
    expect(await verdicts()).toEqual(["fail"]);
  }
});

it("is unknown where the deployments of another are not known", async () => {
  await otherIs({ deployments: undefined });
  await bench.settled();
  expect(await bench.live("finding")).toMatchObject([
    { verdict: "unknown", reason: "The other accounts of the use case could not all be read: DeploymentsNotRead." },
  ]);
});

it("has the others looked at when what they are told changes, and then no more", async () => {
  await otherIs();
  await bench.settled();
  const wanted = async (): Promise<number | undefined> => (await readWriter(bench.store, other))?.wanted;
  expect(bench.wakes.map(({ key }) => key)).toEqual([other]);
  expect(await wanted()).toBe(2);
  await bench.settled();
  expect(await wanted()).toBe(2);
  bench.deployment("chat");
  await bench.settled();
  expect(await wanted()).toBe(3);
});
