/** Starts a host process and is its handle: the link, its lines, its end. Restarting is the supervisor's. */
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { childChannel } from "./ipc.ts";
import { Link, type HostCalls, type PlatformCalls, type Serve } from "./link.ts";
import { hostEnvironment, type ClockState, type HostSettings } from "./settings.ts";

export type ReadyInfo = PlatformCalls["ready"]["request"];

export interface SpawnOptions {
  readonly app: HostSettings["app"];
  readonly instance: number;
  /** The built file that registers the app's functions. */
  readonly appFile: string;
  /** 0 takes a free one; {@link ReadyInfo} has it. */
  readonly port: number;
  /** The app settings. The process gets these and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Business time to begin with. */
  readonly clock: ClockState;
  readonly serve: Serve<PlatformCalls>;
  /** Each line that the process prints. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Without it, the host.json of this repository. */
  readonly hostJsonFile?: string;
}

export interface ExitInfo {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface HostProcess {
  readonly link: Link<HostCalls, PlatformCalls>;
  /** Undefined when the process could not be started. */
  readonly pid: number | undefined;
  /** Rejects with the last lines of stderr when the process ends before it is ready. */
  readonly ready: Promise<ReadyInfo>;
  readonly exited: Promise<ExitInfo>;
  /** SIGKILL: at once, whatever is under way. */
  kill(): void;
  /** Lets it finish what is under way; kills it when it takes too long. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** The host gives its functions 10 s (host.ts); what is not gone then hangs. */
const STOP_MS_MAX = 13_000;

/** Lines of stderr that are kept to say why a host did not come up. */
const LINES_KEPT = 20;

const root = join(import.meta.dirname, "../../..");

/** Starts a host; returns at once. */
export function spawnHost(options: SpawnOptions): HostProcess {
  const { app, instance, appFile, port, clock, hostJsonFile = join(root, "host.json") } = options;
  const child = fork(join(import.meta.dirname, "main.ts"), [], {
    execPath: process.execPath,
    // What the parent was started with (a test runner's loaders, --inspect) is not for the host.
    execArgv: ["--enable-source-maps"],
    env: { ...options.env, ...hostEnvironment({ app, instance, appFile, port, clock, hostJsonFile }) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
  });
  const errors: string[] = [];
  const outputRead = forwardLines(child.stdout, (line) => options.onLine?.(line, "stdout"));
  const errorsRead = forwardLines(child.stderr, (line) => {
    errors.push(line);
    if (errors.length > LINES_KEPT) errors.shift();
    options.onLine?.(line, "stderr");
  });
  const exited = exitOf(child, [outputRead, errorsRead], errors);
  const { promise: ready, resolve, reject } = Promise.withResolvers<ReadyInfo>();
  const link = new Link<HostCalls, PlatformCalls>(childChannel(child), {
    ...options.serve,
    ready: async (info) => {
      const answer = await options.serve.ready(info);
      resolve(info);
      return answer;
    },
  });
  void exited.then(({ code, signal }) =>
    reject(
      new Error(
        `host ${app}-${instance} ended (${signal ?? `code ${code}`}) before it was ready:\n${errors.join("\n")}`,
      ),
    ),
  );
  // Nobody has to look at it: the exit says the same.
  ready.catch(() => undefined);
  return {
    link,
    pid: child.pid,
    ready,
    exited,
    kill: () => void child.kill("SIGKILL"),
    stop: () => stop(child, link, exited),
  };
}

/** Resolves when the stream has ended and its last line has been handed over. */
function forwardLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) return Promise.resolve();
  return new Promise((resolve) => {
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", onLine).once("close", resolve);
  });
}

/** After `exit` and the last line; the event `close` would say both, but stays out when the channel was closed here. */
async function exitOf(child: ChildProcess, lines: readonly Promise<void>[], errors: string[]): Promise<ExitInfo> {
  const exit = await new Promise<ExitInfo>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      errors.push(error.message);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  await Promise.all(lines);
  return exit;
}

async function stop(
  child: ChildProcess,
  link: Link<HostCalls, PlatformCalls>,
  exited: Promise<ExitInfo>,
): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  // A host that goes away before it answers has stopped as well.
  if (!link.closed) link.call("stop", null).catch(() => undefined);
  await exited;
  clearTimeout(timer);
}
