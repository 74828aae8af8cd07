/**
 * The faults of the place `servicebus` around one operation. What a kind does here:
 *
 * - `status`: the operation fails with an AMQP error (`code`, or what goes with `status`); a receiving link is detached.
 * - `drop`: the connection is cut; before the effect nothing has happened, after it the client only doesn't know.
 *   @azure/service-bus notices only when a send in flight reaches `retryOptions.timeoutInMs`, 60 s unless set.
 * - `crash`: kills the host process that is connected; before the effect nothing has happened.
 * - `delay`: a message that is sent or received is delivered later; any other answer waits. Business time.
 * - `duplicate`, `reorder`: of `send` and `receive` only; the message comes twice, or the next one overtakes it.
 * - `staleRead` means nothing to a queue.
 */
import type { EngineContext } from "../platform/engine.ts";
import { crash, type Fault, type FaultKind, type FaultPhase, type FaultPoint } from "../platform/faults.ts";
import type { Shape } from "./operations.ts";
import { BrokerError } from "./errors.ts";

/** An AMQP error as a client sees it. */
export interface Failure {
  readonly condition: string;
  readonly description: string;
}

export interface Steps<T> {
  /** Does it. A {@link BrokerError} becomes a refusal, anything else is a defect and passes. */
  readonly effect: () => T;
  /** Tells the client; called once what the effect wrote is durable. */
  readonly answer: (result: T) => void;
  readonly refuse: (failure: Failure) => void;
  /** Cuts the client's connection. */
  readonly cut: () => void;
}

/** What can strike any operation. */
const kindsOf: Readonly<Record<FaultPhase, readonly FaultKind[]>> = {
  beforeEffect: ["status", "delay", "drop", "crash"],
  afterEffect: ["status", "delay", "drop", "crash"],
  afterResponse: ["drop", "crash"],
};
/** What can strike a message before it is sent or received. */
export const messageKinds: readonly FaultKind[] = [...kindsOf.beforeEffect, "duplicate", "reorder"];

export class Guard {
  readonly #context: Pick<EngineContext, "clock" | "faults" | "crash">;
  readonly #afterCommit: (work: () => void) => void;

  constructor(context: Pick<EngineContext, "clock" | "faults" | "crash">, afterCommit: (work: () => void) => void) {
    this.#context = context;
    this.#afterCommit = afterCommit;
  }

  take(phase: FaultPhase, point: FaultPoint, kinds: readonly FaultKind[] = kindsOf[phase]): Fault | undefined {
    return this.#context.faults.take("servicebus", phase, point, kinds);
  }

  /** Runs one operation with its faults. */
  run<T>(point: FaultPoint, steps: Steps<T>): void {
    const fault = this.take("beforeEffect", point);
    if (fault?.kind === "delay") this.#later(fault, point, () => this.#perform(point, steps));
    else if (fault === undefined || !this.stop(fault, steps, point)) this.#perform(point, steps);
  }

  /** Like {@link run} for messages that are sent together: faults of one stop all, or change the way of that one. */
  runSend<T>(
    point: FaultPoint,
    count: number,
    steps: Omit<Steps<T>, "effect"> & { effect: (shapes: Shape[]) => T },
  ): void {
    const shapes: Shape[] = [];
    for (let index = 0; index < count; index += 1) {
      const fault = this.take("beforeEffect", point, messageKinds);
      if (fault !== undefined && this.stop(fault, steps, point)) return;
      shapes.push(shapeOf(fault));
    }
    this.#perform(point, { ...steps, effect: () => steps.effect(shapes) });
  }

  /** Does what a fault says to a client's operation; false when the fault only changes the way of a message. */
  stop(fault: Fault, { refuse, cut }: Pick<Steps<never>, "refuse" | "cut">, point: FaultPoint): boolean {
    if (fault.kind === "status") refuse(failureOf(fault));
    else if (fault.kind === "drop") cut();
    else if (fault.kind === "crash") {
      crash(this.#context, fault, point);
      cut();
    } else return false;
    return true;
  }

  #perform<T>(point: FaultPoint, steps: Steps<T>): void {
    let result: T;
    try {
      result = steps.effect();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      steps.refuse(failureFrom(error));
      return;
    }
    this.#afterCommit(() => this.#conclude(point, steps, result));
  }

  #conclude<T>(point: FaultPoint, steps: Steps<T>, result: T): void {
    const fault = this.take("afterEffect", point);
    const finish = (): void => {
      steps.answer(result);
      const later = this.take("afterResponse", point);
      // A turn later, so that the answer is on its way.
      if (later !== undefined) setImmediate(() => this.stop(later, { refuse: () => {}, cut: steps.cut }, point));
    };
    if (fault?.kind === "delay") this.#later(fault, point, finish);
    else if (fault === undefined || !this.stop(fault, steps, point)) finish();
  }

  #later(fault: Fault, point: FaultPoint, work: () => void): void {
    const id = `${point.method ?? ""} ${point.path ?? ""}`;
    this.#context.clock.schedule({ kind: "fault.delay", id, dueMs: this.#context.clock.now() + delayMs(fault) }, work);
  }
}

/** Length of a `delay` fault, milliseconds of business time. */
export function delayMs(fault: Fault): number {
  return (fault.retryAfter ?? 1) * 1000;
}

export function shapeOf(fault: Fault | undefined): Shape {
  if (fault?.kind === "delay") return { delayMs: delayMs(fault) };
  if (fault?.kind === "duplicate") return { twice: true };
  if (fault?.kind === "reorder") return { overtaken: true };
  return {};
}

const conditions: Record<BrokerError["code"], string> = {
  MessagingEntityNotFound: "amqp:not-found",
  MessageLockLost: "com.microsoft:message-lock-lost",
  MessageNotFound: "com.microsoft:message-not-found",
  MessageSizeExceeded: "amqp:link:message-size-exceeded",
  QuotaExceeded: "amqp:resource-limit-exceeded",
  UnauthorizedAccess: "amqp:unauthorized-access",
  ArgumentError: "com.microsoft:argument-error",
  InvalidOperation: "amqp:not-allowed",
  NotImplemented: "amqp:not-implemented",
};

export function failureFrom(error: BrokerError): Failure {
  return { condition: conditions[error.code], description: error.message };
}

const conditionsOfStatus: Record<number, string> = {
  400: "com.microsoft:argument-error",
  401: "amqp:unauthorized-access",
  403: "amqp:resource-limit-exceeded",
  404: "amqp:not-found",
  408: "com.microsoft:timeout",
  410: "com.microsoft:message-lock-lost",
  413: "amqp:link:message-size-exceeded",
  429: "com.microsoft:server-busy",
  501: "amqp:not-implemented",
  503: "com.microsoft:server-busy",
};

/** `code` is an AMQP condition; one of the vendor's may be given without `com.microsoft:`. */
export function failureOf(fault: Fault): Failure {
  const { code, status } = fault;
  const named = code === undefined || code.includes(":") ? code : `com.microsoft:${code}`;
  return {
    condition: named ?? conditionsOfStatus[status ?? 500] ?? "amqp:internal-error",
    description: `the fault "status" at "servicebus" was asked for`,
  };
}

/** Status code of a management response for a condition. */
export function statusOf(condition: string): number {
  if (condition === "com.microsoft:message-not-found") return 404;
  const found = Object.entries(conditionsOfStatus).find(([, name]) => name === condition);
  if (found === undefined) return condition === "amqp:not-allowed" ? 400 : 500;
  return found[1] === "com.microsoft:server-busy" ? 503 : Number(found[0]);
}
