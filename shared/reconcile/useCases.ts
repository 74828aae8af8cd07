/** The other accounts of a use case, as their last looks saw them. */
import { listOf, type Resource, type Sight, type Source, type Unread } from "../estate/sight.ts";
import { othersOf, useCaseOf, type UseCaseAccount } from "../estate/useCase.ts";
import { sameJson } from "../kernel/canonicalJson.ts";
import type { Summary } from "../desired/documents.ts";
import type { Store } from "../ports/store.ts";
import type { Compiled } from "./configuration.ts";
import type { PassContext } from "./context.ts";
import { inParallel } from "./intake.ts";
import { wakeOrLeave } from "./wake.ts";
import { want } from "./writerStore.ts";

/** Accounts of one use case that are seen: more say nothing more of whether one can stand in for another. */
const USE_CASE_ACCOUNTS_MAX = 200;

/** The sight with the other accounts of its use case, where a standard reads them. */
export async function withOthers(
  store: Store,
  compiled: Compiled,
  sight: Sight,
  sources: ReadonlySet<Source>,
): Promise<Sight> {
  if (!sources.has("useCaseAccounts")) return sight;
  return { ...sight, members: { ...sight.members, useCaseAccounts: await others(store, compiled, sight) } };
}

async function others(store: Store, compiled: Compiled, { account }: Sight): Promise<readonly Resource[] | Unread> {
  const useCase = useCaseOf(account.tags);
  if (useCase === undefined) return [];
  const where = [
    { path: "serves.useCase", op: "=" as const, value: useCase },
    { path: "present", op: "=" as const, value: true },
  ];
  const query = { container: "state" as const, kinds: ["summary"], where, pageSize: USE_CASE_ACCOUNTS_MAX };
  const { items, continuation } = await store.query<Summary>(query);
  if (continuation !== undefined) return { unread: "TooManyAccounts" };
  const served = items
    .filter(({ subscriptionId }) => compiled.subscription(subscriptionId) !== undefined)
    .flatMap(({ serves }): UseCaseAccount[] => (serves === undefined ? [] : [serves]));
  return othersOf(account.address.id, useCase, served);
}

/**
 * Has the others looked at when what they are told of an account is not what it was: their verdicts may rest on it. They
 * tell nothing new of themselves then, so that it ends there.
 */
export async function wakeOthers(
  context: Pick<PassContext, "store" | "bus" | "log">,
  sight: Sight,
  before: Summary | undefined,
  after: Summary,
): Promise<void> {
  const list = listOf(sight, "useCaseAccounts");
  if (list === undefined || sameJson(before?.serves, after.serves)) return;
  await inParallel(list, async ({ id }) => {
    await want(context.store, id, 1, null);
    await wakeOrLeave(context, id);
  });
}
