/**
 * One table of routes is the control surface: it dispatches requests, checks what comes in, and is the source of the
 * OpenAPI description.
 */
import { z } from "zod";
import { parseJson, type WireRequest, type WireResponse } from "../wire.ts";

export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Media type of the body; `application/json` unless said otherwise. */
  readonly type?: string;
}

export interface RouteCall<Query, Body> {
  /** Values of the path's `{parameters}`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Relative to `/_platform`, parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  readonly handle: (call: RouteCall<never, never>) => WireResponse | Promise<WireResponse>;
}

/** Declares a route; the handler's types follow from the schemas. */
export function route<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodUndefined>(definition: {
  readonly method: Route["method"];
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly responses: Route["responses"];
  readonly handle: (call: RouteCall<z.output<Query>, z.output<Body>>) => WireResponse | Promise<WireResponse>;
}): Route {
  return { ...definition, query: definition.query ?? z.strictObject({}), body: definition.body };
}

/** An answer in the error shape of Azure's REST APIs. */
export function refusal(status: number, code: string, message: string, details?: unknown): WireResponse {
  return { status, body: { error: { code, message, ...(details === undefined ? {} : { details }) } } };
}

/** Thrown by a handler; becomes its answer. */
export class Refusal extends Error {
  readonly response: WireResponse;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.name = "Refusal";
    this.response = refusal(status, code, message, details);
  }
}

/** What is served from these routes under `prefix`. Unknown paths are refused by name with 501. */
export function dispatcher(prefix: string, routes: readonly Route[]): (request: WireRequest) => Promise<WireResponse> {
  const table = routes.map((route) => ({ route, pattern: patternOf(`${prefix}/${route.path}`) }));
  return async (request) => {
    const path = request.url.pathname.replace(/\/+$/, "");
    const matching = table.flatMap(({ route, pattern }) => {
      const match = pattern.exec(path);
      return match === null ? [] : [{ route, groups: match.groups ?? {} }];
    });
    if (matching.length === 0) return unknownPath(prefix, path);
    const found = matching.find(({ route }) => route.method === request.method);
    if (found === undefined) {
      const allow = matching.map(({ route }) => route.method).join(", ");
      return {
        ...refusal(405, "MethodNotAllowed", `${request.method} ${path}: expected ${allow}`),
        headers: { allow },
      };
    }
    try {
      const params = decoded(found.groups);
      const query = check(found.route.query, Object.fromEntries(request.url.searchParams), "query");
      const body = found.route.body === undefined ? undefined : check(found.route.body, parseBody(request), "body");
      return await found.route.handle({ params, query: query as never, body: body as never });
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  };
}

function unknownPath(prefix: string, path: string): WireResponse {
  const name = path.slice(prefix.length + 1);
  return refusal(501, "NotImplemented", `the control surface has no '${name}' (yet); GET ${prefix} lists what it has`);
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/\/$/, "")
    .split("/")
    .map((segment) => segment.replace(/^\{(\w+)\}$/, "(?<$1>[^/]+)"))
    .join("/");
  return new RegExp(`^${source}$`);
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodedSegment(name, value)]));
}

function decodedSegment(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Refusal(400, "InvalidRequest", `path.${name}: found "${value}"; expected percent-encoded UTF-8`);
  }
}

function parseBody(request: WireRequest): unknown {
  const text = request.body.toString("utf8").trim();
  if (text === "") return {};
  try {
    return parseJson(text);
  } catch (error) {
    throw new Refusal(
      400,
      "InvalidJson",
      `body: expected JSON, ${error instanceof Error ? error.message : "found none"}`,
    );
  }
}

/** Says of each fault where it is, what was found and what was expected. */
function check(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => ({
    where: [where, ...issue.path].join("."),
    found: shorten(issue.path.reduce<unknown>(step, value)),
    expected: issue.message,
  }));
  const message = details.map(({ where, found, expected }) => `${where}: found ${found}; ${expected}`).join(". ");
  throw new Refusal(400, "InvalidRequest", message, details);
}

function step(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}

function shorten(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
