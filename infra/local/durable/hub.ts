/** What the parts of the durable backend share. */
import type { EngineContext } from "../platform/engine.ts";
import { crash, type Fault, type FaultKind, type FaultPhase } from "../platform/faults.ts";
import type { HistoryEvent } from "./protocol.ts";
import type { Store } from "./store.ts";
import type { Workers } from "./workers.ts";

export interface Hub {
  readonly context: EngineContext;
  readonly store: Store;
  readonly workers: Workers;
  /** Grows with every start and reset: what began under another one is void. */
  readonly epoch: number;
  /** A new execution or instance id: 32 hexadecimal digits, never given before by this database. */
  newId(): string;
  /** An instance has something to do. */
  ready(instanceId: string): void;
  /** Looks, in a later turn of the event loop, for work that can begin. */
  wake(): void;
}

/**
 * Puts a message into the inbox of an instance. To be called inside a transaction; {@link Hub.ready} after it.
 * `execution` null means whatever execution there is.
 */
export function post(store: Store, instanceId: string, execution: string | null, event: HistoryEvent): void {
  store.addMessage(instanceId, execution, JSON.stringify(event));
}

/** What a failed task carries as `Details`: the SDK appends the text to the message of the error that it throws. */
export function failureDetails(message: string, stack: string): string {
  return JSON.stringify({ ClassName: "System.Exception", Message: message, StackTraceString: stack });
}

export type FaultEffect = "none" | "lost" | "twice";

/** Work on a host that faults can strike. */
export interface FaultyWork {
  /** The process that does it. */
  readonly host: string | undefined;
  /** Told until when a `delay` holds it, milliseconds of business time. */
  readonly held: (untilMs: number | undefined) => void;
  /** What can strike it in this phase. */
  readonly kinds: readonly FaultKind[];
}

/**
 * Applies the fault that hits this point, if any. `crash` kills the process and loses the work, `delay` waits in
 * business time; `held` is told until when. Synchronous while no fault hits, for that is the common case.
 */
export function applyFault(
  hub: Hub,
  phase: FaultPhase,
  path: string,
  { host, held, kinds }: FaultyWork,
): FaultEffect | Promise<FaultEffect> {
  const point = { path, host };
  const fault = hub.context.faults.take("durable", phase, point, kinds);
  if (fault === undefined) return "none";
  switch (fault.kind) {
    case "crash":
      crash(hub.context, fault, point);
      return "lost";
    case "duplicate":
      return "twice";
    case "delay":
      return delay(hub, fault, path, held).then(() => "none");
    case "status":
    case "drop":
    case "reorder":
    case "staleRead":
      return "none";
  }
}

async function delay(hub: Hub, fault: Fault, path: string, held: (untilMs: number | undefined) => void): Promise<void> {
  const { clock } = hub.context;
  const dueMs = clock.now() + (fault.retryAfter ?? 1) * 1000;
  held(dueMs);
  await new Promise<void>((resolve) => {
    clock.schedule({ kind: "fault.delay", id: path, dueMs }, resolve);
  });
  held(undefined);
}
