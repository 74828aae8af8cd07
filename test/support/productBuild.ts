/** The product, bundled once for a test run. */
import { rmSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../../infra/build.ts";

export interface AppFiles {
  readonly core: string;
  readonly edge: string;
}

const root = join(import.meta.dirname, "../..");

/** Folder that the test run's global setup has bundled into; its processes inherit it. */
const setting = "STEELYARD_TEST_APPS";

let built: Promise<AppFiles> | undefined;

/** What the global setup has bundled; outside of a test run (a benchmark), bundled by this process. */
export function productBuild(): Promise<AppFiles> {
  const folder = process.env[setting];
  built ??= folder === undefined ? build() : Promise.resolve(filesIn(folder));
  return built;
}

/** For the environment of a process that does not inherit this one's. */
export function compileCache(): Record<string, string> {
  const folder = process.env["NODE_COMPILE_CACHE"];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

/** Vitest's global setup. */
export default async function setup(): Promise<void> {
  await build();
  process.env[setting] = folderOf(process.pid);
  // What one process of the run has compiled, the others need not: beside the build, and gone with it.
  process.env["NODE_COMPILE_CACHE"] = join(folderOf(process.pid), "compiled");
}

async function build(): Promise<AppFiles> {
  await removeStaleBuilds();
  const outdir = folderOf(process.pid);
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await bundle({
    entries: { core: join(root, "functions/core.ts"), edge: join(root, "functions/edge.ts") },
    outdir,
  });
  return filesIn(outdir);
}

function folderOf(pid: number): string {
  return join(root, "dist/test", String(pid));
}

function filesIn(folder: string): AppFiles {
  return { core: join(folder, "core.js"), edge: join(folder, "edge.js") };
}

/** A process that was killed could not remove what it had built. */
async function removeStaleBuilds(): Promise<void> {
  const parent = join(root, "dist/test");
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (!isAlive(Number(name))) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
