/** The stories of a day. */
import { demonstration, keys, reopening, template, tidying } from "./accounts.ts";
import { grab, launch, pinning, trial, weakening } from "./deployments.ts";
import { newAccount } from "./pipeline.ts";
import { freezing, leaving, lostTag, saving, unlocking } from "./surroundings.ts";
import type { Story } from "./telling.ts";

export type { Telling } from "./telling.ts";

export const stories: readonly Story[] = [
  reopening,
  template,
  keys,
  demonstration,
  tidying,
  launch,
  grab,
  trial,
  pinning,
  weakening,
  lostTag,
  leaving,
  saving,
  unlocking,
  freezing,
  newAccount,
];
