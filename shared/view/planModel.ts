/** A plan as pages show it, and the words for what happens to a target. */
import type { Difference } from "../config/difference.ts";
import { accountOf } from "../estate/resourceId.ts";
import type { Html } from "./html.ts";
import { targetName } from "./ledgerModel.ts";
import { chip } from "./parts.ts";
import { count, grouped } from "./words.ts";

interface Fate {
  readonly kind: string;
  readonly reason?: string;
  readonly quorum?: number;
  readonly fields: readonly Difference[];
}

/** As the planning makes it, and the part of it that is shown. */
export interface ForetoldPlan {
  /** When it was made. */
  readonly at: string;
  /** The estate as it was seen by then; null: as last seen. */
  readonly asOf: string | null;
  readonly accounts: number;
  readonly oldest: string | null;
  readonly stale: number;
  readonly unseen: {
    readonly accounts: number;
    readonly named: readonly string[];
    readonly subscriptions: readonly string[];
    readonly more: boolean;
  };
  readonly total: number;
  readonly inTheWay: number;
  readonly counts: readonly PlanCount[];
  /** Where `differences` begins, and how many there are in all that are told one by one. */
  readonly from: number;
  readonly told: number;
  readonly differences: readonly PlanRow[];
}

interface PlanCount {
  readonly standard: string;
  readonly environment: string;
  readonly was: string;
  readonly will: string;
  readonly count: number;
  readonly told: number;
  readonly from: number;
}

export interface PlanRow {
  readonly target: string;
  readonly environment: string;
  readonly standard: string;
  readonly was: Fate;
  readonly will: Fate;
  readonly why: string | null;
  readonly inTheWay: readonly {
    readonly kind: string;
    readonly by: string | null;
    readonly until: string | null;
    readonly reason: string | null;
  }[];
}

/** Rows of one page, some 50 kB of markup. */
export const PLAN_ROWS = 50;

/** Where the part of a plan that begins there is shown. */
export type PartHref = (from: number) => string;

/** `2 targets would be written without asking, 3 asked about`. */
export function planSentence({ counts, total }: ForetoldPlan): string {
  if (total === 0) return "nothing would be otherwise for any target";
  const sum = (kind: string): number =>
    counts.reduce((all, one) => (one.will.startsWith(kind) ? all + one.count : all), 0);
  const stopped = counts.reduce(
    (all, one) => (/^(ask|write|hold)/.test(one.was) && /^(none|report)/.test(one.will) ? all + one.count : all),
    0,
  );
  const parts = [
    [sum("write"), "written without asking"],
    [sum("ask"), "asked about"],
    [sum("hold"), "held"],
    [stopped, "left alone that is asked about, written or held now"],
  ] as const;
  const [first, ...rest] = parts.filter(([number]) => number > 0);
  if (first === undefined) return `${count(total, "verdict")} would be otherwise, nothing asked or written`;
  const said = `${count(first[0], "target")} would be ${first[1]}`;
  return [said, ...rest.map(([number, word]) => `${grouped(number)} ${word}`)].join(", ");
}

export function authority(standard: string): Html {
  return standard === "waiver" ? chip({ kind: "undo", label: "undo" }) : chip({ kind: "standard", label: standard });
}

/** `oai-search/chat` */
export function planTargetName(target: string): string {
  const account = accountOf(target as never);
  const { name, below } = targetName(account?.id ?? target, target);
  return below === null ? name : `${name}/${below}`;
}
