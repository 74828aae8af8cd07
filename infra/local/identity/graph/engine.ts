/**
 * Microsoft Graph v1.0 over TLS, as far as the product asks the directory through it: operations.ts lists what is served;
 * all else is refused by name. Several requests go in one JSON batch, whose answers come in another order than the requests,
 * as Graph may give them.
 *
 * Faults of the place `directory` (point: method, path from /v1.0 on, caller) strike the exchange; a `status` also strikes a
 * single request of a batch. Permissions are those of the token: what is granted or withdrawn shows with the next one.
 *
 * Limits: no throttling of its own, no paging, no replication delays.
 */
import { z } from "zod";
import type { Engine, EngineContext, WaitingOn } from "../../platform/engine.ts";
import {
  type Listener,
  listen,
  type Tls,
  type WireRequest,
  type WireResponse,
  withFaults,
} from "../../platform/wire.ts";
import type { Caller, Verify } from "../caller.ts";
import type { Directory } from "../directory.ts";
import { GRAPH_AUDIENCE } from "../issuer.ts";
import { parsed, serveOperation } from "./operations.ts";
import { badRequest, faultAnswer, GraphRefusal, refusalOf, unauthenticated } from "./refusal.ts";

export interface GraphOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: Tls;
  readonly verify: Verify;
  readonly directory: Directory;
}

/** Requests that one batch takes. */
const BATCH_MAX = 20;

const batchSchema = z.strictObject({
  requests: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        method: z.string().toUpperCase(),
        url: z.string().regex(/^\/?[a-z]/i, { error: "expected a URL relative to the version, such as /users" }),
        headers: z.record(z.string().toLowerCase(), z.string()).default({}),
        body: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(BATCH_MAX),
});

type Part = z.output<typeof batchSchema>["requests"][number];

export class GraphEngine implements Engine {
  readonly name = "graph";
  readonly #context: EngineContext;
  readonly #options: GraphOptions;
  #listener: Listener | undefined;

  constructor(context: EngineContext, options: GraphOptions) {
    this.#context = context;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { port, tls } = this.#options;
    this.#listener = await listen({ port, tls, handler: (request) => this.#authenticated(request) });
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
  }

  /** Nothing is kept here: the directory is the identity engine's. */
  reset(): void {}

  /** Always empty: a request begins and ends within its own exchange. */
  waitingOn(): WaitingOn[] {
    return [];
  }

  /** The port that is open. Throws before {@link start}. */
  get port(): number {
    if (this.#listener === undefined) throw new Error("the graph engine is not started: its port is not open");
    return this.#listener.port;
  }

  async #authenticated(request: WireRequest): Promise<WireResponse> {
    const { authorization } = request.headers;
    const caller = await this.#options.verify(authorization, GRAPH_AUDIENCE);
    if (caller === undefined) return unauthenticated(authorization, this.#now);
    const faulted = withFaults(this.#context, {
      where: "directory",
      point: ({ method, url }) => ({ method, path: url.pathname, caller: caller.oid, host: caller.host }),
      refuse: (fault) => faultAnswer(fault, this.#now),
      handler: (again) => this.#serve(again, caller),
    });
    return faulted(request);
  }

  get #now(): number {
    return this.#context.clock.now();
  }

  #serve(request: WireRequest, caller: Caller): WireResponse {
    return this.#refusing(() => {
      if (!request.url.pathname.startsWith("/v1.0/")) throw badRequest("Invalid version: the local Graph serves v1.0.");
      if (`${request.method} ${request.url.pathname}` !== "POST /v1.0/$batch") return this.#one(request, caller);
      const { requests } = parsed(batchSchema, request.body);
      const ids = new Set(requests.map(({ id }) => id.toLowerCase()));
      if (ids.size < requests.length) throw badRequest("Every request of a batch has an id of its own.");
      const responses = requests.map((part) => this.#part(part, request, caller)).toReversed();
      return { status: 200, body: { responses } };
    });
  }

  #part({ id, method, url, headers, body }: Part, { url: batch }: WireRequest, caller: Caller): object {
    const request: WireRequest = {
      method,
      url: new URL(`/v1.0/${url.replace(/^\//, "")}`, batch),
      headers,
      body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
    };
    const point = { method, path: request.url.pathname, caller: caller.oid };
    const fault = this.#context.faults.take("directory", "beforeEffect", point, ["status"]);
    const answer =
      fault === undefined ? this.#refusing(() => this.#one(request, caller)) : faultAnswer(fault, this.#now);
    const told = {
      "Content-Type": "application/json",
      ...(answer.headers === undefined ? {} : canonical(answer.headers)),
    };
    return { id, status: answer.status, headers: told, body: answer.body };
  }

  #one(request: WireRequest, caller: Caller): WireResponse {
    return { status: 200, body: serveOperation({ directory: this.#options.directory, caller, request }) };
  }

  #refusing(work: () => WireResponse): WireResponse {
    try {
      return work();
    } catch (error) {
      if (error instanceof GraphRefusal) return refusalOf(error, this.#now);
      throw error;
    }
  }
}

/** In a batch Graph spells header names as HTTP/1.1 does: `Retry-After`. */
function canonical(headers: NonNullable<WireResponse["headers"]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/\b[a-z]/g, (first) => first.toUpperCase()), value]),
  );
}
