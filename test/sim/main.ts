/**
 * `npm run sim -- [--seeds 100] [--from 1] [--seed 17 --trace] [--durable 10] [--disagree] [--all] [--json]`
 *
 * Runs seeds until one breaks an invariant; says which, what led to it and how to see it again. Progress on stderr.
 */
import { parseArgs } from "node:util";
import { runSeed, type RunResult } from "./run.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    /** Only this one. */
    seed: { type: "string" },
    /** Prints every line of the trace. */
    trace: { type: "boolean", default: false },
    /** Every so manieth seed runs through the real durable turns; 0: none, 1: all. */
    durable: { type: "string", default: "10" },
    /** Clocks that are off are off on one instance only; see RunOptions. */
    disagree: { type: "boolean", default: false },
    /** Goes on after a seed that failed. */
    all: { type: "boolean", default: false },
    /** One JSON line for each seed, on stdout. */
    json: { type: "boolean", default: false },
  },
});

/** @throws Error when the text is no whole number of at least `least`. */
function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name}: found "${text}"; expected a whole number of at least ${least}`);
}

const every = whole("durable", values.durable, 0);
const only = values.seed === undefined ? undefined : whole("seed", values.seed, 0);
const from = only ?? whole("from", values.from, 0);
const count = only === undefined ? whole("seeds", values.seeds, 1) : 1;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(seed: number): Promise<RunResult> {
  const print = values.trace ? (line: string): void => void process.stdout.write(`${line}\n`) : undefined;
  const isDurable = every > 0 && seed % every === 0;
  const passes = isDurable ? (await import("./durablePasses.ts")).durablePasses : undefined;
  const clocksDisagree = values.disagree;
  return runSeed(seed, {
    clocksDisagree,
    ...(passes === undefined ? {} : { passes }),
    ...(print === undefined ? {} : { print }),
  });
}

function tell({ seed, violations, last, hash }: RunResult): void {
  say(`seed ${seed} breaks ${violations.map(({ invariant }) => invariant).join(", ")}`);
  for (const { invariant, message } of violations) say(`  ${invariant}: ${message}`);
  if (!values.trace) for (const line of ["what led to it:", ...last.map((text) => `  ${text}`)]) say(line);
  say(`trace hash ${hash}`);
  say(`to see it again: npm run sim -- --seed ${seed} --durable ${every} --trace`);
}

const beganMs = performance.now();
const sum = { seeds: 0, durable: 0, steps: 0, writes: 0, virtualMinutes: 0, failed: 0 };
for (let seed = from; seed < from + count; seed += 1) {
  const result = await run(seed);
  sum.seeds += 1;
  sum.durable += every > 0 && seed % every === 0 ? 1 : 0;
  sum.steps += result.steps;
  sum.writes += result.stats.writes;
  sum.virtualMinutes += result.stats.virtualMinutes;
  if (values.json) {
    const { hash, violations } = result;
    process.stdout.write(`${JSON.stringify({ seed, hash, violations, ...result.stats })}\n`);
  }
  if (result.violations.length > 0) {
    sum.failed += 1;
    tell(result);
    if (!values.all) break;
  }
  if (sum.seeds % 100 === 0) say(`${sum.seeds} of ${count} seeds`);
}
const seconds = (performance.now() - beganMs) / 1000;
say(
  `${sum.seeds} seeds (${sum.durable} through durable turns) in ${seconds.toFixed(1)} s, ${(sum.seeds / seconds).toFixed(1)} a second: ` +
    `${sum.steps} steps, ${sum.writes} writes, ${Math.round(sum.virtualMinutes / 1440)} days; ${sum.failed} failed`,
);
process.exitCode = sum.failed > 0 ? 1 : 0;
