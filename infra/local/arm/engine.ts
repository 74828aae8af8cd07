/**
 * The local Azure Resource Manager.
 *
 * A request is authenticated, routed, throttled, authorized and checked against locks as ARM does, then served by the
 * operation of its resource type on the estate in memory, which is written through to SQLite. Everything up to the answer
 * is synchronous ({@link ArmEngine.handle}), so a simulator can call it thousands of times a second without sockets; the
 * two listeners (plain for curl, TLS for the SDKs), tokens and faults are around it.
 *
 * Served: accounts with what is below them, soft delete, usages, models, model capacities, quota tiers, tags, locks, role
 * assignments and definitions, PIM, policy exemptions, Resource Graph, diagnostic settings, metrics, alerts, the activity
 * log, workspaces, private endpoints; subscriptions and resource groups (read). Other types, operations, properties,
 * filters and API versions are refused by name. Not there: deny assignments, Azure Policy, management
 * groups, propagation delays, If-Match (accounts and deployments ignore it, as far as is known).
 * README.md in this folder lists the quirks that are copied.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Caller, Verify } from "../identity/caller.ts";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
import type { Fault } from "../platform/faults.ts";
import { openDatabase } from "../platform/sqlite.ts";
import {
  DroppedConnection,
  listen,
  withFaults,
  type Listener,
  type Tls,
  type WireRequest,
  type WireResponse,
} from "../platform/wire.ts";
import { builtInRoles } from "./builtInRoles.ts";
import { LIST_PAGE_SIZE, type Core, type PrincipalType, type ResourceChange } from "./call.ts";
import { errorBody, unauthenticated } from "./errors.ts";
import { Exchanges, EXCHANGES_KEPT, type ArmExchange } from "./exchanges.ts";
import { faultAnswer } from "./faultAnswer.ts";
import { GraphIndex, type GraphLag } from "./graph/graphIndex.ts";
import { GraphQuota } from "./graph/quota.ts";
import { graphKinds } from "./graph/tables.ts";
import { ActivityLog } from "./monitor/activityLog.ts";
import { MetricStore } from "./monitor/metricStore.ts";
import { Operations, type Failure, type Latency } from "./operations.ts";
import { poolKey, Quotas } from "./quotas.ts";
import { Pim } from "./pim/pim.ts";
import type { PimRules } from "./pim/rules.ts";
import { Rbac } from "./rbac.ts";
import { purgeOverdue } from "./removal.ts";
import { laySeed, laySurroundings, type SeedEstate } from "./seed.ts";
import { serve } from "./serve.ts";
import { State, type Kind } from "./state.ts";
import { Throttle, type Bucket, type RequestKind } from "./throttle.ts";

export type { ResourceChange } from "./call.ts";
export type { ArmExchange } from "./exchanges.ts";
export type { GraphLag } from "./graph/graphIndex.ts";
export type { MetricSample, MetricSeries, MetricSource } from "./monitor/metricStore.ts";
export type { Latency } from "./operations.ts";
export type { SeedEstate } from "./seed.ts";

/** Audience of the tokens that ARM takes; tokens for the form with a slash are taken too, as in Azure. */
export const ARM_AUDIENCE = "https://management.azure.com";

export interface ArmOptions {
  /** 0 takes a free port. */
  readonly ports: { readonly plain: number; readonly tls: number };
  readonly tls: Tls;
  readonly verify: Verify;
  /** Groups that contain a principal, directly or not. */
  readonly groupsOf: (oid: string) => readonly string[];
  /** Told after every write: when it is done, or when its long-running operation has ended. */
  readonly onChange: (change: ResourceChange) => void;
  /** Who an object ID of the plain listener's header is; without it, a user. */
  readonly resolveCaller?: (oid: string) => Caller | undefined;
  /** What the directory knows of a principal; without it, role assignments to anybody are taken. */
  readonly principalType?: (oid: string) => PrincipalType | undefined;
  /** Names of people, for the claims in the activity log. */
  readonly nameOf?: (oid: string) => string | undefined;
  readonly tokenBuckets?: Partial<Record<RequestKind, Bucket>>;
  readonly latency?: Partial<Latency>;
  readonly pageSize?: number;
  /** How long Resource Graph takes to know of a write; {@link GRAPH_LAG} without it. */
  readonly graphLag?: Partial<GraphLag>;
}

const shownKinds = [
  ...(["subscription", "resourceGroup", "account", "deployment", "raiPolicy", "project", "connection"] as const),
  ...(["defenderSetting", "lock", "roleAssignment"] as const),
  ...(["tracked", "zoneGroup", "diagnosticSetting", "policyAssignment", "policyExemption"] as const),
];

export class ArmEngine implements Engine {
  readonly name = "arm";
  readonly #context: EngineContext;
  readonly #options: ArmOptions;
  readonly #database: DatabaseSync;
  readonly #core: Core;
  readonly #throttle: Throttle;
  readonly #exchanges: Exchanges;
  #listeners: Listener[] = [];
  #ports: { plain: number; tls: number };

  constructor(context: EngineContext, options: ArmOptions) {
    this.#context = context;
    this.#options = options;
    this.#ports = { ...options.ports };
    const file = context.dataDir === ":memory:" ? ":memory:" : join(context.dataDir, "arm.sqlite");
    this.#database = openDatabase(file);
    const state = new State(this.#database);
    const quotas = new Quotas(state);
    const nameOf = options.nameOf ?? (() => undefined);
    this.#core = {
      state,
      rbac: new Rbac(state, options.groupsOf),
      operations: new Operations(state, quotas, context.clock, context.random, options.latency ?? {}, () =>
        this.#endDue(),
      ),
      quotas,
      graph: new GraphIndex(state, () => context.clock.now(), graphKinds, options.graphLag),
      graphQuota: new GraphQuota(),
      metrics: new MetricStore(),
      activity: new ActivityLog(this.#database, nameOf),
      pim: new Pim(state, context.clock, context.random, () => this.#endDue()),
      nameOf,
      random: context.random,
      pageSize: options.pageSize ?? LIST_PAGE_SIZE,
      principalType: options.principalType,
    };
    this.#throttle = new Throttle(options.tokenBuckets);
    this.#exchanges = new Exchanges(state.count("exchanges", EXCHANGES_KEPT * 10) - EXCHANGES_KEPT * 10);
    this.#layBuiltIns();
  }

  /** The real ports after `start`. */
  get ports(): { readonly plain: number; readonly tls: number } {
    return this.#ports;
  }

  async start(): Promise<void> {
    const { ports, tls } = this.#options;
    const plain = await listen({ port: ports.plain, handler: (request) => this.#overWire(request, "plain") });
    this.#listeners = [plain];
    const secure = await listen({ port: ports.tls, tls, handler: (request) => this.#overWire(request, "tls") });
    this.#listeners.push(secure);
    this.#ports = { plain: plain.port, tls: secure.port };
    this.#core.operations.resume();
    this.#core.pim.resume();
  }

  async stop(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    await Promise.all(listeners.map((listener) => listener.close()));
    if (this.#database.isOpen) this.#database.close();
  }

  reset(): void {
    this.#core.state.clear();
    this.#core.operations.clear();
    this.#throttle.reset();
    this.#exchanges.clear();
    this.#core.graphQuota.clear();
    this.#core.metrics.clear();
    this.#core.activity.clear();
    this.#core.pim.clear();
    this.#layBuiltIns();
  }

  waitingOn(): WaitingOn[] {
    return this.#core.operations.waitingOn();
  }

  /** Lays an estate into the empty engine; all or nothing. */
  seed(estate: SeedEstate): void {
    this.#core.state.atomically(() => laySeed(this.#core, estate, this.#context.clock.now()));
    this.#core.graph.catchUp();
    laySurroundings(this.#core, estate);
  }

  /** Every resource that is shown, by lower-case ID. */
  state(): Record<string, unknown> {
    const all: Record<string, unknown> = {};
    for (const kind of shownKinds)
      for (const [id, body] of this.#core.state.entries(kind satisfies Kind)) all[id] = body;
    return all;
  }

  /** Oldest first; `after` is a sequence number. */
  exchanges(options: { after?: number; caller?: string; limit?: number } = {}): ArmExchange[] {
    return this.#exchanges.list(options);
  }

  /** Changes how long operations take from now on. */
  setLatency(latency: Partial<Latency>): void {
    this.#core.operations.latency = { ...this.#core.operations.latency, ...latency };
  }

  /** Changes how late Resource Graph knows of the writes to come. */
  setGraphLag(lag: Partial<GraphLag>): void {
    this.#core.graph.lag = { ...this.#core.graph.lag, ...lag };
  }

  /** Sets the limit of a pool that there is, in units of sku.capacity; what is deployed already stays. */
  setQuota(subscriptionId: string, location: string, usageName: string, limit: number): void {
    const { state } = this.#core;
    const key = poolKey(subscriptionId, location, usageName);
    const quota = state.get("quota", key);
    if (quota === undefined) throw new Error(`there is no quota '${usageName}' in '${location}'`);
    state.atomically(() => state.put("quota", key, { ...quota, limit }));
  }

  /** Where the numbers of metrics come from; empty after a start and a reset. */
  get metrics(): MetricStore {
    return this.#core.metrics;
  }

  /** Changes how long after an event the activity log shows it. */
  setActivityLag(lagMs: number): void {
    this.#core.activity.lagMs = lagMs;
  }

  /** Changes what PIM asks of requests. */
  setPimRules(rules: Partial<PimRules>): void {
    this.#core.pim.rules = { ...this.#core.pim.rules, ...rules };
  }

  /** Makes the next long-running operation fail: resource as it was, in state Failed, poll with this error. */
  failNextOperation(failure: Failure): void {
    this.#core.operations.failNext(failure);
  }

  /**
   * Serves a request of an authenticated caller, without sockets and faults. Bodies of answers are frozen.
   * `stale`: reads see the version of a resource before its last change.
   */
  handle(request: WireRequest, caller: Caller, options: { stale?: boolean } = {}): WireResponse {
    const response = this.#serve(request, caller, options.stale === true);
    this.#note(request, response, caller.oid, false);
    return response;
  }

  #serve(request: WireRequest, caller: Caller, stale: boolean): WireResponse {
    this.#endDue();
    const { response, change, effect } = serve(this.#core, this.#throttle, request, caller, {
      nowMs: this.#context.clock.now(),
      stale,
    });
    if (effect !== undefined) this.#context.effects.record({ engine: this.name, ...effect });
    if (change !== undefined) this.#tell(change);
    for (const more of this.#core.pim.takeChanges()) this.#tell(more);
    return response;
  }

  async #overWire(request: WireRequest, transport: "plain" | "tls"): Promise<WireResponse> {
    const caller = await this.#authenticate(request, transport);
    if (caller === undefined) {
      const refusal = unauthenticated(request.headers["authorization"]);
      const response = {
        status: 401,
        headers: refusal.headers,
        body: errorBody(refusal.code, refusal.message),
      };
      this.#note(request, response, "", false);
      return response;
    }
    const made = new WeakSet<WireResponse>();
    const faulted = withFaults(this.#context, {
      where: "arm",
      point: ({ method, url }) => ({ method, path: url.pathname, caller: caller.oid, host: caller.host }),
      refuse: (fault) => {
        const answer = faultAnswer(fault, request, caller);
        made.add(answer);
        return answer;
      },
      inside: request.method === "GET" ? ["staleRead"] : ["duplicate"],
      handler: (again, inside) => this.#serveFaulted(again, caller, inside),
    });
    try {
      const response = await faulted(request);
      this.#note(request, response, caller.oid, made.has(response));
      return response;
    } catch (error) {
      if (error instanceof DroppedConnection) this.#note(request, { status: 0 }, caller.oid, true);
      throw error;
    }
  }

  /** `duplicate`: the request takes effect twice and the second answer is given. */
  #serveFaulted(request: WireRequest, caller: Caller, fault: Fault | undefined): WireResponse {
    if (fault?.kind === "duplicate") this.#serve(request, caller, false);
    return this.#serve(request, caller, fault?.kind === "staleRead");
  }

  async #authenticate(request: WireRequest, transport: "plain" | "tls"): Promise<Caller | undefined> {
    const claimed = transport === "plain" ? request.headers["x-ms-client-principal-id"]?.toLowerCase() : undefined;
    if (claimed !== undefined && claimed !== "") {
      return this.#options.resolveCaller?.(claimed) ?? { oid: claimed, type: "User", roles: [] };
    }
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    return (
      (await this.#options.verify(authorization, ARM_AUDIENCE)) ??
      (await this.#options.verify(authorization, `${ARM_AUDIENCE}/`))
    );
  }

  #note(request: WireRequest, response: WireResponse, caller: string, fault: boolean): void {
    this.#exchanges.add({ atMs: this.#context.clock.now(), caller, request, response, fault });
  }

  #endDue(): void {
    // An operation may fall due on the agenda after `stop`; it ends after the next start.
    if (!this.#database.isOpen) return;
    const nowMs = this.#context.clock.now();
    for (const change of this.#core.operations.endDue(nowMs)) this.#tell(change);
    for (const change of this.#core.pim.runDue(nowMs)) this.#tell(change);
    purgeOverdue(this.#core.state, nowMs);
  }

  #tell(change: ResourceChange): void {
    this.#core.activity.add(change);
    this.#options.onChange(change);
  }

  #layBuiltIns(): void {
    const { state } = this.#core;
    if (builtInRoles.every((role) => state.get("roleDefinition", role.name) !== undefined)) return;
    state.atomically(() => {
      for (const role of builtInRoles) state.put("roleDefinition", role.name, role);
    });
    this.#core.graph.catchUp();
  }
}
