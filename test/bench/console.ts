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
}

/** The bytes of the body as they come over the wire. */
async function ask(platform: TestPlatform, path: string, headers: Record<string, string>): Promise<Answer> {
  const beganMs = performance.now();
  const sent = get({ host: "127.0.0.1", port: platform.portBase + 1, path, headers });
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  return { status: answer.statusCode ?? 0, bytes, ms: performance.now() - beganMs, etag: answer.headers.etag };
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

/** Puts the documents of a large estate where the store keeps them, while it is down. */
function seed(platform: TestPlatform, nowMs: number): number {
  const database = openDatabase(join(platform.dir, "data", "cosmos.sqlite"));
  const catalogue = new Catalogue(database, containers);
  catalogue.provision();
  const state = catalogue.find("steelyard", "state");
  if (state === undefined) throw new Error("the container state is not there");
  const items = new ItemStore(database);
  const documents = largeEstate(ACCOUNTS, nowMs);
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
  await platform.endPlatform();
  const documents = seed(platform, new Date(now).getTime());
  await platform.start();
  await measure(platform, `${ACCOUNTS} accounts (${documents} documents)`);
} finally {
  await platform.stop();
}

process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
