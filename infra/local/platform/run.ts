/** What `npm start` does once main.ts has made loading cheap. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serveControl } from "./control/server.ts";
import { writeConnection } from "./connection.ts";
import type { EngineContext } from "./engine.ts";
import { awaitFreePorts } from "./freePorts.ts";
import { HostLogs } from "./hostLogs.ts";
import { spawnHost } from "../host/spawn.ts";
import { claimDataFolder } from "./lock.ts";
import { parseOptions, UsageError, usage, type Options } from "./options.ts";
import { Platform } from "./platform.ts";
import { portsFrom } from "./ports.ts";
import type { App } from "./supervisor.ts";
import { welcome } from "./welcome.ts";

/** node:sqlite, and TypeScript without a build. */
const NODE_MAJOR_MIN = 24;

const root = join(import.meta.dirname, "../../..");
const startedMs = performance.now() - process.uptime() * 1000;

const log: EngineContext["log"] = (level, message, fields) => {
  const time = new Date().toISOString().slice(11, 23);
  const { lastLines, lines, ...rest } = fields ?? {};
  const text = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  const quoted = [lastLines, lines].flatMap((some) => (Array.isArray(some) ? some : []));
  console.error([`${time} ${level.padEnd(5)} ${message}${text}`, ...quoted.map((line) => `    | ${line}`)].join("\n"));
};

const progress = (line: string): void =>
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${line}`);

/** Brings the platform up and leaves it running; ends the process when it cannot. */
export async function start(): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof UsageError) console.error(`steelyard: ${error.message}`);
    else console.error(error);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

async function main(): Promise<void> {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_MAJOR_MIN)
    throw new UsageError(
      `the local platform needs Node ${NODE_MAJOR_MIN} or later; this is ${process.version}. 'npm start' brings its own (after 'npm ci'); by hand it is node_modules/.bin/node.`,
    );
  const options = parseOptions(process.argv.slice(2), process.env, root);
  if (options.help) {
    console.log(usage);
    return;
  }
  const ports = portsFrom(options.portBase, options.cores);
  await awaitFreePorts(ports);
  makeDataFolder(options.dataDir);
  process.once("exit", claimDataFolder(options.dataDir));
  const logs = new HostLogs(options.dataDir);
  process.once("exit", () => logs.flush());
  const [appFiles, platform] = await Promise.all([
    buildApps(options),
    Platform.open({
      dataDir: options.dataDir,
      ports,
      appFiles: appFilesOf(options),
      spawnHost,
      onHostLine: (host, line) => logs.add(host, line),
      log,
    }),
  ]);
  if (appFiles > 0) progress("apps are built");
  await run(platform, options);
}

async function run(platform: Platform, options: Options): Promise<void> {
  const control = await serveControl(platform);
  let stopping: Promise<void> | undefined;
  const stop = (signal: string): void => {
    if (stopping !== undefined) {
      console.error("stopping at once");
      process.exit(130);
    }
    progress(`${signal}: stopping (once more to stop at once)`);
    stopping = (async () => {
      await control.close();
      await platform.stop();
      process.exit(0);
    })();
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
  const clock = options.manual ? "manual" : "real";
  const request =
    options.scenario === undefined
      ? undefined
      : ({ scenario: options.scenario, seed: 1, clock, day: options.day, config: options.config } as const);
  await platform.start({ request, manual: options.manual }, progress);
  writeConnection(options.dataDir, platform.options.ports);
  if (stopping !== undefined) return;
  progress(platform.ready ? "ready" : "engines are up, but not every host is: see the lines above");
  console.log(welcome(platform));
}

function makeDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(
      `--data: found ${dataDir}, where no folder can be made (${error instanceof Error ? error.message : String(error)}); expected a folder, or a path where one can be made`,
    );
  }
}

function appFilesOf({ appFiles }: Options): Record<App, string> {
  return { core: join(root, "dist/core.js"), edge: join(root, "dist/edge.js"), ...appFiles };
}

/** Builds the apps that are not given as files; says how many. It takes less time than finding out whether to. */
async function buildApps({ appFiles }: Options): Promise<number> {
  if (appFiles.core !== undefined && appFiles.edge !== undefined) return 0;
  const { build } = await import("../../build.ts");
  await build();
  return 2 - Object.keys(appFiles).length;
}
