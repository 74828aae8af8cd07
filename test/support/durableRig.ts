/** A durable backend with real durable-functions code in process, on a manual clock. */
import { invoke, registry } from "./functionsCore.ts";
import { LinkClosed } from "../../infra/local/host/link.ts";
import { DurableBackend, type DurableOptions, type DurableWorker } from "../../infra/local/durable/backend.ts";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { EffectLog } from "../../infra/local/platform/effects.ts";
import { FaultBook, mulberry32 } from "../../infra/local/platform/faults.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";

export const startMs = Date.parse("2026-03-02T08:00:00.000Z");

/** All that is registered in this process, as one host instance would offer it. */
export class InProcessWorker implements DurableWorker {
  readonly id: string;
  readonly orchestrators: ReadonlySet<string>;
  readonly activities: ReadonlySet<string>;
  /** Names of orchestrators and activities, in the order in which they were asked for. */
  readonly calls: string[] = [];
  /** Calls beyond this many are accepted and never answered: the process hangs or is dead. */
  deafAfter = Number.POSITIVE_INFINITY;

  constructor(id = "core-0") {
    this.id = id;
    this.orchestrators = namesOf("orchestrationTrigger");
    this.activities = namesOf("activityTrigger");
  }

  async runOrchestrator(name: string, _instanceId: string, payload: string): Promise<string> {
    this.calls.push(`orchestrator/${name}`);
    if (this.calls.length > this.deafAfter) return new Promise(() => {});
    return JSON.stringify(await invoke(name, payload));
  }

  async runActivity(
    name: string,
    _instanceId: string,
    input: string | null,
  ): Promise<{ ok: true; result: unknown } | { ok: false; message: string; stack: string }> {
    this.calls.push(`activity/${name}`);
    if (this.calls.length > this.deafAfter) return new Promise(() => {});
    try {
      return { ok: true, result: await invoke(name, input) };
    } catch (error) {
      if (error instanceof LinkClosed) throw error;
      const { message, stack = "" } = error as Error;
      return { ok: false, message, stack };
    }
  }
}

function namesOf(type: string): Set<string> {
  return new Set(
    [...registry.values()].filter((found) => found.triggerType === type).map((found) => found.metadata.name),
  );
}

/** Bodies of the management API, as loose as a test wants them. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests compare with literals
type Json = any;

export interface Logged {
  level: string;
  message: string;
  fields: Record<string, unknown> | undefined;
}

export class DurableRig {
  readonly clock: Agenda;
  readonly faults = new FaultBook();
  readonly logged: Logged[] = [];
  readonly crashes: string[] = [];
  readonly backend: DurableBackend;
  worker: InProcessWorker;
  #attached: { detach(): void } | undefined;

  private constructor(clock: Agenda, dataDir: string, options: DurableOptions, seed: number) {
    this.clock = clock;
    const context: EngineContext = {
      clock,
      faults: this.faults,
      effects: new EffectLog(openDatabase(":memory:"), () => clock.now()),
      random: mulberry32(seed),
      dataDir,
      crash: (process) => {
        this.crashes.push(process);
        this.restartHost();
      },
      log: (level, message, fields) => this.logged.push({ level, message, fields }),
    };
    this.backend = new DurableBackend(context, options);
    this.worker = new InProcessWorker();
  }

  /** A started backend with one attached worker. */
  static async start(
    options: { dataDir?: string; nowMs?: number; worker?: boolean; seed?: number } & DurableOptions = {},
  ): Promise<DurableRig> {
    const clock = new Agenda({ mode: "manual", nowMs: options.nowMs ?? startMs });
    const rig = new DurableRig(clock, options.dataDir ?? ":memory:", options, options.seed ?? 1);
    await rig.backend.start();
    if (options.worker !== false) rig.attach();
    return rig;
  }

  attach(): void {
    this.#attached = this.backend.attach(this.worker);
  }

  detach(): void {
    this.#attached?.detach();
    this.#attached = undefined;
  }

  /** What a killed host process looks like from here: gone at once, and a new one a moment later. */
  restartHost(): void {
    this.detach();
    this.worker = new InProcessWorker();
    this.attach();
  }

  async stop(): Promise<void> {
    await this.backend.stop();
    this.clock.stop();
  }

  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): { status: number; body: Json; headers: Record<string, string> } {
    const url = new URL(path, "http://localhost/");
    const response = this.backend.handle({
      method,
      path: url.pathname.slice(1),
      query: [...url.searchParams],
      body: body === undefined ? null : JSON.stringify(body),
      headers,
    });
    return { ...response, body: response.body === "" ? undefined : JSON.parse(response.body) };
  }

  start(name: string, input?: unknown, id?: string): string {
    const response = this.call("POST", `orchestrators/${name}${id === undefined ? "" : `/${id}`}`, input);
    if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(response.body)}`);
    return response.body.id as string;
  }

  raise(id: string, event: string, input?: unknown): number {
    return this.call("POST", `instances/${id}/raiseEvent/${event}`, input).status;
  }

  status(id: string, query = ""): Json {
    return this.call("GET", `instances/${id}${query}`).body;
  }

  /** Runs everything that is due now. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 100_000; turn += 1) {
      const now = this.clock.now();
      while ((this.clock.next()?.dueMs ?? Number.POSITIVE_INFINITY) <= now) await this.clock.step(now);
      if (!this.backend.waitingOn().some(({ dueMs }) => dueMs === undefined || dueMs <= now)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`not settled: ${JSON.stringify(this.backend.waitingOn())}`);
  }

  /** Moves business time on by `ms`, through everything that falls due on the way. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.clock.now() + ms;
    await this.settle();
    while ((await this.clock.step(untilMs)) !== undefined) await this.settle();
  }

  /** Like {@link advance}, until an instance has ended. */
  async finish(id: string, withinMs = 366 * 86_400_000): Promise<Json> {
    const untilMs = this.clock.now() + withinMs;
    for (;;) {
      await this.settle();
      const status = this.status(id);
      if (["Completed", "Failed", "Terminated"].includes(status.runtimeStatus)) return status;
      if ((await this.clock.step(untilMs)) === undefined) return status;
    }
  }

  warnings(): string[] {
    return this.logged.filter(({ level }) => level === "warn").map(({ message }) => message);
  }
}
