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
import { crash, type Fault, type FaultKind, type FaultPlace, type FaultPoint } from "./faults.ts";

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

/** What can strike an HTTP exchange from outside the engine. */
const outside: readonly FaultKind[] = ["status", "delay", "drop", "crash"];
const afterTheResponse: readonly FaultKind[] = ["crash"];

export interface FaultyHandler {
  readonly where: FaultPlace;
  /** What the book can match of a request. */
  readonly point: (request: WireRequest) => FaultPoint;
  /** The engine's own error answer for a `status` fault. */
  readonly refuse: (fault: Fault, request: WireRequest) => WireResponse;
  /** Kinds that mean something only inside the engine; the handler gets them, of phase `beforeEffect`, as its second argument. */
  readonly inside?: readonly FaultKind[];
  readonly handler: (request: WireRequest, inside?: Fault) => WireResponse | Promise<WireResponse>;
}

/** Puts the fault book in front of a handler. */
export function withFaults(
  context: Pick<EngineContext, "clock" | "faults" | "crash">,
  { where, point, refuse, inside = [], handler }: FaultyHandler,
): Handler {
  return async (request) => {
    const at = point(request);
    const strike = (fault: Fault): Promise<WireResponse | undefined> => applyFault(context, fault, at, request, refuse);
    const before = context.faults.take(where, "beforeEffect", at, [...outside, ...inside]);
    const isInside = before !== undefined && inside.includes(before.kind);
    const refused = before === undefined || isInside ? undefined : await strike(before);
    if (refused !== undefined) return refused;
    const result = await handler(request, isInside ? before : undefined);
    const after = context.faults.take(where, "afterEffect", at, outside);
    const lost = after === undefined ? undefined : await strike(after);
    if (lost !== undefined) return lost;
    const later = context.faults.take(where, "afterResponse", at, afterTheResponse);
    if (later !== undefined) setImmediate(() => crash(context, later, at));
    return result;
  };
}

/** The answer instead of the engine's; undefined when it goes on. @throws DroppedConnection */
async function applyFault(
  context: Pick<EngineContext, "clock" | "crash">,
  fault: Fault,
  point: FaultPoint,
  request: WireRequest,
  refuse: (fault: Fault, request: WireRequest) => WireResponse,
): Promise<WireResponse | undefined> {
  switch (fault.kind) {
    case "status":
      return refuse(fault, request);
    case "drop":
      throw new DroppedConnection();
    case "crash":
      crash(context, fault, point);
      throw new DroppedConnection();
    case "delay": {
      const dueMs = context.clock.now() + (fault.retryAfter ?? 1) * 1000;
      await new Promise<void>((resolve) => {
        context.clock.schedule({ kind: "fault.delay", id: request.url.pathname, dueMs }, resolve);
      });
      return undefined;
    }
    case "duplicate":
    case "reorder":
    case "staleRead":
      throw new Error(`fault ${fault.kind} belongs inside the engine`);
  }
}

/** Levels of lists and objects that a body may have: Cosmos DB's limit, taken for all engines (concepts-limits, "nesting"). */
const JSON_LEVELS_MAX = 128;

/** JSON that is nested too deeply; every engine's own form of status 400. */
export class NestedTooDeeply extends SyntaxError {
  constructor() {
    super(`it is nested more than ${JSON_LEVELS_MAX} levels deep`);
    this.name = "NestedTooDeeply";
  }
}

/**
 * Parses JSON from outside.
 * @throws SyntaxError when it is none; {@link NestedTooDeeply}: what walks a document recursively would overflow the stack
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Most bodies have fewer brackets than there may be levels.
  if (text.split(/[[{]/, JSON_LEVELS_MAX + 2).length <= JSON_LEVELS_MAX + 1) return value;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > JSON_LEVELS_MAX) throw new NestedTooDeeply();
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return value;
}
