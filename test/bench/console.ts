/**
 * `npm run bench`: how long the console's pages take and how many bytes they are, at 40 accounts and at 4,000, through the
 * real host and the real engine of the store. What is sent is what is counted: the host compresses nothing.
 */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { Catalogue } from "../../infra/local/cosmos/catalogue.ts";
import { ItemStore } from "../../infra/local/cosmos/items.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";
import { containers } from "../../infra/local/platform/topology.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { oids } from "../support/estate.ts";
import { largeEstate } from "../support/largeEstate.ts";
import { observedEstate } from "../support/observedEstate.ts";

const ROUNDS = 30;
const ACCOUNTS = 4_000;

const pages: Readonly<Record<string, string>> = {
  overview: "/api/console",
  approvals: "/api/console/approvals",
  estate: "/api/console/estate",
  "estate, filtered": "/api/console/estate?view=deployments&environment=prod&state=waits",
  findings: "/api/console/findings",
  standards: "/api/console/standards",
  ledger: "/api/console/ledger",
  configuration: "/api/console/configuration",
  access: "/api/console/access",
  capacity: "/api/console/capacity",
};

/** A mode that is changed everywhere: for a fifth of the estate something would be otherwise. */
const acc02 = "/api/console/configuration/plan?do=mode&standard=ACC-02&mode.prod=approve";

const planPages: Readonly<Record<string, string>> = {
  plan: `${acc02}&mode.test=approve&mode.dev=approve`,
  "plan, ten days ago": `${acc02}&asOf=`,
};

/** Rounds of a page that has the whole estate judged. */
const PLAN_ROUNDS = 5;

const PLAN_MS_MAX = 60_000;

const lines: Record<string, string> = {};

function report(what: string, value: string): void {
  lines[what] = value;
  console.error(`${what}: ${value}`);
}

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly ms: number;
  readonly etag: string | undefined;
  /** Where a page that is not done yet is asked for again. */
  readonly refresh: string | undefined;
}

/** The bytes of the body as they come over the wire. */
async function ask(platform: TestPlatform, path: string, headers: Record<string, string>): Promise<Answer> {
  const beganMs = performance.now();
  const sent = get({ host: "127.0.0.1", port: platform.portBase + 1, path, headers });
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  const refresh = /url=(\S+)$/.exec(String(answer.headers["refresh"] ?? ""))?.[1];
  return { status: answer.statusCode ?? 0, bytes, ms: performance.now() - beganMs, etag: answer.headers.etag, refresh };
}

async function measure(platform: TestPlatform, estate: string): Promise<void> {
  const token = (await platform.control("POST", "token", { as: oids.approver })).body.token as string;
  const port = platform.portBase + 1;
  const headers = { host: `localhost:${port}`, cookie: `steelyard-${port}=${token}`, "accept-encoding": "gzip, br" };
  for (const [name, path] of Object.entries(pages)) {
    const first = await ask(platform, path, headers);
    if (first.status !== 200) {
      report(`${name}, ${estate}`, `not there (${first.status})`);
      continue;
    }
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push((await ask(platform, path, headers)).ms);
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0);
    const kept = { ...headers, "x-steelyard-part": "main", "if-none-match": first.etag ?? "" };
    const poll = await ask(platform, path, kept);
    report(
      `${name}, ${estate}`,
      `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, the first ${first.ms.toFixed(0)} ms; ${(first.bytes / 1000).toFixed(1)} kB; asked again when nothing has changed: ${poll.status}, ${poll.bytes} bytes`,
    );
  }
}

/**
 * A plan from its first page, which may only say how far it is, until it is there; and its parts when it is. A page that
 * waits is asked again a second later, as a browser does.
 */
async function measurePlans(platform: TestPlatform, estate: string, nowMs: number): Promise<void> {
  const token = (await platform.control("POST", "token", { as: oids.approver })).body.token as string;
  const port = platform.portBase + 1;
  const headers = { host: `localhost:${port}`, cookie: `steelyard-${port}=${token}` };
  for (const [name, page] of Object.entries(planPages)) {
    const past = new Date(nowMs - 10 * 86_400_000).toISOString().slice(0, 10);
    const path = page.endsWith("asOf=") ? page + past : page;
    const [first, whole, parts, others]: number[][] = [[], [], [], []];
    let bytes = 0;
    for (let round = 0; round < PLAN_ROUNDS; round += 1) {
      const beganMs = performance.now();
      let answer = await ask(platform, path, headers);
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
      first?.push(answer.ms);
      while (answer.refresh !== undefined && performance.now() - beganMs < PLAN_MS_MAX) {
        others?.push((await ask(platform, "/api/console/standards", headers)).ms);
        answer = await ask(platform, answer.refresh, headers);
        parts?.push(answer.ms);
      }
      whole?.push(performance.now() - beganMs);
      bytes = Math.max(bytes, answer.bytes);
      for (const from of [0, 50, 500]) {
        const part = await ask(platform, `${path}&from=${from}&run=1`, headers);
        parts?.push(part.ms);
        bytes = Math.max(bytes, part.bytes);
      }
    }
    const p95 = (times: number[] = []): string => Math.max(0, ...times).toFixed(0);
    report(
      `${name}, ${estate}`,
      `first answer at most ${p95(first)} ms, whole within ${p95(whole)} ms, its parts within ${p95(parts)} ms, another page meanwhile ${p95(others)} ms; at most ${(bytes / 1000).toFixed(1)} kB`,
    );
  }
}

/** Puts the documents of a large estate where the store keeps them, while it is down. */
function seed(platform: TestPlatform, nowMs: number): number {
  const database = openDatabase(join(platform.dir, "data", "cosmos.sqlite"));
  const catalogue = new Catalogue(database, containers);
  catalogue.provision();
  const state = catalogue.find("steelyard", "state");
  if (state === undefined) throw new Error("the container state is not there");
  const items = new ItemStore(database);
  const documents = [...largeEstate(ACCOUNTS, nowMs), ...observedEstate(ACCOUNTS, nowMs)];
  // Written by the looks of the last hours, not now.
  const writtenS = Math.floor(nowMs / 1000) - 3_600;
  items.write(writtenS, () => {
    for (const item of documents) {
      items.execute(state, JSON.stringify(item.pk), { kind: "upsert", item, ifMatch: undefined }, writtenS);
    }
  });
  database.close();
  return documents.length;
}

const platform = await startPlatform({ scenario: "small", clock: "manual" });
try {
  await platform.settle();
  await platform.clock({ advance: "PT5M" });
  await platform.settle();
  await measure(platform, "40 accounts");
  const { now } = (await platform.control("GET", "clock")).body as { now: string };
  await measurePlans(platform, "40 accounts", new Date(now).getTime());
  await platform.endPlatform();
  const documents = seed(platform, new Date(now).getTime());
  await platform.start();
  await measure(platform, `${ACCOUNTS} accounts (${documents} documents)`);
  await measurePlans(platform, `${ACCOUNTS} accounts`, new Date(now).getTime());
} finally {
  await platform.stop();
}

process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
