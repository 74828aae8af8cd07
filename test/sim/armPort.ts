/** ARM as one invocation sees it: the engine behind a wire that fails, is slow, and shows old versions. */
import { budgetOf } from "../../shared/adapters/armBudget.ts";
import { armError } from "../../shared/adapters/armErrors.ts";
import {
  addressesOf,
  GRAPH_API_VERSION,
  inventoryPage,
  inventoryRequest,
} from "../../shared/adapters/resourceGraph.ts";
import { readMembers, type Answered } from "../../shared/adapters/armLists.ts";
import { requestOf, resourcePath } from "../../shared/adapters/armRequests.ts";
import type { Write } from "../../shared/desired/request.ts";
import { memberKindOf } from "../../shared/estate/member.ts";
import { parseResource } from "../../shared/estate/resource.ts";
import type { ArmKind } from "../../shared/estate/sight.ts";
import { parseAccount } from "../../shared/estate/account.ts";
import type { AccountAddress, ResourceId } from "../../shared/estate/resourceId.ts";
import type {
  Arm,
  ArmError,
  BudgetResult,
  MembersResult,
  PageResult,
  PollResult,
  ReadResult,
  ResourceResult,
  WriteAnswer,
} from "../../shared/ports/arm.ts";
import type { WireResponse } from "../../infra/local/platform/wire.ts";
import type { Auditor } from "./auditor.ts";
import { self, type AccountState, type Estate } from "./estate.ts";
import { STALE_WITHIN_MS } from "./faults.ts";
import type { Journey, Lane, Machine } from "./process.ts";

/** The client's own patience with a read. */
const READ_ABORT_MS = 30_000;
const POLL_MS = 2_000;

/** A failure of the wire or of ARM's front door. `effect`: whether the request reached the provider all the same. */
type Trouble =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly effect: boolean;
    }
  | { readonly kind: "silent"; readonly effect: boolean };

export class LaneArm implements Arm {
  readonly #lane: Lane;
  readonly #estate: Estate;
  readonly #auditor: Auditor;

  constructor(lane: Lane, estate: Estate, auditor: Auditor) {
    this.#lane = lane;
    this.#estate = estate;
    this.#auditor = auditor;
  }

  async readAccount(address: AccountAddress): Promise<ReadResult> {
    const { scheduler, faults } = this.#lane.process.machine;
    const begunMs = scheduler.nowMs;
    const run = this.#lane.number;
    const wantsStale = faults.hits("stale");
    const response = await this.#get(`arm.read ${address.name}`, () => {
      const stale = wantsStale && scheduler.nowMs - (this.#estate.changedMs.get(address.id) ?? 0) <= STALE_WITHIN_MS;
      const answer = this.#estate.request(self, "GET", address.id, undefined, 0, stale);
      const body = answer.status === 200 ? (answer.body as AccountState) : undefined;
      this.#auditor.read({ atMs: scheduler.nowMs, begunMs, run, key: address.id, body });
      return answer;
    });
    if (response === undefined) {
      this.#auditor.read({ atMs: scheduler.nowMs, begunMs, run, key: address.id, body: undefined });
      return { kind: "failed", error: noAnswer };
    }
    if (response.status === 404) return { kind: "absent" };
    if (response.status !== 200) {
      this.#auditor.read({ atMs: scheduler.nowMs, begunMs, run, key: address.id, body: undefined });
      return { kind: "failed", error: errorOf(response) };
    }
    return { kind: "found", account: parseAccount(asShown(response.body as AccountState)) };
  }

  async listMembers(address: AccountAddress, kind: ArmKind): Promise<MembersResult> {
    const get = async (path: string): Promise<Answered> => {
      const response = await this.#get(`arm.list ${kind}`, () => this.#estate.request(self, "GET", path));
      if (response === undefined) return { kind: "failed", error: noAnswer };
      if (response.status !== 200) return { kind: "failed", error: errorOf(response) };
      return { kind: "answered", body: response.body };
    };
    return readMembers(get, address, kind);
  }

  async readResource(address: AccountAddress, target: ResourceId): Promise<ResourceResult> {
    const kind = memberKindOf(address.id, target);
    if (kind === undefined) throw new Error(`${target} is none of ${address.id}`);
    const path = resourcePath(address.id, target);
    const response = await this.#get("arm.read resource", () => this.#estate.request(self, "GET", path));
    if (response === undefined) return { kind: "failed", error: noAnswer };
    if (response.status === 404) return { kind: "absent" };
    if (response.status !== 200) return { kind: "failed", error: errorOf(response) };
    return { kind: "found", resource: parseResource(kind, response.body) };
  }

  async write(address: AccountAddress, write: Write, abortMs: number): Promise<WriteAnswer> {
    const { method, path, body = {} } = requestOf(address.id, write);
    const { machine } = this.#lane.process;
    const { scheduler, faults, random } = machine;
    const trouble = troubleOf(machine);
    const flight = this.#auditor.sent({ atMs: scheduler.nowMs, key: address.id, body });
    const patchMs = random.chance(0.3) ? random.between(1_000, 40_000) : 0;
    const land = (): WireResponse => {
      this.#auditor.lands();
      const response = this.#estate.request(self, method, write.kind === "patch" ? write.target : path, body, patchMs);
      machine.trace.line("arm", `${method} ${address.name} ${JSON.stringify(body)} -> ${response.status}`);
      this.#auditor.landed(flight, { atMs: scheduler.nowMs, status: response.status });
      return response;
    };
    // A connection that breaks does not call the request back: it may be carried out long after the client gave up on it.
    const isBroken = trouble?.kind === "silent" && trouble.effect && random.chance(0.6);
    const response = await this.#lane.travel<WireResponse | undefined>({
      name: `arm.patch ${address.name}${nameOf(trouble)}`,
      outMs: isBroken || faults.hits("slow") ? faults.slowMs(abortMs - 1) : faults.latencyMs(),
      backMs: faults.latencyMs(),
      abortMs: isBroken ? faults.latencyMs() : abortMs,
      onGone: () => this.#auditor.gone(flight),
      ...(trouble === undefined || trouble.effect ? { effect: land } : {}),
      answer: (result) => through(trouble, result),
    });
    if (response === undefined) return { kind: "lost", reason: "no answer" };
    return writeAnswer(response);
  }

  async poll(url: string): Promise<PollResult> {
    const response = await this.#get("arm.poll", () => this.#estate.request(self, "GET", url));
    if (response === undefined) return { kind: "failed", error: noAnswer };
    if (response.status >= 400) return { kind: "failed", error: errorOf(response) };
    if (response.status === 202) return { kind: "running", retryAfterMs: retryAfterMs(response) };
    return { kind: "ended", error: null };
  }

  async listAccounts(subscriptionId: string, continuation: string | undefined): Promise<PageResult> {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.CognitiveServices/accounts`;
    const response = await this.#get("arm.list", () => this.#estate.request(self, "GET", continuation ?? path));
    if (response === undefined) return { kind: "failed", error: noAnswer };
    if (response.status !== 200) return { kind: "failed", error: errorOf(response) };
    const { value, nextLink } = response.body as { value: { id: string }[]; nextLink?: string };
    const accounts = value.flatMap(({ id }) => addressesOf(id));
    return { kind: "page", page: { accounts, continuation: nextLink, waitMs: 0 } };
  }

  async inventory(subscriptionIds: readonly string[], continuation: string | undefined): Promise<PageResult> {
    const path = `/providers/Microsoft.ResourceGraph/resources?api-version=${GRAPH_API_VERSION}`;
    const body = inventoryRequest(subscriptionIds, continuation);
    const response = await this.#get("arm.graph", () => this.#estate.request(self, "POST", path, body));
    if (response === undefined) return { kind: "failed", error: noAnswer };
    if (response.status !== 200) return { kind: "failed", error: errorOf(response) };
    return inventoryPage(JSON.stringify(response.body), headersOf(response));
  }

  async readBudget(address: AccountAddress): Promise<BudgetResult> {
    const response = await this.#get(`arm.budget ${address.name}`, () => this.#estate.request(self, "GET", address.id));
    if (response === undefined) return { kind: "failed", error: noAnswer };
    const { status } = response;
    if (status === 429 || status >= 500) return { kind: "failed", error: errorOf(response) };
    return { kind: "told", budget: budgetOf(headersOf(response)) };
  }

  /** Undefined when no answer came. */
  #get(name: string, effect: () => WireResponse): Promise<WireResponse | undefined> {
    const { faults, random } = this.#lane.process.machine;
    const trouble = troubleOf(this.#lane.process.machine);
    const journey: Journey<WireResponse | undefined> = {
      name: `${name}${nameOf(trouble)}`,
      outMs: faults.latencyMs(),
      backMs: trouble?.kind === "silent" ? random.between(1_000, READ_ABORT_MS) : faults.latencyMs(),
      answer: (result) => through(trouble, result),
    };
    return this.#lane.travel(trouble === undefined ? { ...journey, effect } : journey);
  }
}

function troubleOf({ faults, random }: Machine): Trouble | undefined {
  if (faults.hits("throttled")) {
    const retryAfter = random.chance(0.7) ? String(random.between(1, 20)) : undefined;
    return { kind: "answered", status: 429, retryAfter, effect: false };
  }
  if (faults.hits("unavailable")) {
    return { kind: "answered", status: 503, retryAfter: undefined, effect: random.chance(0.5) };
  }
  return faults.hits("lost") ? { kind: "silent", effect: random.chance(0.7) } : undefined;
}

function nameOf(trouble: Trouble | undefined): string {
  if (trouble === undefined) return "";
  const what = trouble.kind === "silent" ? "no answer" : String(trouble.status);
  return ` (${what}${trouble.effect ? " after effect" : ""})`;
}

/** What the client hears of the answer. */
function through(trouble: Trouble | undefined, result: WireResponse | undefined): WireResponse | undefined {
  if (trouble === undefined) return result;
  if (trouble.kind === "silent") return undefined;
  const headers = trouble.retryAfter === undefined ? {} : { "retry-after": trouble.retryAfter };
  const code = trouble.status === 429 ? "SubscriptionRequestsThrottled" : "ServiceUnavailable";
  return { status: trouble.status, headers, body: { error: { code, message: "" } } };
}

/** ARM shows people by their user principal name, not by their object ID. */
function asShown(body: AccountState): object {
  const { systemData } = body;
  if (systemData.lastModifiedByType !== "User") return body;
  return {
    ...body,
    systemData: { ...systemData, lastModifiedBy: `${systemData.lastModifiedBy.slice(-2)}@contoso.example` },
  };
}

function writeAnswer(response: WireResponse): WriteAnswer {
  const { status } = response;
  const location = response.headers?.["location"];
  if (status === 202 && typeof location === "string") {
    return { kind: "accepted", pollUrl: location, retryAfterMs: retryAfterMs(response) };
  }
  if (status < 300) return { kind: "done" };
  if (status >= 500) return { kind: "lost", reason: `ARM answered ${status}` };
  return { kind: "refused", error: errorOf(response) };
}

const noAnswer: ArmError = { class: "retry", code: "NoAnswer", message: "", status: 0, retryAfterMs: undefined };

function errorOf(response: WireResponse): ArmError {
  const retryAfter = response.headers?.["retry-after"];
  return armError(
    response.status,
    JSON.stringify(response.body),
    typeof retryAfter === "string" ? retryAfter : undefined,
  );
}

function headersOf({ headers = {} }: WireResponse): { get(name: string): string | undefined } {
  return {
    get: (name) => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    },
  };
}

function retryAfterMs(response: WireResponse): number {
  const seconds = Number(response.headers?.["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : POLL_MS;
}
