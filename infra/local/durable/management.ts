/**
 * The HTTP management API of the Durable Functions extension: what DurableClient of durable-functions calls to start,
 * look at and steer orchestrations. Not served, and answered with 501 and their name: entities, rewind, restart,
 * create-and-wait. Stricter than the extension, which starts an orchestrator that the app lacks and lets it fail, and
 * overlooks query parameters and statuses that it does not know.
 */
import { post, type Hub } from "./hub.ts";
import { isTooLarge, LIST_PAGE_DEFAULT, LIST_PAGE_MAX, refuseInstanceId, tooLarge } from "./limits.ts";
import { eventType, type HistoryEvent } from "./protocol.ts";
import { describeHistory, describeInstance } from "./status.ts";
import { isLive, type InstanceFilter, type InstanceRow, type RuntimeStatus } from "./store.ts";

export interface ManagementRequest {
  readonly method: string;
  /** Relative to the base of the API, for example `instances/abc/terminate`. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: string | null;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface ManagementResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What the running backend must do when an instance is steered from outside. */
export interface Steering {
  suspend(id: string, suspended: boolean): void;
  /** Ends a live instance at once. */
  terminate(row: InstanceRow, reason: string): void;
  /** Forgets an instance that is about to be removed or replaced. */
  forget(id: string): void;
}

/** Refused with an HTTP status; the message is for the caller. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const continuationHeader = "x-ms-continuation-token";
/** Say which task hub, connection and key; there is one of each. */
const ignoredParameters = ["taskHub", "connection", "code"];
const shownStatuses: readonly RuntimeStatus[] = [
  "Pending",
  "Running",
  "Suspended",
  "Completed",
  "Failed",
  "Terminated",
];
/** Statuses of the extension that no instance here ever has. */
const unusedStatuses = ["ContinuedAsNew", "Canceled"];

export class Management {
  readonly #hub: Hub;
  readonly #steering: Steering;

  constructor(hub: Hub, steering: Steering) {
    this.#hub = hub;
    this.#steering = steering;
  }

  handle(request: ManagementRequest): ManagementResponse {
    try {
      return this.#route(request);
    } catch (error) {
      if (error instanceof Refused) return answer(error.status, { Message: error.message });
      throw error;
    }
  }

  #route(request: ManagementRequest): ManagementResponse {
    const [area = "", id = "", operation = "", name = "", ...more] = segments(request.path);
    const method = request.method.toUpperCase();
    const query = new Map(request.query);
    const unknown = new Refused(404, `${method} ${request.path}: no such operation of the durable management API`);
    if (more.length > 0) throw unknown;
    if (area === "entities") throw notServed(`entities (${method} ${request.path})`);
    if (area === "orchestrators" && method === "POST" && id !== "" && name === "") {
      return this.#start(id, operation === "" ? undefined : operation, query, request.body);
    }
    if (area !== "instances") throw unknown;
    if (operation === "" && method === "GET") return id === "" ? this.#list(query, request) : this.#status(id, query);
    if (operation === "" && method === "DELETE") return id === "" ? this.#purgeMany(query) : this.#purge(id, query);
    if (method !== "POST" || id === "") throw unknown;
    switch (operation.toLowerCase()) {
      case "raiseevent":
        return this.#raise(id, name, query, request.body);
      case "terminate":
      case "suspend":
      case "resume":
        if (name !== "") throw unknown;
        return this.#steer(id, operation.toLowerCase(), query);
      case "rewind":
      case "restart":
        throw notServed(operation);
      default:
        throw unknown;
    }
  }

  #start(
    name: string,
    wantedId: string | undefined,
    query: Map<string, string>,
    body: string | null,
  ): ManagementResponse {
    if (query.has("timeout") || query.has("pollingInterval"))
      throw notServed("create-and-wait (timeout, pollingInterval)");
    expectParameters(query, ["version"]);
    const { store, workers, context } = this.#hub;
    if (!workers.isEmpty && !workers.knows("orchestrator", name)) {
      throw new Refused(400, `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`);
    }
    const input = readJson(body, "The input");
    const id = wantedId ?? this.#hub.newId();
    const refusal = refuseInstanceId(id);
    if (refusal !== undefined) throw new Refused(400, refusal);
    const existing = store.instance(id);
    if (existing !== undefined && isLive(existing)) {
      throw new Refused(
        409,
        `An orchestration instance with the ID '${id}' and the status ${shown(existing)} already exists.`,
      );
    }
    const execution = this.#hub.newId();
    const start = { id, execution, name, version: query.get("version") ?? "", input };
    this.#steering.forget(id);
    store.transaction(() =>
      store.addInstance({ ...start, parent: null, parentExecution: null, parentTask: null }, context.clock.now()),
    );
    this.#hub.ready(id);
    return answer(202, { id });
  }

  #status(id: string, query: Map<string, string>): ManagementResponse {
    expectParameters(query, ["showHistory", "showHistoryOutput", "showInput", "returnInternalServerErrorOnFailure"]);
    const row = this.#find(id);
    const show = flag(query, "showHistory", false)
      ? { historyEvents: describeHistory(this.#hub.store.history(id), flag(query, "showHistoryOutput", false)) }
      : {};
    const body = { ...describeInstance(row, shown(row), flag(query, "showInput", true)), ...show };
    const isFailure = row.status === "Failed" && flag(query, "returnInternalServerErrorOnFailure", false);
    return answer(isLive(row) ? 202 : isFailure ? 500 : 200, body);
  }

  #list(query: Map<string, string>, request: ManagementRequest): ManagementResponse {
    const parameters = ["createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix"];
    expectParameters(query, [...parameters, "top", "showInput"]);
    const limit = readTop(query.get("top"));
    const afterSeq = readToken(request.headers?.[continuationHeader]);
    const filter = readFilter(query);
    const rows = this.#hub.store.list(filter, afterSeq, limit + 1);
    const page = rows.slice(0, limit);
    const showInput = flag(query, "showInput", true);
    const last = page.at(-1);
    const token: Record<string, string> =
      rows.length > limit && last !== undefined
        ? { [continuationHeader]: Buffer.from(String(last.seq)).toString("base64") }
        : {};
    return answer(
      200,
      page.map((row) => describeInstance(row, row.shown, showInput)),
      token,
    );
  }

  #raise(id: string, name: string, query: Map<string, string>, body: string | null): ManagementResponse {
    expectParameters(query, []);
    if (name === "") throw new Refused(400, "raiseEvent: the name of the event is missing in the path");
    const input = readJson(body, "The event") ?? "null";
    const row = this.#findLive(id);
    const event: HistoryEvent = {
      EventType: eventType.eventRaised,
      EventId: -1,
      Timestamp: this.#now(),
      Name: name,
      Input: input,
    };
    post(this.#hub.store, id, null, event);
    this.#hub.ready(row.id);
    return answer(202, undefined);
  }

  #steer(id: string, operation: string, query: Map<string, string>): ManagementResponse {
    expectParameters(query, ["reason"]);
    const row = this.#findLive(id);
    const reason = query.get("reason") ?? "";
    if (operation === "terminate") {
      this.#steering.terminate(row, reason);
      return answer(202, undefined);
    }
    const suspend = operation === "suspend";
    if (suspend === (row.suspended === 1)) return answer(202, undefined);
    const { store, context } = this.#hub;
    const EventType = suspend ? eventType.executionSuspended : eventType.executionResumed;
    store.transaction(() => {
      store.suspend(id, suspend, context.clock.now());
      post(store, id, row.execution, { EventType, EventId: -1, Timestamp: this.#now(), Reason: reason });
    });
    this.#steering.suspend(id, suspend);
    this.#hub.ready(id);
    return answer(202, undefined);
  }

  #purge(id: string, query: Map<string, string>): ManagementResponse {
    expectParameters(query, []);
    const row = this.#hub.store.instance(id);
    if (row === undefined) throw new Refused(404, `No instance with ID '${id}' found.`);
    if (isLive(row)) {
      const message = `Only orchestrations in a terminal state can be purged; the instance with ID '${id}' is ${shown(row)}.`;
      throw new Refused(412, message);
    }
    this.#remove([row]);
    return answer(200, { instancesDeleted: 1 });
  }

  #purgeMany(query: Map<string, string>): ManagementResponse {
    expectParameters(query, ["createdTimeFrom", "createdTimeTo", "runtimeStatus"]);
    if (!query.has("createdTimeFrom")) throw new Refused(400, "purge: createdTimeFrom is required");
    const rows = this.#hub.store.list(readFilter(query), 0, Number.MAX_SAFE_INTEGER).filter((row) => !isLive(row));
    if (rows.length === 0) throw new Refused(404, "No ended instance matches the filter.");
    this.#remove(rows);
    return answer(200, { instancesDeleted: rows.length });
  }

  #remove(rows: readonly InstanceRow[]): void {
    const { store } = this.#hub;
    for (const { id } of rows) this.#steering.forget(id);
    store.transaction(() => {
      for (const { id } of rows) store.removeInstance(id);
    });
  }

  #find(id: string): InstanceRow {
    const row = this.#hub.store.instance(id);
    if (row === undefined) throw new Refused(404, `No instance with ID '${id}' found.`);
    return row;
  }

  #findLive(id: string): InstanceRow {
    const row = this.#find(id);
    if (!isLive(row)) throw new Refused(410, `The instance with ID '${id}' is ${row.status}.`);
    return row;
  }

  #now(): string {
    return new Date(this.#hub.context.clock.now()).toISOString();
  }
}

function shown(row: InstanceRow): RuntimeStatus {
  return row.suspended === 1 && isLive(row) ? "Suspended" : row.status;
}

function segments(path: string): string[] {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        throw new Refused(400, `${path}: '${segment}' is not percent-encoded`);
      }
    });
}

function expectParameters(query: Map<string, string>, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name) || ignoredParameters.includes(name)) continue;
    throw new Refused(400, `unknown query parameter '${name}'; expected one of: ${known.join(", ") || "none"}`);
  }
}

function readFilter(query: Map<string, string>): InstanceFilter {
  return {
    createdFromMs: readTime(query, "createdTimeFrom"),
    createdToMs: readTime(query, "createdTimeTo"),
    statuses: query.get("runtimeStatus")?.split(",").flatMap(readStatus),
    idPrefix: query.get("instanceIdPrefix"),
  };
}

function readTime(query: Map<string, string>, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Refused(400, `${name}: expected an ISO 8601 time, found '${text}'`);
  return ms;
}

function readStatus(text: string): RuntimeStatus[] {
  const status = shownStatuses.find((known) => known === text.trim());
  if (status !== undefined) return [status];
  if (unusedStatuses.includes(text.trim())) return [];
  throw new Refused(
    400,
    `runtimeStatus: expected ${[...shownStatuses, ...unusedStatuses].join(", ")}; found '${text}'`,
  );
}

function readTop(text: string | undefined): number {
  const top = Number(text ?? LIST_PAGE_DEFAULT);
  if (!Number.isInteger(top) || top < 1 || top > LIST_PAGE_MAX) {
    throw new Refused(400, `top: expected a whole number from 1 to ${LIST_PAGE_MAX}, found '${text}'`);
  }
  return top;
}

function readToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const seq = Number(Buffer.from(token, "base64").toString());
  if (!Number.isInteger(seq) || seq < 1) throw new Refused(400, `${continuationHeader}: not a token of this API`);
  return seq;
}

function flag(query: Map<string, string>, name: string, otherwise: boolean): boolean {
  const text = query.get(name)?.toLowerCase();
  if (text === undefined) return otherwise;
  if (text !== "true" && text !== "false") throw new Refused(400, `${name}: expected true or false, found '${text}'`);
  return text === "true";
}

function readJson(body: string | null, what: string): string | null {
  if (body === null || body.trim() === "") return null;
  if (isTooLarge(body)) throw new Refused(413, tooLarge(what, body));
  try {
    return JSON.stringify(JSON.parse(body));
  } catch (error) {
    throw new Refused(400, `${what} is not JSON: ${String(error)}`);
  }
}

function notServed(what: string): Refused {
  return new Refused(501, `The local durable backend doesn't have ${what}; the product doesn't use it.`);
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): ManagementResponse {
  if (body === undefined) return { status, headers, body: "" };
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}
