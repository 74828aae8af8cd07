/**
 * Faults that a test or a person asks for: "answer 429 to the next three PATCHes of the ARM engine", "drop the response
 * after the effect", "kill core after this write reached the store". Engines ask {@link FaultBook.take} at each phase of
 * a request; what it returns has been counted as a hit.
 */
import { z } from "zod";
import { impossible } from "./faultTable.ts";

export const faultPlaces = [
  "arm",
  "cosmos",
  "servicebus",
  "eventgrid",
  "chat",
  "metrics",
  "directory",
  "issuer",
  "identity",
  "prices",
  "durable",
] as const;

const regularExpression = z.string().refine(
  (text) => {
    try {
      return new RegExp(text, "i") instanceof RegExp;
    } catch {
      return false;
    }
  },
  { error: "expected a regular expression" },
);

export const faultSchema = z.strictObject({
  where: z.enum(faultPlaces),
  match: z
    .strictObject({ method: z.string().optional(), path: regularExpression.optional(), caller: z.string().optional() })
    .default({}),
  kind: z.enum(["status", "delay", "drop", "duplicate", "reorder", "staleRead", "crash"]),
  phase: z.enum(["beforeEffect", "afterEffect", "afterResponse"]).default("beforeEffect"),
  /** Which process a `crash` kills. */
  process: z.enum(["core", "edge"]).optional(),
  /** HTTP status of a `status` fault. */
  status: z.int().min(200).max(599).optional(),
  /** Error code in the body of a `status` fault. */
  code: z.string().optional(),
  /** Seconds: the Retry-After header of a `status` fault, the length of a `delay`. */
  retryAfter: z.number().min(0).optional(),
  /** How many matching requests pass before the fault begins. */
  skip: z.int().min(0).default(0),
  /** How many requests it hits; without it, all. */
  count: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().default(1),
});

/** A fault that can strike where it says: see faultTable.ts. */
export const possibleFaultSchema = faultSchema.superRefine((fault, context) => {
  const reason = impossible(fault);
  if (reason !== undefined)
    context.addIssue({ code: "custom", path: [reason.property], message: reason.expected, input: fault });
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultPlace = (typeof faultPlaces)[number];
export type FaultKind = Fault["kind"];
export type FaultPhase = Fault["phase"];

/** What an engine knows of the request that it serves. */
export interface FaultPoint {
  readonly method?: string;
  readonly path?: string;
  /** Object ID of the caller. */
  readonly caller?: string;
  /** The host process that asks (`core-0`), where the engine knows it: what a `crash` kills. */
  readonly host?: string | undefined;
}

/**
 * Kills what a `crash` is meant for: the process that made the request, if the engine knows it and the fault names no other
 * app; else the first live instance of `process` (core, when nothing is said).
 */
export function crash(
  context: { readonly crash: (app: "core" | "edge", host?: string) => void },
  { process }: Pick<Fault, "process">,
  { host }: Pick<FaultPoint, "host">,
): void {
  const appOfHost = host === undefined ? undefined : host === "edge" ? "edge" : "core";
  if (host !== undefined && (process === undefined || process === appOfHost)) context.crash(appOfHost ?? "core", host);
  else context.crash(process ?? "core");
}

interface Page {
  readonly fault: Fault;
  readonly path: RegExp | undefined;
  readonly random: () => number;
  seen: number;
  hits: number;
}

export class FaultBook {
  #pages: Page[] = [];

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.#pages = faults.map((fault) => ({
      fault,
      path: fault.match.path === undefined ? undefined : new RegExp(fault.match.path, "i"),
      random: mulberry32(fault.seed),
      seen: 0,
      hits: 0,
    }));
  }

  clear(): void {
    this.#pages = [];
  }

  /** The faults with the number of requests that each has hit. */
  list(): (Fault & { hits: number })[] {
    return this.#pages.map((page) => ({ ...page.fault, hits: page.hits }));
  }

  /**
   * The first fault that hits this request in this phase, counted as a hit; undefined when none does.
   *
   * @param kinds those that can have an effect at this point; without it, all that can at the place
   */
  take(where: FaultPlace, phase: FaultPhase, point: FaultPoint, kinds?: readonly FaultKind[]): Fault | undefined {
    for (const page of this.#pages) {
      if (page.fault.where !== where || page.fault.phase !== phase || !matches(page, point)) continue;
      if (kinds !== undefined && !kinds.includes(page.fault.kind)) continue;
      page.seen += 1;
      if (page.seen <= page.fault.skip) continue;
      if (page.fault.count !== undefined && page.hits >= page.fault.count) continue;
      if (page.fault.probability < 1 && page.random() >= page.fault.probability) continue;
      page.hits += 1;
      return page.fault;
    }
    return undefined;
  }
}

function matches(page: Page, point: FaultPoint): boolean {
  const { method, caller } = page.fault.match;
  if (method !== undefined && method.toUpperCase() !== point.method?.toUpperCase()) return false;
  if (caller !== undefined && caller.toLowerCase() !== point.caller?.toLowerCase()) return false;
  return page.path === undefined || page.path.test(point.path ?? "");
}

/** A small seeded generator (Tommy Ettinger's mulberry32): the same seed gives the same sequence in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
