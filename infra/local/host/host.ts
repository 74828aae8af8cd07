/**
 * A Functions host for one Node app, in its own process: loads the built app as Azure loads it and drives its functions.
 *
 * HTTP and Service Bus invocations begin here. Orchestrator turns, activities and timer occurrences are asked for by the
 * platform over the {@link Link}: it keeps the histories, the schedules and business time. Nothing in this process waits
 * for a moment of business time.
 */
import type { AppFunction, DurableFunction, HttpFunction, QueueFunction, TimerFunction } from "./appFunctions.ts";
import { describeFunction, readFunctions } from "./appFunctions.ts";
import { BusinessClock } from "./businessClock.ts";
import { FunctionsCore } from "./core.ts";
import type { RpcTypedData, RpcValue } from "./coreTypes.ts";
import { DurableHttp } from "./durableHttp.ts";
import { readHostJson, type HostJson } from "./hostJson.ts";
import { RouteTable } from "./httpRoutes.ts";
import { HttpServer } from "./httpServer.ts";
import { InFlight } from "./inFlight.ts";
import { Invoker, isOwn } from "./invoke.ts";
import type { HostChannel } from "./ipc.ts";
import { ClockLeases } from "./leases.ts";
import { Link, type HostCalls, type PlatformCalls } from "./link.ts";
import { loadApp } from "./loadApp.ts";
import { HostLog } from "./logs.ts";
import { parseSchedule } from "./ncrontab.ts";
import type { Listener } from "./serviceBusListener.ts";
import { resolveSettings, type ClockState, type HostSettings } from "./settings.ts";

/** How long a graceful stop waits for what is under way. Machine time. */
const STOP_MS_MAX = 10_000;

export class FunctionsHost {
  readonly #settings: HostSettings;
  readonly #channel: HostChannel;
  readonly #clock: BusinessClock;
  readonly #log: HostLog;
  readonly #inFlight: InFlight;
  readonly #leases: ClockLeases;
  readonly #core: FunctionsCore;
  readonly #http: HttpServer;
  readonly #link: Link<PlatformCalls, HostCalls>;
  readonly #functions = new Map<string, AppFunction>();
  readonly #exit: (code: number) => void;
  #invoker: Invoker | undefined;
  #listeners: Listener[] = [];
  #stopping = false;

  /** @param exit Ends the process; called after a graceful stop. */
  constructor(settings: HostSettings, channel: HostChannel, exit: (code: number) => void) {
    this.#settings = settings;
    this.#channel = channel;
    this.#exit = exit;
    this.#clock = new BusinessClock(settings.clock);
    this.#log = new HostLog(this.#clock.now);
    this.#inFlight = new InFlight(this.#clock.now);
    this.#leases = new ClockLeases({
      take: async () => this.#clock.set(await this.#link.call("clock.lease", null)),
      // A platform that went away took all leases with it.
      giveBack: () => void this.#link.call("clock.release", null).catch(() => undefined),
    });
    this.#core = new FunctionsCore((level, category, message) => this.#log.write({ level, category, message }));
    this.#http = new HttpServer(this.#log);
    this.#link = new Link<PlatformCalls, HostCalls>(channel, {
      "clock.set": ({ isMoving = false, ...state }) => {
        this.#clock.set(state);
        return { leases: this.#leases.setMoving(isMoving) };
      },
      "durable.orchestrator": (request) => this.#at(request.clock, () => this.#runOrchestrator(request)),
      "durable.activity": (request) => this.#at(request.clock, () => this.#runActivity(request)),
      timer: (request) => this.#at(request.clock, () => this.#runTimer(request)),
      busy: () => ({ inFlight: this.#inFlight.list().filter(({ kind }) => isOwn(kind)) }),
      stop: () => this.#stop(),
    });
  }

  /**
   * Loads the app and tells the platform that it is ready.
   * @throws Error naming what keeps it from running: host.json, the port, the app file, a function.
   */
  async start(): Promise<void> {
    const hostJson = readHostJson(this.#settings.hostJsonFile);
    this.#clock.install();
    // The app is told its own address, so the port has to be known before it is loaded.
    const port = await this.#http.listen(this.#settings.port);
    prepareEnvironment(port);
    await loadApp(this.#core, this.#settings.appFile);
    const functions = readFunctions(this.#core.functions.values(), process.env);
    for (const one of functions) this.#functions.set(one.name, one);
    const durable = this.#durableHttp(functions, hostJson, port);
    const invoker = new Invoker({
      core: this.#core,
      log: this.#log,
      inFlight: this.#inFlight,
      leases: this.#leases,
      functionTimeoutMs: hostJson.functionTimeoutMs,
      durableClient: durable?.clientBinding,
    });
    this.#invoker = invoker;
    const routes = functions
      .filter((one): one is HttpFunction => one.kind === "httpTrigger")
      .map((one) => ({ template: one.route, methods: one.methods, target: one }));
    this.#http.serve({ routes: new RouteTable(hostJson.routePrefix, routes), invoker, durable });
    const listen = await this.#prepareListeners(functions, hostJson, invoker);
    await this.#link.call("ready", {
      app: this.#settings.app,
      instance: this.#settings.instance,
      port,
      rssBytes: process.memoryUsage.rss(),
      startMs: Math.round(performance.now()),
      functions: functions.map(describeFunction),
    });
    listen();
  }

  #durableHttp(functions: readonly AppFunction[], hostJson: HostJson, port: number): DurableHttp | undefined {
    const used = functions.some(
      ({ kind, clientInputs }) =>
        kind === "orchestrationTrigger" || kind === "activityTrigger" || clientInputs.length > 0,
    );
    if (!used) return undefined;
    const hub = resolveSettings(hostJson.taskHubName, process.env, "host.json, extensions.durableTask.hubName");
    return new DurableHttp(port, hub, (request) => this.#link.call("durable.http", request));
  }

  /**
   * Connects the queue functions, so that a wrong setting keeps the host from being ready; what it gives begins to
   * receive. Each has a connection of its own: one that hangs while it reconnects holds up no other.
   */
  async #prepareListeners(
    functions: readonly AppFunction[],
    hostJson: HostJson,
    invoker: Invoker,
  ): Promise<() => void> {
    const queues = functions.filter((one): one is QueueFunction => one.kind === "serviceBusTrigger");
    if (queues.length === 0) return () => undefined;
    // Loaded only by an app that has a queue function.
    const [{ connect }, { startListener }] = await Promise.all([
      import("./serviceBusConnection.ts"),
      import("./serviceBusListener.ts"),
    ]);
    const prepared = queues.map((queue) => ({ queue, client: connect(queue.connection, process.env) }));
    return () => {
      if (this.#stopping) return;
      this.#listeners = prepared.map(({ queue, client }) =>
        startListener({
          client,
          queue,
          settings: hostJson.serviceBus,
          invoke: (trigger) => invoker.invoke(queue, trigger),
          log: this.#log,
        }),
      );
    };
  }

  /** What the platform asks for comes with the time; without it the time is what it was. */
  #at<T>(clock: ClockState | undefined, work: () => T): T {
    if (clock !== undefined) this.#clock.set(clock);
    return work();
  }

  async #runOrchestrator({
    name,
    payload,
  }: HostCalls["durable.orchestrator"]["request"]): Promise<HostCalls["durable.orchestrator"]["response"]> {
    const one = this.#find<DurableFunction>(name, "orchestrationTrigger");
    // A failure is passed on as it is: its message carries the state behind $OutOfProcData$.
    const value = await this.#running().invoke(one, { data: { string: payload } });
    const state = value?.json ?? value?.string;
    if (state === undefined) throw new Error(`orchestrator ${name} returned no state`);
    return { state };
  }

  async #runActivity({
    name,
    instanceId,
    input,
  }: HostCalls["durable.activity"]["request"]): Promise<HostCalls["durable.activity"]["response"]> {
    try {
      const one = this.#find<DurableFunction>(name, "activityTrigger");
      const data: RpcTypedData | null = input === null ? null : { string: input };
      const metadata = { instanceId: { string: instanceId }, ...(data === null ? {} : { data }) };
      return { ok: true, result: plainValue(await this.#running().invoke(one, { data, metadata })) };
    } catch (error) {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      return { ok: false, message, stack };
    }
  }

  async #runTimer({
    name,
    isPastDue,
    last,
    next,
  }: HostCalls["timer"]["request"]): Promise<HostCalls["timer"]["response"]> {
    try {
      const one = this.#find<TimerFunction>(name, "timerTrigger");
      const info = {
        Schedule: { AdjustForDST: parseSchedule(one.schedule).intervalMs === undefined },
        ScheduleStatus: { Last: last, LastUpdated: last, Next: next },
        IsPastDue: isPastDue,
      };
      await this.#running().invoke(one, { data: { json: JSON.stringify(info) } });
      return { ok: true };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  #find<T extends AppFunction>(name: string, kind: T["kind"]): T {
    const one = this.#functions.get(name);
    if (one?.kind === kind) return one as T;
    const names = [...this.#functions.values()].filter((other) => other.kind === kind).map((other) => other.name);
    throw new Error(`the app has no ${kind} named ${name}; it has ${names.join(", ") || "none"}`);
  }

  #running(): Invoker {
    if (this.#stopping) throw new Error("the host is stopping");
    if (this.#invoker === undefined) throw new Error("the host is starting");
    return this.#invoker;
  }

  async #stop(): Promise<null> {
    if (this.#stopping) return null;
    this.#stopping = true;
    this.#http.stop();
    const stopped = Promise.all(this.#listeners.map((listener) => listener.stop()));
    const late = new Promise((resolve) => setTimeout(resolve, STOP_MS_MAX).unref());
    await Promise.race([Promise.all([stopped, this.#inFlight.idle(STOP_MS_MAX)]), late]);
    for (const { kind, id } of this.#inFlight.list())
      this.#log.host("warning", `stopped in the middle of ${kind} ${id}`);
    const context = { hookData: this.#core.appHookData, appHookData: this.#core.appHookData };
    for (const hook of this.#core.hooks("appTerminate")) {
      try {
        await hook(context);
      } catch (error) {
        this.#log.host("error", `appTerminate hook: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    // The answer goes out when this returns; the process ends after it.
    setImmediate(() => void this.#channel.flush().then(() => this.#exit(0)));
    return null;
  }
}

/** Without WEBSITE_HOSTNAME the durable client would point every URL to port 7071; it also obeys HTTP_PROXY. */
function prepareEnvironment(port: number): void {
  process.env["WEBSITE_HOSTNAME"] = `localhost:${port}`;
  const direct = [process.env["NO_PROXY"] ?? process.env["no_proxy"], "localhost", "127.0.0.1"]
    .filter(Boolean)
    .join(",");
  process.env["NO_PROXY"] = direct;
  process.env["no_proxy"] = direct;
}

/** The value itself, as it goes into a history. */
function plainValue(value: RpcValue): unknown {
  if (value === null || value === undefined) return null;
  if (value.json !== undefined) return JSON.parse(value.json);
  const plain = value.string ?? value.int ?? value.double;
  if (plain === undefined) throw new Error("an activity returned bytes, expected a value that is JSON");
  return plain;
}
