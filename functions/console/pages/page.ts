/**
 * What every page shares: who may see it, the frame, headers, and what is shown when something fails. A GET changes
 * nothing; a POST comes from a page of ours, is held to the roles of the API's own route, and ends in a redirect.
 */
import { createHash, randomUUID } from "node:crypto";
import { app, type Cookie, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import type { AppRole } from "../../../shared/ports/tokens.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import type { Html } from "../../../shared/view/html.ts";
import type { Viewer } from "../../../shared/view/person.ts";
import { paths, shell, type Frame } from "../../../shared/view/shell.ts";
import { themeCookie, themeOf } from "../../../shared/view/theme.ts";
import { noticePage, notices, type Notice } from "../../../shared/view/states.ts";
import { edge } from "../../edgeContext.ts";
import { scriptUrl, styleUrl } from "./assets.http.ts";
import { isStoreAway } from "./away.ts";
import { bearingsOf } from "./bearings.ts";
import { cookieOf, isOurs, sessionOf } from "./session.ts";

/** Everything from our own origin, no script or style in the markup, no frame around us; icons are data in the style. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const headers: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  // With no-referrer browsers would send "Origin: null" with our own forms.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cache-Control": "no-store",
  Vary: "Cookie, X-Steelyard-Part",
  ...(edge.origin.startsWith("https:") ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
};

/** Forms carry a reason and some hashes. */
const FORM_CHARACTERS_MAX = 20_000;

export interface Visit {
  readonly viewer: Viewer;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

export interface Shown {
  readonly title: string;
  readonly current: Frame["current"];
  readonly main: Html;
  readonly waiting: number | null;
  /** When what is shown was read; null where nothing was. */
  readonly readAt: string | null;
  /** Follows what happens. */
  readonly live?: boolean;
  /** What is shown is of `readAt`, because the store is away now. */
  readonly isStale?: boolean;
  readonly status?: number;
  /** It is not done yet: the browser asks for this address a second later. */
  readonly comesBack?: string;
}

/** Registers a page below /api/console that every role may see. */
export function page(name: string, route: string, show: (visit: Visit) => Promise<Shown>): void {
  app.http(name, {
    methods: ["GET"],
    route,
    authLevel: "anonymous",
    handler: async (request) => {
      const elsewhere = toOwnOrigin(request);
      if (elsewhere !== undefined) return elsewhere;
      const isPart = request.headers.get("x-steelyard-part") === "main";
      const session = await sessionOf(request);
      if (session.kind === "unavailable") return notice(503, notices.keysAway());
      if (session.kind === "none") {
        if (isPart) return { status: 401, headers };
        const { pathname, search } = new URL(request.url);
        return redirect(`${paths.signIn}?return=${encodeURIComponent(pathname + search)}`);
      }
      const { viewer } = session;
      if (!hasRole(viewer)) return notice(403, notices.noRole(viewer.oid), viewer);
      try {
        const nowMs = edge.clock.now();
        const shown = await show({ viewer, params: request.params, query: request.query, nowMs });
        return await answer(request, viewer, shown, nowMs, isPart);
      } catch (error) {
        return told(error, viewer, false);
      }
    },
  });
}

export interface Sending extends Visit {
  readonly form: URLSearchParams;
}

/** Registers what a form does; it answers where to go, or a page that says why not. */
export function action(
  name: string,
  route: string,
  roles: readonly AppRole[],
  act: (sending: Sending) => Promise<{ readonly to: string; readonly cookies?: Cookie[] } | Shown>,
): void {
  app.http(name, {
    methods: ["POST"],
    route,
    authLevel: "anonymous",
    handler: async (request) => {
      const session = await sessionOf(request);
      if (session.kind === "unavailable") return notice(503, notices.keysAway());
      if (session.kind === "none") return notice(401, notices.sessionOver());
      const { viewer } = session;
      const text = await request.text();
      if (text.length > FORM_CHARACTERS_MAX) return notice(413, notices.badInput("it is too long"), viewer);
      const form = new URLSearchParams(text);
      if (!isOurs(request, form, viewer)) return notice(403, notices.crossSite(), viewer);
      if (!roles.some((role) => viewer.roles.has(role)))
        return notice(403, notices.notPermitted(roles.join(" or ")), viewer);
      try {
        const nowMs = edge.clock.now();
        const done = await act({ viewer, params: request.params, query: request.query, nowMs, form });
        return "to" in done ? redirect(done.to, done.cookies) : await answer(request, viewer, done, nowMs, false);
      } catch (error) {
        return told(error, viewer, true);
      }
    },
  });
}

export function redirect(to: string, cookies: Cookie[] = []): HttpResponseInit {
  return { status: 303, headers: { ...headers, Location: to }, cookies };
}

/** A page without anything read from the store. */
export function notice(
  status: number,
  what: Notice,
  viewer: Viewer | null = null,
  cookies: Cookie[] = [],
): HttpResponseInit {
  const nowMs = edge.clock.now();
  const frame = { title: what.title, current: null, viewer, waiting: null, readAt: null, nowMs, tag: null };
  const body = shell({ ...frame, styleUrl, scriptUrl }, noticePage(what)).toString();
  return { status, headers, cookies, body };
}

/** Cookies belong to a host name: who came by another one (127.0.0.1, the app's default name) is sent to ours. */
export function toOwnOrigin(request: HttpRequest): HttpResponseInit | undefined {
  const { pathname, search } = new URL(request.url);
  const host = request.headers.get("host");
  if (host === null || host.toLowerCase() === new URL(edge.origin).host) return undefined;
  return redirect(`${edge.origin}${pathname}${search}`);
}

async function answer(
  request: HttpRequest,
  viewer: Viewer,
  shown: Shown,
  nowMs: number,
  isPart: boolean,
): Promise<HttpResponseInit> {
  const { title, current, waiting, readAt, isStale = false } = shown;
  const main = shown.main.toString();
  const tag = `"${createHash("sha256").update(main).digest("base64url").slice(0, 22)}"`;
  const status = shown.status ?? 200;
  // The bar is told beside the part: a minute in which nothing changed has been looked at all the same.
  const told = {
    ...headers,
    ETag: tag,
    ...(readAt === null ? {} : { "X-Steelyard-Read-At": readAt }),
    ...(waiting === null ? {} : { "X-Steelyard-Waiting": String(waiting) }),
    ...(isStale ? { "X-Steelyard-Stale": "1" } : {}),
    ...(shown.comesBack === undefined ? {} : { Refresh: `1; url=${shown.comesBack}` }),
  };
  if (isPart && request.headers.get("if-none-match") === tag) return { status: 304, headers: told };
  if (isPart) return { status, headers: told, body: main };
  const { pathname, search } = new URL(request.url);
  const frame: Frame = {
    title,
    current,
    viewer,
    waiting,
    readAt,
    nowMs,
    tag: shown.live === true ? tag : null,
    styleUrl,
    scriptUrl,
    theme: themeOf(cookieOf(request, themeCookie)),
    bearings: await bearingsOf(),
    here: request.method === "GET" ? pathname + search : paths.overview,
    isStale,
  };
  return { status, headers: told, body: shell(frame, shown.main).toString() };
}

function hasRole({ roles }: Viewer): boolean {
  return ["Reader", "Approver", "Operator", "Admin"].some((role) => roles.has(`Steelyard.${role}`));
}

/** What happened instead, as a page; faults of ours with an ID that stands in the log. */
function told(error: unknown, viewer: Viewer, isForm: boolean): HttpResponseInit {
  if (error instanceof Declined && error.reason === "notFound")
    return notice(404, notices.notFound(error.message), viewer);
  if (error instanceof Declined && error.reason === "forbidden")
    return notice(403, notices.notPermitted(error.message), viewer);
  if (error instanceof Declined) return notice(409, notices.badInput(error.message), viewer);
  if (error instanceof SteelyardError && error.code === "BadInput")
    return notice(400, isForm ? notices.badInput(error.message) : notices.badAddress(error.message), viewer);
  if (error instanceof SteelyardError && error.code === "Contended") return notice(503, notices.contended(), viewer);
  const id = randomUUID();
  edge.log("a page could not be made", {
    id,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  if (isStoreAway(error)) return notice(503, notices.storeAway(id), viewer);
  return notice(500, notices.failed(id), viewer);
}
