/**
 * Reads a subscription's accounts and what belongs to them, and cannot write: it holds nothing that could. It takes the
 * share of ARM's read bucket that a sweep takes, waits where Azure asks for it, and says which accounts it could not read.
 */
import { readsOf, type Sight, type Source } from "../estate/sight.ts";
import type { AccountAddress } from "../estate/resourceId.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { ArmError, ArmReader } from "../ports/arm.ts";
import type { Directory, PrincipalsResult } from "../ports/directory.ts";
import { inParallel } from "../reconcile/intake.ts";
import { readSight } from "../reconcile/sight.ts";
import { paceOf, READS_PER_LOOK, REST_MS } from "../reconcile/sweep/pace.ts";

export interface ReadingContext {
  readonly arm: ArmReader;
  readonly directory: Directory;
  /** Waits so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly progress: (line: string) => void;
}

export interface ReadEstate {
  readonly sights: readonly Sight[];
  readonly unreadable: readonly Unreadable[];
}

/** An account that is there, of which nothing could be read. */
export interface Unreadable {
  readonly id: string;
  /** ARM's code and what it says. */
  readonly reason: string;
}

/** Pages of accounts; ARM's pages have hundreds. */
const PAGES_MAX = 1_000;

/** Tries of one read before it is given up. */
const TRIES_MAX = 5;

/** Wait before the second try when Azure names none; doubled for each further one. */
const RETRY_MS = 2_000;
const RETRY_MS_MAX = 120_000;

/** Rests in a row because the bucket is all but empty; then somebody else takes all that flows into it. */
const RESTS_MAX = 60;

/** Accounts that are read at the same time. */
const PARALLEL = 4;

/** @throws SteelyardError `Refused` or `Unavailable` when the accounts cannot be listed */
export async function readSubscription(
  context: ReadingContext,
  subscriptionId: string,
  sources: ReadonlySet<Source>,
): Promise<ReadEstate> {
  const addresses = await accountsOf(context, subscriptionId);
  context.progress(`found ${addresses.length} account${addresses.length === 1 ? "" : "s"}`);
  const quiet = { ...context, directory: onceRefused(context.directory) };
  const sights = new Map<string, Sight>();
  const unreadable: Unreadable[] = [];
  const readsPerLook = [...sources].reduce(
    (reads, source) => reads + (source === "principals" ? 0 : readsOf(source)),
    READS_PER_LOOK,
  );
  let size = 0;
  for (let next = 0; next < addresses.length;) {
    const first = addresses[next];
    if (first === undefined) break;
    const room = await roomFor(context, first, size, readsPerLook);
    size = room.size;
    const batch = addresses.slice(next, next + room.looks);
    const readInto = async (address: AccountAddress): Promise<void> => {
      const read = await readAccount(quiet, address, sources);
      if (read === undefined) return;
      if ("reason" in read) unreadable.push(read);
      else sights.set(address.id, read);
    };
    await inParallel(batch, readInto, PARALLEL);
    next += batch.length;
    context.progress(`read ${next} of ${addresses.length} accounts`);
  }
  // In the order of the list, whichever answered first.
  const ordered = addresses.flatMap(({ id }) => sights.get(id) ?? []);
  return { sights: ordered, unreadable: unreadable.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function accountsOf(context: ReadingContext, subscriptionId: string): Promise<AccountAddress[]> {
  const found: AccountAddress[] = [];
  let continuation: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const at = continuation;
    const answer = await patiently(context, async () => {
      const result = await context.arm.listAccounts(subscriptionId, at);
      return result.kind === "page" ? { done: result.page } : { error: result.error };
    });
    if ("error" in answer) throw refusedList(subscriptionId, answer.error);
    found.push(...answer.done.accounts);
    continuation = answer.done.continuation;
    if (continuation === undefined) return [...new Map(found.map((one) => [one.id, one])).values()];
  }
  throw new SteelyardError("Refused", `the list of accounts of ${subscriptionId} has more than ${PAGES_MAX} pages`);
}

function refusedList(subscriptionId: string, { code, message, class: kind }: ArmError): SteelyardError {
  const hint = code === "AuthorizationFailed" ? ": sign in as somebody with the role Reader there" : "";
  const text = `the accounts of subscription ${subscriptionId} could not be listed${hint}: ${code} ${message}`;
  return new SteelyardError(kind === "retry" ? "Unavailable" : "Refused", text);
}

/** Undefined for an account that went away meanwhile. */
async function readAccount(
  context: ReadingContext,
  address: AccountAddress,
  sources: ReadonlySet<Source>,
): Promise<Sight | Unreadable | undefined> {
  const answer = await patiently(context, async () => {
    const read = await readSight(context, address, sources, new Map());
    if (read.kind === "throttled") return { error: throttled(read.retryMs) };
    if (read.kind === "failed") return { error: read.error };
    // What did not answer may answer yet; what it told until then is kept.
    if (read.kind === "found" && read.retryMs !== undefined) return { error: throttled(read.retryMs), partly: read };
    return { done: read };
  });
  if ("error" in answer) {
    if (answer.partly?.kind === "found") return answer.partly.sight;
    return { id: address.id, reason: `${answer.error.code}: ${answer.error.message}` };
  }
  return answer.done.kind === "found" ? answer.done.sight : undefined;
}

function throttled(retryAfterMs: number): ArmError {
  const message = "Azure did not answer all that was asked";
  return { class: "retry", code: "TooManyRequests", message, status: 429, retryAfterMs };
}

type Answer<T> = { readonly done: T } | { readonly error: ArmError; readonly partly?: T };

/** Again and again while it passes by itself, as long as Azure says or longer each time. */
async function patiently<T>(context: ReadingContext, ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if ("done" in answer || answer.error.class !== "retry" || tries >= TRIES_MAX) return answer;
    const waitMs = Math.min(answer.error.retryAfterMs ?? RETRY_MS * 2 ** (tries - 1), RETRY_MS_MAX);
    if (waitMs > RETRY_MS) context.progress(`waiting ${Math.ceil(waitMs / 1_000)} s: ${answer.error.code}`);
    await context.sleep(waitMs);
  }
}

/** How many accounts may be read now; it waits until it is one at least. */
async function roomFor(
  context: ReadingContext,
  address: AccountAddress,
  sizeBefore: number,
  readsPerLook: number,
): Promise<{ readonly looks: number; readonly size: number }> {
  let size = sizeBefore;
  for (let rests = 0; rests < RESTS_MAX; rests += 1) {
    const result = await context.arm.readBudget(address);
    if (result.kind === "told") {
      const pace = paceOf(result.budget, size, readsPerLook);
      if (pace.looks > 0) return pace;
      size = pace.size;
    }
    const waitMs = result.kind === "failed" ? (result.error.retryAfterMs ?? REST_MS) : REST_MS;
    context.progress(`waiting ${Math.ceil(waitMs / 1_000)} s: the read budget of the subscription is used up`);
    await context.sleep(waitMs);
  }
  return { looks: 1, size };
}

/** A directory that does not let us ask is asked once, not once for each account. */
function onceRefused(directory: Directory): Directory {
  let refused: PrincipalsResult | undefined;
  return {
    async principals(references) {
      if (refused !== undefined) return refused;
      const told = await directory.principals(references);
      if (told.kind === "failed" && told.error.retryAfterMs === undefined) refused = told;
      return told;
    },
  };
}
