/** Whatever happens to events and answers on the way, after the sweep the estate is as it would have been without. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asking, startPlatform, type TestPlatform } from "../support/platform.ts";
import { corpAccounts, oids, open } from "../support/estate.ts";
import { watchedFromOutside } from "./health.ts";

const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";
const OPENED = 12;

const faults = [
  // A fifth of the events never come; of the rest each copy is doubled two times in three, so each comes three times on
  // average; a third of what is left is overtaken by others.
  { where: "eventgrid", kind: "drop", probability: 0.2, seed: 1 },
  { where: "eventgrid", kind: "duplicate", probability: 2 / 3, seed: 2 },
  { where: "eventgrid", kind: "reorder", probability: 0.3, seed: 4 },
  // A tenth of what the product asks of ARM is refused for a moment, a tenth fails with and without its effect.
  {
    where: "arm",
    match: { caller: coreIdentity },
    kind: "status",
    status: 429,
    code: "SubscriptionRequestsThrottled",
    retryAfter: 1,
    probability: 0.1,
    seed: 5,
  },
  {
    where: "arm",
    match: { caller: coreIdentity },
    kind: "status",
    status: 503,
    code: "ServerBusy",
    probability: 0.05,
    seed: 6,
  },
  {
    where: "arm",
    match: { caller: coreIdentity },
    kind: "status",
    status: 500,
    code: "InternalServerError",
    phase: "afterEffect",
    probability: 0.05,
    seed: 7,
  },
];

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ scenario: "small" });
});

afterAll(async () => {
  await platform.stop();
});

watchedFromOutside(() => platform);

async function approveAll(): Promise<number> {
  const { body } = await platform.api("GET", "proposals?state=open");
  for (const { id } of body.value as { id: string }[]) {
    await platform.api("POST", `proposals/${id}/decisions`, { verdict: "approve" }, oids.approver);
  }
  return body.value.length;
}

const differing = new Set(["etag", "systemData", "dateCreated", "createdOn", "updatedOn", "createdAt"]);

/** The estate without what differs from run to run. */
async function estate(): Promise<unknown> {
  const { body } = await platform.control("GET", "arm/state");
  return JSON.parse(JSON.stringify(body, (name, value: unknown) => (differing.has(name) ? undefined : value)));
}

async function day(withFaults: boolean): Promise<{ estate: unknown; hits: number[] }> {
  const options = { scenario: "small", seed: 1, clock: "real", config: asking };
  expect((await platform.control("POST", "reset", options)).status).toBe(200);
  expect((await platform.control("PUT", "faults", withFaults ? faults : [])).status).toBe(200);
  const closed = [...(await corpAccounts(platform)).values()].filter(
    ({ properties }) => properties["publicNetworkAccess"] === "Disabled",
  );
  for (const { id } of closed.slice(0, OPENED)) expect((await open(platform, id)).status).toBe(200);
  // The sweep finds what no event told; a refused write is tried again within minutes.
  await platform.clock({ jump: "PT25H" });
  await platform.clock({ advance: "PT1M" });
  let approved = 0;
  for (let round = 0; round < 8; round += 1) {
    approved += await approveAll();
    await platform.clock({ advance: "PT1M" });
  }
  expect(approved).toBe(OPENED + 3);
  const { body } = await platform.control("GET", "faults");
  return { estate: await estate(), hits: (body as { hits: number }[]).map(({ hits }) => hits) };
}

describe("events lost, doubled and out of order, and an ARM that fails now and then", () => {
  it("lead to the same estate", { timeout: 180_000 }, async () => {
    const calm = await day(false);
    const rough = await day(true);
    expect(rough.estate).toEqual(calm.estate);
    // Each fault must have struck, else this shows nothing.
    expect(rough.hits.map((hits) => hits > 0)).toEqual(faults.map(() => true));
    const left = [...(await corpAccounts(platform)).values()].filter(
      ({ properties }) => properties["publicNetworkAccess"] !== "Disabled",
    );
    expect(left).toEqual([]);
  });
});
