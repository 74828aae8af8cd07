/**
 * `node test/oracle/main.ts [--pairs 20000] [--seed 1] [--policies FOLDER] [--show 20] [--pair N]`
 *
 * Holds the product's evaluator of Azure Policy against the naive interpreter on mutated pairs; says of every pair on
 * which they disagree what each says. Exit code 1 when there is one. Progress on stderr.
 */
import { parseArgs } from "node:util";
import { agree, type Disagreement } from "./agreement.ts";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    /** Definitions (*.json), cases (*.jsonl) and aliases.json; see readFolder. */
    policies: { type: "string" },
    /** So many disagreements are printed whole. */
    show: { type: "string", default: "20" },
  },
});

/** @throws Error when the text is no whole number of at least 0. */
function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name}: found "${text}"; expected a whole number`);
}

function tell({ number, smallest, pair, naive, product }: Disagreement): void {
  process.stdout.write(`pair ${number} (${pair.id})\n`);
  process.stdout.write(`  naive:   ${JSON.stringify(naive)}\n  product: ${JSON.stringify(product)}\n`);
  process.stdout.write(`  ${JSON.stringify(smallest)}\n`);
}

const asked = { pairs: whole("pairs", values.pairs), seed: whole("seed", values.seed), policies: values.policies };
const { pairs, verdicts, disagreements } = agree({
  ...asked,
  shrunk: whole("show", values.show),
  onProgress: (done, found) => process.stderr.write(`${done} pairs, ${found} disagreements\n`),
});
for (const each of disagreements.slice(0, whole("show", values.show))) tell(each);
process.stdout.write(`${pairs} pairs, seed ${asked.seed}: ${JSON.stringify(verdicts)}\n`);
process.stdout.write(`${disagreements.length} disagreements\n`);
process.exitCode = disagreements.length === 0 ? 0 : 1;
