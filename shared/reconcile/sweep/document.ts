/**
 * The sweep on record: one document that says what the sweep under way has done and where it goes on, or how the last
 * one ended. Every step of a sweep replaces `run` under the condition that nobody else made a step meanwhile, so a sweep
 * whose process or durable instance is lost goes on from here, and a step that is played twice counts once.
 *
 * `asked` counts the people who asked for a sweep; a run notes how far it had counted when it began, and so no asking
 * falls between two runs, whatever the clocks say.
 */
import { dayMs, fromIso, hourMs, minuteMs, toIso } from "../../kernel/clock.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import type { ResourceId } from "../../estate/resourceId.ts";
import type { Store, StoredDocument } from "../../ports/store.ts";

/** Container and partition of the sweep's documents. */
export const sweepAddress = { container: "state", pk: "sweep", id: "sweep" } as const;

/** A whole sweep begins so long after the last one began. */
export const SWEEP_EVERY_MS = dayMs;

/** Subscriptions that could not be swept are tried again so long after the sweep ended. */
export const PROBLEMS_RETRY_MS = hourMs / 2;

/** A sweep that made no step for so long beyond what it meant to wait has lost its instance; another goes on with it. */
export const STALLED_MS = 5 * minuteMs;

/** Most subscriptions whose trouble is told one by one; when there are more, all are swept again. */
export const PROBLEMS_MAX = 100;

/** One sweep in so many asks ARM for every list instead of Resource Graph: daily sweeps make it weekly. */
export const SWEEPS_PER_LISTING = 7;

/** Why a subscription could not be swept. */
export type ProblemReason =
  /** Azure does not let us list its accounts: the identity lost its right, or the subscription is disabled or gone. */
  | "NotReadable"
  /** ARM did not answer, or throttled, time and again. */
  | "Unavailable";

export interface SweepProblem {
  readonly subscriptionId: string;
  readonly reason: ProblemReason;
  readonly message: string;
}

/** Where the next keys come from. */
export type Place =
  /** Resource Graph, asked for the group of subscriptions that begins at `next`; `unseen` of them have shown nothing. */
  | { readonly at: "graph"; readonly continuation: string | null; readonly unseen: readonly string[] }
  /** ARM's own list, of these subscriptions one by one. */
  | { readonly at: "list"; readonly left: readonly string[]; readonly continuation: string | null }
  /** What stands on record as not in order. */
  | { readonly at: "records"; readonly continuation: string | null }
  | { readonly at: "end" };

export interface SweepRun {
  /** Whole sweeps since the first. */
  readonly number: number;
  /** Version of the configuration that it was made for. */
  readonly configVersion: number;
  /** `asked` of the document when it began. */
  readonly asked: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** The subscriptions of a run that only repeats what went wrong; null: all. */
  readonly only: readonly string[] | null;
  readonly by: "graph" | "list";
  /** Enrolled subscriptions. */
  readonly total: number;
  /** Index, in the order of the run's subscriptions, of the group in work. */
  readonly next: number;
  readonly place: Place;
  /** How much of the page document's keys was released; null when there is none left. */
  readonly released: number | null;
  /** Some of the keys that were released last, to see whether their looks are through. */
  readonly sample: readonly ResourceId[];
  /** How often in a row the sweep waited for those. */
  readonly held: number;
  /** Failures in a row at this place. */
  readonly tries: number;
  /** Business time before which Azure does not want to be asked again; null when it did not say. */
  readonly notBefore: string | null;
  /** When the next step is overdue; see {@link STALLED_MS}. */
  readonly aliveUntil: string;
  /** Accounts that the inventory named. */
  readonly accounts: number;
  /** Size of the read bucket of each subscription in work, as far as the headers have shown. */
  readonly buckets: Readonly<Record<string, number>>;
  readonly problems: readonly SweepProblem[];
  /** Problems beyond {@link PROBLEMS_MAX}. */
  readonly problemsLeftOut: number;
}

export interface SweepDocument extends StoredDocument {
  readonly kind: "sweep";
  /** Counts the steps that were stored. */
  readonly step: number;
  readonly asked: number;
  readonly askedBy: { readonly oid: string; readonly at: string } | null;
  readonly run: SweepRun | null;
}

/** The keys of an inventory page that was not released whole. */
export interface SweepPageDocument extends StoredDocument {
  readonly kind: "sweepPage";
  readonly keys: readonly ResourceId[];
}

export async function readSweep(store: Store): Promise<SweepDocument | undefined> {
  const { container, pk, id } = sweepAddress;
  return (await store.read<SweepDocument>(container, pk, id))?.document;
}

/** The document, made if there is none. */
export async function openSweep(store: Store): Promise<SweepDocument> {
  const found = await readSweep(store);
  if (found !== undefined) return found;
  const { container, pk, id } = sweepAddress;
  const document: SweepDocument = { id, pk, kind: "sweep", step: 0, asked: 0, askedBy: null, run: null };
  const result = await store.write(container, pk, [{ kind: "create", document }]);
  if (result.ok) return document;
  const other = await readSweep(store);
  if (other === undefined) throw new SteelyardError("Contended", "the sweep's document came and went");
  return other;
}

/** What is due: everything, the subscriptions that went wrong, going on with what was left lying; undefined: nothing. */
export type Due = "whole" | "problems" | "rest";

export function sweepDue(document: SweepDocument | undefined, configVersion: number, nowMs: number): Due | undefined {
  const run = document?.run ?? null;
  if (document === undefined || run === null || run.configVersion !== configVersion) return "whole";
  if (run.finishedAt === null) return nowMs >= fromIso(run.aliveUntil) ? "rest" : undefined;
  if (document.asked > run.asked || nowMs - fromIso(run.startedAt) >= SWEEP_EVERY_MS) return "whole";
  if (run.problems.length === 0 || nowMs - fromIso(run.finishedAt) < PROBLEMS_RETRY_MS) return undefined;
  return run.problemsLeftOut > 0 ? "whole" : "problems";
}

/** What GET /api/sweep answers. */
export interface SweepProgress {
  readonly state: "never" | "running" | "finished";
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Subscriptions. */
  readonly done: number;
  readonly total: number;
  readonly accounts: number;
  readonly problems: readonly SweepProblem[];
  readonly problemsLeftOut: number;
  /** When the next one is due; in the past when it begins within a minute; null while one is under way or never was. */
  readonly nextAt: string | null;
}

export function progressOf(document: SweepDocument | undefined): SweepProgress {
  const run = document?.run ?? null;
  if (run === null) {
    const none = {
      startedAt: null,
      finishedAt: null,
      done: 0,
      total: 0,
      accounts: 0,
      problems: [],
      problemsLeftOut: 0,
    };
    return { state: "never", ...none, nextAt: document?.askedBy?.at ?? null };
  }
  const { startedAt, finishedAt, total, accounts, problems, problemsLeftOut } = run;
  const shared = { startedAt, finishedAt, total, accounts, problems, problemsLeftOut };
  if (finishedAt === null) return { state: "running", ...shared, done: doneOf(run), nextAt: null };
  const wholeMs = fromIso(startedAt) + SWEEP_EVERY_MS;
  const retryMs = problems.length === 0 ? wholeMs : fromIso(finishedAt) + PROBLEMS_RETRY_MS;
  const isAsked = document !== undefined && document.asked > run.asked;
  const nextAt = isAsked ? (document.askedBy?.at ?? finishedAt) : toIso(Math.min(wholeMs, retryMs));
  return { state: "finished", ...shared, done: total, nextAt };
}

/** How many subscriptions one query of Resource Graph is about; Azure advises against more than 300 in one. */
export const GROUP_SUBSCRIPTIONS = 50;

function doneOf({ only, total, next, place }: SweepRun): number {
  const count = only?.length ?? total;
  const before = total - count;
  if (place.at === "records" || place.at === "end") return total;
  const groupSize = Math.min(GROUP_SUBSCRIPTIONS, count - next);
  return before + next + (place.at === "list" ? Math.max(0, groupSize - place.left.length) : 0);
}

/**
 * Asks for a sweep now; the next minute begins it. While a whole one is under way, or asked for already, nothing is added.
 * @throws SteelyardError `Unavailable`
 */
export async function askForSweep(store: Store, by: string, nowMs: number): Promise<SweepProgress> {
  const document = await openSweep(store);
  const { run, asked } = document;
  const isUnderWay = run !== null && run.finishedAt === null && run.only === null;
  if (isUnderWay || asked > (run?.asked ?? 0)) return progressOf(document);
  const { container, pk, id } = sweepAddress;
  const askedBy = { oid: by, at: toIso(nowMs) };
  const result = await store.write(container, pk, [{ kind: "patch", id, set: { askedBy }, increment: { asked: 1 } }]);
  if (!result.ok) throw new SteelyardError("Unavailable", `the wish for a sweep was not stored: ${result.reason}`);
  return progressOf(result.documents[0] as SweepDocument);
}
