/**
 * `npm run bench`: what a firing of the clock costs. A firing is one occurrence of a timer function of the real product,
 * in its own process, against the real engines, and everything that it causes, until nothing is under way any more.
 * `node test/bench/clock.ts P1D` advances by another length of time than eight days.
 */
import { readFileSync } from "node:fs";
import { asking, startPlatform } from "../support/platform.ts";

const length = process.argv[2] ?? "P8D";

const lines: Record<string, string> = {};
const platform = await startPlatform({ clock: "manual" });
try {
  for (const [scenario, estate] of [
    ["empty", "an empty estate"],
    ["small", "40 accounts"],
  ]) {
    await platform.control("POST", "reset", { scenario, clock: "manual", config: asking });
    await platform.settle();
    const beganMs = performance.now();
    const cpuBefore = await processorTimes();
    const { fired, occurrences } = await platform.clock({ advance: length });
    const tookMs = performance.now() - beganMs;
    const cpu = [...(await processorTimes())].map(([name, ms]) => [name, ms - (cpuBefore.get(name) ?? 0)] as const);
    const what = `advance of ${length} over ${estate}`;
    lines[what] =
      `${(tookMs / fired).toFixed(2)} ms per firing (${fired} firings in ${(tookMs / 1000).toFixed(1)} s, ${sum(Object.values(occurrences))} of them timer functions)`;
    lines[`processor time in that ${what}`] = cpu
      .map(([name, ms]) => `${name} ${(ms / fired).toFixed(2)} ms per firing`)
      .join(", ");
    console.error(what, lines[what], lines[`processor time in that ${what}`]);
  }
} finally {
  await platform.stop();
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** User and system time that each process of the platform has used so far, milliseconds; Linux only. */
async function processorTimes(): Promise<Map<string, number>> {
  const { body } = await platform.control("GET", "health");
  const TICK_MS = 10;
  return new Map(
    (body.processes as { name: string; pid: number }[]).map(({ name, pid }) => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return [name, (Number(fields[11]) + Number(fields[12])) * TICK_MS];
    }),
  );
}

process.stdout.write(`${JSON.stringify(lines, null, 2)}\n`);
