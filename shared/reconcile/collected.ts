/** What is foretold of an estate, kind by kind: all of it in sums, and so much of it one by one as people read. Pure. */
import type { Fate, Foretold } from "./plan.ts";

/** Differences of one kind that are told one by one, and of all. The sums count all. */
const TOLD_OF_KIND_MAX = 5_000;
export const FORETOLD_MAX = 20_000;

export interface PlanCount {
  readonly standard: string;
  readonly environment: string;
  readonly was: string;
  readonly will: string;
  readonly count: number;
  /** How many of them are told one by one, and at which place in the list they begin. */
  readonly told: number;
  readonly from: number;
}

/** `differences`: writes before questions before the rest. */
export interface Told {
  readonly total: number;
  readonly inTheWay: number;
  readonly counts: readonly PlanCount[];
  readonly differences: readonly Foretold[];
}

const order: readonly Fate["kind"][] = ["write", "ask", "hold", "report", "waive", "unknown", "none"];

/** `hold (Frozen)` */
function fateText({ kind, reason }: Fate): string {
  return reason === undefined ? kind : `${kind} (${reason})`;
}

export class Collected {
  readonly #kinds = new Map<string, { readonly first: Foretold; count: number; readonly told: Foretold[] }>();
  #total = 0;
  #told = 0;
  #inTheWay = 0;

  add(foretold: Foretold): void {
    const { standard, environment, was, will } = foretold;
    const place = [order.indexOf(will.kind), standard, environment, fateText(was), fateText(will)];
    const key = place.join("\n");
    let kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, (kind = { first: foretold, count: 0, told: [] }));
    kind.count += 1;
    this.#total += 1;
    if (foretold.inTheWay.length > 0) this.#inTheWay += 1;
    if (kind.told.length >= TOLD_OF_KIND_MAX || this.#told >= FORETOLD_MAX) return;
    kind.told.push(foretold);
    this.#told += 1;
  }

  told(): Told {
    const kinds = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
    let from = 0;
    const counts = kinds.map(({ first, count, told }): PlanCount => {
      const { standard, environment, was, will } = first;
      const counted = {
        standard,
        environment,
        was: fateText(was),
        will: fateText(will),
        count,
        told: told.length,
        from,
      };
      from += told.length;
      return counted;
    });
    const differences = kinds.flatMap(({ told }) => told);
    return { total: this.#total, inTheWay: this.#inTheWay, counts, differences };
  }
}
