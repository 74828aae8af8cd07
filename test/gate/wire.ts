/**
 * The wire between the product's ARM adapter and the local ARM engine: both as they are, without sockets between them.
 * What goes wrong on it, or happens meanwhile, is the caller's to say; every write that reaches the engine is noted with
 * the estate as it was at that moment.
 */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { ArmEngine } from "../../infra/local/arm/engine.ts";
import type { Change } from "../../shared/desired/change.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import type { Caller } from "../../infra/local/identity/caller.ts";

/** One request of the product, before it is served. */
export interface Sent {
  /** From 1. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly isWrite: boolean;
}

export type Trouble =
  /** ARM, or its front door, answers with an error; `effect`: the provider did it all the same. */
  | { readonly kind: "answered"; readonly status: number; readonly retryAfter?: string; readonly effect: boolean }
  /** No answer; the request is carried out at once, so long after the client gave up on it, or never. */
  | { readonly kind: "silent"; readonly effectAfterMs: number | undefined };

export interface Written {
  readonly method: string;
  /** Resource ID, in lower case, with the action of a POST. */
  readonly target: string;
  readonly status: number;
  /** What the product says that it writes: the change of its open fence. */
  readonly change: Change | undefined;
  /** Every resource as it was. */
  readonly before: Readonly<Record<string, unknown>>;
}

/** Beyond what any run of the gate does; more is a loop. */
const REQUESTS_MAX = 5_000;

export class Wire implements HttpClient {
  readonly #engine: ArmEngine;
  readonly #caller: Caller;
  readonly #change: () => Change | undefined;
  readonly #late: (afterMs: number, run: () => void) => void;
  /** Before a request is served: what goes wrong with it; what happens elsewhere meanwhile. */
  onRequest: (sent: Sent) => Trouble | undefined = () => undefined;
  /** Reads that are refused for good, by path, with the code. */
  readonly refused = new Map<string, string>();
  /** What Azure tells of resources by itself, by ID in lower case: in the engine nobody can set it. */
  told: ReadonlyMap<string, Body> = new Map();
  /** Writes that the product sent, whatever became of them. */
  sent = 0;
  /** Requests of any kind. */
  requests = 0;
  /** Those that the provider carried out. */
  readonly writes: Written[] = [];

  /**
   * @param change what is being written, as far as is on record
   * @param late runs something after so much business time
   */
  constructor(
    engine: ArmEngine,
    caller: Caller,
    change: () => Change | undefined,
    late: (afterMs: number, run: () => void) => void,
  ) {
    this.#change = change;
    this.#engine = engine;
    this.#caller = caller;
    this.#late = late;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { method } = request;
    const path = new URL(request.url).pathname;
    const isWrite = method !== "GET" && !path.toLowerCase().includes("/microsoft.resourcegraph/");
    const sent: Sent = { number: this.#count(isWrite), method, path, isWrite };
    const code = isWrite ? undefined : this.refused.get(path.toLowerCase());
    // Whatever was not told in the case: here it is not told as long as nobody acts.
    if (code !== undefined)
      return answerOf(request, { status: 403, body: { error: { code: "AuthorizationFailed", message: code } } });
    const trouble = this.onRequest(sent);
    if (trouble === undefined) return answerOf(request, this.#carryOut(request, sent));
    if (trouble.kind === "silent") {
      const { effectAfterMs } = trouble;
      if (effectAfterMs === 0) this.#carryOut(request, sent);
      else if (effectAfterMs !== undefined) this.#late(effectAfterMs, () => this.#carryOut(request, sent));
      throw new Error("no answer");
    }
    if (trouble.effect) this.#carryOut(request, sent);
    const shown = trouble.status === 429 ? "SubscriptionRequestsThrottled" : "ServiceUnavailable";
    const headers = trouble.retryAfter === undefined ? {} : { "retry-after": trouble.retryAfter };
    return answerOf(request, { status: trouble.status, headers, body: { error: { code: shown, message: "" } } });
  }

  #count(isWrite: boolean): number {
    this.requests += 1;
    if (isWrite) this.sent += 1;
    if (this.requests > REQUESTS_MAX) throw new Error(`the product made more than ${REQUESTS_MAX} requests`);
    return this.requests;
  }

  #carryOut(request: PipelineRequest, { method, path, isWrite }: Sent): Answer {
    const before = isWrite ? this.#engine.state() : {};
    const change = isWrite ? this.#change() : undefined;
    const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value]));
    const body = Buffer.from(typeof request.body === "string" ? request.body : "");
    const answer = this.#engine.handle({ method, url: new URL(request.url), headers, body }, this.#caller);
    if (!isWrite) return { ...answer, body: this.#withTold(answer.body) };
    if (answer.status < 300)
      this.writes.push({ method, target: path.toLowerCase(), status: answer.status, change, before });
    return answer;
  }

  /** Of one resource, or of each of a list. */
  #withTold(body: Answer["body"]): Answer["body"] {
    if (this.told.size === 0 || typeof body !== "object" || Buffer.isBuffer(body)) return body;
    const { value, id, properties } = body as { value?: unknown; id?: unknown; properties?: object };
    if (Array.isArray(value)) return { ...body, value: value.map((one: object) => this.#withTold(one)) };
    const told = typeof id === "string" ? this.told.get(id.toLowerCase()) : undefined;
    return told === undefined ? body : { ...body, properties: { ...properties, ...told } };
  }
}

type Body = Record<string, Json>;
type Answer = ReturnType<ArmEngine["handle"]>;

function answerOf(request: PipelineRequest, { status, headers = {}, body }: Answer): PipelineResponse {
  return {
    request,
    status,
    headers: createHttpHeaders(headers as Record<string, string>),
    bodyAsText: body === undefined ? "" : JSON.stringify(body),
  };
}
