/** Everything that is known of one resource: what the last look kept, judged again now, what is live on it, its history. */
import {
  observationId,
  summaryId,
  type Claim,
  type Finding,
  type Observation,
  type Proposal,
  type Summary,
} from "../../shared/desired/documents.ts";
import { sift, wellFormed, type Row } from "../../shared/desired/rows.ts";
import { accountOf, partitionOf, toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import type { Sight } from "../../shared/estate/sight.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import type { Filter } from "../../shared/ports/store.ts";
import type { Compiled } from "../../shared/reconcile/configuration.ts";
import { judgementsOf } from "../../shared/reconcile/deciding.ts";
import { Declined } from "../../shared/reconcile/desk.ts";
import { recalled } from "../../shared/reconcile/memory.ts";
import { resourceModel, type ResourceModel } from "../../shared/view/resourceModel.ts";
import { readWriter } from "../../shared/reconcile/writerStore.ts";
import { edge } from "../edgeContext.ts";

/** Live documents of one account; a pass produces some dozens at most. */
const LIVE_MAX = 500;

export interface ResourceReading {
  readonly resource: ResourceModel;
  readonly observation: Observation | undefined;
  /** A look was wanted that has not been. */
  readonly isAwaited: boolean;
  /** Documents that could not be read; nothing of them is shown. */
  readonly corrupt: number;
}

/** @throws Declined `notFound` when nothing was ever known of its account; SteelyardError `BadInput` for no such ID */
export async function readResource(
  id: string,
  compiled: Compiled | undefined,
  nowMs: number,
): Promise<ResourceReading> {
  const target = toResourceId(id);
  const address = target === undefined ? undefined : accountOf(target);
  if (target === undefined || address === undefined) {
    throw new SteelyardError(
      "BadInput",
      `target: found "${id.slice(0, 200)}"; expected the ID of an account or of what belongs to one`,
    );
  }
  const key = address.id;
  const pk = partitionOf(key);
  const [observed, summarized, writer, live] = await Promise.all([
    edge.store.read<Observation>("state", pk, observationId),
    edge.store.read<Summary>("state", pk, summaryId),
    readWriter(edge.store, key),
    edge.store.query<Row>({
      container: "state",
      pk,
      kinds: ["finding", "proposal", "claim"],
      where: [{ path: "live", op: "=", value: true }],
      pageSize: LIVE_MAX,
    }),
  ]);
  const observation = observed?.document;
  const summary =
    summarized === undefined || !wellFormed("summary", summarized.document) ? undefined : summarized.document;
  const { sound, corrupt } = sift(live.items);
  if (observation === undefined && summarized === undefined && writer === undefined && sound.length === 0)
    throw new Declined("notFound", `nothing is known of ${target}`);
  const { sight, fault } = sightOf(observation);
  const judgements =
    compiled === undefined || sight === undefined ? [] : judgementsOf(compiled, address, sight, undefined, nowMs);
  const ofKind = (kind: Row["kind"]): unknown[] => sound.filter((document) => document.kind === kind);
  const resource = resourceModel({
    target,
    key,
    summary,
    sight,
    readAt: observation?.at ?? null,
    fault,
    judgements,
    findings: ofKind("finding") as Finding[],
    proposals: ofKind("proposal") as Proposal[],
    claims: ofKind("claim") as Claim[],
  });
  return {
    resource,
    observation,
    isAwaited: writer !== undefined && writer.wanted > writer.served,
    corrupt: corrupt.length,
  };
}

function sightOf(observation: Observation | undefined): { sight: Sight | undefined; fault: string | null } {
  if (observation === undefined) return { sight: undefined, fault: null };
  try {
    return { sight: recalled(observation), fault: null };
  } catch (error) {
    if (!(error instanceof SteelyardError) || error.code !== "BadInput") throw error;
    return { sight: undefined, fault: error.message };
  }
}

/** Entries of the account's chain that are looked through for those about one resource. */
const ENTRIES_READ = 200;
/** Entries on one page. */
export const HISTORY_ROWS = 15;

export interface History {
  /** Newest first. */
  readonly entries: readonly LedgerEntry[];
  /** Cursor before which older ones are; null after the last. */
  readonly before: string | null;
}

/** What happened to a resource, newest first: of an account all of its chain, of what belongs to it what names it. */
export async function historyOf(target: ResourceId, key: ResourceId, before: string | null): Promise<History> {
  const isAccount = target === key;
  const where: Filter[] = before === null ? [] : [{ path: "cursor", op: "<", value: before }];
  const { items } = await edge.store.query<LedgerEntry>({
    container: "state",
    pk: partitionOf(key),
    kinds: ["entry"],
    where,
    orderBy: { path: "cursor", descending: true },
    pageSize: isAccount ? HISTORY_ROWS + 1 : ENTRIES_READ,
  });
  const found = isAccount ? items : aboutTarget(items, target);
  const entries = found.slice(0, HISTORY_ROWS);
  const isCut = found.length > entries.length;
  const last = isCut ? entries.at(-1) : items.length < ENTRIES_READ ? undefined : items.at(-1);
  return { entries: sift(entries).sound, before: last?.cursor ?? null };
}

type Body = Readonly<Record<string, unknown>>;

const bodyOf = ({ body }: LedgerEntry): Body => (typeof body === "object" && body !== null ? (body as Body) : {});

/** Entries that name the resource, and what follows from them: decisions name the proposal, outcomes the intent. */
export function aboutTarget(entries: readonly LedgerEntry[], target: ResourceId): LedgerEntry[] {
  const names = new Set<unknown>();
  const intents = new Set<unknown>();
  for (const entry of entries.toReversed()) {
    const body = bodyOf(entry);
    if (body["target"] !== target && !names.has(body["proposal"]) && !names.has(body["id"])) continue;
    for (const name of [body["proposal"], body["id"]]) if (typeof name === "string") names.add(name);
    if (entry.type === "intent") intents.add(entry.seq);
  }
  return entries.filter((entry) => {
    const body = bodyOf(entry);
    if (entry.type === "outcome") return intents.has(body["intent"]);
    return body["target"] === target || names.has(body["proposal"]) || names.has(body["id"]);
  });
}
