/** The stories of a day. */
import { some, type Random } from "../random.ts";
import { demonstration, keys, reopening, template, tidying } from "./accounts.ts";
import { grab, launch, pinning, trial, weakening } from "./deployments.ts";
import { newAccount } from "./pipeline.ts";
import { freezing, leaving, lostTag, saving, unlocking } from "./surroundings.ts";
import type { Story } from "./telling.ts";

export type { Telling } from "./telling.ts";

/** Something is wrong as soon as one of these begins. */
const mistakes: readonly Story[] = [
  reopening,
  template,
  keys,
  demonstration,
  tidying,
  grab,
  trial,
  pinning,
  weakening,
  lostTag,
  saving,
  unlocking,
];

/** In an order of chance; the first one is a mistake, so that whoever has just begun to look sees something soon. */
export function storiesOf(random: Random): readonly Story[] {
  const order = some(stories.length, stories, random);
  const [first] = order.splice(
    order.findIndex((story) => mistakes.includes(story)),
    1,
  );
  return first === undefined ? order : [first, ...order];
}

const stories: readonly Story[] = [...mistakes, launch, leaving, freezing, newAccount];
