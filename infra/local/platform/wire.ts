/**
 * One HTTP(S) listener for every local engine: collects the body, applies the faults of the engine's place, answers.
 * An engine is a function from request to answer; sockets, TLS and faults are here.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createNetServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import type { EngineContext } from "./engine.ts";
import type { Fault, FaultPlace, FaultPoint } from "./faults.ts";

export interface WireRequest {
  readonly method: string;
  /** Absolute; its origin is the address that the client used. */
  readonly url: URL;
  /** Names in lower case; several values of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object | undefined;
}

export type Handler = (request: WireRequest) => WireResponse | Promise<WireResponse>;

export interface Tls {
  readonly key: string;
  readonly cert: string;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** 16 MiB: above every limit that an engine enforces itself. */
const BODY_BYTES_MAX = 16 * 2 ** 20;

export interface ListenOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: Tls | undefined;
  /** With TLS: takes HTTP without it on the same port as well. */
  readonly plainToo?: boolean;
  readonly handler: Handler;
}

/** Serves `handler` on 127.0.0.1. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const onRequest =
    (protocol: "http" | "https") =>
    (request: IncomingMessage, response: ServerResponse): void => {
      void answer(request, response, protocol, options.handler);
    };
  const plain = createHttpServer({ keepAliveTimeout: 60_000 }, onRequest("http"));
  const secure =
    options.tls === undefined
      ? undefined
      : createHttpsServer({ ...options.tls, keepAliveTimeout: 60_000 }, onRequest("https"));
  const server = secure === undefined ? plain : options.plainToo === true ? eitherOf(plain, secure) : secure;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** First byte of a TLS record that begins a handshake (RFC 8446 section 5.1); no HTTP method begins with it. */
const TLS_HANDSHAKE = 22;

/** Hands each connection to the server that its first byte asks for. */
function eitherOf(plain: HttpServer, secure: HttpServer): NetServer {
  return createNetServer((socket) => {
    // A socket that breaks before it has said what it wants concerns nobody.
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      (chunk[0] === TLS_HANDSHAKE ? secure : plain).emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  protocol: "http" | "https",
  handler: Handler,
): Promise<void> {
  let result: WireResponse;
  try {
    result = await handler(await read(request, protocol));
  } catch (error) {
    if (error instanceof DroppedConnection) {
      request.socket.destroy();
      return;
    }
    result = { status: 500, body: { error: { code: "EngineError", message: describe(error) } } };
  }
  send(response, result);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function read(request: IncomingMessage, protocol: string): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new DroppedConnection();
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  // A scope with a leading slash arrives as `//subscriptions/...`, which URL would read as a host name.
  const path = request.url ?? "/";
  const url = new URL(`${protocol}://${headers["host"] ?? "localhost"}${path.startsWith("/") ? path : `/${path}`}`);
  return { method: request.method ?? "GET", url, headers, body: Buffer.concat(chunks) };
}

function send(response: ServerResponse, result: WireResponse): void {
  const headers: Record<string, string | string[]> = { ...result.headers };
  let body: Buffer | string | undefined;
  if (result.body instanceof Buffer || typeof result.body === "string") body = result.body;
  else if (result.body !== undefined) {
    body = JSON.stringify(result.body);
    headers["content-type"] ??= "application/json; charset=utf-8";
  }
  response.writeHead(result.status, headers);
  response.end(body);
}

/** Thrown by a handler that wants the client to see a broken connection instead of an answer. */
export class DroppedConnection extends Error {
  constructor() {
    super("the connection was dropped on purpose");
    this.name = "DroppedConnection";
  }
}

/**
 * Puts the fault book in front of a handler. `point` says what the book can match of a request; `refuse` builds the
 * engine's own error answer for a `status` fault. Kinds `duplicate`, `reorder` and `staleRead` mean something only
 * inside an engine and are left to it: of the phase `beforeEffect` the handler gets them as its second argument.
 */
export function withFaults(
  context: Pick<EngineContext, "clock" | "faults" | "crash">,
  where: FaultPlace,
  point: (request: WireRequest) => FaultPoint,
  refuse: (fault: Fault, request: WireRequest) => WireResponse,
  handler: (request: WireRequest, inside?: Fault) => WireResponse | Promise<WireResponse>,
): Handler {
  return async (request) => {
    const at = point(request);
    const before = context.faults.take(where, "beforeEffect", at);
    if (before !== undefined) {
      const refused = await applyFault(context, before, request, refuse);
      if (refused !== undefined) return refused;
    }
    const result = await handler(request, before !== undefined && isInside(before) ? before : undefined);
    const after = context.faults.take(where, "afterEffect", at);
    if (after !== undefined) {
      const refused = await applyFault(context, after, request, refuse);
      if (refused !== undefined) return refused;
    }
    const later = context.faults.take(where, "afterResponse", at);
    if (later?.kind === "crash") setImmediate(() => context.crash(later.process ?? "core"));
    return result;
  };
}

function isInside(fault: Fault): boolean {
  return fault.kind === "duplicate" || fault.kind === "reorder" || fault.kind === "staleRead";
}

async function applyFault(
  context: Pick<EngineContext, "clock" | "crash">,
  fault: Fault,
  request: WireRequest,
  refuse: (fault: Fault, request: WireRequest) => WireResponse,
): Promise<WireResponse | undefined> {
  switch (fault.kind) {
    case "status":
      return refuse(fault, request);
    case "drop":
      throw new DroppedConnection();
    case "crash":
      context.crash(fault.process ?? "core");
      throw new DroppedConnection();
    case "delay":
      await new Promise<void>((resolve) => {
        context.clock.schedule(
          {
            kind: "fault.delay",
            id: request.url.pathname,
            dueMs: context.clock.now() + (fault.retryAfter ?? 1) * 1000,
          },
          resolve,
        );
      });
      return undefined;
    case "duplicate":
    case "reorder":
    case "staleRead":
      return undefined;
  }
}
