/** Reads the whole ledger over the API and verifies it here, with nothing taken on trust but the records themselves. */
import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import { entryTypes, type LedgerEntry } from "../ledger/chain.ts";
import { verifyLedger, type Seal } from "../ledger/seal.ts";
import type { Connection } from "./connection.ts";

const entrySchema = z.object({
  id: z.string(),
  pk: z.string(),
  kind: z.literal("entry"),
  seq: z.int(),
  at: z.string(),
  type: z.enum(entryTypes),
  key: z.string(),
  body: z.unknown(),
  prev: z.string(),
  hash: z.string(),
  cursor: z.string(),
});

const sealSchema = z.object({
  id: z.string(),
  pk: z.literal("seals"),
  kind: z.literal("seal"),
  seq: z.int(),
  at: z.string(),
  prev: z.string(),
  heads: z.record(z.string(), z.object({ seq: z.int(), hash: z.string() })),
  root: z.string(),
});

/** Chains that looked bad and are read a second time. */
const CHAINS_READ_AGAIN_MAX = 100;

/** Pages of 1,000; beyond this the ledger is verified in parts, by target. */
const PAGES_MAX = 10_000;

export async function ledgerVerify(connection: Connection, json: boolean): Promise<0 | 1> {
  // Seals first: an entry that is written meanwhile is in a later seal, never missing from an earlier one.
  const seals: Seal[] = [];
  for await (const item of pages(connection, "/api/ledger/seals", z.int())) seals.push(parse(sealSchema, item, "seal"));
  const chains = new Map<string, LedgerEntry[]>();
  const readAgain = new Set<string>();
  let count = 0;
  for await (const item of pages(connection, "/api/ledger", z.string())) {
    const entry = parse(entrySchema, item, "ledger entry");
    const chain = chains.get(entry.pk);
    if (chain === undefined) chains.set(entry.pk, [entry]);
    else chain.push(entry);
    count += 1;
    if (!json && count % 5_000 === 0) process.stderr.write(`${count} entries read\n`);
  }
  for (const chain of chains.values()) chain.sort((a, b) => a.seq - b.seq);
  let verdict = verifyLedger(chains, seals);
  // An entry may be stored behind a reader that has passed its time: a chain is read alone before it is called bad.
  for (let again = 0; again < CHAINS_READ_AGAIN_MAX && verdict.firstBad !== null; again += 1) {
    const bad = verdict.firstBad.chain;
    const target = chains.get(bad)?.[0]?.key;
    if (target === undefined || readAgain.has(bad)) break;
    readAgain.add(bad);
    chains.set(bad, await chainOf(connection, target));
    verdict = verifyLedger(chains, seals);
  }
  if (json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
  else process.stdout.write(sentence(verdict));
  return verdict.ok ? 0 : 1;
}

async function chainOf(connection: Connection, target: string): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const item of pages(connection, `/api/ledger?target=${encodeURIComponent(target)}`, z.string())) {
    entries.push(parse(entrySchema, item, "ledger entry"));
  }
  return entries.sort((a, b) => a.seq - b.seq);
}

function sentence(verdict: ReturnType<typeof verifyLedger>): string {
  const { ok, entries, chains, sealedTo, firstBad } = verdict;
  const extent = `${entries} entries in ${chains === 1 ? "1 chain" : `${chains} chains`}, ${sealedTo === null ? "not sealed yet" : `sealed to ${sealedTo}`}`;
  if (ok) return `The ledger holds: ${extent}.\n`;
  return `The ledger does NOT hold: chain ${firstBad?.chain}, entry ${firstBad?.seq}: ${firstBad?.reason} (${extent}).\n`;
}

async function* pages<C extends string | number>(
  connection: Connection,
  path: string,
  cursor: z.ZodType<C>,
): AsyncGenerator {
  const schema = z.object({ value: z.array(z.unknown()), next: cursor });
  let after: C | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const separator = path.includes("?") ? "&" : "?";
    const query = after === undefined ? "" : `${separator}after=${encodeURIComponent(after)}`;
    const { value, next } = parse(schema, await connection.call("GET", `${path}${query}`), path);
    yield* value;
    if (value.length === 0 || next === after) return;
    after = next;
  }
}
