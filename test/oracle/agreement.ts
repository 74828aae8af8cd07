/** Mutated pairs in a row, and what the two interpreters say of them. */
import { Random } from "../sim/random.ts";
import { isSame, naive, product, type Verdict } from "./compare.ts";
import { readFolder } from "./pairs/definitions.ts";
import { generated } from "./pairs/generate.ts";
import { mutate } from "./pairs/mutate.ts";
import type { Pair, Source } from "./pairs/pair.ts";
import { shrink } from "./shrink.ts";

export interface Disagreement {
  readonly number: number;
  readonly pair: Pair;
  readonly naive: Verdict;
  readonly product: Verdict;
  /** As small as it could be made while they disagree. */
  readonly smallest: Pair;
}

export interface Agreement {
  readonly pairs: number;
  /** How many pairs came to each verdict of the naive interpreter: an effect, none, or no verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly disagreements: readonly Disagreement[];
}

export interface Asked {
  readonly pairs: number;
  readonly seed: number;
  /** A folder of definitions and cases; half of the pairs come from it. */
  readonly policies?: string | undefined;
  /** So many disagreements are made small, at most: it takes thousands of evaluations. Default 20. */
  readonly shrunk?: number;
  /** Goes no further after so many. Default: to the end. */
  readonly disagreementsMax?: number;
  readonly onProgress?: (done: number, disagreements: number) => void;
}

const nothing: Source = { pairs: [], tables: new Map() };

/** The pair of a number is the same in every run with the same seed and folder. */
export function agree({
  pairs,
  seed,
  policies,
  shrunk = 20,
  disagreementsMax = Infinity,
  onProgress,
}: Asked): Agreement {
  const source = policies === undefined ? nothing : readFolder(policies, new Random(seed));
  const verdicts: Record<string, number> = {};
  const disagreements: Disagreement[] = [];
  for (let number = 0; number < pairs && disagreements.length < disagreementsMax; number += 1) {
    const pair = pairAt(number, seed, source);
    const [left, right] = [naive(pair, source.tables), product(pair, source.tables)];
    const kind = (left.effect ?? "none").toLowerCase();
    verdicts[kind] = (verdicts[kind] ?? 0) + 1;
    if (!isSame(left, right)) {
      const smallest = disagreements.length < shrunk ? shrink(pair, source.tables) : pair;
      disagreements.push({ number, pair, naive: left, product: right, smallest });
    }
    if ((number + 1) % 1_000 === 0) onProgress?.(number + 1, disagreements.length);
  }
  return { pairs, verdicts, disagreements };
}

export function pairAt(number: number, seed: number, source: Source): Pair {
  const random = new Random(seed * 1_000_003 + number);
  const isOwn = source.pairs.length === 0 || number % 2 === 0;
  const base = isOwn ? generated(random) : random.pick(source.pairs);
  // Some as they are: the mutations must not hide what is wrong without them.
  return random.chance(0.1) ? base : mutate(base, random);
}
