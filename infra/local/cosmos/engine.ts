/**
 * Azure Cosmos DB for NoSQL as `@azure/cosmos` sees it over TLS: one account in one region, consistency Session,
 * Microsoft Entra tokens only.
 *
 * Served: reading account, databases, containers; items (create, read, replace, upsert, delete, patch with conditions,
 * ETags); transactional batches; queries in the dialect of sql/parser.ts with continuation; time to live by business time.
 * Refused by name: change feed, stored procedures, triggers, functions, bulk, hierarchical partition keys, keys and
 * resource tokens, any SQL outside the dialect. Creating databases and containers is 403, as for every data-plane token in
 * Azure; they come from the options.
 *
 * Not the service: request charges are constants, nothing is throttled unless a fault says so, there is one partition
 * key range, results without ORDER BY come by partition key and id, a session token never makes a read wait.
 *
 * State is in `<dataDir>/cosmos.sqlite`. A request is one transaction, done in one turn of the event loop.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Verify } from "../identity/caller.ts";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
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
import { authenticate } from "./authenticate.ts";
import { errorAnswer, refusal } from "./answers.ts";
import { Catalogue, type ContainerDefinition } from "./catalogue.ts";
import { complete, RequestHandler, type Authorize } from "./handler.ts";
import { ItemStore } from "./items.ts";
import { faultPath, isWrite, parseRequest } from "./request.ts";
import { Evaluator } from "./sql/evaluator.ts";

export type { ContainerDefinition, IndexDefinition } from "./catalogue.ts";
export type { Authorize } from "./handler.ts";

export interface CosmosOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: Tls;
  readonly verify: Verify;
  /** Made at start and reset. */
  readonly containers: readonly ContainerDefinition[];
  /** Without it every verified caller may do everything. */
  readonly authorize?: Authorize;
}

interface Open {
  readonly database: DatabaseSync;
  readonly handler: RequestHandler;
}

export class CosmosEngine implements Engine {
  readonly name = "cosmos";
  readonly #context: EngineContext;
  readonly #options: CosmosOptions;
  #open: Open | undefined;
  #listener: Listener | undefined;
  #requests = 0;

  constructor(context: EngineContext, options: CosmosOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The port that it listens on; 0 before start. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** @throws Error when a declared container exists with another partition key */
  async start(): Promise<void> {
    const { dataDir } = this.#context;
    const database = openDatabase(dataDir === ":memory:" ? dataDir : join(dataDir, "cosmos.sqlite"));
    try {
      this.#open = this.#provision(database);
    } catch (error) {
      database.close();
      throw error;
    }
    const { port, tls } = this.#options;
    this.#listener = await listen({ port, tls, handler: (request) => this.handle(request) });
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
    this.#open?.database.close();
    this.#open = undefined;
  }

  reset(): void {
    const { database } = this.#opened();
    database.exec("DROP TABLE IF EXISTS docs; DROP TABLE IF EXISTS colls; DROP TABLE IF EXISTS log");
    this.#open = this.#provision(database);
    this.#requests = 0;
  }

  /** Nothing: a request is done when it is answered, and time to live needs no one to wait. */
  waitingOn(): WaitingOn[] {
    return [];
  }

  /** Answers one request; what the listener calls, and what an in-process client can. */
  async handle(request: WireRequest): Promise<WireResponse> {
    this.#requests += 1;
    const activityId = `00000000-0000-4000-8000-${this.#requests.toString(16).padStart(12, "0")}`;
    const { handler } = this.#opened();
    try {
      const caller = await authenticate(request, this.#options.verify);
      const parsed = parseRequest(request);
      const point = {
        method: request.method,
        path: faultPath(parsed, request.url),
        caller: caller.oid,
        host: caller.host,
      };
      const faulty = withFaults(this.#context, {
        where: "cosmos",
        point: () => point,
        refuse: (fault) => complete(refusal(fault), activityId),
        inside: isWrite(parsed) ? ["duplicate"] : [],
        handler: (_, inside) => {
          // As when the client sends it again because the first answer was lost: the second answer is given.
          if (inside?.kind === "duplicate") attempt(() => handler.answer(request, parsed, caller));
          return complete(handler.answer(request, parsed, caller), activityId);
        },
      });
      return await faulty(request);
    } catch (error) {
      const answer = errorAnswer(error, activityId);
      if (answer !== undefined) return complete(answer, activityId);
      if (!(error instanceof DroppedConnection)) {
        this.#context.log("error", "Cosmos DB request failed", {
          method: request.method,
          url: request.url.href,
          error,
        });
      }
      throw error;
    }
  }

  #provision(database: DatabaseSync): Open {
    const catalogue = new Catalogue(database, this.#options.containers);
    catalogue.provision();
    const { authorize } = this.#options;
    const parts = { catalogue, store: new ItemStore(database), evaluator: new Evaluator(database), authorize };
    return { database, handler: new RequestHandler(this.#context, parts) };
  }

  #opened(): Open {
    if (this.#open === undefined) throw new Error("the Cosmos DB engine is not started");
    return this.#open;
  }
}

/** A refusal of the first of two equal requests is nobody's business; any other failure is. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (errorAnswer(error, "") === undefined) throw error;
  }
}
