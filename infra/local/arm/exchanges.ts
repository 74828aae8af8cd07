/**
 * What went over the wire, the last 100,000 exchanges, in the form that the contract's judge reads. Bodies are shared
 * with the state (they are frozen), so an exchange costs little more than its headers. Memory only; the sequence goes on
 * over a restart.
 */
import type { WireRequest, WireResponse } from "../platform/wire.ts";

export const EXCHANGES_KEPT = 100_000;

export interface ArmExchange {
  readonly seq: number;
  /** Business time, ISO 8601. */
  readonly at: string;
  /** Object ID; empty when nobody was authenticated. */
  readonly caller: string;
  readonly method: string;
  readonly url: string;
  /** The Authorization header is masked. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: unknown;
  /** 0: the connection was broken instead of an answer. */
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string | string[]>>;
  readonly responseBody?: unknown;
  /** The answer was made by a fault, not by the engine. */
  readonly fault?: true;
}

interface Noted {
  readonly seq: number;
  readonly atMs: number;
  readonly caller: string;
  readonly request: WireRequest;
  readonly response: WireResponse;
  readonly fault: boolean;
}

export class Exchanges {
  #ring: Noted[] = [];
  /** Place of the oldest one, once the ring is full. */
  #start = 0;
  #seq: number;

  /** `from`: a number above every sequence number given before. */
  constructor(from: number) {
    this.#seq = from;
  }

  add(exchange: Omit<Noted, "seq">): void {
    this.#seq += 1;
    const noted = { seq: this.#seq, ...exchange };
    if (this.#ring.length < EXCHANGES_KEPT) this.#ring.push(noted);
    else {
      this.#ring[this.#start] = noted;
      this.#start = (this.#start + 1) % EXCHANGES_KEPT;
    }
  }

  /** Oldest first: at most `limit` after the sequence number `after`, of one caller if `caller` is given. */
  list(options: { after?: number; caller?: string; limit?: number }): ArmExchange[] {
    const { after = 0, caller, limit = EXCHANGES_KEPT } = options;
    const wanted = caller?.toLowerCase();
    const found: ArmExchange[] = [];
    for (let offset = this.#firstAfter(after); offset < this.#ring.length && found.length < limit; offset += 1) {
      const noted = this.#ring[(this.#start + offset) % this.#ring.length];
      if (noted !== undefined && (wanted === undefined || noted.caller === wanted)) found.push(shown(noted));
    }
    return found;
  }

  clear(): void {
    this.#ring = [];
    this.#start = 0;
  }

  /** Sequence numbers have no gaps. */
  #firstAfter(after: number): number {
    const oldest = this.#ring[this.#start]?.seq ?? 0;
    return Math.max(0, after - oldest + 1);
  }
}

function shown({ seq, atMs, caller, request, response, fault }: Noted): ArmExchange {
  const { authorization, ...headers } = request.headers;
  const requestBody = parsed(request.body);
  const responseBody = parsed(response.body);
  return {
    seq,
    at: new Date(atMs).toISOString(),
    caller,
    method: request.method,
    url: request.url.href,
    requestHeaders: authorization === undefined ? headers : { ...headers, authorization: "***" },
    ...(requestBody === undefined ? {} : { requestBody }),
    status: response.status,
    responseHeaders: response.headers ?? {},
    ...(responseBody === undefined ? {} : { responseBody }),
    ...(fault ? { fault: true } : {}),
  };
}

function parsed(body: Buffer | string | object | undefined): unknown {
  if (body === undefined || body.valueOf() === "") return undefined;
  if (typeof body !== "string" && !Buffer.isBuffer(body)) return body;
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return body.toString();
  }
}
