/** The real platform as a child process, on ports and a data folder of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ScenarioName } from "../../infra/local/scenarios/index.ts";
import { oids } from "../../infra/local/scenarios/people.ts";
import { compileCache, productBuild, type AppFiles } from "./productBuild.ts";
import { keepTraffic } from "./traffic.ts";

export interface TestPlatformOptions {
  /** Instances of core. */
  readonly core?: number;
  readonly scenario?: ScenarioName;
  readonly clock?: "real" | "manual";
  /** Whether colleagues act by themselves in what is laid; off without it. */
  readonly day?: "on" | "off";
  /**
   * Changes to the scenario's configuration; without them NET-01 asks. A fresh start of the product is in audit, where
   * nothing would ever be asked or written: pass `{}` for that.
   */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Runs these instead of the product. */
  readonly appFiles?: AppFiles;
}

export interface StartOptions {
  /** Lays it; without it the platform goes on with what is on disk. */
  readonly scenario?: ScenarioName;
  /** Runs these from now on. */
  readonly appFiles?: AppFiles;
  /** Whether to wait until it is ready. */
  readonly wait?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, text otherwise, undefined where there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the answer of any endpoint; tests assert its shape
  readonly body: any;
}

export interface Health {
  readonly status: string;
  readonly startedInMs: number;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly hosts: readonly { name: string; state: string; starts: number; lastExit?: string; lastLines?: string[] }[];
  readonly processes: readonly { name: string; pid: number; rssBytes: number }[];
}

const root = join(import.meta.dirname, "../..");
const READY_MS = 30_000;
const POLL_MS = 40;
const PORTS_TRIED = 20;

/** Files of the small apps that stand in for the product where only the platform is tested. */
export const fixtureApps = {
  core: join(import.meta.dirname, "fixtures/platformApp/core.ts"),
  edge: join(import.meta.dirname, "fixtures/platformApp/edge.ts"),
};

/** NET-01 asks, and what is agreed to is written without counting. */
export const asking = {
  standards: [{ id: "NET-01", mode: "approve" }],
  budgets: [{ writesPerHour: 1000 }],
} as const;

/** Starts a platform and waits until it is ready. */
export async function startPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const dir = await mkdtemp(join(tmpdir(), "steelyard-platform-"));
  await mkdir(join(dir, "tmp"));
  const platform = new TestPlatform(dir, options, options.appFiles ?? (await productBuild()));
  try {
    await platform.start({ scenario: options.scenario ?? "empty" });
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return platform;
}

export class TestPlatform {
  readonly dir: string;
  readonly #options: TestPlatformOptions;
  readonly #config: Readonly<Record<string, unknown>>;
  #appFiles: AppFiles;
  #child: ChildProcess | undefined;
  #output: string[] = [];
  #base = 0;

  constructor(dir: string, options: TestPlatformOptions, appFiles: AppFiles) {
    this.dir = dir;
    this.#options = options;
    this.#config = options.config ?? asking;
    this.#appFiles = appFiles;
  }

  get portBase(): number {
    return this.#base;
  }

  /** What the platform printed so far, standard output and standard error. */
  get output(): string {
    return this.#output.join("");
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.#base + 1}`;
  }

  coreUrl(instance = 0): string {
    return `http://127.0.0.1:${instance === 0 ? this.#base + 2 : this.#base + 19 + instance}`;
  }

  /** Starts the process; with a scenario it begins anew, without one it goes on with what is on disk. */
  async start({ scenario, appFiles, wait = true }: StartOptions = {}): Promise<void> {
    this.#appFiles = appFiles ?? this.#appFiles;
    if (this.#base === 0) this.#base = await freeBase();
    const child = spawn(
      process.execPath,
      [
        ...this.args(),
        ...(scenario === undefined
          ? []
          : ["--scenario", scenario, "--day", this.#options.day ?? "off", `--config=${JSON.stringify(this.#config)}`]),
      ],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          HOME: process.env["HOME"],
          TMPDIR: join(this.dir, "tmp"),
          ...compileCache(),
        },
      },
    );
    this.#child = child;
    this.#output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => this.#output.push(String(chunk)));
    if (wait) await this.untilReady();
  }

  /** Arguments that it is started with. */
  args(): string[] {
    return [
      join(root, "infra/local/platform/main.ts"),
      `--port-base=${this.#base}`,
      `--data=${join(this.dir, "data")}`,
      `--core=${this.#options.core ?? 1}`,
      `--app=core=${this.#appFiles.core}`,
      `--app=edge=${this.#appFiles.edge}`,
      ...(this.#options.clock === "manual" ? ["--manual"] : []),
    ];
  }

  /** Waits until health says ready; throws with the output when the process ends or takes too long. */
  async untilReady(): Promise<Health> {
    const deadlineMs = Date.now() + READY_MS;
    for (;;) {
      if (this.#child === undefined || this.#child.exitCode !== null)
        throw new Error(`the platform ended (exit code ${this.#child?.exitCode}):\n${this.output}`);
      try {
        const { status, body } = await this.control("GET", "health");
        if (status === 200) return body;
      } catch {
        // Not listening yet.
      }
      if (Date.now() > deadlineMs) throw new Error(`the platform is not ready after ${READY_MS} ms:\n${this.output}`);
      await sleep(POLL_MS);
    }
  }

  /** The control surface; `path` is relative to /_platform. */
  control(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(method, `http://127.0.0.1:${this.#base}/_platform/${path}`, body);
  }

  /** The product's API as a person (the operator unless said otherwise); `path` is relative to /api. */
  async api(method: string, path: string, body?: unknown, as: string = oids.operator): Promise<Answer> {
    const token = (await this.control("POST", "token", { as })).body.token as string;
    return request(method, `${this.edgeUrl}/api/${path}`, body, { authorization: `Bearer ${token}` });
  }

  /** ARM as a person; `path` is a resource ID with its query. */
  armAs(oid: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return request(method, `http://127.0.0.1:${this.#base + 3}${path}`, body, { "x-ms-client-principal-id": oid });
  }

  /** Waits until all has settled; throws with what it waits for otherwise. */
  async settle(options: { within?: string; timeoutS?: number } = {}): Promise<void> {
    const { status, body } = await this.control("POST", "settle", options);
    if (status !== 200 || body.settled !== true)
      throw new Error(`not settled: ${JSON.stringify(body)}\n${this.output}`);
  }

  /** Moves the clock; throws unless it answers 200. */
  async clock(command: object): Promise<{
    now: string;
    mode: string;
    ranTo: string;
    fired: number;
    occurrences: Record<string, number>;
  }> {
    const { status, body } = await this.control("POST", "clock", command);
    if (status !== 200) throw new Error(`clock: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Lines that the fixture apps wrote. */
  seen(kind?: string): Record<string, unknown>[] {
    let text: string;
    try {
      text = readFileSync(join(this.dir, "tmp/seen.jsonl"), "utf8");
    } catch {
      return [];
    }
    const lines = text.split("\n").filter((line) => line !== "");
    return lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => kind === undefined || line["kind"] === kind);
  }

  /** `kill -9` of the platform process; its hosts notice and end. */
  async killPlatform(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Starts it again with the data of before, after ending it (gracefully, if it still runs). */
  async restart(): Promise<void> {
    await this.#end("SIGTERM");
    await this.start();
  }

  /** Ends the process gracefully; answers its exit code. */
  async endPlatform(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    if (this.#isRunning) keepTraffic(String((await this.control("GET", "arm/exchanges")).body ?? ""));
    await this.#end("SIGTERM");
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  get #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await exited;
      clearTimeout(timer);
    }
    return child.exitCode;
  }
}

/** One JSON request. */
export async function request(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : isJson ? JSON.parse(text) : text,
  };
}

/** A base below the ephemeral ports whose whole span is free. */
export async function freeBase(): Promise<number> {
  for (let attempt = 0; attempt < PORTS_TRIED; attempt += 1) {
    const base = 10_000 + 50 * Math.floor(Math.random() * 440);
    const ports = [...Array(10).keys(), 20, 21].map((offset) => base + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error(`no free ports after ${PORTS_TRIED} attempts`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
