/**
 * The host's HTTP side on 127.0.0.1: the app's HTTP functions under the route prefix, and the Durable Functions
 * management API. Listens before the app is loaded, because the app is told its own address; until then, and again
 * once it stops, it answers 503.
 *
 * Answers of the host itself, as in Azure: 404 for an unknown path and for a known one with another method, 413 above
 * the body limit, 500 without a body when a function throws (the log has the error).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpFunction } from "./appFunctions.ts";
import type { DurableHttp } from "./durableHttp.ts";
import { BodyTooLarge, readBody, sendRpcResponse, toRpcRequest } from "./httpMessages.ts";
import type { RouteTable } from "./httpRoutes.ts";
import type { Invoker } from "./invoke.ts";
import type { HostLog } from "./logs.ts";

/** What the server serves once the app is loaded. */
export interface HttpApp {
  readonly routes: RouteTable<HttpFunction>;
  readonly invoker: Invoker;
  /** Absent in an app that uses no Durable Functions. */
  readonly durable: DurableHttp | undefined;
}

/** Above the 60 s for which clients keep idle connections, so that the client closes first and never meets a reset. */
const KEEP_ALIVE_MS = 65_000;

const SECONDS_UNTIL_RETRY = "1";

export class HttpServer {
  readonly #server: Server;
  readonly #log: HostLog;
  #app: HttpApp | undefined;
  #stopping = false;

  constructor(log: HostLog) {
    this.#log = log;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void this.#answer(request, response);
    });
  }

  /** @param port 0 takes a free one. @returns the port. @throws Error when the port is taken. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on requests reach the app. */
  serve(app: HttpApp): void {
    this.#app = app;
  }

  /**
   * From now on requests to the app are refused; those under way are answered. The management API stays open, because
   * functions that are under way reach the platform by it.
   */
  stop(): void {
    this.#stopping = true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const app = this.#app;
      if (app === undefined) {
        refuse(response, 503, "the host is starting");
        return;
      }
      // Put together as text: a path that begins with // would otherwise be read as a host name.
      const target = request.url?.startsWith("/") === true ? request.url : "/";
      const url = new URL(`http://${request.headers.host ?? "localhost"}${target}`);
      if (app.durable?.serves(url.pathname) === true) await this.#manage(app.durable, request, response, url);
      else if (this.#stopping) refuse(response, 503, "the host is stopping");
      else await this.#invoke(app, request, response, url);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #invoke(app: HttpApp, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const match = app.routes.match(request.method ?? "GET", url.pathname);
    if (match === undefined) {
      refuse(response, 404);
      return;
    }
    const body = await readBody(request);
    const data = { http: toRpcRequest(request, url, match.params, body) };
    const traceParent = request.headers["traceparent"];
    const traceState = request.headers["tracestate"];
    const value = await app.invoker
      .invoke(match.target, {
        data,
        traceParent: typeof traceParent === "string" ? traceParent : undefined,
        traceState: typeof traceState === "string" ? traceState : undefined,
      })
      .catch(() => {
        // The invoker has written the error to the log; Azure tells the client nothing of it.
        refuse(response, 500);
        return undefined;
      });
    if (!response.headersSent) sendRpcResponse(response, value);
  }

  async #manage(durable: DurableHttp, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const body = await readBody(request);
    const answer = await durable.answer(request.method ?? "GET", url, body?.toString("utf8") ?? null, request.headers);
    response.writeHead(answer.status, {
      ...answer.headers,
      "content-length": String(Buffer.byteLength(answer.body)),
    });
    response.end(answer.body);
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof BodyTooLarge) refuse(response, 413);
    else if (
      error instanceof URIError ||
      (error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL")
    )
      refuse(response, 400);
    else {
      this.#log.host("error", error instanceof Error ? (error.stack ?? error.message) : String(error));
      refuse(response, 500);
    }
  }
}

/** An answer of the host itself. The connection closes where the rest of a request body is not going to be read. */
function refuse(response: ServerResponse, status: number, message = ""): void {
  response.writeHead(status, {
    "content-length": String(Buffer.byteLength(message)),
    ...(status === 503 ? { "retry-after": SECONDS_UNTIL_RETRY } : {}),
    ...(status === 413 || status === 503 ? { connection: "close" } : {}),
  });
  response.end(message);
}
