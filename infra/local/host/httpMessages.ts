/** HTTP messages of the wire to and from the form in which the Functions host hands them to the worker. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RpcCookie, RpcHttp, RpcValue } from "./coreTypes.ts";

/** Azure refuses longer request bodies with 413 (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, default 104,857,600). */
export const BODY_BYTES_MAX = 100 * 2 ** 20;

/** The request body is above {@link BODY_BYTES_MAX}. */
export class BodyTooLarge extends Error {
  constructor() {
    super(`the request body is longer than ${BODY_BYTES_MAX} bytes`);
    this.name = "BodyTooLarge";
  }
}

/**
 * Reads the whole body; undefined when it is empty.
 * @throws BodyTooLarge, before reading on; Error when the client goes away.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size);
}

/**
 * The trigger's value. Header names are in lower case; several values of one header or query key are joined by a comma,
 * as the Functions host does.
 */
export function toRpcRequest(
  request: IncomingMessage,
  url: URL,
  params: Readonly<Record<string, string>>,
  body: Buffer | undefined,
): RpcHttp {
  const headers: Record<string, { value: string }> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = { value: Array.isArray(value) ? value.join(",") : value };
  }
  // A map: a key such as __proto__ would name the prototype of all objects.
  const query = new Map<string, { value: string }>();
  for (const [name, value] of url.searchParams) {
    const known = query.get(name);
    query.set(name, { value: known === undefined ? value : `${known.value},${value}` });
  }
  const nullableParams = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { value }]));
  return {
    method: request.method ?? "GET",
    url: url.href,
    nullableHeaders: headers,
    nullableQuery: Object.fromEntries(query),
    nullableParams,
    ...(body === undefined ? {} : { body: { bytes: body } }),
  };
}

/** Headers of the connection, which is the host's and not the function's. */
const connectionHeaders = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"]);

/**
 * Sends what an HTTP function returned; nothing returned is 204.
 * @throws Error when the value is not an HTTP response this host can send.
 */
export function sendRpcResponse(response: ServerResponse, value: RpcValue): void {
  if (value === null || value === undefined) {
    response.writeHead(204).end();
    return;
  }
  const { http } = value;
  if (http === undefined) throw new Error("the function returned no HTTP response");
  if (http.enableContentNegotiation === true) throw new Error("enableContentNegotiation is not implemented");
  const status = Number(http.statusCode ?? 200);
  const headers: Record<string, string | string[]> = {};
  for (const [name, text] of Object.entries(http.headers ?? {})) {
    if (!connectionHeaders.has(name)) headers[name] = text;
  }
  const cookies = (http.cookies ?? []).map(printCookie);
  if (cookies.length > 0) headers["set-cookie"] = [headers["set-cookie"] ?? [], cookies].flat();
  const bytes = http.body?.bytes ?? new Uint8Array();
  if (status !== 204 && status !== 304) headers["content-length"] = String(bytes.length);
  response.writeHead(status, headers).end(bytes);
}

const sameSite = { none: undefined, lax: "Lax", strict: "Strict", explicitNone: "None" } as const;

/** As ASP.NET Core writes a cookie: name and value percent-encoded, attributes in this order. */
export function printCookie(cookie: RpcCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires !== undefined) {
    parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  }
  if (cookie.maxAge !== undefined) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain !== undefined) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? "/"}`);
  if (cookie.secure?.value === true) parts.push("secure");
  const site = sameSite[cookie.sameSite ?? "none"];
  if (site !== undefined) parts.push(`samesite=${site.toLowerCase()}`);
  if (cookie.httpOnly?.value === true) parts.push("httponly");
  return parts.join("; ");
}
