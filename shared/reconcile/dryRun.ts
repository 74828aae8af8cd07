/**
 * What a person's request would do, by the very function that does it: everything is read and checked as ever, and nothing
 * is written or sent. Between the two somebody else may come first, so a dry run promises nothing.
 */
import type { Bus } from "../ports/bus.ts";
import type { Store } from "../ports/store.ts";
import type { Claim } from "../desired/documents.ts";
import { Declined, type DeskContext } from "./desk.ts";
import { undoChange } from "./undo.ts";

/** The context with a store that takes every write and keeps none, and a bus that sends nothing. */
export function dryRun(context: DeskContext): DeskContext {
  const { store } = context;
  const reading: Store = {
    read: (container, pk, id) => store.read(container, pk, id),
    query: (query) => store.query(query),
    write: () => Promise.resolve({ ok: true, documents: [] }),
  };
  const silent: Bus = { wake: () => Promise.resolve() };
  return { ...context, store: reading, bus: silent };
}

export type Foreseen =
  | { readonly may: true; readonly claim: Claim }
  /** Why not; `reason` as the API would map it. */
  | { readonly may: false; readonly why: string; readonly reason: Declined["reason"] };

/** What an undo of an applied change would do, asked by this person now. @throws SteelyardError `Unavailable` */
export async function foreseeUndo(context: DeskContext, change: string, by: string): Promise<Foreseen> {
  try {
    return { may: true, claim: await undoChange(dryRun(context), { change, by, reason: "dry run" }) };
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    return { may: false, why: error.message, reason: error.reason };
  }
}
