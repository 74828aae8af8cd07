/** A sweep over an estate of any size: what Resource Graph shows, what ARM lists, what is left in the read buckets. */
import { compile } from "../../shared/reconcile/configuration.ts";
import type { PassContext } from "../../shared/reconcile/context.ts";
import { progressOf, readSweep, type SweepProgress } from "../../shared/reconcile/sweep/document.ts";
import { isSweepDue, sweepPage } from "../../shared/reconcile/sweep/page.ts";
import { accountOf, partitionOf, type AccountAddress, type ResourceId } from "../../shared/estate/resourceId.ts";
import type { ArmError, BudgetResult, PageResult } from "../../shared/ports/arm.ts";
import { writerId, type Writer } from "../../shared/writer/writer.ts";
import { keyOf, PassBench } from "./passBench.ts";

/** Steps of one sweep; more is one that does not end. */
const STEPS_MAX = 2_000;

export const subscriptionOfNumber = (number: number): string =>
  `5b000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export function accountIn(subscription: number, name: string): AccountAddress {
  const id = keyOf(
    `/subscriptions/${subscriptionOfNumber(subscription)}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${name}`,
  );
  const address = accountOf(id);
  if (address === undefined) throw new Error(`${id} names no account`);
  return address;
}

export const accountsIn = (subscription: number, count: number): AccountAddress[] =>
  Array.from({ length: count }, (_, index) => accountIn(subscription, `a-${subscription}-${index}`));

export function armFailure(status: number, code: string, retryAfterMs?: number): { kind: "failed"; error: ArmError } {
  const kind = status === 429 || status >= 500 || status === 0 ? "retry" : "retrySlowly";
  return { kind: "failed", error: { class: kind, code, message: "said Azure", status, retryAfterMs } };
}

/** Resource Graph's and ARM's page size here. */
const PAGE = 100;

export class SweepBench extends PassBench {
  /** What ARM has, by subscription ID. */
  readonly estate = new Map<string, AccountAddress[]>();
  /** What Resource Graph does not show (yet). */
  readonly hidden = new Set<string>();
  /** Answers of Resource Graph in the place of a page; shifted. */
  readonly graphFailures: ReturnType<typeof armFailure>[] = [];
  /** Subscriptions whose list fails, with what. */
  readonly listFailures = new Map<string, ReturnType<typeof armFailure>>();
  readonly graphCalls: (readonly string[])[] = [];
  readonly listCalls: string[] = [];
  budget: (address: AccountAddress) => BudgetResult = () => ({
    kind: "told",
    budget: { own: undefined, shared: 3_749 },
  });
  /** Whether a look is through as soon as it is wanted. */
  servesAtOnce = true;
  /** Waits between the steps of the last sweep. */
  waits: number[] = [];

  constructor(...counts: readonly number[]) {
    super();
    const subscriptions = counts.map((count, index) => {
      const id = subscriptionOfNumber(index + 1);
      this.estate.set(id, accountsIn(index + 1, count));
      return { id, name: `s-${index + 1}`, archetype: "corp" as const, level: "approve" as const };
    });
    this.config = { ...this.config, subscriptions };
    this.arm.inventory = async (ids, continuation) => this.#graph(ids, continuation);
    this.arm.listAccounts = async (id, continuation) => this.#list(id, continuation);
    this.arm.readBudget = async (address) => this.budget(address);
  }

  /** A core instance of its own, as after a restart. */
  instance(): PassContext {
    return { ...this.context, configuration: { read: async () => compile(this.config) } };
  }

  get all(): ResourceId[] {
    return [...this.estate.values()].flat().map(({ id }) => id);
  }

  /** How many looks each key was asked for. */
  wantedOf(key: ResourceId): number {
    return this.store.readNow<Writer>("state", partitionOf(key), writerId)?.document.wanted ?? 0;
  }

  isDue(): Promise<boolean> {
    return isSweepDue(this.context);
  }

  async progress(): Promise<SweepProgress> {
    return progressOf(await readSweep(this.store));
  }

  /** Plays steps until the sweep is over, as the orchestrator does. */
  async sweep(context = this.context): Promise<void> {
    this.waits = [];
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (await this.step(context)) return;
    }
    throw new Error(`the sweep took more than ${STEPS_MAX} steps`);
  }

  /** One step and the wait after it; whether it was the last. */
  async step(context = this.context): Promise<boolean> {
    const { done, waitMs } = await sweepPage(context, false);
    if (this.servesAtOnce) this.serveAll();
    if (done) return true;
    this.waits.push(waitMs);
    this.nowMs += waitMs;
    return false;
  }

  /** All looks that are wanted come through. */
  serveAll(): void {
    for (const { pk, kind, ...writer } of this.store.documents("state")) {
      if (kind !== "writer" || writer["wanted"] === writer["served"]) continue;
      this.store.writeNow("state", pk, [{ kind: "patch", id: writerId, set: { served: writer["wanted"] } }]);
    }
  }

  #graph(ids: readonly string[], continuation: string | undefined): PageResult {
    this.graphCalls.push(ids);
    const failure = this.graphFailures.shift();
    if (failure !== undefined) return failure;
    const rows = ids.flatMap((id) => this.estate.get(id) ?? []).filter(({ id }) => !this.hidden.has(id));
    return page(rows, continuation);
  }

  #list(id: string, continuation: string | undefined): PageResult {
    this.listCalls.push(id);
    return this.listFailures.get(id) ?? page(this.estate.get(id) ?? [], continuation);
  }
}

function page(rows: readonly AccountAddress[], continuation: string | undefined): PageResult {
  const from = Number(continuation ?? 0);
  const isMore = from + PAGE < rows.length;
  const accounts = rows.slice(from, from + PAGE);
  return { kind: "page", page: { accounts, continuation: isMore ? String(from + PAGE) : undefined, waitMs: 0 } };
}
