/**
 * `node test/sim/main.ts --seeds 500 [--from 1] [--seed 17 --trace] [--durable 10]`
 *
 * Runs seeds until one breaks an invariant; says which, what led to it and how to see it again. Progress on stderr.
 */
import { parseArgs } from "node:util";
import { runSeed, type RunResult } from "./run.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    /** Every so manieth seed runs through the real durable turns; 0: none, 1: all. */
    durable: { type: "string", default: "10" },
    keep: { type: "boolean", default: false },
  },
});

const every = Number(values.durable);

async function run(seed: number): Promise<RunResult> {
  const print = values.trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  const isDurable = every > 0 && seed % every === 0;
  const passes = isDurable ? (await import("./durablePasses.ts")).durablePasses : undefined;
  return runSeed(seed, { ...(passes === undefined ? {} : { passes }), ...(print === undefined ? {} : { print }) });
}

function tell({ seed, violations, last, hash }: RunResult): void {
  const lines = [
    `seed ${seed}: ${violations.length} violations`,
    ...violations.map(({ invariant, message }) => `  ${invariant}: ${message}`),
    ...(values.trace ? [] : ["last lines of the trace:", ...last.map((line) => `  ${line}`)]),
    `trace hash ${hash}`,
    `again: npm run sim -- --seed ${seed} --trace --durable ${every}`,
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}

const single = values.seed === undefined ? undefined : Number(values.seed);
const from = single ?? Number(values.from);
const count = single === undefined ? Number(values.seeds) : 1;
const beganMs = performance.now();
let failed = 0;
let steps = 0;
let writes = 0;
let done = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const result = await run(seed);
  done += 1;
  steps += result.steps;
  writes += result.stats.writes;
  if (result.violations.length > 0) {
    failed += 1;
    if (values.keep)
      process.stderr.write(`seed ${seed}: ${result.violations[0]?.invariant} ${result.violations[0]?.message}\n`);
    else {
      tell(result);
      break;
    }
  }
  if (done % 50 === 0) process.stderr.write(`${done} of ${count} seeds\n`);
}
const seconds = (performance.now() - beganMs) / 1000;
process.stderr.write(
  `${done} seeds in ${seconds.toFixed(1)} s (${(done / seconds).toFixed(1)} a second), ${steps} steps, ${writes} writes, ${failed} failed\n`,
);
process.exitCode = failed > 0 ? 1 : 0;
