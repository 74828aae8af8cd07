/**
 * `npm run bench`: what policies cost. `node test/bench/policy.ts [--policies FOLDER] [--resources 20000]`
 *
 * How much faster compiled policies are than the naive interpreter on the same pairs, what a sweep of all standards over an
 * estate costs and that it grows with both alike, and what compiling thousands of definitions takes. CPU seconds of this
 * process, not time: others may share the machine.
 */
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import type { Sight } from "../../shared/estate/sight.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { definitions } from "../../shared/standards/catalogue.ts";
import { compileStandard, type Standard } from "../../shared/standards/definition.ts";
import type { Policy } from "../../shared/standards/policy/policy.ts";
import type { Surroundings } from "../../shared/standards/policy/scope.ts";
import { compiled, naive, type Tables } from "../oracle/compare.ts";
import { readFolder } from "../oracle/pairs/definitions.ts";
import { generated } from "../oracle/pairs/generate.ts";
import { mutateField, mutateRule } from "../oracle/pairs/mutate.ts";
import type { Pair } from "../oracle/pairs/pair.ts";
import { Random } from "../sim/random.ts";
import { given, nowMs } from "../support/judgedBodies.ts";
import { sights } from "../support/judgedSights.ts";

const { values } = parseArgs({
  options: {
    /** Definitions, cases and aliases; see readFolder. Without it all definitions are made up. */
    policies: { type: "string", default: process.env["STEELYARD_POLICIES"] },
    resources: { type: "string", default: "20000" },
  },
});

const SEED = 1;
const DEFINITIONS = 100;
const RESOURCES_EACH = 200;
const COMPILED = 4_800;
/** The product goes through the pairs so often in a round, for a time that can be measured. */
const PRODUCT_TIMES = 10;
/** As many estates are made up; more are copies of these. */
const SIGHTS = 400;

const report: Record<string, string | number> = {};

function tell(what: string, value: string | number): void {
  report[what] = value;
  console.error(`${what}: ${value}`);
}

/** CPU seconds that it took, and what it gave. */
function cost<T>(run: () => T): { readonly s: number; readonly result: T } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { s: (user + system) / 1e6, result };
}

/** CPU seconds of each, round by round: what else runs on the machine slows the runs of a round alike. */
function rounds(count: number, ...runs: readonly (() => void)[]): number[][] {
  return Array.from({ length: count }, () => runs.map((run) => cost(run).s));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** The least of all rounds. */
function least(all: readonly number[][], at: number): number {
  return Math.min(...all.map((round) => round[at] ?? Infinity));
}

const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

const source = values.policies === undefined ? undefined : readFolder(values.policies, new Random(SEED));
const tables: Tables = source?.tables ?? new Map();

/** Resources as they come out of an answer of Azure, not as they were changed. */
function asParsed(pair: Pair): Pair {
  const { resource, related } = JSON.parse(JSON.stringify(pair)) as Pair;
  return { ...pair, resource, related };
}

/** Policies, each with resources whose mentioned fields are changed. */
function families(): Pair[][] {
  const random = new Random(SEED);
  return Array.from({ length: DEFINITIONS }, (_, index) => {
    const base = source === undefined || index % 2 === 0 ? generated(random) : random.pick(source.pairs);
    return Array.from({ length: RESOURCES_EACH }, () => asParsed(mutateField(mutateField(base, random), random)));
  });
}

function verdictless(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
  }
}

type Assigned = ReturnType<Policy["assign"]>;

/** As callers have it: what is around is told once for many resources. */
interface Prepared {
  readonly pair: Pair;
  readonly surroundings: Surroundings;
}

function prepared(pair: Pair): Prepared {
  const { utcNow: _, ...around } = pair.context;
  return { pair, surroundings: { ...around, apiVersion: pair.apiVersion, nowMs } };
}

function evaluate({ pair, surroundings }: Prepared, policy: Assigned): void {
  verdictless(() => policy(pair.resource, surroundings, () => pair.related).changes?.());
}

/** Undefined where it is refused. */
function assigned([first]: readonly Pair[]): Assigned | undefined {
  let policy: Assigned | undefined;
  verdictless(() => {
    if (first !== undefined) policy = compiled(first, tables).assign(first.parameters);
  });
  return policy;
}

function compareWithNaive(): void {
  const all = families();
  const pairs = all.flat();
  const ready = all.map((family) => family.map(prepared));
  // Compiled once a round, then met by many resources, as in a sweep.
  const product = (): void => {
    const policies = all.map(assigned);
    for (let times = 0; times < PRODUCT_TIMES; times += 1) {
      for (const [at, policy] of policies.entries()) {
        if (policy !== undefined) for (const each of ready[at] ?? []) evaluate(each, policy);
      }
    }
  };
  const plain = (): void => pairs.forEach((pair) => naive(pair, tables));
  const measured = rounds(5, plain, product);
  const ratio = median(measured.map(([naiveS = 0, productS = 0]) => (naiveS / productS) * PRODUCT_TIMES));
  tell("pairs", `${pairs.length}: ${all.length} policies on ${RESOURCES_EACH} resources each`);
  tell("naive interpreter, CPU s", rounded(least(measured, 0)));
  const passes = `${PRODUCT_TIMES} times over, compiling once`;
  tell(`product, ${passes}, CPU s`, rounded(least(measured, 1)));
  tell("product on the pairs once, a part of that, CPU s", rounded(least(measured, 1) / PRODUCT_TIMES));
  tell("product is faster by", rounded(ratio, 1));
}

function resourcesIn({ members }: Sight): number {
  return 1 + Object.values(members).reduce((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
}

/** Sights of so many resources together, each an object of its own. */
function estateOf(resources: number, made: readonly Sight[]): Sight[] {
  const estate: Sight[] = [];
  for (let count = 0, index = 0; count < resources; index += 1) {
    const sight = structuredClone(made[index % made.length] as Sight);
    estate.push(sight);
    count += resourcesIn(sight);
  }
  return estate;
}

function sweep(estate: readonly Sight[], standards: readonly Standard[]): number {
  const place = { archetype: "corp", environment: "prod", subscriptionEnvironment: "prod", nowMs } as const;
  let judgements = 0;
  for (const sight of estate) for (const standard of standards) judgements += standard.judge(sight, place).length;
  return judgements;
}

function sweepAll(resources: number): void {
  const standards = definitions.map((input) => compileStandard(input, given[input.id]));
  const everyOther = [0, 1].map((rest) => standards.filter((_, index) => index % 2 === rest));
  const made = fc.sample(sights, { numRuns: SIGHTS, seed: SEED });
  const [half, whole] = [estateOf(resources / 2, made), estateOf(resources, made)];
  const judgements = sweep(whole, standards);
  const measured = rounds(
    5,
    () => sweep(half, standards),
    () => sweep(whole, standards),
    ...everyOther.map((part) => () => sweep(whole, part)),
  );
  const wholeS = least(measured, 1);
  const growth = median(measured.map(([one = 0, two = 0]) => two / one));
  const share = median(measured.map(([, all = 0, one = 0, other = 0]) => all / (one + other)));
  tell("estate", `${whole.reduce((sum, sight) => sum + resourcesIn(sight), 0)} resources, ${whole.length} accounts`);
  tell("standards", standards.length);
  tell("judgements", judgements);
  tell("sweep of half the estate, CPU s", rounded(least(measured, 0)));
  tell("sweep of the estate, CPU s", rounded(wholeS));
  tell("twice the resources cost", rounded(growth, 2));
  tell("every other standard, and the others, CPU s", [2, 3].map((at) => rounded(least(measured, at))).join(" and "));
  tell("all standards cost, of both halves together", rounded(share, 2));
  tell("microseconds a judgement", rounded((wholeS * 1e6) / judgements, 2));
  const peakMb = process.resourceUsage().maxRSS / 1024;
  tell("peak of resident memory, MB (with two copies of the estate)", rounded(peakMb, 0));
}

/** What there is, and copies with changed values up to so many: a platform team's definitions are alike, not the same. */
function compileAll(): void {
  const random = new Random(SEED);
  const own = (source?.pairs ?? []).filter(({ id, isBare }) => isBare !== true && !id.includes("/"));
  const copies = Array.from({ length: Math.max(0, COMPILED - own.length) }, () => {
    return mutateRule(own.length === 0 || random.chance(0.3) ? generated(random) : random.pick(own), random);
  });
  const all = [...own, ...copies];
  const { s, result: refused } = cost(() => {
    let count = all.length;
    for (const pair of all) {
      verdictless(() => {
        compiled(pair, tables);
        count -= 1;
      });
    }
    return count;
  });
  tell(
    "definitions compiled",
    `${all.length}: ${own.length} as they are, ${copies.length} made up or copied with changes`,
  );
  tell("refused", refused);
  tell("compiling, CPU s", rounded(s));
  tell("milliseconds a definition", rounded((s * 1000) / all.length));
}

compareWithNaive();
compileAll();
sweepAll(Number(values.resources));
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
