/** Judges files of resources: standards on the accounts in them, in the order of the files. */
import type { Found } from "./found.ts";
import { verdictsOf, type Whereabouts } from "./judging.ts";
import { seenAccounts } from "./sights.ts";
import type { UsedStandard } from "./used.ts";
import type { Verdict } from "./verdict.ts";

export interface JudgeOptions {
  readonly whereabouts: Whereabouts;
  /** What the files do not hold is not there. */
  readonly isComplete: boolean;
  /** Says of failures what would happen about them. */
  readonly withPlan: boolean;
  /** Told how many accounts, or resources, of how many are judged. */
  readonly progress?: (done: number, total: number) => void;
}

export function judgeStandards(found: Found, standards: readonly UsedStandard[], options: JudgeOptions): Verdict[] {
  const { whereabouts, isComplete, withPlan, progress } = options;
  const accounts = seenAccounts(found, isComplete);
  return accounts.flatMap((account, at) => {
    progress?.(at + 1, accounts.length);
    return standards.flatMap((used) => verdictsOf(used, account, whereabouts, withPlan));
  });
}
