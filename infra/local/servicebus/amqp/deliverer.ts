/**
 * Hands messages to the receiving links: one each in turn, to links that have credit. Works in its own turn of the
 * event loop, after what woke it, so that rhea has written the deliveries of the turn before and its credit is true.
 */
import { encodeEntry, deliveryTag } from "./codec.ts";
import type { Bus } from "./bus.ts";
import { confirmDrained, type OutLink } from "./rhea.ts";
import type { Delivery } from "rhea";
import type { Received } from "../operations.ts";
import type { Entity } from "../entity.ts";
import { delayMs, failureOf, messageKinds, type Failure } from "../guard.ts";
import type { Fault, FaultPoint } from "../../platform/faults.ts";

export interface ReceivingLink {
  readonly link: OutLink;
  readonly entity: Entity;
  readonly mode: "peekLock" | "receiveAndDelete";
  /** Object ID. */
  readonly caller: string;
  readonly host: string | undefined;
  /** Which lock each delivery that is not settled carries. */
  readonly lockTokens: WeakMap<Delivery, string>;
  /** The client waits for its credit to be used up or given back. */
  draining: boolean;
  readonly detach: (failure: Failure) => void;
  /** Cuts the connection. */
  readonly cut: () => void;
}

/** Deliveries in one turn; then sockets and timers have their say. */
const DELIVERIES_PER_TURN = 500;

export class Deliverer {
  readonly #bus: Bus;
  readonly #links = new Map<Entity, ReceivingLink[]>();
  readonly #woken = new Set<Entity>();
  #scheduled = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  add(receiving: ReceivingLink): void {
    const links = this.#links.get(receiving.entity);
    if (links === undefined) this.#links.set(receiving.entity, [receiving]);
    else links.push(receiving);
  }

  remove(receiving: ReceivingLink): void {
    const links = this.#links.get(receiving.entity) ?? [];
    const index = links.indexOf(receiving);
    if (index !== -1) links.splice(index, 1);
    if (links.length === 0) this.#links.delete(receiving.entity);
  }

  /** Something has changed for the entity: a message, credit, a link. */
  wake(entity: Entity): void {
    if (!this.#links.has(entity)) return;
    this.#woken.add(entity);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    // Nobody sees a message that a crash could still take back.
    this.#bus.commit.flush();
    const woken = [...this.#woken];
    this.#woken.clear();
    for (const entity of woken) this.#deliver(entity);
  }

  #deliver(entity: Entity): void {
    let left = DELIVERIES_PER_TURN;
    for (;;) {
      const links = this.#links.get(entity) ?? [];
      const receiving = links.find((one) => one.draining && hasRoom(one)) ?? links.find(hasRoom);
      if (receiving === undefined || this.#bus.broker.available(entity) === 0) break;
      if (left-- === 0) {
        this.wake(entity);
        return;
      }
      // Behind the others now: competing receivers share evenly.
      links.splice(links.indexOf(receiving), 1);
      links.push(receiving);
      this.#deliverOne(receiving);
    }
    for (const receiving of this.#links.get(entity) ?? []) {
      if (!receiving.draining) continue;
      receiving.draining = false;
      confirmDrained(receiving.link);
    }
  }

  #deliverOne(receiving: ReceivingLink): void {
    const { broker, guard } = this.#bus;
    const { entity, mode, caller, host } = receiving;
    const point = { method: "receive", path: entity.path, caller, host };
    const fault = guard.take("beforeEffect", point, messageKinds);
    if (fault?.kind === "delay") return broker.postpone(entity, delayMs(fault));
    if (fault !== undefined && this.#stop(fault, receiving, point)) return;
    const overtaken = fault?.kind === "reorder" && broker.available(entity) > 1;
    const received = broker.receive(entity, mode, overtaken ? 1 : 0);
    if (received === undefined) return;
    if (fault?.kind === "duplicate") broker.copy(entity, received.entry);
    transfer(receiving, received);
    // A message is on its way when it is locked: there is no time between the two in which it could wait.
    const after = guard.take("afterEffect", point, ["status", "drop", "crash"]) ?? guard.take("afterResponse", point);
    // A turn later, so that the transfer is on its way.
    if (after !== undefined) setImmediate(() => this.#stop(after, receiving, point));
  }

  #stop(fault: Fault, receiving: ReceivingLink, point: FaultPoint): boolean {
    if (fault.kind === "status") this.remove(receiving);
    return this.#bus.guard.stop(
      fault,
      {
        refuse: () => receiving.detach(failureOf(fault)),
        cut: () => {
          this.remove(receiving);
          receiving.cut();
        },
      },
      point,
    );
  }
}

/** Credit that rhea has not yet used for what was handed over before, and space in its list of open deliveries. */
function hasRoom({ link }: ReceivingLink): boolean {
  const { next_delivery_id: handedOver, next_pending_delivery: written } = link.session.outgoing;
  return link.credit > handedOver - written && link.sendable() && link.is_open();
}

function transfer(receiving: ReceivingLink, { entry, lockToken, lockedUntilMs }: Received): void {
  const { link, entity, lockTokens } = receiving;
  const payload = encodeEntry(entity, entry, { lockedUntilMs });
  lockTokens.set(link.send(payload, deliveryTag(lockToken), 0), lockToken);
}
