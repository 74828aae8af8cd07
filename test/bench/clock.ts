/**
 * `npm run bench`: what a firing of the clock costs. A firing is one occurrence of a timer function of the real product,
 * in its own process, against the real engines, and everything that it causes, until nothing is under way any more.
 * `node test/bench/clock.ts P1D` advances by another length of time than eight days.
 */
import { parseDuration } from "../../infra/local/platform/duration.ts";
import { startPlatform } from "../support/platform.ts";

const length = process.argv[2] ?? "P8D";
const minutes = (parseDuration(length) ?? 0) / 60_000;
/** Once a minute each: sweeper and seal. */
const occurrences = 2 * minutes;

const lines: Record<string, string> = {};
const platform = await startPlatform({ clock: "manual" });
try {
  for (const [scenario, estate] of [
    ["empty", "an empty estate"],
    ["small", "40 accounts"],
  ]) {
    await platform.control("POST", "reset", { scenario, clock: "manual" });
    await platform.settle();
    const beganMs = performance.now();
    const { fired } = await platform.clock({ advance: length });
    const tookMs = performance.now() - beganMs;
    lines[`advance of ${length} over ${estate}`] =
      `${(tookMs / fired).toFixed(2)} ms per firing (${fired} firings in ${(tookMs / 1000).toFixed(1)} s, ${occurrences} of them timer functions)`;
    console.error(lines[`advance of ${length} over ${estate}`]);
  }
} finally {
  await platform.stop();
}
process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
