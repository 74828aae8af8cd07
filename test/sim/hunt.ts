/**
 * `node test/sim/hunt.ts [--only TEXT] [--seeds 200] [--share 1/2]`
 *
 * Hunts the mutants, or a share of them; one JSON line each on stdout.
 */
import { parseArgs } from "node:util";
import { hunt } from "./breed.ts";
import { mutants } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seeds: { type: "string", default: "200" },
    share: { type: "string", default: "1/1" },
  },
});

const [part = 1, parts = 1] = values.share.split("/").map(Number);
for (const [index, mutant] of mutants.entries()) {
  if (index % parts !== part - 1 || !mutant.name.includes(values.only)) continue;
  process.stdout.write(`${JSON.stringify(await hunt(mutant, Number(values.seeds)))}\n`);
}
