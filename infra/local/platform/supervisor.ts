/**
 * Keeps the host processes running: one edge and any number of cores, each a child that runs the built app.
 *
 * A host that ends is started again after a back-off that doubles from 100 ms to 5 s and begins anew once a host has
 * been ready for 10 s. A host that can't load its app (a configuration error) is tried again and again the same way;
 * its last lines are kept for `health`. All this is machine time.
 */
import type { HostFunction, PlatformCalls } from "../host/link.ts";
import type { HostProcess } from "../host/spawn.ts";
import type { EngineContext, WaitingOn } from "./engine.ts";

export type App = "core" | "edge";

/** Serves what a host asks of the platform. */
export type ServeHost = {
  [Name in keyof PlatformCalls]: (
    request: PlatformCalls[Name]["request"],
  ) => PlatformCalls[Name]["response"] | Promise<PlatformCalls[Name]["response"]>;
};

export interface HostSpec {
  readonly app: App;
  readonly instance: number;
  readonly port: number;
}

export interface Host extends HostSpec {
  /** `edge`, `core-0`, `core-1`, ... */
  readonly name: string;
  readonly state: "stopped" | "starting" | "ready" | "waiting";
  readonly pid: number | undefined;
  readonly process: HostProcess | undefined;
  readonly functions: readonly HostFunction[];
  /** Starts so far, the first included. */
  readonly starts: number;
  /** Starts since it was last ready for a while. */
  readonly failures: number;
  readonly readyInMs: number | undefined;
  readonly lastExit: string | undefined;
  /** What it printed last. */
  readonly lines: readonly string[];
}

export interface SupervisorParts {
  /** Starts one host process. */
  readonly spawn: (spec: HostSpec, serve: ServeHost, onLine: (line: string) => void) => HostProcess;
  /** Serves the calls of a host, except `ready`. */
  readonly durableHttp: ServeHost["durable.http"];
  /** Leases of a host on the clock. */
  readonly lease: (host: Host) => PlatformCalls["clock.lease"]["response"];
  readonly release: (host: Host) => void;
  /** A host is loaded and listens; awaited before it counts as ready. */
  readonly prepare: (host: Host) => Promise<void>;
  /** A host has become ready. */
  readonly onReady: (host: Host) => void;
  /** A host is gone; called at once. */
  readonly onGone: (host: Host) => void;
  readonly log: EngineContext["log"];
}

const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 5000;
const HEALTHY_MS = 10_000;
/** What a host works on is begun again by the next one, so nobody has to wait longer for it at a stop. */
const GRACE_MS = 5000;
const LINES_KEPT = 40;
/** A host that failed this often in a row is broken, not on its way: nobody waits for it any more. */
const BROKEN_FAILURES = 4;

type Slot = { -readonly [Key in keyof Host]: Host[Key] } & {
  timer: NodeJS.Timeout | undefined;
  backoffMs: number;
  sinceMs: number;
};

export class Supervisor {
  readonly #parts: SupervisorParts;
  #slots: Slot[] = [];
  #stopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  get hosts(): readonly Host[] {
    return this.#slots;
  }

  ready(): readonly Host[] {
    return this.#slots.filter((slot) => slot.state === "ready");
  }

  /** Starts a host for each spec; returns at once. */
  start(specs: readonly HostSpec[]): void {
    this.#stopping = false;
    this.#slots = specs.map((spec) => ({
      ...spec,
      name: spec.app === "edge" ? "edge" : `core-${spec.instance}`,
      state: "stopped",
      pid: undefined,
      process: undefined,
      functions: [],
      starts: 0,
      failures: 0,
      readyInMs: undefined,
      lastExit: undefined,
      lines: [],
      timer: undefined,
      backoffMs: BACKOFF_MIN_MS,
      sinceMs: 0,
    }));
    for (const slot of this.#slots) this.#spawn(slot);
  }

  /** Hosts that are on their way up, as work that others may wait for. */
  waitingOn(nowMs: number): WaitingOn[] {
    return this.#slots
      .filter(({ state, failures }) => (state === "starting" || state === "waiting") && failures < BROKEN_FAILURES)
      .map(({ name }) => ({ kind: "host.start", id: name, sinceMs: nowMs }));
  }

  /** `kill -9`; waits until the process is gone. Says whether there was one. */
  async kill(app: App, instance: number): Promise<boolean> {
    const slot = this.#slots.find((slot) => slot.app === app && slot.instance === instance);
    const running = slot?.process;
    if (running === undefined) return false;
    running.kill();
    await running.exited;
    return true;
  }

  /** Ends all hosts: gracefully (they finish what is under way) or at once. */
  async stop(how: "gracefully" | "at once"): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#slots.map(async (slot) => {
        clearTimeout(slot.timer);
        if (slot.process !== undefined) await this.#end(slot.name, slot.process, how);
        slot.state = "stopped";
      }),
    );
  }

  async #end(name: string, running: HostProcess, how: "gracefully" | "at once"): Promise<void> {
    if (how === "at once") running.kill();
    else {
      const timer = setTimeout(() => {
        this.#parts.log("warn", "a host took too long to stop and was killed; nothing is lost", { host: name });
        running.kill();
      }, GRACE_MS);
      await running.stop();
      clearTimeout(timer);
    }
    await running.exited;
  }

  #spawn(slot: Slot): void {
    const startedMs = performance.now();
    slot.state = "starting";
    slot.starts += 1;
    slot.lines = [];
    const running: HostProcess = this.#parts.spawn(
      { app: slot.app, instance: slot.instance, port: slot.port },
      {
        ready: ({ functions }) => {
          slot.functions = functions;
          slot.readyInMs = Math.round(performance.now() - startedMs);
          setImmediate(() => void this.#ready(slot, running));
          return null;
        },
        "durable.http": this.#parts.durableHttp,
        "clock.lease": () => this.#parts.lease(slot),
        "clock.release": () => {
          if (slot.process === running) this.#parts.release(slot);
          return null;
        },
      },
      (line) => {
        slot.lines = [...slot.lines.slice(1 - LINES_KEPT), line];
      },
    );
    slot.process = running;
    slot.pid = running.pid;
    void running.link.whenClosed.then(() => this.#lost(slot, running));
    void running.exited.then((exit) => this.#gone(slot, running, describeExit(exit)));
  }

  async #ready(slot: Slot, running: HostProcess): Promise<void> {
    try {
      await this.#parts.prepare(slot);
    } catch (error) {
      this.#parts.log("error", "a host could not be taken into service", { host: slot.name, error: String(error) });
      running.kill();
      return;
    }
    if (slot.process !== running) return;
    slot.state = "ready";
    this.#parts.onReady(slot);
    slot.timer = setTimeout(() => {
      slot.backoffMs = BACKOFF_MIN_MS;
      slot.failures = 0;
    }, HEALTHY_MS);
    slot.timer.unref();
  }

  /** Nothing can reach it any more; it takes a moment more until the process has ended. */
  #lost(slot: Slot, running: HostProcess): void {
    if (slot.process !== running) return;
    if (slot.state === "ready") slot.failures = 0;
    else slot.failures += 1;
    slot.state = "waiting";
    this.#parts.onGone(slot);
  }

  #gone(slot: Slot, running: HostProcess, exit: string): void {
    if (slot.process !== running) return;
    clearTimeout(slot.timer);
    slot.pid = undefined;
    slot.lastExit = exit;
    if (slot.state !== "waiting") this.#lost(slot, running);
    slot.process = undefined;
    if (this.#stopping) {
      slot.state = "stopped";
      return;
    }
    slot.state = "waiting";
    this.#parts.log("warn", "a host ended and is started again", {
      host: slot.name,
      exit,
      inMs: slot.backoffMs,
      ...(slot.failures === 0 ? {} : { lastLines: slot.lines.slice(-5) }),
    });
    slot.timer = setTimeout(() => this.#spawn(slot), slot.backoffMs);
    slot.backoffMs = Math.min(slot.backoffMs * 2, BACKOFF_MAX_MS);
  }
}

function describeExit({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;
}
