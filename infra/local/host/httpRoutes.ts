/**
 * Routes of HTTP functions, as ASP.NET Core matches them for the Functions host: literals ignore case; the more literal
 * template wins (literal before `{parameter}` before `{*rest}`, segment by segment), whatever the order of registration;
 * a path that matches with another method is 404, not 405 (azure-functions-host issue 10098).
 *
 * Not implemented, refused by name: constraints `{id:int}`, defaults `{id=5}`, parameters that share a segment with text.
 */

export type RouteSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string; readonly optional: boolean }
  | { readonly kind: "catchAll"; readonly name: string };

export interface RouteTemplate {
  readonly text: string;
  readonly segments: readonly RouteSegment[];
}

/** @throws Error that quotes the part of the template that is wrong or not implemented. */
export function parseRoute(text: string): RouteTemplate {
  if (text.startsWith("/") || text.startsWith("~")) throw new Error(`route "${text}" must not begin with ${text[0]}`);
  const parts = text === "" ? [] : text.replace(/\/$/, "").split("/");
  const names = new Set<string>();
  const segments = parts.map((part, index): RouteSegment => {
    const segment = parseSegment(part, text);
    if (segment.kind === "literal") return segment;
    if (names.has(segment.name)) throw new Error(`route "${text}" names ${segment.name} twice`);
    names.add(segment.name);
    const last = index === parts.length - 1;
    if (!last && (segment.kind === "catchAll" || segment.optional)) {
      throw new Error(`route "${text}": ${part} can only stand last`);
    }
    return segment;
  });
  return { text, segments };
}

function parseSegment(part: string, route: string): RouteSegment {
  if (part === "") throw new Error(`route "${route}" has an empty segment`);
  if (!/[{}]/.test(part)) return { kind: "literal", text: part.toLowerCase() };
  const groups = /^\{(?<star>\*{1,2})?(?<name>[a-z_]\w*)(?<optional>\?)?\}$/i.exec(part)?.groups;
  if (groups === undefined || (groups["star"] !== undefined && groups["optional"] !== undefined)) {
    throw new Error(`route "${route}": ${part} is not implemented, expected text, {name}, {name?} or {*name}`);
  }
  const name = groups["name"] ?? "";
  if (groups["star"] !== undefined) return { kind: "catchAll", name };
  return { kind: "parameter", name, optional: groups["optional"] !== undefined };
}

export interface Route<T> {
  readonly template: RouteTemplate;
  /** Upper case. */
  readonly methods: readonly string[];
  readonly target: T;
}

export interface RouteMatch<T> {
  readonly target: T;
  readonly params: Readonly<Record<string, string>>;
}

/** Weight of a segment: what is smaller is tried first. A template that ends earlier weighs less. */
const weights = { literal: 1, parameter: 3, catchAll: 5 } as const;

export class RouteTable<T> {
  readonly #prefix: readonly string[];
  readonly #routes: readonly Route<T>[];

  /**
   * @param prefix The routePrefix of host.json, without slashes at its ends.
   * @throws Error when two routes are the same but for the names of their parameters and share a method.
   */
  constructor(prefix: string, routes: readonly Route<T>[]) {
    this.#prefix = prefix === "" ? [] : prefix.toLowerCase().split("/");
    this.#routes = routes.toSorted((a, b) => compare(a.template, b.template));
    const taken = new Map<string, string>();
    for (const { template, methods } of this.#routes) {
      const shape = template.segments.map((one) => (one.kind === "literal" ? one.text : `{${one.kind}}`)).join("/");
      for (const method of methods) {
        const other = taken.get(`${method} ${shape}`);
        if (other !== undefined) throw new Error(`routes "${other}" and "${template.text}" both take ${method}`);
        taken.set(`${method} ${shape}`, template.text);
      }
    }
  }

  /**
   * The function for a request, or undefined (404).
   * @param path The path of the request target, percent-encoded as sent.
   * @throws URIError when a segment is not valid percent-encoding.
   */
  match(method: string, path: string): RouteMatch<T> | undefined {
    const raw = path.split("/").slice(1);
    if (raw.length < this.#prefix.length) return undefined;
    if (this.#prefix.some((text, index) => raw[index]?.toLowerCase() !== text)) return undefined;
    const segments = raw.slice(this.#prefix.length).map(decodeSegment);
    for (const route of this.#routes) {
      if (!route.methods.includes(method)) continue;
      const params = matchSegments(route.template.segments, segments);
      if (params !== undefined) return { target: route.target, params };
    }
    return undefined;
  }
}

function compare(a: RouteTemplate, b: RouteTemplate): number {
  for (let index = 0; ; index++) {
    const one = a.segments[index];
    const other = b.segments[index];
    const difference = (one === undefined ? 0 : weights[one.kind]) - (other === undefined ? 0 : weights[other.kind]);
    if (difference !== 0 || one === undefined) return difference;
  }
}

/** ASP.NET Core leaves `%2F` encoded, so a value cannot smuggle in a segment. */
function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  return segment
    .split(/(%2f)/i)
    .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
    .join("");
}

function matchSegments(template: readonly RouteSegment[], path: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  // One slash at the end of a path means nothing; a catch-all keeps it.
  const length = path.length > 0 && path.at(-1) === "" ? path.length - 1 : path.length;
  for (const [index, segment] of template.entries()) {
    if (segment.kind === "catchAll") {
      params[segment.name] = path.slice(index).join("/");
      return params;
    }
    const text = index < length ? path[index] : undefined;
    if (segment.kind === "literal") {
      if (text?.toLowerCase() !== segment.text) return undefined;
    } else if (text !== undefined && text !== "") params[segment.name] = text;
    else if (!(segment.optional && text === undefined)) return undefined;
  }
  return length > template.length ? undefined : params;
}
