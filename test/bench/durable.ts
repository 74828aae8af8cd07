/**
 * How many orchestrations of three activities the durable backend carries through in a second, with the functions in
 * the same process. Prints the rate for activities one after the other and side by side, in memory and on disk, and
 * how the rate for ten activities compares with that for three (linear growth of the work gives 1).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "../support/functionsCore.ts";
import * as df from "durable-functions";
import { DurableRig } from "../support/durableRig.ts";

df.app.activity("add", { handler: (input: number) => input + 1 });
df.app.orchestration("inTurn", function* (context) {
  let sum = 0;
  for (let i = 0; i < context.df.getInput<{ n: number }>().n; i += 1) sum = yield context.df.callActivity("add", sum);
  return sum;
});
df.app.orchestration("sideBySide", function* (context) {
  const tasks = Array.from({ length: context.df.getInput<{ n: number }>().n }, (_, i) =>
    context.df.callActivity("add", i),
  );
  return yield context.df.Task.all(tasks);
});

async function rate(name: string, n: number, count: number, dataDir: string): Promise<number> {
  const rig = await DurableRig.start({ dataDir });
  const begin = performance.now();
  for (let i = 0; i < count; i += 1) rig.start(name, { n });
  while (rig.backend.waitingOn().length > 0) {
    for (let i = 0; i < 100; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const perSecond = (count * 1000) / (performance.now() - begin);
  await rig.stop();
  return perSecond;
}

const folder = mkdtempSync(join(tmpdir(), "durable-bench-"));
const count = Number(process.argv[2] ?? 1000);
await rate("inTurn", 3, 200, ":memory:"); // warm
const rates: Record<string, number> = {};
for (const name of ["inTurn", "sideBySide"]) {
  rates[`${name} memory`] = await rate(name, 3, count, ":memory:");
  rates[`${name} disk`] = await rate(name, 3, count, join(folder, name));
}
const ten = await rate("inTurn", 10, Math.ceil(count / 3), join(folder, "ten"));
rmSync(folder, { recursive: true, force: true });
for (const [name, perSecond] of Object.entries(rates)) {
  console.log(`durable, 3 activities, ${name}: ${Math.round(perSecond)} orchestrations/s`);
}
const turns = (n: number): number => n + 1;
const growth = ((rates["inTurn disk"] ?? 0) * turns(3)) / (ten * turns(10));
console.log(`durable, cost of a turn with 10 activities against 3: ${growth.toFixed(2)}`);
