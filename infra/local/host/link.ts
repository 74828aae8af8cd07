/**
 * The line between the platform and a host process: requests with answers in both directions over any channel that
 * carries structured messages (the IPC channel of a child process; two arrays in a test).
 */
import type { UnderWay } from "./inFlight.ts";
import type { ClockState } from "./settings.ts";

/** What the platform asks of a host. */
export interface HostCalls {
  /**
   * Sets the host's business time; answered when it holds. While `isMoving`, the host asks for a lease before it begins
   * anything that did not come over this line; `leases` of what is under way already are taken at that moment.
   */
  "clock.set": { request: ClockState & { isMoving?: boolean }; response: { leases: number } };
  /** Runs one turn of an orchestrator at the time `clock`; both sides are the JSON of the durable extension's out-of-process protocol. */
  "durable.orchestrator": {
    request: { name: string; instanceId: string; payload: string; clock?: ClockState };
    response: { state: string };
  };
  /** Runs an activity at the time `clock`. `input` is the action's input as the extension hands it over: text, or null. */
  "durable.activity": {
    request: { name: string; instanceId: string; input: string | null; clock?: ClockState };
    response: { ok: true; result: unknown } | { ok: false; message: string; stack: string };
  };
  /** Runs a timer function once, at the time `clock`. Times are ISO 8601, business time. */
  timer: {
    request: { name: string; isPastDue: boolean; last: string; next: string; clock?: ClockState };
    response: { ok: true } | { ok: false; message: string };
  };
  /** How many invocations that did not come over this line (HTTP, Service Bus) are under way. */
  busy: { request: null; response: { inFlight: UnderWay[] } };
  /** Takes no new work, finishes what is under way, ends the process. */
  stop: { request: null; response: null };
}

/** What a host asks of the platform. */
export interface PlatformCalls {
  /** Takes a lease on the clock: it stands still at the time of the answer until the lease is given back. */
  "clock.lease": { request: null; response: ClockState };
  "clock.release": { request: null; response: null };
  /** The app is loaded and listens. */
  ready: {
    request: {
      app: "core" | "edge";
      instance: number;
      port: number;
      rssBytes: number;
      startMs: number;
      functions: HostFunction[];
    };
    response: null;
  };
  /** The durable management API (see reference of the durable HTTP API), relative to its base. */
  /** `path` has no leading slash and is percent-encoded as the client sent it; `query` is decoded, without key, hub and connection. */
  "durable.http": {
    request: {
      method: string;
      path: string;
      query: [string, string][];
      body: string | null;
      /** Those that the API reads, names in lower case; absent when there are none. */
      headers?: Record<string, string>;
    };
    response: { status: number; headers: Record<string, string>; body: string };
  };
}

export interface HostFunction {
  readonly name: string;
  /** Type of its trigger binding: `httpTrigger`, `timerTrigger`, `orchestrationTrigger`, ... */
  readonly type: string;
  /** NCRONTAB expression of a timer function. */
  readonly schedule?: string;
}

/** One end of a channel: IPC, or a pair of functions in a test. */
export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

type Message =
  | { kind: "request"; id: number; name: string; request: unknown }
  | { kind: "response"; id: number; response: unknown }
  | { kind: "error"; id: number; message: string; stack: string };

/** The handlers of the calls that an end serves. */
export type Serve<Mine extends { [K in keyof Mine]: { request: unknown; response: unknown } }> = {
  [Name in keyof Mine]: (request: Mine[Name]["request"]) => Mine[Name]["response"] | Promise<Mine[Name]["response"]>;
};

/** `Theirs` are the calls that this end makes, `Mine` those that it serves. */
export class Link<
  Theirs extends { [K in keyof Theirs]: { request: unknown; response: unknown } },
  Mine extends { [K in keyof Mine]: { request: unknown; response: unknown } },
> {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #closed = false;
  readonly #whenClosed = Promise.withResolvers<void>();

  constructor(channel: Channel, serve: Serve<Mine>) {
    this.#channel = channel;
    const handlers: Record<string, (request: never) => unknown> = serve;
    channel.onMessage(
      (message) => void this.#receive(message as Message, handlers as Record<string, (request: unknown) => unknown>),
    );
    channel.onClose(() => this.#close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the other end has gone away. */
  get whenClosed(): Promise<void> {
    return this.#whenClosed.promise;
  }

  /** Rejects with {@link LinkClosed} when the other end goes away before it answers. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    request: Theirs[Name]["request"],
  ): Promise<Theirs[Name]["response"]> {
    if (this.#closed) return Promise.reject(new LinkClosed(name));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#channel.send({ kind: "request", id, name, request } satisfies Message);
    });
  }

  async #receive(message: Message, serve: Record<string, (request: unknown) => unknown>): Promise<void> {
    if (message.kind === "request") {
      const handler = serve[message.name];
      try {
        if (handler === undefined) throw new Error(`no such call: ${message.name}`);
        const response = await handler(message.request);
        this.#reply({ kind: "response", id: message.id, response });
      } catch (error) {
        const { message: text, stack } = error instanceof Error ? error : new Error(String(error));
        this.#reply({ kind: "error", id: message.id, message: text, stack: stack ?? "" });
      }
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === "response") waiting?.resolve(message.response);
    else waiting?.reject(Object.assign(new Error(message.message), { stack: message.stack }));
  }

  #reply(message: Message): void {
    if (!this.#closed) this.#channel.send(message);
  }

  #close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new LinkClosed("pending call"));
    this.#waiting.clear();
    this.#whenClosed.resolve();
  }
}

/** The other end went away; whether it had served the call is unknown. */
export class LinkClosed extends Error {
  constructor(call: string) {
    super(`the other process went away during ${call}`);
    this.name = "LinkClosed";
  }
}
