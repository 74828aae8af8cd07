/** Remedies on 40 accounts while the processes that carry them out are killed at random. */
import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mulberry32 } from "../../infra/local/platform/faults.ts";
import { isFull } from "../support/extent.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { corpAccounts, isQuery, ledger, oids, open, type EntryView } from "../support/estate.ts";

const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";

/** STEELYARD_CHAOS=full takes more than any run of the suite. */
const full = process.env["STEELYARD_CHAOS"] === "full";
const REMEDIES = full ? 200 : isFull ? 40 : 16;
const KILLS = full ? 20 : isFull ? 4 : 2;

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ scenario: "small", core: 2 });
});

afterAll(async () => {
  await platform.stop();
});

/** Approves whatever is open until nothing is, or the time is over. */
async function approveAll(token: string, until: () => boolean): Promise<number> {
  let approved = 0;
  while (!until()) {
    try {
      approved += await approveOpen(token);
    } catch (error) {
      // The platform is being killed too; whoever clicks tries again.
      if (!(error instanceof TypeError)) throw error;
    }
    await pause(50);
  }
  return approved;
}

async function approveOpen(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${platform.edgeUrl}/api/proposals?state=open`, { headers });
  if (!response.ok) return 0;
  const { value } = (await response.json()) as { value: { id: string }[] };
  let approved = 0;
  for (const { id } of value) {
    const body = JSON.stringify({ verdict: "approve" });
    const decided = await fetch(`${platform.edgeUrl}/api/proposals/${id}/decisions`, { method: "POST", headers, body });
    if (decided.ok) approved += 1;
  }
  return approved;
}

async function outcomes(): Promise<EntryView[]> {
  return (await ledger(platform)).filter(({ type }) => type === "outcome");
}

describe("killing core at random", () => {
  it(
    "ends every remedy as desired, with exactly one outcome per intent",
    { timeout: full ? 600_000 : 120_000 },
    async () => {
      const random = mulberry32(7);
      const token = (await platform.control("POST", "token", { as: oids.approver })).body.token as string;
      let opened = 0;
      let kills = 0;
      let isOver = false;
      const approving = approveAll(token, () => isOver);
      const opening = (async () => {
        // Only an account that was closed again is opened again, so each opening is a remedy of its own.
        while (opened < REMEDIES) {
          const closed = [...(await corpAccounts(platform)).values()].filter(
            ({ properties }) => properties["publicNetworkAccess"] === "Disabled",
          );
          for (const { id } of closed.slice(0, REMEDIES - opened)) {
            if ((await open(platform, id)).status === 200) opened += 1;
          }
          await pause(100);
        }
      })();
      const killing = (async () => {
        for (; kills < KILLS; kills += 1) {
          await pause(200 + random() * 800);
          const killed = await platform.control("POST", "host/kill", { process: "core", instance: kills % 2 });
          expect(killed.status).toBe(200);
        }
      })();
      await Promise.all([opening, killing]);
      await platform.killPlatform();
      await platform.start();
      // What a kill interrupted is settled when nothing of it can be on its way any more: twenty seconds of business time.
      for (let round = 0; round < 5; round += 1) {
        await platform.settle({ within: "PT0S", timeoutS: 90 });
        await platform.clock({ advance: "PT1M" });
      }
      isOver = true;
      await approving;
      await platform.clock({ advance: "PT1M" });

      const left = [...(await corpAccounts(platform)).values()].filter(
        ({ properties }) => properties["publicNetworkAccess"] !== "Disabled",
      );
      expect(left.map(({ id }) => id)).toEqual([]);
      const entries = await ledger(platform);
      const intents = entries.filter(({ type }) => type === "intent");
      expect(intents.length).toBeGreaterThanOrEqual(REMEDIES);
      expect((await outcomes()).length).toBe(intents.length);
      for (const intent of intents) {
        const mine = entries.filter(
          ({ key, type, body }) => key === intent.key && type === "outcome" && body.intent === intent.seq,
        );
        expect(mine, `${intent.key} intent ${intent.seq}`).toHaveLength(1);
      }
      await onlyClosingWrites(intents.length);
    },
  );

  it("leaves a ledger that verifies, over the command line too", async () => {
    const { body } = await platform.control("POST", "token", { as: oids.operator });
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["shared/cli/main.ts", "ledger", "verify", "--json"], {
      env: { ...process.env, STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: body.token },
    });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, firstBad: null });
  });
});

/** Every write of ours closed an account, and there was never one without an intent. */
async function onlyClosingWrites(intents: number): Promise<void> {
  const { body } = await platform.control("GET", `arm/exchanges?caller=${coreIdentity}`);
  const writes = (body as string)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { method: string; url: string; requestBody: unknown; status: number })
    .filter(({ method, url }) => method !== "GET" && !isQuery(url));
  expect(new Set(writes.map(({ method, requestBody }) => JSON.stringify([method, requestBody])))).toEqual(
    new Set([JSON.stringify(["PATCH", { properties: { publicNetworkAccess: "Disabled" } }])]),
  );
  expect(writes.length).toBeLessThanOrEqual(intents);
}
