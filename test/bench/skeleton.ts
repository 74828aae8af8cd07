/**
 * `npm run bench`: how the first whole path performs on this machine, through two processes and real SDK clients.
 * Ratios and counts first: times depend on the machine.
 */
import { setTimeout as pause } from "node:timers/promises";
import { corpAccounts, oids, open } from "../support/estate.ts";
import { request, startPlatform, type TestPlatform } from "../support/platform.ts";

const ROUNDS = 60;
const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";

interface Line {
  readonly what: string;
  readonly value: string;
}

const lines: Line[] = [];

function report(what: string, value: string): void {
  lines.push({ what, value });
  console.error(`${what}: ${value}`);
}

function quantiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (${sorted.length} rounds)`;
}

async function until<T>(read: () => Promise<T | undefined>, deadlineMs = 20_000): Promise<T> {
  const beganMs = performance.now();
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() - beganMs > deadlineMs) throw new Error("it did not happen");
    await pause(5);
  }
}

async function armReads(platform: TestPlatform): Promise<number> {
  const { body } = await platform.control("GET", `arm/exchanges?caller=${coreIdentity}`);
  return (body as string).split("\n").filter((line) => line.includes('"method":"GET"')).length;
}

async function path(platform: TestPlatform): Promise<void> {
  const tokens = await Promise.all(
    [oids.operator, oids.approver].map(
      async (as) => (await platform.control("POST", "token", { as })).body.token as string,
    ),
  );
  const [reader, approver] = tokens.map((token) => ({ authorization: `Bearer ${token}` }));
  const accounts = [...(await corpAccounts(platform)).values()].map(({ id }) => id);
  const toFinding: number[] = [];
  const toVerified: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const account = accounts[round % accounts.length] ?? "";
    const target = encodeURIComponent(account.toLowerCase());
    const openedMs = performance.now();
    await open(platform, account);
    const proposal = await until(async () => {
      const { body } = await request(
        "GET",
        `${platform.edgeUrl}/api/proposals?state=open&target=${target}`,
        undefined,
        reader,
      );
      return body.value[0] as { id: string } | undefined;
    });
    toFinding.push(performance.now() - openedMs);
    const decidedMs = performance.now();
    await request(
      "POST",
      `${platform.edgeUrl}/api/proposals/${proposal.id}/decisions`,
      { verdict: "approve" },
      approver,
    );
    await until(async () => {
      const { body } = await request(
        "GET",
        `${platform.edgeUrl}/api/proposals?state=applied&target=${target}`,
        undefined,
        reader,
      );
      return (body.value as { id: string }[]).find(({ id }) => id === proposal.id);
    });
    toVerified.push(performance.now() - decidedMs);
  }
  report("event to finding and proposal", quantiles(toFinding));
  report("approval to verified", quantiles(toVerified));
  await platform.settle({ timeoutS: 60 });
  const reads = await armReads(platform);
  // Each round raises two events: the colleague's write and our own.
  report("ARM reads per event", `${(reads / (2 * ROUNDS)).toFixed(2)} (${reads} reads, ${2 * ROUNDS} events)`);
}

async function burst(platform: TestPlatform, count: number): Promise<void> {
  const { body: state } = await platform.control("GET", "arm/state");
  const accounts = Object.keys(state as object).filter((id) => /\/accounts\/[^/]+$/.test(id));
  const events = Array.from({ length: count }, (_, index) => {
    const account = accounts[index % accounts.length] ?? "";
    return {
      id: `bench-${index}`,
      topic: `/subscriptions/${account.split("/")[2]}`,
      subject: account,
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: new Date().toISOString(),
      dataVersion: "2",
      metadataVersion: "1",
      data: {
        resourceUri: account,
        operationName: "Microsoft.CognitiveServices/accounts/write",
        resourceProvider: "Microsoft.CognitiveServices",
        status: "Succeeded",
      },
    };
  });
  const before = await armReads(platform);
  const beganMs = performance.now();
  for (let start = 0; start < count; start += 500)
    await platform.control("POST", "eventgrid/publish", events.slice(start, start + 500));
  await platform.settle({ timeoutS: 60 });
  const tookMs = performance.now() - beganMs;
  const reads = (await armReads(platform)) - before;
  report(
    `burst of ${count} events over ${accounts.length} accounts`,
    `${(tookMs / 1000).toFixed(1)} s, ${(count / (tookMs / 1000)).toFixed(0)} events/s`,
  );
  report("looks per account in the burst", (reads / accounts.length).toFixed(2));
}

async function main(): Promise<void> {
  const platform = await startPlatform({ scenario: "small" });
  try {
    const { body: health } = await platform.control("GET", "health");
    report("start to ready", `${health.startedInMs} ms`);
    await path(platform);
    await burst(platform, 5_000);
    const { body: after } = await platform.control("GET", "health");
    for (const { name, rssBytes } of after.processes as { name: string; rssBytes: number }[]) {
      report(`memory of ${name}`, `${(rssBytes / 2 ** 20).toFixed(0)} MiB`);
    }
  } finally {
    await platform.stop();
  }
  process.stdout.write(
    `${JSON.stringify(Object.fromEntries(lines.map(({ what, value }) => [what, value])), null, 2)}\n`,
  );
}

await main();
