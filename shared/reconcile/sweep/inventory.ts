/**
 * Where a sweep's keys come from: Resource Graph for the enrolled subscriptions, a group at a time; ARM's own list for
 * those that Resource Graph shows nothing of (a new subscription, or a right that was lost, which it does not tell) and
 * for all of them when it is away or once a week; then what stands on record, because an account that is gone or was
 * withdrawn is in no list any more. Nothing is decided here: a key causes a look, and the look reads ARM.
 */
import type { Config } from "../../config/schema.ts";
import type { StateDocument } from "../../desired/documents.ts";
import type { ResourceId } from "../../estate/resourceId.ts";
import { minuteMs } from "../../kernel/clock.ts";
import type { AccountPage, ArmError } from "../../ports/arm.ts";
import type { PassContext } from "../context.ts";
import { GROUP_SUBSCRIPTIONS, PROBLEMS_MAX, type Place, type SweepProblem, type SweepRun } from "./document.ts";

/** Tries of one page before the sweep goes on without it. */
const TRIES_MAX = 4;

/** Wait before the second try when Azure names none; doubled for each further one. */
const RETRY_MS = 5_000;

/** Longest wait between two tries of a page; ARM's buckets and Resource Graph's windows fill within seconds. */
const WAIT_MS_MAX = 15 * minuteMs;

const PROBLEM_CHARACTERS_MAX = 300;

export interface Fetched {
  readonly run: SweepRun;
  readonly keys: readonly ResourceId[];
  /** Wait before anything more is asked. */
  readonly waitMs: number;
}

/** The subscriptions of a run, in its order. */
export function subscriptionsOf(run: Pick<SweepRun, "only">, config: Config): string[] {
  const enrolled = config.subscriptions.map(({ id }) => id).sort();
  return run.only === null ? enrolled : enrolled.filter((id) => run.only?.includes(id));
}

/** Where the group that begins at `next` is asked about. */
export function placeOf(run: Pick<SweepRun, "by" | "only">, subscriptions: readonly string[], next: number): Place {
  const group = subscriptions.slice(next, next + GROUP_SUBSCRIPTIONS);
  if (group.length === 0) return run.only === null ? { at: "records", continuation: null } : { at: "end" };
  return run.by === "list"
    ? { at: "list", left: group, continuation: null }
    : { at: "graph", unseen: group, continuation: null };
}

/** The next page of keys and where the one after it is found; no keys when there are none or it failed. */
export async function fetchKeys(context: PassContext, run: SweepRun, config: Config): Promise<Fetched> {
  const subscriptions = subscriptionsOf(run, config);
  switch (run.place.at) {
    case "graph":
      return fromGraph(context, run, run.place, subscriptions);
    case "list":
      return fromList(context, run, run.place, subscriptions);
    case "records":
      return fromRecords(context, run, run.place);
    case "end":
      return { run, keys: [], waitMs: 0 };
  }
}

async function fromGraph(
  context: PassContext,
  run: SweepRun,
  place: Extract<Place, { at: "graph" }>,
  subscriptions: readonly string[],
): Promise<Fetched> {
  const group = subscriptions.slice(run.next, run.next + GROUP_SUBSCRIPTIONS);
  const result = await context.arm.inventory(group, place.continuation ?? undefined);
  if (result.kind === "page") {
    // What was not asked about is nobody's business here, whatever the answer holds.
    const accounts = result.page.accounts.filter(({ subscriptionId }) => group.includes(subscriptionId));
    const page = { ...result.page, accounts };
    const seen = new Set(accounts.map(({ subscriptionId }) => subscriptionId));
    const unseen = place.unseen.filter((id) => !seen.has(id));
    const { continuation } = page;
    if (continuation !== undefined) return got(run, page, { at: "graph", continuation, unseen });
    if (unseen.length > 0) return got(run, page, { at: "list", left: unseen, continuation: null });
    return got(...nextGroup(run, page, subscriptions));
  }
  const { error } = result;
  if (mayRetry(error, run)) return later(run, error);
  context.log("Resource Graph did not serve; the subscriptions are listed one by one", {
    error: `${error.code}: ${error.message}`,
    subscriptions: group.length,
  });
  // Throttled or away, it is asked again for the next group; refused, it would refuse that one too.
  const by = error.class === "retry" ? run.by : "list";
  return { run: { ...moved(run, { at: "list", left: group, continuation: null }), by }, keys: [], waitMs: 0 };
}

async function fromList(
  context: PassContext,
  run: SweepRun,
  place: Extract<Place, { at: "list" }>,
  subscriptions: readonly string[],
): Promise<Fetched> {
  const [subscriptionId, ...left] = place.left;
  if (subscriptionId === undefined) return got(...nextGroup(run, noAccounts, subscriptions));
  const result = await context.arm.listAccounts(subscriptionId, place.continuation ?? undefined);
  if (result.kind === "failed" && mayRetry(result.error, run)) return later(run, result.error);
  const page = result.kind === "page" ? result.page : noAccounts;
  const told = result.kind === "page" ? run : withProblem(context, run, subscriptionId, result.error);
  const { continuation } = page;
  if (continuation !== undefined) return got(told, page, { at: "list", left: place.left, continuation });
  if (left.length > 0) return got(told, page, { at: "list", left, continuation: null });
  return got(...nextGroup(told, page, subscriptions));
}

async function fromRecords(
  context: PassContext,
  run: SweepRun,
  { continuation }: Extract<Place, { at: "records" }>,
): Promise<Fetched> {
  const query = {
    container: "state" as const,
    kinds: ["finding", "proposal", "claim"],
    where: [{ path: "live", op: "=" as const, value: true }],
    pageSize: 200,
  };
  const page = await context.store.query<StateDocument>(continuation === null ? query : { ...query, continuation });
  const keys = [...new Set(page.items.map(({ key }) => key))];
  const next: Place =
    page.continuation === undefined ? { at: "end" } : { at: "records", continuation: page.continuation };
  return { run: moved(run, next), keys, waitMs: 0 };
}

const noAccounts: AccountPage = { accounts: [], continuation: undefined, waitMs: 0 };

function nextGroup(run: SweepRun, page: AccountPage, subscriptions: readonly string[]): [SweepRun, AccountPage, Place] {
  const next = run.next + GROUP_SUBSCRIPTIONS;
  return [{ ...run, next }, page, placeOf(run, subscriptions, next)];
}

function got(run: SweepRun, { accounts, waitMs }: AccountPage, place: Place): Fetched {
  const keys = interleaved(accounts.map(({ id }) => id));
  return { run: { ...moved(run, place), accounts: run.accounts + keys.length }, keys, waitMs };
}

function moved(run: SweepRun, place: Place): SweepRun {
  return { ...run, place, tries: 0 };
}

function mayRetry(error: ArmError, { tries }: SweepRun): boolean {
  return error.class === "retry" && tries + 1 < TRIES_MAX;
}

function later(run: SweepRun, error: ArmError): Fetched {
  const waitMs = Math.min(error.retryAfterMs ?? RETRY_MS * 2 ** run.tries, WAIT_MS_MAX);
  return { run: { ...run, tries: run.tries + 1 }, keys: [], waitMs };
}

/** The run with the subscription among those that could not be swept: told, and tried again within the hour. */
export function withProblem(context: PassContext, run: SweepRun, subscriptionId: string, error: ArmError): SweepRun {
  const problem: SweepProblem = {
    subscriptionId,
    reason: error.class === "retry" ? "Unavailable" : "NotReadable",
    message: `${error.code}: ${error.message}`.slice(0, PROBLEM_CHARACTERS_MAX),
  };
  context.log("a subscription cannot be swept", { ...problem });
  if (run.problems.length >= PROBLEMS_MAX) return { ...run, problemsLeftOut: run.problemsLeftOut + 1 };
  return { ...run, problems: [...run.problems, problem] };
}

/**
 * One of each subscription in turn: each has a read bucket of its own, and Resource Graph's order would empty one after
 * the other.
 */
function interleaved(keys: readonly ResourceId[]): ResourceId[] {
  const lines = Object.values(Object.groupBy(keys, (key) => key.split("/")[2] ?? "")).map((line) => line ?? []);
  const longest = Math.max(0, ...lines.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lines.flatMap((line) => line.slice(turn, turn + 1))).flat();
}
