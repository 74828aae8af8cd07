/** Builds mutants and lets the simulator hunt them. */
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import type { Mutant } from "./mutants.ts";
import type * as run from "./run.ts";

const root = resolve(import.meta.dirname, "../..");
/** Below node_modules, so that the packages that stay outside the bundle are found. */
const outdir = join(root, "node_modules/.cache/steelyard-mutants");

export interface Catch {
  readonly mutant: string;
  /** Undefined when it lived. */
  readonly caught: { readonly invariant: string; readonly message: string; readonly seed: number } | undefined;
  /** Why it could not be bred; undefined when it could. */
  readonly failure?: string;
  readonly seeds: number;
  readonly seconds: number;
}

/** What is changed in the product, under a name. */
export type Change = Pick<Mutant, "name" | "edits">;

/** Bundles the simulator with the product as the mutant has it. @throws Error as `bundled` does */
export async function breed(mutant: Change): Promise<typeof run> {
  return (await bundled(mutant, "test/sim/run.ts")) as typeof run;
}

/**
 * A module of the repository with the product as the mutant has it.
 * @throws Error when a text that the mutant replaces does not occur exactly once: the product has moved on.
 */
export async function bundled(mutant: Change, entry: string): Promise<unknown> {
  const esbuild = await import("esbuild");
  mkdirSync(outdir, { recursive: true });
  const outfile = join(outdir, `${mutant.name.replace(/[^a-z]+/gi, "-")}-${process.pid}.mjs`);
  await esbuild.build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    packages: "external",
    plugins: [replacing(mutant)],
    logLevel: "silent",
  });
  return import(pathToFileURL(outfile).href);
}

function replacing({ name, edits }: Change): Plugin {
  return {
    name: "mutant",
    setup(build) {
      for (const file of new Set(edits.map((edit) => edit.file))) {
        const path = join(root, file);
        const filter = new RegExp(`${file.replaceAll("/", "[/\\\\]").replaceAll(".", "\\.")}$`);
        build.onLoad({ filter }, () => {
          let contents = readFileSync(path, "utf8");
          for (const { from, to } of edits.filter((edit) => edit.file === file)) {
            const count = contents.split(from).length - 1;
            if (count !== 1)
              throw new Error(`mutant "${name}": found its text ${count} times in ${file}; expected it once`);
            contents = contents.replace(from, () => to);
          }
          return { contents, loader: "ts" };
        });
      }
    },
  };
}

/** Runs seeds until one catches the mutant, `seedsMax` at most. */
export async function hunt(mutant: Mutant, seedsMax: number): Promise<Catch> {
  const beganMs = performance.now();
  const { name, seed: firstSeed = 1 } = mutant;
  let seeds = 0;
  let caught: Catch["caught"];
  try {
    const { runSeed } = await breed(mutant);
    while (caught === undefined && seeds < seedsMax) {
      const seed = firstSeed + seeds;
      const [violation] = (await runSeed(seed)).violations;
      if (violation !== undefined) caught = { invariant: violation.invariant, message: violation.message, seed };
      seeds += 1;
    }
  } catch (error) {
    return { mutant: name, caught: undefined, failure: (error as Error).message, seeds, seconds: 0 };
  }
  return { mutant: name, caught, seeds, seconds: (performance.now() - beganMs) / 1000 };
}
