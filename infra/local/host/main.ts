/** Entry of the host process; started by {@link spawnHost} with an IPC channel and STEELYARD_HOST_ settings. */
import { flushCompileCache } from "node:module";
import { inspect } from "node:util";
import { FunctionsHost } from "./host.ts";
import { hostChannel } from "./ipc.ts";
import { redact } from "./logs.ts";
import { takeHostSettings } from "./settings.ts";

export const exitCodes = {
  stopped: 0,
  /** The app or its settings are wrong; stderr says what. Also an error that nobody caught, as in Azure. */
  failed: 1,
  /** The platform went away; a host without it can do nothing. */
  orphaned: 2,
} as const;

/** Says why, then ends at once: a half-loaded app must not serve. */
function fail(error: unknown): never {
  const causes: string[] = [];
  let cause = error;
  while (cause instanceof Error && causes.length < 5) {
    causes.push(cause.stack ?? cause.message);
    cause = cause.cause;
  }
  if (cause !== undefined && !(cause instanceof Error)) causes.push(inspect(cause));
  process.stderr.write(`host: ${redact(causes.join("\ncaused by: "))}\n`);
  process.exit(exitCodes.failed);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("disconnect", () => process.exit(exitCodes.orphaned));

try {
  const channel = hostChannel();
  await new FunctionsHost(takeHostSettings(process.env), channel, (code) => process.exit(code)).start();
  // NODE_COMPILE_CACHE halves the time that a bundle of several megabytes takes to load again, that is, at each restart.
  // It is otherwise written at exit only, which kill -9 skips.
  flushCompileCache();
} catch (error) {
  fail(error);
}
