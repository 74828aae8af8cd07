/** What every route of the API shares: who may call it, how input is parsed, how errors are told. */
import { app, type HttpMethod, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import type { AppRole, Principal } from "../../shared/ports/tokens.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { isPlain } from "../../shared/kernel/text.ts";
import { Declined } from "../../shared/reconcile/desk.ts";
import { edge } from "../edgeContext.ts";

export interface Call {
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | null;
  /** Parses the JSON body. @throws SteelyardError `BadInput` */
  readonly body: <S extends z.ZodType>(schema: S, charactersMax?: number) => Promise<z.output<S>>;
}

/** Bodies that people and scripts send us are small. */
const BODY_CHARACTERS_MAX = 100_000;

/** What a person writes for others to read, without white space around it: plain text, as {@link isPlain} says. */
export function prose(charactersMax: number): z.ZodType<string, string> {
  return z.string().trim().max(charactersMax).refine(isPlain, {
    error: "expected text without control characters and without marks that turn its direction",
  });
}

interface Guard {
  readonly roles: readonly AppRole[];
  readonly peopleOnly?: boolean;
}

type Handler = (call: Call) => Promise<HttpResponseInit>;

/** Registers a route under /api that needs one of the roles, and a person when `peopleOnly`: an application agrees to nothing. */
export function route(name: string, options: Guard & { method: HttpMethod; route: string }, handler: Handler): void {
  openRoute(name, { methods: [options.method], route: options.route }, (request) => guarded(request, options, handler));
}

/** Registers a route under /api that everybody may call, with or without a token. */
export function openRoute(
  name: string,
  options: { methods: HttpMethod[]; route: string },
  handler: (request: HttpRequest) => Promise<HttpResponseInit>,
): void {
  app.http(name, {
    ...options,
    authLevel: "anonymous",
    handler: async (request) => withOwnHeaders(await handler(request)),
  });
}

/** What the API tells is of a moment and for whom asked, and never for a browser to take for anything but what it says. */
function withOwnHeaders(response: HttpResponseInit): HttpResponseInit {
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  return { ...response, headers };
}

async function guarded(
  request: HttpRequest,
  { roles, peopleOnly = false }: Guard,
  handler: Handler,
): Promise<HttpResponseInit> {
  const verification = await edge.tokens.verify(request.headers.get("authorization"));
  if (verification.kind === "bad") {
    return { ...failure(401, "Unauthorized", verification.reason), headers: { "WWW-Authenticate": "Bearer" } };
  }
  if (verification.kind === "unavailable") return failure(503, "Unavailable", verification.reason);
  const { principal } = verification;
  if (!roles.some((role) => principal.roles.has(role))) {
    return failure(403, "Forbidden", `one of the app roles ${roles.join(", ")} is required`);
  }
  if (peopleOnly && principal.kind !== "person") {
    return failure(403, "Forbidden", "a person is required: this token is an application's own");
  }
  try {
    return await handler({
      principal,
      params: request.params,
      query: request.query,
      header: (name) => request.headers.get(name),
      body: (schema, charactersMax = BODY_CHARACTERS_MAX) => readBody(request, schema, charactersMax),
    });
  } catch (error) {
    return told(error);
  }
}

async function readBody<S extends z.ZodType>(
  request: HttpRequest,
  schema: S,
  charactersMax: number,
): Promise<z.output<S>> {
  const text = await request.text();
  if (text.length > charactersMax) {
    throw new SteelyardError(
      "BadInput",
      `request body: found ${text.length} characters; expected at most ${charactersMax}`,
    );
  }
  let input: unknown;
  try {
    input = text === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new SteelyardError("BadInput", "request body: found text that is not JSON; expected an object", {
      cause: error,
    });
  }
  return parse(schema, input, "request body");
}

const declined = {
  notFound: { status: 404, code: "NotFound" },
  conflict: { status: 409, code: "Conflict" },
  forbidden: { status: 403, code: "Forbidden" },
} as const;

function told(error: unknown): HttpResponseInit {
  if (error instanceof Declined) {
    const { status, code } = declined[error.reason];
    return failure(status, code, error.message);
  }
  if (error instanceof SteelyardError && error.code === "BadInput") return failure(400, "BadInput", error.message);
  // JSON.parse does not recurse; whatever walks what it answered does.
  if (error instanceof RangeError && error.message.includes("call stack"))
    return failure(400, "BadInput", "request body: found values nested too deeply; expected a shallow object");
  if (error instanceof SteelyardError && (error.code === "Unavailable" || error.code === "Contended")) {
    return { ...failure(503, error.code, error.message), headers: { "Retry-After": "2" } };
  }
  throw error;
}

export function failure(status: number, code: string, message: string): HttpResponseInit {
  return { status, jsonBody: { error: { code, message } } };
}
