/**
 * The local platform: what Azure is to the product, on one machine.
 *
 * It composes the engines, keeps the hosts running, owns business time, and lays scenarios. Everything that must
 * survive lies in SQLite files of the data folder; a platform that was killed goes on where it was.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { spawnHost } from "../host/spawn.ts";
import type { HostProcess } from "../host/spawn.ts";
import { scenarioNames, scenarios, type ScenarioName } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { Barrier } from "./barrier.ts";
import { ClockControl, type ClockAnswer, type ClockCommand } from "./clockControl.ts";
import { coreIdentity, edgeIdentity } from "./constants.ts";
import { DayPlayer } from "./day.ts";
import { EffectLog } from "./effects.ts";
import type { EngineContext, WaitingOn } from "./engine.ts";
import { callerOf, composeEngines, type Engines } from "./engines.ts";
import { FaultBook, mulberry32 } from "./faults.ts";
import { busyHost, durableWorker, hostClock, runTimer } from "./hostBridge.ts";
import { Mutex } from "./mutex.ts";
import { layScenario } from "./seed.ts";
import { appSettings, type Ports } from "./settings.ts";
import { settle } from "./settle.ts";
import { StandingAgenda } from "./standingAgenda.ts";
import { PlatformState, type SavedScenario } from "./state.ts";
import { Supervisor, type App, type Host, type HostSpec, type ServeHost } from "./supervisor.ts";
import { FunctionTimers, type TimerOutcome, type TimerRequest } from "./timers.ts";

export interface PlatformOptions {
  /** Absolute path of the folder that holds all state. */
  readonly dataDir: string;
  readonly ports: Ports;
  /** The file that each app is loaded from. */
  readonly appFiles: Readonly<Record<App, string>>;
  readonly spawnHost: typeof spawnHost;
  /** Each line that a host prints. */
  readonly onHostLine: (host: string, line: string) => void;
  readonly log: EngineContext["log"];
}

export interface ScenarioRequest {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly clock: "real" | "manual";
  /** Business time to begin with, milliseconds since the epoch; without it the machine's. */
  readonly nowMs?: number | undefined;
  /** Whether colleagues act by themselves, in a scenario that has some. */
  readonly day: "on" | "off";
  /** Changes to the scenario's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

const MINUTE_MS = 60_000;
/** Machine time that hosts may take to come up at start and reset before the call goes on without them. */
const HOSTS_READY_MS = 20_000;

export class Platform {
  readonly options: PlatformOptions;
  readonly clock: StandingAgenda;
  readonly faults = new FaultBook();
  readonly effects: EffectLog;
  readonly engines: Engines;
  readonly supervisor: Supervisor;
  readonly control: ClockControl;
  readonly #state: PlatformState;
  readonly #timers: FunctionTimers;
  readonly #barrier: Barrier;
  readonly #day: DayPlayer;
  readonly #moves = new Mutex();
  readonly #detach = new Map<string, { detach(): void }>();
  #random: () => number;
  #startedInMs: number | undefined;
  #laying = false;

  private constructor(options: PlatformOptions, compose: (context: EngineContext) => Engines) {
    this.options = options;
    const state = new PlatformState(join(options.dataDir, "platform.sqlite"));
    this.#state = state;
    this.#random = mulberry32(state.scenario?.seed ?? 1);
    this.clock = restoredClock(state);
    this.clock.onError = (item, error) =>
      options.log("error", "something that fell due failed", { kind: item.kind, id: item.id, error: String(error) });
    this.effects = new EffectLog(state.database, () => this.clock.now());
    this.engines = compose({
      clock: this.clock,
      faults: this.faults,
      effects: this.effects,
      random: () => this.#random(),
      dataDir: options.dataDir,
      crash: (app, host) => this.crash(app, host),
      log: options.log,
    });
    const { directory } = this.engines.identity;
    this.#day = new DayPlayer({
      clock: this.clock,
      arm: this.engines.arm,
      directory,
      callerOf: (oid) => callerOf(directory, oid),
      save: (day) => {
        state.day = day;
      },
      log: options.log,
    });
    this.#timers = new FunctionTimers(this.clock, state, (app, request) => this.#runTimer(app, request), options.log);
    this.supervisor = new Supervisor({
      spawn: (spec, serve, onLine) => this.#spawn(spec, serve, onLine),
      durableHttp: (request) => this.engines.durable.handle(request),
      lease: (host) => this.control.lease(host),
      release: ({ name }) => this.control.release(name),
      prepare: (host) => this.control.tell(hostClock(host)),
      onReady: (host) => this.#takeIn(host),
      onGone: ({ name }) => {
        this.control.forget(name);
        this.#letGo(name);
      },
      log: options.log,
    });
    this.#barrier = new Barrier({
      clock: this.clock,
      work: () => this.waitingOn(),
      hosts: () => this.supervisor.ready().map(busyHost),
    });
    this.control = new ClockControl({
      clock: this.clock,
      barrier: this.#barrier,
      timers: this.#timers,
      state,
      hosts: () => this.supervisor.ready().map(hostClock),
    });
  }

  /** Opens the data folder and builds the platform; nothing listens yet. */
  static async open(options: PlatformOptions): Promise<Platform> {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    return new Platform(options, await composeEngines(options.ports, options.dataDir));
  }

  /** True when nothing is being laid and every host is in service. */
  get ready(): boolean {
    const { hosts } = this.supervisor;
    return this.#startedInMs !== undefined && !this.#laying && hosts.every(({ state }) => state === "ready");
  }

  /** Machine time from the start of the process to its first readiness. */
  get startedInMs(): number | undefined {
    return this.#startedInMs;
  }

  get scenario(): SavedScenario | undefined {
    return this.#state.scenario;
  }

  /** Starts the engines, lays a scenario if asked to or if none is there, starts the hosts and waits for them. */
  async start(
    { request, manual }: { request: ScenarioRequest | undefined; manual: boolean },
    progress: (line: string) => void,
  ): Promise<void> {
    if (manual) {
      this.clock.setMode("manual");
      await this.control.push();
    }
    for (const engine of this.engines.all) await engine.start();
    const kept = this.#state.scenario;
    if (request !== undefined || kept === undefined) {
      const clock = manual ? "manual" : "real";
      const wanted: ScenarioRequest = request ?? { scenario: "contoso", seed: 1, clock, day: "on", config: {} };
      await this.#lay(made(wanted));
      if (wanted.day === "on" && !manual) this.#timers.hurry();
      progress(`laid scenario '${wanted.scenario}' (seed ${wanted.seed})`);
    } else progress(`goes on with scenario '${kept.name}' (seed ${kept.seed}) from ${this.options.dataDir}`);
    this.#playDay();
    await this.#startHosts();
    this.#startedInMs = Math.round(process.uptime() * 1000);
  }

  /** Ends hosts gracefully, then the engines; the state stays on disk. */
  async stop(): Promise<void> {
    await this.supervisor.stop("gracefully");
    await this.#moves.run(async () => {
      await this.control.push();
      this.#day.stop();
      this.clock.stop();
      for (const engine of this.engines.all.toReversed()) await engine.stop();
      this.#state.close();
    });
  }

  /** A fresh everything: estate, stores, histories, faults, clock; hosts are restarted. */
  async reset(request: ScenarioRequest): Promise<void> {
    // Before anything is lost: a configuration that is none is refused here.
    const laid = made(request);
    await this.#moves.run(async () => {
      await this.supervisor.stop("at once");
      await this.#lay(laid);
      this.#playDay();
      await this.#startHosts();
    });
  }

  /** Kills a host as a `crash` fault does: the one of that name, else the first live one of the app. */
  readonly crash = (app: App, host?: string): void => {
    void this.supervisor.kill(app, this.#instanceOf(app, host));
  };

  moveClock(command: ClockCommand): Promise<ClockAnswer> {
    return this.#moves.run(() => this.control.run(command));
  }

  /** The barrier; answers what is still waited for, empty when all has settled. */
  settle(request: { withinMs: number | undefined; timeoutMs: number }): Promise<WaitingOn[]> {
    const work = (): Promise<WaitingOn[]> =>
      settle({ clock: this.clock, barrier: this.#barrier, control: this.control }, request);
    const steps = this.clock.mode === "manual" && (request.withinMs ?? 0) > 0;
    return steps ? this.#moves.run(work) : work();
  }

  /** Everything under way or waiting, due or not, except what a host does on its own. */
  waitingOn(): WaitingOn[] {
    const nowMs = this.clock.now();
    const reported = [
      ...this.engines.all.flatMap((engine) => engine.waitingOn()),
      ...this.#timers.waitingOn(),
      ...this.supervisor.waitingOn(nowMs),
    ];
    const known = new Set(reported.map(({ kind, id }) => `${kind} ${id}`));
    const onAgenda = this.clock
      .items()
      .filter(({ kind, id }) => !known.has(`${kind} ${id}`))
      .map(({ kind, id, dueMs }) => ({ kind, id, sinceMs: nowMs, dueMs }));
    return [...reported, ...onAgenda];
  }

  async #lay({ request, nowMs, scenario }: MadeScenario): Promise<void> {
    this.#laying = true;
    try {
      this.#state.scenario = undefined;
      this.#state.day = undefined;
      this.#day.stop();
      this.clock.clear();
      this.#timers.reset();
      this.control.reset();
      this.faults.clear();
      for (const engine of this.engines.all) engine.reset();
      this.clock.setMode(request.clock);
      this.clock.setNow(nowMs);
      this.#state.clock = { mode: request.clock, nowMs, offsetMs: this.clock.offsetMs };
      this.#random = mulberry32(request.seed);
      await layScenario(this.engines, scenario);
      this.effects.reset();
      if (request.day === "on") this.#state.day = { laidMs: nowMs, number: 0, next: 0 };
      this.#state.scenario = { name: request.scenario, seed: request.seed };
    } finally {
      this.#laying = false;
    }
  }

  /** Goes on with the day, if one is on: its script comes from the seed and the moment at which it was laid. */
  #playDay(): void {
    const { scenario, day: saved } = this.#state;
    const name = scenarioNames.find((known) => known === scenario?.name);
    if (scenario === undefined || saved === undefined || name === undefined) return;
    const { day } = scenarios[name]({ seed: scenario.seed, nowMs: saved.laidMs, config: {} });
    if (day !== undefined) this.#day.play(day, saved);
  }

  async #startHosts(): Promise<void> {
    const { ports } = this.options;
    this.supervisor.start([
      ...ports.core.map((port, instance): HostSpec => ({ app: "core", instance, port })),
      { app: "edge", instance: 0, port: ports.edge },
    ]);
    const deadlineMs = Date.now() + HOSTS_READY_MS;
    while (this.supervisor.hosts.some(({ state, failures }) => state !== "ready" && failures < 2)) {
      if (Date.now() >= deadlineMs) break;
      await sleep(2);
    }
    for (const { name, state, lines, lastExit } of this.supervisor.hosts)
      if (state !== "ready")
        this.options.log("error", "a host does not come up; it is tried again and again", { name, lastExit, lines });
  }

  #spawn(spec: HostSpec, serve: ServeHost, onLine: (line: string) => void): HostProcess {
    const oid = spec.app === "core" ? coreIdentity : edgeIdentity;
    const { identity, certificateFile } = this.engines;
    const name = spec.app === "edge" ? "edge" : `core-${spec.instance}`;
    return this.options.spawnHost({
      ...spec,
      appFile: this.options.appFiles[spec.app],
      env: appSettings(spec, this.options.ports, oid, identity.identityEnv(oid, name), certificateFile),
      clock: this.control.timeOf({ name, app: spec.app }),
      serve,
      onLine: (line) => {
        onLine(line);
        this.options.onHostLine(name, line);
      },
    });
  }

  #takeIn(host: Host): void {
    if (host.process === undefined) return;
    const worker = durableWorker(host, host.process, () => this.control.timeOf(host));
    if (worker.orchestrators.size + worker.activities.size > 0)
      this.#detach.set(host.name, this.engines.durable.attach(worker));
    this.#timers.register(host.app, host.functions);
  }

  #letGo(name: string): void {
    this.#detach.get(name)?.detach();
    this.#detach.delete(name);
  }

  /** The instance of that name or, without one, the first that lives. */
  #instanceOf(app: App, name: string | undefined): number {
    const ofApp = this.supervisor.hosts.filter((host) => host.app === app);
    const found = ofApp.find((host) => (name === undefined ? host.process !== undefined : host.name === name));
    return found?.instance ?? 0;
  }

  async #runTimer(app: string, request: TimerRequest): Promise<TimerOutcome> {
    const host = this.supervisor.ready().find((one) => one.app === app);
    const outcome = await runTimer(host, request, (one) => this.control.timeOf(one));
    if (typeof outcome === "string") return outcome;
    this.options.log("warn", "a timer function failed", { app, name: request.name, message: outcome.failed });
    return "failed";
  }
}

function restoredClock(state: PlatformState): StandingAgenda {
  const saved = state.clock;
  if (saved === undefined) return new StandingAgenda();
  return new StandingAgenda({
    mode: saved.mode,
    nowMs: saved.mode === "manual" ? saved.nowMs : Date.now() + saved.offsetMs,
  });
}

interface MadeScenario {
  readonly request: ScenarioRequest;
  readonly nowMs: number;
  readonly scenario: Scenario;
}

function made(request: ScenarioRequest): MadeScenario {
  const nowMs = request.nowMs ?? startOf(request.clock);
  const scenario = scenarios[request.scenario]({ seed: request.seed, nowMs, config: request.config });
  return { request, nowMs, scenario };
}

/** A standing clock begins at a full minute, so that schedules fall the same way each time. */
function startOf(mode: "real" | "manual"): number {
  const nowMs = Date.now();
  return mode === "real" ? nowMs : nowMs - (nowMs % MINUTE_MS);
}
