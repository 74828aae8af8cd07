/**
 * Long-running operations of accounts and deployments. An operation that takes no time is done when it is answered; one
 * that takes time leaves the resource in a state that isn't terminal (`Creating`, `Accepted`, `Deleting`) until business
 * time reaches its end. While one runs under an account, every other write under that account is refused with 409
 * RequestConflict, as Azure does.
 *
 * An operation ends by the agenda, and at the latest when the next request comes after its time.
 */
import type { Agenda } from "../platform/agenda.ts";
import type { WaitingOn } from "../platform/engine.ts";
import { hexDigits, uuid, type Answer, type Call, type Core, type ResourceChange } from "./call.ts";
import { ArmRefusal, requestConflict } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import type { Account, Deployment, Operation, Project } from "./model.ts";
import type { Quotas } from "./quotas.ts";
import { removeAccount, removeDeployment, removeProject } from "./removal.ts";
import type { State } from "./state.ts";
import { shownDeployment } from "./versions.ts";

/** How long the operations take, milliseconds of business time; 0: at once. */
export interface Latency {
  /** PUT of an account that didn't exist; Azure was seen to take a second. */
  readonly createAccountMs: number;
  readonly putAccountMs: number;
  readonly patchAccountMs: number;
  readonly deleteAccountMs: number;
  readonly putDeploymentMs: number;
  readonly patchDeploymentMs: number;
  readonly deleteDeploymentMs: number;
  /** PUT, PATCH and DELETE of a project. */
  readonly projectMs: number;
  readonly deleteRaiPolicyMs: number;
  /** After a write that was done at once, other writes under the account are still refused for this long. */
  readonly accountBusyMs: number;
}

export const DEFAULT_LATENCY: Latency = {
  createAccountMs: 1000,
  putAccountMs: 0,
  patchAccountMs: 0,
  deleteAccountMs: 0,
  putDeploymentMs: 0,
  patchDeploymentMs: 0,
  deleteDeploymentMs: 0,
  projectMs: 0,
  deleteRaiPolicyMs: 0,
  accountBusyMs: 0,
};

/** Ended operations that can still be polled; older ones answer 404. */
export const ENDED_OPERATIONS_KEPT = 1000;

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface Begin {
  readonly kind: "write" | "delete";
  readonly on: Operation["on"];
  /** Lower case. */
  readonly resourceId: string;
  readonly accountId: string;
  readonly location: string;
  readonly durationMs: number;
  /** The resource before it. */
  readonly before: Operation["before"] | undefined;
}

export class Operations {
  readonly #state: State;
  readonly #quotas: Quotas;
  readonly #clock: Agenda;
  readonly #random: () => number;
  readonly #onDue: () => void;
  latency: Latency;
  readonly #running = new Map<string, Operation>();
  /** Until when an account refuses other writes although no operation runs. */
  readonly #busyUntil = new Map<string, number>();
  /** How the next operations that begin will end, first come, first served. */
  readonly #failures: Failure[] = [];

  /** `onDue` is called when an operation falls due on the agenda. */
  constructor(
    state: State,
    quotas: Quotas,
    clock: Agenda,
    random: () => number,
    latency: Partial<Latency>,
    onDue: () => void,
  ) {
    this.#state = state;
    this.#quotas = quotas;
    this.#clock = clock;
    this.#random = random;
    this.#onDue = onDue;
    this.latency = { ...DEFAULT_LATENCY, ...latency };
    for (const operation of state.values("operation")) {
      if (operation.status === "InProgress") this.#running.set(operation.id, operation);
    }
  }

  /** Puts what runs back on the agenda, after a restart. */
  resume(): void {
    for (const operation of this.#running.values()) this.#schedule(operation);
  }

  /** Makes the next operation that begins (and takes time) end as Failed. */
  failNext(failure: Failure): void {
    this.#failures.push(failure);
  }

  clear(): void {
    this.#failures.length = 0;
    this.#running.clear();
    this.#busyUntil.clear();
  }

  waitingOn(): WaitingOn[] {
    return [...this.#running.values()].map((operation) => ({
      kind: "arm.operation",
      id: operation.resourceId,
      sinceMs: operation.startedMs,
      dueMs: operation.dueMs,
    }));
  }

  /**
   * Refuses a write under an account that is busy.
   * @throws ArmRefusal 409 RequestConflict.
   */
  guard(accountId: string, shownId: string, nowMs: number): void {
    for (const operation of this.#running.values()) {
      if (operation.accountId === accountId) throw requestConflict(shownId);
    }
    const until = this.#busyUntil.get(accountId);
    if (until === undefined) return;
    if (until > nowMs) throw requestConflict(shownId);
    this.#busyUntil.delete(accountId);
  }

  /** Notes a write that was done at once. */
  busy(accountId: string, nowMs: number): void {
    if (this.latency.accountBusyMs > 0) this.#busyUntil.set(accountId, nowMs + this.latency.accountBusyMs);
  }

  /** Begins an operation and returns the headers by which it is polled. */
  begin(call: Call, what: Begin): Record<string, string> {
    const operation: Operation = {
      id: uuid(this.#random),
      kind: what.kind,
      on: what.on,
      resourceId: what.resourceId,
      accountId: what.accountId,
      startedMs: call.nowMs,
      dueMs: call.nowMs + what.durationMs,
      status: "InProgress",
      startedBy: call.caller.oid,
      ...this.#fate(what),
      change: (call.change ?? null) as unknown as Json,
    };
    this.#state.put("operation", operation.id, operation);
    this.#running.set(operation.id, operation);
    this.#schedule(operation);
    const base = `${call.url.origin}/subscriptions/${call.target.subscriptionId ?? ""}/providers/Microsoft.CognitiveServices/locations/${encodeURIComponent(what.location)}`;
    if (call.method === "PUT") {
      return { "azure-asyncoperation": `${base}/operationResults/${operation.id}?api-version=${call.apiVersion}` };
    }
    return {
      location: `${base}/operations/${operation.id}?api-version=${call.apiVersion}`,
      "retry-after": String(Math.max(1, Math.ceil(what.durationMs / 1000))),
    };
  }

  /** The error of an operation that is to fail. What a failure puts back is kept in any case: it may come at the end. */
  #fate(what: Begin): Pick<Operation, "error" | "before"> {
    const error = this.#failures.shift();
    const before = what.before === undefined ? {} : { before: what.before };
    return error === undefined ? before : { ...before, error };
  }

  /** Ends what is due and returns the changes to tell. */
  endDue(nowMs: number): ResourceChange[] {
    if (this.#running.size === 0) return [];
    const due = [...this.#running.values()].filter((operation) => operation.dueMs <= nowMs);
    return due.flatMap((operation) => {
      const outcome = this.#state.atomically(() => this.#end(operation));
      this.#running.delete(operation.id);
      if (!isObject(operation.change)) return [];
      return [{ ...(operation.change as unknown as ResourceChange), outcome, atMs: operation.dueMs }];
    });
  }

  #end(operation: Operation): "Success" | "Failure" {
    const error = operation.error ?? this.#shortage(operation);
    const ended = error === undefined ? operation : { ...operation, error };
    const status = error === undefined ? "Succeeded" : "Failed";
    if (operation.kind === "delete" && error === undefined) this.#remove(operation);
    else this.#settle(operation, status);
    this.#state.put("operation", operation.id, { ...ended, status });
    this.#forgetOld();
    return error === undefined ? "Success" : "Failure";
  }

  /** A deployment's write fails at its end when its pool has shrunk below what it asked for. */
  #shortage(operation: Operation): Failure | undefined {
    if (operation.on !== "deployment" || operation.kind === "delete") return undefined;
    const deployment = this.#state.get("deployment", operation.resourceId);
    const account = this.#state.get("account", operation.accountId);
    if (deployment === undefined || account === undefined) return undefined;
    return this.#quotas.shortageAtEnd(account, deployment, operation.before as Deployment | undefined);
  }

  #remove({ on, resourceId, dueMs }: Operation): void {
    if (on === "account") removeAccount(this.#state, this.#quotas, resourceId, dueMs);
    else if (on === "deployment") removeDeployment(this.#state, resourceId);
    else if (on === "project") removeProject(this.#state, resourceId);
    else this.#state.delete("raiPolicy", resourceId);
  }

  /** A write that succeeded is there already, in a state that isn't terminal; a failure puts back what was before. */
  #settle({ on, resourceId, before }: Operation, status: "Succeeded" | "Failed"): void {
    const back = status === "Failed" ? before : undefined;
    if (on === "account") {
      const account = (back as Account | undefined) ?? this.#state.get("account", resourceId);
      if (account !== undefined) this.#state.put("account", resourceId, inState(account, status, this.#accountEtag()));
    } else if (on === "project") {
      const project = (back as Project | undefined) ?? this.#state.get("project", resourceId);
      if (project !== undefined) this.#state.put("project", resourceId, inState(project, status, this.#accountEtag()));
    } else if (on === "deployment") {
      const deployment = (back as Deployment | undefined) ?? this.#state.get("deployment", resourceId);
      if (deployment === undefined) return;
      const etag = `"${uuid(this.#random)}"`;
      const settled = inState(deployment, status, etag);
      // A deployment that couldn't be created, or scaled, holds what it held before.
      const currentCapacity = status === "Succeeded" ? deployment.sku.capacity : before === undefined ? 0 : undefined;
      const properties = { ...settled.properties, ...(currentCapacity === undefined ? {} : { currentCapacity }) };
      this.#state.put("deployment", resourceId, { ...settled, properties });
    }
  }

  #accountEtag(): string {
    return accountEtag(this.#random, this.#clock.now());
  }

  #forgetOld(): void {
    const ended = [...this.#state.values("operation")].filter((operation) => operation.status !== "InProgress");
    if (ended.length <= ENDED_OPERATIONS_KEPT) return;
    ended.sort((a, b) => a.dueMs - b.dueMs);
    for (const { id } of ended.slice(0, ended.length - ENDED_OPERATIONS_KEPT)) this.#state.delete("operation", id);
  }

  #schedule(operation: Operation): void {
    this.#clock.schedule({ kind: "arm.operation", id: operation.resourceId, dueMs: operation.dueMs }, this.#onDue);
  }
}

function inState<T extends Account | Deployment | Project>(
  resource: T,
  state: "Succeeded" | "Failed",
  etag: string,
): T {
  return { ...resource, etag, properties: { ...resource.properties, provisioningState: state } };
}

/** The form that account ETags were seen to have; another one after each write. */
export function accountEtag(random: () => number, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0");
  return `"${hexDigits(random, 8)}-0000-0300-0000-${seconds}0000"`;
}

/** GET of an Azure-AsyncOperation address: the state of the operation. */
export function getOperationResult(core: Core, call: Call): Answer {
  const operation = polled(core, call);
  const ended = operation.status !== "InProgress";
  return {
    status: 200,
    body: {
      id: call.target.path,
      name: operation.id,
      status: operation.status,
      startTime: new Date(operation.startedMs).toISOString(),
      ...(ended ? { endTime: new Date(operation.dueMs).toISOString() } : {}),
      ...(operation.status === "Failed" ? { error: operation.error } : {}),
    },
  };
}

/** GET of a Location address: 202 until the end, then what the request itself would have answered. */
export function getOperation(core: Core, call: Call): Answer {
  const operation = polled(core, call);
  if (operation.status === "InProgress") {
    const leftS = Math.max(1, Math.ceil((operation.dueMs - call.nowMs) / 1000));
    return { status: 202, headers: { location: call.url.href, "retry-after": String(leftS) } };
  }
  if (operation.status === "Failed") {
    const { code = "InternalServerError", message = "" } = operation.error ?? {};
    throw new ArmRefusal(400, code, message);
  }
  const resource = core.state.get(operation.on, operation.resourceId);
  if (resource === undefined) return { status: 204 };
  const shown = operation.on === "deployment" ? shownDeployment(resource as Deployment, call.apiVersion) : resource;
  return { status: 200, body: shown };
}

/** Whoever began it may poll it; others need the read action. */
function polled(core: Core, call: Call): Operation {
  const id = call.target.names.at(-1) ?? "";
  const operation = core.state.get("operation", id);
  const scope = `/subscriptions/${call.target.subscriptionId?.toLowerCase() ?? ""}`;
  const readable =
    operation?.startedBy === call.caller.oid ||
    core.rbac.allows(call.caller.oid, "Microsoft.CognitiveServices/locations/operationResults/read", scope);
  if (operation === undefined || !readable || !operation.resourceId.startsWith(`${scope}/`)) {
    throw new ArmRefusal(404, "OperationNotFound", `The operation '${id}' could not be found.`);
  }
  return operation;
}
