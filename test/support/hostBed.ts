/** Starts real host processes on bundled fixture apps, with this process in the platform's place. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../infra/build.ts";
import type { PlatformCalls, Serve } from "../../infra/local/host/link.ts";
import { spawnHost, type HostProcess, type ReadyInfo } from "../../infra/local/host/spawn.ts";
import { compileCache } from "./productBuild.ts";

export const fixtures = join(import.meta.dirname, "fixtures/hostApp");

export interface RunningHost {
  readonly process: HostProcess;
  readonly info: ReadyInfo;
  readonly base: string;
  /** What the process has printed so far. */
  readonly lines: string[];
}

export interface StartOptions {
  readonly app?: string;
  readonly port?: number;
  readonly env?: Record<string, string>;
  readonly clock?: { mode: "real" | "manual"; nowMs: number; offsetMs: number };
  readonly serve?: Partial<Serve<PlatformCalls>>;
  readonly hostJson?: object;
}

export class HostBed {
  readonly folder = mkdtempSync(join(tmpdir(), "steelyard-host-"));
  readonly #processes: HostProcess[] = [];

  /** Bundles fixture apps by name. */
  async bundle(...names: string[]): Promise<void> {
    const entries = Object.fromEntries(names.map((name) => [name, join(fixtures, `${name}.ts`)]));
    // Beside the bundle as in the package: Node reads its .js files as ES modules.
    writeFileSync(join(this.folder, "package.json"), '{"type":"module"}');
    await bundle({ entries, outdir: this.folder });
  }

  /** Starts a host without waiting for it. */
  spawn(options: StartOptions, lines: string[] = []): HostProcess {
    const started = spawnHost({
      app: "core",
      instance: 0,
      appFile: options.app?.includes("/") === true ? options.app : join(this.folder, `${options.app ?? "app"}.js`),
      port: options.port ?? 0,
      env: {
        PATH: process.env["PATH"] ?? "",
        TICK_SCHEDULE: "0 */5 * * * *",
        TASKHUB_NAME: "hub",
        ...compileCache(),
        ...options.env,
      },
      clock: options.clock ?? { mode: "real", nowMs: Date.now(), offsetMs: 0 },
      serve: {
        ready: () => null,
        "durable.http": () => ({ status: 404, headers: {}, body: "" }),
        "clock.lease": () => options.clock ?? { mode: "real", nowMs: Date.now(), offsetMs: 0 },
        "clock.release": () => null,
        ...options.serve,
      },
      onLine: (line) => lines.push(line),
      ...(options.hostJson === undefined ? {} : { hostJsonFile: this.#hostJson(options.hostJson) }),
    });
    this.#processes.push(started);
    return started;
  }

  async start(options: StartOptions = {}): Promise<RunningHost> {
    const lines: string[] = [];
    const started = this.spawn(options, lines);
    const info = await started.ready;
    return { process: started, info, base: `http://127.0.0.1:${info.port}`, lines };
  }

  /** Kills what still runs and removes the folder. */
  async end(): Promise<void> {
    for (const one of this.#processes) one.kill();
    await Promise.all(this.#processes.map((one) => one.exited));
    await rm(this.folder, { recursive: true, force: true });
  }

  #hostJson(content: object): string {
    const file = join(this.folder, `host-${this.#processes.length}.json`);
    writeFileSync(file, JSON.stringify(content));
    return file;
  }
}
