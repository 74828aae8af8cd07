/** Draws resources for a standard: its own cases as seeds, with what it speaks of changed and what others have beside it. */
import { compileStandard, type Standard } from "../../shared/standards/definition.ts";
import type { StandardCase, StandardDefinition } from "../../shared/standards/schema.ts";
import { sightOf } from "../../shared/standards/cases.ts";
import type { Judgement } from "../../shared/desired/judgement.ts";
import type { Sight } from "../../shared/estate/sight.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import type { Random } from "../sim/random.ts";
import { mentionsOf, nameIn, rootOf, type Mention } from "./fields.ts";
import { besides, neighbours, objectOf, textOf } from "./others.ts";

type Body = Record<string, Json>;

/** What a column asks for: broken with a remedy that fits, broken with none that does, or whatever comes. */
export type Wanted = "fixable" | "told" | "any";

export interface Drawn {
  readonly definition: StandardDefinition;
  readonly sample: StandardCase;
}

/** Samples that are tried for one that is as wanted. */
const TRIES_MAX = 150;

/** Some moment: cases have no time of their own. */
const NOW_MS = 1_750_000_000_000;

export class Source {
  readonly definition: StandardDefinition;
  readonly #mentions: readonly Mention[];
  readonly #seeds: readonly StandardCase[];
  readonly #compiled = new Map<string, Standard>();

  constructor(definition: StandardDefinition) {
    this.definition = definition;
    this.#mentions = mentionsOf(definition);
    // Samples of other types show that those are left alone: none of them can be where the standard looks.
    const type = definition.resourceType.toLowerCase();
    this.#seeds = definition.cases.filter(({ resource }) => (textOf(resource["type"]) || type).toLowerCase() === type);
  }

  /** A sample that its standard judges as wanted; of those that were tried, else one that breaks it, or the last one. */
  draw(random: Random, wanted: Wanted): Drawn {
    let sample = this.#sample(random);
    let broken: StandardCase | undefined;
    if (wanted === "any") return { definition: this.definition, sample };
    for (let tries = 1; !this.is(sample, wanted); tries += 1) {
      if (this.is(sample, "fixable") || this.is(sample, "told")) broken ??= sample;
      if (tries >= TRIES_MAX) return { definition: this.definition, sample: broken ?? sample };
      sample = this.#sample(random);
    }
    return { definition: this.definition, sample };
  }

  /** The same resource after somebody changed one thing or two of it, or around it. */
  changed(random: Random, { sample }: Drawn): Drawn {
    let next = structuredClone<StandardCase>(sample);
    for (let count = random.between(1, 2); count > 0; count -= 1) next = this.#mutated(random, next);
    if (random.chance(0.5)) next = { ...next, resource: this.#beside(random, next) };
    // Where it lies, how old it is and what Azure offers there, nobody changes.
    const { environment, archetype, subscriptionEnvironment, ageHours, parameters } = sample;
    return {
      definition: this.definition,
      sample: {
        ...next,
        members: offering(next.members, sample.members),
        environment,
        archetype,
        subscriptionEnvironment,
        ageHours,
        parameters,
      },
    };
  }

  standard({ parameters }: StandardCase): Standard {
    const key = JSON.stringify(parameters);
    const known = this.#compiled.get(key) ?? compileStandard(this.definition, parameters);
    this.#compiled.set(key, known);
    return known;
  }

  /** Whether the standard judges the sample so. */
  is(sample: StandardCase, wanted: Wanted): boolean {
    try {
      return this.#kindOf(sample) === wanted;
    } catch (error) {
      if (error instanceof Impossible) return false;
      throw error;
    }
  }

  #kindOf(sample: StandardCase): Wanted {
    const { environment, subscriptionEnvironment, archetype = this.definition.archetypes[0] ?? "corp" } = sample;
    const place = { archetype, environment, subscriptionEnvironment, nowMs: NOW_MS };
    const judgements = this.standard(sample).judge(sightIn(this.definition, sample), place);
    if (judgements.some(isFixable)) return "fixable";
    return judgements.some(({ verdict }) => verdict === "fail") ? "told" : "any";
  }

  #sample(random: Random): StandardCase {
    let sample = structuredClone<StandardCase>(random.pick(this.#seeds));
    for (
      let count = random.weighted([
        [3, 0],
        [4, 1],
        [2, 2],
        [1, 3],
      ]);
      count > 0;
      count -= 1
    )
      sample = this.#mutated(random, sample);
    const resource = this.#beside(random, sample);
    return { ...sample, resource, members: this.#withNeighbours(random, { ...sample, resource }) };
  }

  #beside(random: Random, { resource }: StandardCase): StandardCase["resource"] {
    const body: Body = resource;
    return besides(random, this.definition.resourceType, body) as StandardCase["resource"];
  }

  #withNeighbours(random: Random, { members, resource }: StandardCase): StandardCase["members"] {
    const next: Record<string, unknown> = { ...members };
    for (const [kind, draw] of Object.entries(neighbours)) {
      const list = next[kind] ?? [];
      if (random.chance(0.6) || !Array.isArray(list)) continue;
      const added = draw(random) as Body;
      const isTaken = [...(list as Body[]), resource].some(
        ({ name }) => textOf(name).toLowerCase() === textOf(added["name"]).toLowerCase(),
      );
      if (!isTaken) next[kind] = [...(list as Body[]), added];
    }
    return next;
  }

  #mutated(random: Random, sample: StandardCase): StandardCase {
    const next = structuredClone<StandardCase>(sample);
    const mention = random.pick(this.#mentions);
    const root = rootOf(next, mention.root);
    if (root === undefined) return next;
    const donor = random.pick(this.#seeds);
    if (random.chance(0.15) && mention.root !== "place") return withRoot(next, donor, mention.root);
    change(random, root, mention.path, mention.values);
    if (mention.root === "principals") return isDirectory(next) ? next : sample;
    return mention.root === "place" ? placed(next, sample) : renamed(random, next, this.definition);
  }
}

/** The sample as a look sees it. @throws Impossible when no answer of Azure reads so */
export function sightIn(definition: StandardDefinition, sample: StandardCase): Sight {
  try {
    return sightOf(definition, sample);
  } catch (error) {
    if (error instanceof SteelyardError && error.code === "BadInput") throw new Impossible(error.message);
    throw error;
  }
}

/** Why a sample cannot be: no Azure holds it. */
export class Impossible extends Error {}

/** Whether the standard's remedy fits there: something is demanded, and nothing stands against it. */
export function isFixable({ verdict, assertions, unmet, safety }: Judgement): boolean {
  return verdict === "fail" && assertions.length > 0 && unmet === undefined && safety !== "X";
}

/** The lists of the one, with the catalogue of the other. */
function offering(members: StandardCase["members"], before: StandardCase["members"]): StandardCase["members"] {
  const { models: _, ...lists } = members;
  return before.models === undefined ? lists : { ...lists, models: before.models };
}

/** Whatever was made of the place: what a configuration may say of one. */
function placed(sample: StandardCase, before: StandardCase): StandardCase {
  const isName = (value: unknown): boolean => typeof value === "string" && /^[a-z][a-z0-9-]{0,29}$/.test(value);
  const { environment, archetype, subscriptionEnvironment, ageHours } = sample as Partial<StandardCase>;
  return {
    ...sample,
    environment: isName(environment) ? (environment as string) : before.environment,
    archetype: archetype === "corp" || archetype === "online" ? archetype : before.archetype,
    subscriptionEnvironment: isName(subscriptionEnvironment) ? subscriptionEnvironment : undefined,
    ageHours: typeof ageHours === "number" && ageHours >= 0 ? ageHours : undefined,
  };
}

/** Whatever was made of principals: each has an ID and is of a kind that there is. */
function isDirectory({ principals = {} }: StandardCase): boolean {
  if ("unread" in principals) return true;
  const kinds = ["user", "group", "servicePrincipal"];
  return Object.values(principals).every(
    (one) =>
      one === null ||
      (typeof one === "object" &&
        /^[0-9a-f-]{36}$/i.test(one.oid ?? "") &&
        kinds.includes(one.kind) &&
        typeof one.enabled === "boolean"),
  );
}

/** A part of the sample as another of the standard's cases has it. */
function withRoot(sample: StandardCase, donor: StandardCase, root: string): StandardCase {
  const given = structuredClone<StandardCase>(donor);
  if (root === "resource") return { ...sample, resource: given.resource };
  if (root === "account") return given.account === undefined ? sample : { ...sample, account: given.account };
  if (root === "principals")
    return given.principals === undefined ? sample : { ...sample, principals: given.principals };
  const list = (given.members as Record<string, unknown>)[root];
  return list === undefined ? sample : { ...sample, members: { ...sample.members, [root]: list } };
}

/** Others may have put something of their own where the remedy would put what it makes. */
function renamed(random: Random, sample: StandardCase, { remedy }: StandardDefinition): StandardCase {
  const target = remedy?.target;
  if (target === undefined || !random.chance(0.3)) return sample;
  const own = target.slice(target.lastIndexOf("/") + 1);
  const kind = target.includes("/locks/") ? "locks" : "diagnosticSettings";
  const list = (sample.members as Record<string, unknown>)[kind];
  if (!Array.isArray(list) || list.length === 0) return sample;
  const [first, ...others] = list as Body[];
  const named = others.filter(({ name }) => name !== own);
  return {
    ...sample,
    members: { ...sample.members, [kind]: [{ ...first, name: own }, ...named] },
  };
}

/** Changes what lies at a path, in place: another value, none, an element more or fewer. */
function change(random: Random, value: Json, [step, ...rest]: readonly string[], values: readonly Json[]): void {
  if (step === undefined || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) return changeList(random, value as Json[], step === "*" ? rest : [step, ...rest], values);
  const body = value as Body;
  const name = nameIn(body, step) ?? step;
  if (rest.length > 0) {
    if (random.chance(0.1)) delete body[name];
    else change(random, (body[name] ??= rest[0] === "*" ? [] : {}), rest, values);
    return;
  }
  const act = random.weighted([
    [2, "absent"],
    [5, "value"],
    [2, "variant"],
  ] as const);
  if (act === "absent") delete body[name];
  else
    body[name] =
      act === "value" && values.length > 0 ? random.pick(values) : variant(random, body[name] ?? values[0] ?? null);
}

function changeList(random: Random, list: Json[], rest: readonly string[], values: readonly Json[]): void {
  const act = random.weighted([
    [4, "element"],
    [2, "more"],
    [2, "fewer"],
    [1, "turned"],
  ] as const);
  if (act === "turned") list.reverse();
  else if (act === "fewer") list.splice(random.between(0, Math.max(0, list.length - 1)), 1);
  else if (act === "more")
    list.push(structuredClone(list.length > 0 ? random.pick(list) : rest.length > 0 ? {} : (values[0] ?? {})));
  const at = act === "more" ? list.length - 1 : random.between(0, Math.max(0, list.length - 1));
  const element = list[at];
  if (act === "turned" || act === "fewer" || element === undefined) return;
  if (rest.length > 0) change(random, element, rest, values);
  else if (values.length > 0) list[at] = random.pick(values);
  distinctNames(list);
}

/** Two of a list cannot have one name. */
function distinctNames(list: Json[]): void {
  const names = new Set<string>();
  for (const [at, element] of list.entries()) {
    const body = objectOf(element);
    const name = textOf(body["name"]).toLowerCase();
    if (body["name"] !== undefined && names.has(name) && body["properties"] !== undefined)
      list[at] = { ...body, name: `${name}-${at}` };
    names.add(name);
  }
}

/** A value of the same type that is another one, or the same in other letters. */
function variant(random: Random, value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return random.pick([value + 1, value - 1, value * 2, 0, 1]);
  if (typeof value === "string") return random.pick([value.toUpperCase(), value.toLowerCase(), `${value}x`, "", " "]);
  return Array.isArray(value) ? [] : null;
}
