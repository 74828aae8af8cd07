/** What the ledger tells of a digest's period: written, taken back, closed, ended, configured. */
import { z } from "zod";
import { configKey } from "../config/schema.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { bounded, people, placeKey, ROWS_MAX, sorted, sum, type Bounded, type Problem } from "./digestLists.ts";

/** Writes of one standard that were applied and read back. */
export interface WrittenRow {
  readonly standard: string;
  /** Nobody was asked: the standard is enforced, or what was verified before was put back. */
  readonly unasked: number;
  readonly agreed: number;
  /** Object IDs of those who agreed. */
  readonly agreedBy: Bounded<string>;
}

/** Changes of one standard that people took back. */
export interface UndoneRow {
  readonly standard: string;
  readonly count: number;
  readonly by: Bounded<string>;
}

/** Proposals that ended without a write and without anybody's no. */
export interface EndedRow {
  readonly standard: string;
  readonly environment: string;
  readonly state: "expired" | "void";
  readonly reason: string;
  readonly count: number;
}

export interface ConfiguredRow {
  readonly version: number;
  readonly by: string;
  readonly agreedBy: readonly string[];
  /** Values that differ from the version before. */
  readonly changed: number;
}

export interface Told {
  readonly written: Bounded<WrittenRow>;
  readonly undone: Bounded<UndoneRow>;
  readonly ended: Bounded<EndedRow>;
  readonly configured: Bounded<ConfiguredRow>;
  readonly totals: Readonly<Record<"closed" | "unasked" | "agreed" | "undone" | "expired" | "void", number>>;
}

const standardSchema = z.object({ id: z.string() });

/** What is needed of the bodies; they say more. */
const bodies = {
  closed: z.object({ standard: standardSchema, environment: z.string() }),
  ended: z.object({
    standard: standardSchema,
    environment: z.string(),
    state: z.enum(["void", "expired"]),
    reason: z.string(),
  }),
  opened: z.object({ standard: standardSchema, by: z.string() }),
  intent: z.object({
    authority: z.object({ kind: z.string(), id: z.string() }),
    agreedBy: z.array(z.string()),
  }),
  outcome: z.object({ intent: z.number(), result: z.string() }),
  configured: z.object({
    version: z.number(),
    by: z.string(),
    agreedBy: z.array(z.string()),
    changed: z.number(),
  }),
};

type Kind = keyof typeof bodies;
type Bodies = { readonly [K in Kind]: { readonly entry: LedgerEntry; readonly body: z.output<(typeof bodies)[K]> }[] };

/** What a digest tells of an entry; undefined when it has no use for it. */
function kindOf({ type, key, body }: LedgerEntry): Kind | undefined {
  const { event, state } = (body ?? {}) as { readonly event?: unknown; readonly state?: unknown };
  if (key === configKey) return type === "configuration" && event === "applied" ? "configured" : undefined;
  if (type === "finding") return state === "closed" ? "closed" : undefined;
  if (type === "claim") return event === "opened" ? "opened" : undefined;
  if (type === "void") return "ended";
  return type === "intent" || type === "outcome" ? type : undefined;
}

interface Period {
  readonly from: string;
  readonly to: string;
}

function read(
  entries: readonly LedgerEntry[],
  { from, to }: Period,
): Bodies & { readonly misread: readonly Problem[] } {
  const told: { [K in Kind]: { entry: LedgerEntry; body: never }[] } = {
    closed: [],
    ended: [],
    opened: [],
    intent: [],
    outcome: [],
    configured: [],
  };
  let isMisread = false;
  for (const entry of entries) {
    const kind = kindOf(entry);
    if (kind === undefined || (kind !== "intent" && (entry.at <= from || entry.at > to))) continue;
    const parsed = bodies[kind].safeParse(entry.body);
    if (parsed.success) told[kind].push({ entry, body: parsed.data as never });
    else isMisread = true;
  }
  const message = "Entries of the ledger are not in a form that the digest understands; they are not counted.";
  return { ...told, misread: isMisread ? [{ reason: "EntriesNotUnderstood", message }] : [] };
}

/** Intents of the outcomes that are not among the entries: they were recorded before. */
export function missingIntents(entries: readonly LedgerEntry[]): { readonly pk: string; readonly seq: number }[] {
  const known = new Set(entries.map(({ pk, seq }) => `${pk} ${seq}`));
  return entries.flatMap(({ type, pk, body }) => {
    const outcome = type === "outcome" ? bodies.outcome.safeParse(body) : undefined;
    const seq = outcome?.data?.intent;
    return seq === undefined || known.has(`${pk} ${seq}`) ? [] : [{ pk, seq }];
  });
}

export function toldByLedger({ entries, ...period }: Period & { readonly entries: readonly LedgerEntry[] }): Told & {
  /** Closed findings, by {@link placeKey}. */
  readonly closed: ReadonlyMap<string, number>;
  readonly misread: readonly Problem[];
} {
  const bodies = read(entries, period);
  const written = writtenRows(bodies);
  const undone = undoneRows(bodies.opened);
  const ended = endedRows(bodies.ended);
  const closed = Map.groupBy(bodies.closed, ({ body }) => placeKey(body.standard.id, body.environment));
  const inState = (state: EndedRow["state"]): number =>
    sum(
      ended.filter((row) => row.state === state),
      "count",
    );
  return {
    written: bounded(written, ROWS_MAX),
    undone: bounded(undone, ROWS_MAX),
    ended: bounded(ended, ROWS_MAX),
    configured: bounded(configuredRows(bodies.configured), ROWS_MAX),
    closed: new Map([...closed].map(([place, members]) => [place, members.length])),
    misread: bodies.misread,
    totals: {
      closed: bodies.closed.length,
      unasked: sum(written, "unasked"),
      agreed: sum(written, "agreed"),
      undone: sum(undone, "count"),
      expired: inState("expired"),
      void: inState("void"),
    },
  };
}

/** What waivers restored is told where it was taken back, not here. */
function writtenRows({ intent, outcome }: Bodies): WrittenRow[] {
  const intents = new Map(intent.map(({ entry, body }) => [`${entry.pk} ${entry.seq}`, body]));
  const applied = outcome.flatMap(({ entry, body }) => {
    const asked = intents.get(`${entry.pk} ${body.intent}`);
    return body.result === "applied" && asked?.authority.kind === "standard" ? [asked] : [];
  });
  const rows = [...Map.groupBy(applied, ({ authority }) => authority.id)].map(([standard, members]): WrittenRow => {
    const agreed = members.filter(({ agreedBy }) => agreedBy.length > 0);
    const by = people(agreed.flatMap(({ agreedBy }) => agreedBy));
    return { standard, unasked: members.length - agreed.length, agreed: agreed.length, agreedBy: by };
  });
  return sorted(rows, ({ standard }) => [standard]);
}

function undoneRows(opened: Bodies["opened"]): UndoneRow[] {
  const groups = Map.groupBy(opened, ({ body }) => body.standard.id);
  const rows = [...groups].map(([standard, members]): UndoneRow => ({
    standard,
    count: members.length,
    by: people(members.map(({ body }) => body.by)),
  }));
  return sorted(rows, ({ standard }) => [standard]);
}

/** Those that nobody decided on come first. */
function endedRows(ended: Bodies["ended"]): EndedRow[] {
  const groups = Map.groupBy(ended, ({ body: { standard, environment, state, reason } }) =>
    [state, standard.id, environment, reason].join("\u0000"),
  );
  const rows = [...groups.values()].flatMap((members): EndedRow[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { standard, environment, state, reason } = first.body;
    return [{ standard: standard.id, environment, state, reason, count: members.length }];
  });
  return sorted(rows, ({ state, standard, environment, reason }) => [state, standard, environment, reason]);
}

function configuredRows(configured: Bodies["configured"]): ConfiguredRow[] {
  const rows = configured.map(({ body: { version, by, agreedBy, changed } }) => ({
    version,
    by,
    agreedBy: [...agreedBy].sort(),
    changed,
  }));
  return rows.sort((a, b) => a.version - b.version);
}
