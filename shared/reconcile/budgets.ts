/** The log of what a standard wrote lately, shared by all instances: read before a decision, added to before a write. */
import {
  allowanceOf,
  budgetAddress,
  budgetLogSchema,
  emptyLog,
  reserved,
  unreadable,
  without,
  type BudgetLog,
  type BudgetWrite,
} from "../desired/budget.ts";
import type { Budget, Place } from "../config/schema.ts";
import type { Store, StoredDocument, StoreOperation } from "../ports/store.ts";
import type { PassContext } from "./context.ts";
import { CONTENTION_MAX } from "./writerStore.ts";

type BudgetContext = Pick<PassContext, "store" | "clock" | "log">;

interface ReadLog {
  readonly log: BudgetLog;
  /** Undefined when nothing was ever written. */
  readonly etag: string | undefined;
}

/** What a standard wrote lately; {@link unreadable} when it cannot be known, and then nothing is allowed. */
export async function readBudget(context: BudgetContext, standard: string): Promise<BudgetLog | typeof unreadable> {
  const read = await readLog(context, standard);
  return read === unreadable ? unreadable : read.log;
}

async function readLog(context: BudgetContext, standard: string): Promise<ReadLog | typeof unreadable> {
  const { pk, id } = budgetAddress(standard);
  let found: Awaited<ReturnType<Store["read"]>>;
  try {
    found = await context.store.read<StoredDocument>("state", pk, id);
  } catch (error) {
    context.log("a budget cannot be read", { standard, error: String(error) });
    return unreadable;
  }
  if (found === undefined) return { log: emptyLog(standard), etag: undefined };
  const parsed = budgetLogSchema.safeParse(found.document);
  if (parsed.success && parsed.data.standard === standard) return { log: parsed.data, etag: found.etag };
  context.log("a budget is not what it should be", { standard, error: parsed.error?.message });
  return unreadable;
}

/**
 * Takes one write out of the budgets, before it is made. Of two instances that want the last one only one gets it,
 * because the log is replaced by ETag. False when nothing is left, or when it cannot be known: closed, not open. The same
 * `id` again takes nothing more. Nothing is given back: whoever did not write cannot know that nobody else did under the
 * same id, and a write too many counted is one too few for an hour, never one too many.
 */
export async function reserve(
  context: BudgetContext,
  budgets: readonly Budget[],
  place: Place & { readonly standard: string },
  id: string,
): Promise<boolean> {
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const read = await readLog(context, place.standard);
    if (read === unreadable) return false;
    const nowMs = context.clock.now();
    const others = without(read.log, id);
    const { left } = allowanceOf(budgets, place, others, nowMs);
    if (left !== undefined && left <= 0) return false;
    const { environment, subscriptionId } = place;
    const write: BudgetWrite = { id, atMs: nowMs, environment, subscriptionId };
    const stored = await context.store.write("state", read.log.pk, [replacing(read, reserved(others, write))]);
    if (stored.ok) return true;
  }
  return false;
}

function replacing({ etag }: ReadLog, document: BudgetLog): StoreOperation {
  return etag === undefined ? { kind: "create", document } : { kind: "replace", document, etag };
}
