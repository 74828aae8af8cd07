/** How the product itself does, as the overview tells it: mode, freshness, what is held back, the ledger, the budgets. */
import { reasonWord } from "../config/fates.ts";
import { modeOf, settingsOf, type Budget, type Config, type Mode } from "../config/schema.ts";
import { allowanceOf, emptyLog, unreadable, type BudgetLog } from "../desired/budget.ts";
import { frozenAt } from "../desired/gate.ts";
import { fromIso, minuteMs, toIso } from "../kernel/clock.ts";
import { html, type Html, type Insert } from "./html.ts";
import { statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import { count, environmentWord, since, span, timeTag } from "./words.ts";

/** The sweeper beats once a minute; three misses are no restart any more. */
export const LATE_MS = 3 * minuteMs;

export interface Pulse {
  /** The last run of the sweeper that got to its end, ISO 8601; null before the first. */
  readonly beatAt: string | null;
  /** Keys that are to be looked at and were not yet, as the last run saw them; the oldest since. */
  readonly behind: { readonly count: number; readonly since: string | null };
  readonly sweep: {
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly accounts: number;
    /** None before it got to its end. */
    readonly isFirst: boolean;
    readonly problems: number;
  } | null;
  readonly pausedSince: string | null;
  readonly sealedAt: string | null;
  /** By standard; `unreadable` allows nothing. */
  readonly budgets: ReadonlyMap<string, BudgetLog | typeof unreadable>;
}

export interface GlanceInput {
  readonly config: Config;
  readonly mode: string;
  readonly pulse: Pulse;
  /** Reasons why what is demanded is not written, with how many there are, most first. */
  readonly held: ReadonlyMap<string, number>;
  readonly written: number;
  readonly refused: number;
  readonly nowMs: number;
}

export interface Glance {
  readonly label: string;
  readonly value: Insert;
  readonly below: Insert;
}

export function glance(input: GlanceInput): Glance[] {
  const { config, mode, pulse, written, refused, nowMs } = input;
  return [
    {
      label: "Mode",
      value: mode,
      below: mode === "Audit only" ? "nothing is asked, nothing is written" : modesBelow(config),
    },
    freshness(pulse, nowMs),
    heldBack(input),
    {
      label: "Ledger",
      value: html`<a href="${paths.ledger}"
        >${written === 0 ? "Nothing written today" : `${count(written, "change")} today`}</a
      >`,
      below: html`${refused === 0 ? null : html`${statusWord("stop", `${refused} refused`)}, `}${pulse.sealedAt === null ? "not sealed yet" : html`chains sealed at ${timeTag(pulse.sealedAt, nowMs)}`}`,
    },
  ];
}

/** `enforce in dev, approve in test; 3 of 12 standards only audit` */
function modesBelow(config: Config): string {
  const [first, ...others] = config.environments.names;
  const strength: readonly Mode[] = ["audit", "approve", "enforce"];
  const furthest = (environment: string): Mode =>
    strength.findLast((mode) => settingsOf(config).some((setting) => modeOf(setting, environment) === mode)) ?? "audit";
  const same = new Set(others.map(furthest));
  const words =
    same.size === 1 && others.length > 1
      ? [`${[...same].join("")} elsewhere`]
      : others.map((name) => `${furthest(name)} in ${environmentWord(name)}`);
  const audited = settingsOf(config).filter((setting) => modeOf(setting, first ?? "prod") === "audit").length;
  const all = settingsOf(config).length;
  const told =
    audited === 0
      ? ""
      : audited === all
        ? "all standards only audit there"
        : `${audited} of ${count(all, "standard")} only audit there`;
  return [words.join(", "), told].filter((part) => part !== "").join("; ");
}

function freshness({ beatAt, sweep }: Pulse, nowMs: number): Glance {
  const below =
    sweep === null
      ? "no sweep yet"
      : sweep.finishedAt === null
        ? html`a sweep is under way since ${timeTag(sweep.startedAt, nowMs)}, ${count(sweep.accounts, "account")} so far`
        : html`every account looked at since
          ${timeTag(sweep.startedAt, nowMs)}${sweep.problems === 0 ? null : html`; ${statusWord("stop", `${count(sweep.problems, "subscription")} could not be read`)}`}`;
  if (beatAt === null) return { label: "Freshness", value: statusWord("unknown", "Not running yet"), below };
  const isLate = nowMs - fromIso(beatAt) > LATE_MS;
  return {
    label: "Freshness",
    value: isLate
      ? statusWord("stop", `Silent for ${span(nowMs - fromIso(beatAt))}`)
      : `Last round ${since(beatAt, nowMs)}`,
    below,
  };
}

function heldBack({ config, held, nowMs }: GlanceInput): Glance {
  const all = [...held.values()].reduce((sum, number) => sum + number, 0);
  const why =
    held.size === 1
      ? ` by ${reasonWord([...held.keys()][0] ?? "")}`
      : `: ${[...held].map(([reason, number]) => `${number} by ${reasonWord(reason)}`).join(", ")}`;
  const frozen = config.freezes
    .map((freeze) =>
      frozenAt(
        [freeze],
        {
          environment: freeze.environments?.[0] ?? config.environments.names[0] ?? "prod",
          subscriptionId: freeze.subscriptions?.[0] ?? config.subscriptions[0]?.id ?? "",
          standard: freeze.standards?.[0] ?? settingsOf(config)[0]?.id,
        },
        nowMs,
      ),
    )
    .find((found) => found !== undefined);
  const next = config.freezes
    .flatMap(({ name, from }) => (from !== undefined && fromIso(from) > nowMs ? [{ name, from }] : []))
    .sort((a, b) => (a.from < b.from ? -1 : 1))[0];
  const freeze =
    frozen !== undefined
      ? html`frozen by “${frozen.name}” until ${timeTag(toIso(frozen.untilMs), nowMs)}`
      : next === undefined
        ? html`no freeze is announced`
        : html`“${next.name}” freezes from ${timeTag(next.from, nowMs)}`;
  return {
    label: "Held back",
    value: all === 0 ? "Nothing is held" : `${count(all, "change")} held${why}`,
    below: freeze,
  };
}

export interface BudgetLeft {
  readonly left: number;
  readonly of: number;
  /** The standard that has least left. */
  readonly standard: string | null;
  readonly isUnreadable: boolean;
}

/** Of the budgets that hold now and the standards that they concern, the one with the smallest share left. */
export function budgetLeft(config: Config, logs: Pulse["budgets"], nowMs: number): BudgetLeft | null {
  let tightest: BudgetLeft | null = null;
  for (const { id } of settingsOf(config)) {
    const log = logs.get(id) ?? emptyLog(id);
    for (const budget of config.budgets) {
      const found = leftOf(config, budget, id, log, nowMs);
      if (found !== null && (tightest === null || share(found) < share(tightest))) tightest = found;
    }
  }
  return tightest;
}

function leftOf(
  config: Config,
  budget: Budget,
  standard: string,
  log: BudgetLog | typeof unreadable,
  nowMs: number,
): BudgetLeft | null {
  const environment = budget.environments?.[0] ?? config.environments.names[0] ?? "prod";
  const subscriptionId = budget.subscriptions?.[0] ?? config.subscriptions[0]?.id ?? "";
  const { left } = allowanceOf([budget], { environment, subscriptionId, standard }, log, nowMs);
  const isUnreadable = log === unreadable;
  return left === undefined ? null : { left, of: budget.writesPerHour, standard, isUnreadable };
}

function share({ left, of }: BudgetLeft): number {
  return of === 0 ? 0 : left / of;
}

export function glanceRow(list: readonly Glance[]): Html {
  return html`<dl class="glance" data-part="glance">
    ${list.map(
      ({ label, value, below }) =>
        html`<div>
          <dt>${label}</dt>
          <dd><b>${value}</b>${below}</dd>
        </div>`,
    )}
  </dl>`;
}
