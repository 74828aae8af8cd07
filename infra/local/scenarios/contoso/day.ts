/**
 * A day at Contoso. It begins with a busy hour, in which something happens every minute or two, and goes on calmly. Each
 * day tells the same stories in another order, of other people and other accounts; they come from the seed and the number
 * of the day alone, so that a platform that starts again knows the day that it was in. However many days pass, there are
 * never more resources than a week of them makes.
 *
 * Accounts that are spared (world.ts) are left alone: there, nothing is ever wrong.
 */
import { mulberry32 } from "../../platform/faults.ts";
import type { Act, Day } from "../day.ts";
import type { Random } from "./random.ts";
import { storiesOf, type Telling } from "./stories/stories.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;
const DAY_MS = 24 * 60 * minuteMs;

/** Minutes after the beginning of a day at which its stories begin. */
const beginnings = [1, 2, 3, 4.5, 6, 7.5, 9, 10, 14, 19, 25, 32, 40, 50, 60, 75];

/** Odd, so that neighbouring days of neighbouring seeds have nothing in common. */
const DAY_SEED = 0x9e3779b1;

export function contosoDay(world: World, seed: number): Day {
  return {
    lengthMs: DAY_MS,
    acts: (number) => actsOf(world, number, mulberry32(seed + Math.imul(number + 1, DAY_SEED))),
  };
}

function actsOf(world: World, number: number, random: Random): readonly Act[] {
  // A site is in one story of a day only, so that no story undoes another.
  const taken = new Set(world.spared);
  let told = 0;
  const acts = storiesOf(random).flatMap((story) => {
    const fromMs = (beginnings[told] ?? 0) * minuteMs;
    const telling: Telling = { world, number, random, taken };
    const own = story(telling).map(({ afterMs, ...act }): Act => ({ ...act, afterMs: fromMs + afterMs }));
    // A story for which there is no account (any more) leaves its time to the next one.
    if (own.length > 0) told += 1;
    return own;
  });
  return acts.filter(({ afterMs }) => afterMs < DAY_MS).sort((one, other) => one.afterMs - other.afterMs);
}
