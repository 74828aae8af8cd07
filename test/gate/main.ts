/**
 * `npm run gate -- [--standard NET-01]... [--column 4]... [--resources 200] [--seed 1] [--resource 17] [--share 1/2] [--json]`
 *
 * The remedy gate of every standard of the catalogue: ten promises, each tried on drawn resources. Prints the matrix, and of
 * a cell that fails the smallest resource that shows it; ends with 1 then. Progress on stderr.
 */
import { parseArgs } from "node:util";
import { columns } from "./columns/index.ts";
import { gatedStandards, matrix } from "./matrix.ts";
import { isHeld, shownFailure, table } from "./table.ts";

const { values } = parseArgs({
  options: {
    standard: { type: "string", multiple: true },
    column: { type: "string", multiple: true },
    resources: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    /** Only this one. */
    resource: { type: "string" },
    /** A part of the standards, for several processes. */
    share: { type: "string", default: "1/1" },
    /** The cells as JSON lines on stdout, and no table. */
    json: { type: "boolean", default: false },
  },
});

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** @throws Error when the text is no whole number of at least `least`. */
function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name}: found "${text}"; expected a whole number of at least ${least}`);
}

/** @throws Error when one is named that there is not. */
function known<T>(name: string, given: readonly T[] | undefined, all: readonly T[]): readonly T[] | undefined {
  const stranger = given?.find((one) => !all.includes(one));
  if (stranger === undefined) return given;
  throw new Error(`--${name}: found ${String(stranger)}; expected one of ${all.join(", ")}`);
}

const standards = known(
  "standard",
  values.standard,
  gatedStandards().map(({ id }) => id),
);
const chosen = known(
  "column",
  values.column?.map(Number),
  columns.map(({ number }) => number),
);
const [part = 1, parts = 1] = values.share.split("/").map((text) => whole("share", text, 1));
const mine = (standards ?? gatedStandards().map(({ id }) => id)).filter((_, index) => index % parts === part - 1);
const seed = whole("seed", values.seed, 0);
const beganMs = performance.now();
const cells = await matrix({
  seed,
  resources: whole("resources", values.resources, 1),
  standards: mine,
  ...(chosen === undefined ? {} : { columns: chosen }),
  ...(values.resource === undefined ? {} : { resource: whole("resource", values.resource, 0) }),
  onCell: (cell) => {
    if (values.json) process.stdout.write(`${JSON.stringify(cell)}\n`);
    const mark = isHeld(cell) ? "held" : "FAILED";
    say(
      `${cell.standard} ${cell.column}: ${mark}, ${cell.resources} resources, ${cell.broken} broken, remedy fits ${cell.fixable}, ${cell.failures} failures`,
    );
  },
});
if (!values.json) process.stdout.write(`${table(cells)}\n`);
const failed = cells.filter((cell) => !isHeld(cell));
for (const cell of failed) process.stderr.write(`${shownFailure(cell, seed)}\n`);
say(`${cells.length} cells in ${((performance.now() - beganMs) / 1000).toFixed(0)} s, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
