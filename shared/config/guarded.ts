/**
 * Which changes of the configuration need a second person. The rule: whatever lets the product write more, or with the
 * consent of fewer or others, is agreed to by two; whatever makes it write less (a pause, a lower mode or level, a
 * withdrawal, a smaller budget, one more freeze) is done by one and at once. Judged from the two configurations alone,
 * on the safe side: what cannot widen anything only in this estate still needs two. Beside them it is known which
 * subscriptions were withdrawn: one that comes back in another environment has moved.
 */
import { sameJson, type Json } from "../kernel/canonicalJson.ts";
import { fromIso } from "../kernel/clock.ts";
import { LEFT_MAX, type Left } from "./left.ts";
import { modeOf, settingsOf, type Config, type Scope } from "./schema.ts";

/** One thing that needs a second person. */
export interface Guarded {
  readonly path: string;
  readonly why: string;
}

/** What in the change needs a second person; nothing when one may do it. `left`: who was withdrawn before. */
export function guarded(before: Config, after: Config, nowMs: number, left: readonly Left[] = []): Guarded[] {
  return [
    ...consent(before, after),
    ...modesRaised(before, after),
    ...subscriptionsRaised(before, after),
    ...placesMoved(before, after, left),
    ...protectionLost(before, after, nowMs),
  ];
}

function* consent(before: Config, after: Config): Generator<Guarded> {
  for (const path of ["approvers", "escalation", "quorum", "quorums"] as const) {
    if (!sameJson(before[path], after[path])) yield { path, why: "it changes who agrees, or how many have to" };
  }
  if (before.paused && !after.paused) yield { path: "paused", why: "it ends the pause" };
}

function* modesRaised(before: Config, after: Config): Generator<Guarded> {
  for (const setting of settingsOf(after)) {
    const known = settingsOf(before).find(({ id }) => id === setting.id);
    const raised = after.environments.names.filter((environment) => {
      const was = known === undefined ? "audit" : modeOf(known, environment);
      return modeOf(setting, environment) === "enforce" && was !== "enforce";
    });
    const path = `${"definition" in setting ? "policies" : "standards"}[${setting.id}]`;
    if (raised.length > 0) {
      yield { path: `${path}.mode`, why: `it lets ${setting.id} write unasked in ${raised.join(", ")}` };
    }
    const isEnforced = after.environments.names.some((environment) => modeOf(setting, environment) === "enforce");
    if (!isEnforced || known === undefined) continue;
    const why = `it changes what ${setting.id} writes unasked`;
    if (!sameJson(known.parameters, setting.parameters)) yield { path: `${path}.parameters`, why };
    if (!sameJson(definitionIn(known), definitionIn(setting))) yield { path: `${path}.definition`, why };
  }
}

/** A standard of the catalogue has none of its own in the configuration. */
function definitionIn(setting: ReturnType<typeof settingsOf>[number]): Json | undefined {
  return "definition" in setting ? setting.definition : undefined;
}

function* subscriptionsRaised(before: Config, after: Config): Generator<Guarded> {
  for (const { id, level, archetype } of after.subscriptions) {
    const known = before.subscriptions.find((subscription) => subscription.id === id);
    if (level !== "enforce") continue;
    const path = `subscriptions[${id}]`;
    if (known?.level !== "enforce") yield { path: `${path}.level`, why: "it lets standards write unasked there" };
    else if (known.archetype !== archetype) {
      yield { path: `${path}.archetype`, why: "it lets other standards write unasked there" };
    }
  }
}

/** An account that comes into another environment comes under that one's modes, quorums, approvers and budgets. */
function* placesMoved(before: Config, after: Config, left: readonly Left[]): Generator<Guarded> {
  if (!distinguishes(before) && !distinguishes(after)) return;
  const why = "it brings accounts into another environment, where other rules hold";
  if (!sameJson(before.environments, after.environments)) yield { path: "environments", why };
  for (const { id, environment } of after.subscriptions) {
    const known = [...before.subscriptions, ...left].find((subscription) => subscription.id === id);
    // Where no more are remembered a new one may be one that is not.
    const hasMoved = known === undefined ? left.length >= LEFT_MAX : known.environment !== environment;
    if (hasMoved) {
      yield { path: `subscriptions[${id}].environment`, why };
    }
  }
}

/** Whether anything in the configuration is different in different environments. */
function distinguishes(config: Config): boolean {
  const { quorums, approvers, budgets, freezes, fields } = config;
  const scoped = [...approvers, ...budgets, ...freezes, ...fields];
  return (
    Object.keys(quorums).length > 0 ||
    settingsOf(config).some(({ modes }) => Object.keys(modes).length > 0) ||
    scoped.some(({ environments }) => environments !== undefined)
  );
}

function* protectionLost(before: Config, after: Config, nowMs: number): Generator<Guarded> {
  const budgets = before.budgets.filter((old) => !after.budgets.some((budget) => isNoLooser(budget, old)));
  if (budgets.length > 0) {
    const limits = budgets.map(({ writesPerHour }) => `${writesPerHour} writes within an hour`);
    yield { path: "budgets", why: `it loosens the budget of ${limits.join(" and of ")}` };
  }
  for (const old of before.freezes) {
    const isOver = old.until !== undefined && fromIso(old.until) <= nowMs;
    if (isOver || after.freezes.some((freeze) => isNoShorter(freeze, old))) continue;
    yield { path: `freezes[${old.name}]`, why: "it ends or narrows the freeze" };
  }
  for (const old of before.fields) {
    const isKept = after.fields.some((field) => field.path === old.path && covers(field, old));
    if (!isKept) yield { path: `fields[${old.path}]`, why: "it takes the field away from templates" };
  }
  for (const old of before.pipelines) {
    const isKept = after.pipelines.some(
      ({ application, principal }) => application === old.application && principal === old.principal,
    );
    if (!isKept) yield { path: `pipelines[${old.name}]`, why: "what the pipeline writes is put back unasked then" };
  }
}

type Budget = Config["budgets"][number];
type Freeze = Config["freezes"][number];

/** Whether a budget holds wherever and whenever the old one does, and allows no more. */
function isNoLooser(budget: Budget, old: Budget): boolean {
  const isAlways = budget.during === undefined || sameJson(budget.during, old.during);
  // A narrower budget also counts fewer writes: it is another one, unless it covers exactly the same.
  const isSame = sameScope(budget, old);
  const coversAll = budget.environments === undefined && budget.subscriptions === undefined && covers(budget, old);
  return isAlways && (isSame || coversAll) && budget.writesPerHour <= old.writesPerHour;
}

function isNoShorter(freeze: Freeze, old: Freeze): boolean {
  if (!covers(freeze, old)) return false;
  if (old.weekly !== undefined || freeze.weekly !== undefined) return sameJson(freeze.weekly, old.weekly);
  const { from = "", until = "" } = freeze;
  return from <= (old.from ?? "") && until >= (old.until ?? "");
}

function sameScope(a: Scope, b: Scope): boolean {
  return scopes.every((member) => sameJson(a[member], b[member]));
}

const scopes = ["environments", "subscriptions", "standards"] as const;

/** Whether everything that the narrower scope concerns is concerned by the wider one. */
function covers(wider: Scope, narrower: Scope): boolean {
  return scopes.every((member) => {
    const list = wider[member];
    return list === undefined || (narrower[member]?.every((item) => list.includes(item)) ?? false);
  });
}
