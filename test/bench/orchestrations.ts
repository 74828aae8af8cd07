/** Orchestrations with three activities per second, from start to end, through the platform's and the host's process. */
import { bundle } from "../../infra/build.ts";
import { join } from "node:path";
import { fixtureApps, request, startPlatform } from "../support/platform.ts";

const COUNT = Number(process.argv[2] ?? 2_000);
const AT_ONCE = 50;

const outdir = join(import.meta.dirname, "../../dist/test", String(process.pid));
const fixtures = join(import.meta.dirname, "../support/fixtures");
await bundle({ entries: { core: join(fixtures, "benchApp/core.ts"), edge: fixtureApps.edge }, outdir });
const platform = await startPlatform({ appFiles: { core: join(outdir, "core.js"), edge: join(outdir, "edge.js") } });
try {
  const round = async (from: number, count: number): Promise<number> => {
    const beganMs = performance.now();
    for (let start = 0; start < count; start += AT_ONCE) {
      const { status } = await request("POST", `${platform.coreUrl()}/api/start/${from + start}/${AT_ONCE}`, {});
      if (status !== 202) throw new Error(`start answered ${status}`);
    }
    await platform.settle({ timeoutS: 60 });
    return count / ((performance.now() - beganMs) / 1000);
  };
  await round(0, AT_ONCE * 4);
  const rate = await round(AT_ONCE * 4, COUNT);
  process.stdout.write(
    `orchestrations of three activities through two processes: ${rate.toFixed(0)}/s (${COUNT} started over HTTP)\n`,
  );
} finally {
  await platform.stop();
}
