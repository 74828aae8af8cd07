/** The broker without transport: both times and all identifiers given. */
import { beforeEach, describe, expect, test } from "vitest";
import { Agenda } from "../../../infra/local/platform/agenda.ts";
import { openDatabase } from "../../../infra/local/platform/sqlite.ts";
import { Broker } from "../../../infra/local/servicebus/broker.ts";
import type { Entity } from "../../../infra/local/servicebus/entity.ts";
import { Journal } from "../../../infra/local/servicebus/journal.ts";
import { Line } from "../../../infra/local/servicebus/line.ts";
import { jsonMessage, type BrokerMessage } from "../../../infra/local/servicebus/message.ts";

const queues = [
  { name: "Plain", lockDurationS: 30, maxDeliveryCount: 3 },
  { name: "dedup", lockDurationS: 10, maxDeliveryCount: 3, duplicateDetectionWindowS: 60 },
  { name: "expiring", lockDurationS: 30, maxDeliveryCount: 3, defaultTtlS: 100 },
];

let database = openDatabase(":memory:");
let clock: Agenda;
let transportMs: number;
let journal: Journal;
let broker: Broker;
let plain: Entity;

/** Another broker on the same database, as after a kill: what was not committed is gone. */
function start(): Broker {
  let uuids = 0;
  journal = new Journal(database);
  const next = new Broker({
    journal,
    clock,
    transportNow: () => transportMs,
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, "0")}`,
    queues,
  });
  expect(next.load()).toEqual([]);
  return next;
}

beforeEach(() => {
  database = openDatabase(":memory:");
  clock = new Agenda({ mode: "manual", nowMs: 1_000_000 });
  transportMs = 5_000_000;
  broker = start();
  plain = broker.entity("plain");
});

const message = (value: unknown, properties: Omit<BrokerMessage, "body"> = {}): BrokerMessage =>
  jsonMessage(value, properties);
const valueOf = ({ body }: BrokerMessage): unknown => JSON.parse(Buffer.from(body).toString());

/** Everything that can be received now, locked. */
function receiveAll(from: Broker, entity: Entity): unknown[] {
  const values: unknown[] = [];
  for (let next = from.receive(entity, "peekLock"); next !== undefined; next = from.receive(entity, "peekLock"))
    values.push(valueOf(next.entry.message));
  return values;
}

describe("order and locks", () => {
  test("an abandoned message goes back to its place", () => {
    broker.send(
      plain,
      [1, 2, 3].map((value) => message(value)),
    );
    const first = broker.receive(plain, "peekLock")!;
    broker.receive(plain, "peekLock");
    broker.abandon(plain, first.lockToken);
    expect(receiveAll(broker, plain)).toEqual([1, 3]);
  });

  test("a lock holds until its end in transport time and no longer, whatever business time does", async () => {
    broker.send(plain, [message(1)]);
    const { lockToken } = broker.receive(plain, "peekLock")!;
    await clock.step(1_000_000_000);
    transportMs += 29_999;
    expect(broker.available(plain)).toBe(0);
    expect(broker.renew(plain, lockToken)).toBe(transportMs + 30_000);
    transportMs += 30_000;
    expect(broker.available(plain)).toBe(1);
    expect(() => broker.complete(plain, lockToken)).toThrow(expect.objectContaining({ code: "MessageLockLost" }));
  });

  test("the end of the earliest lock is known, also after a renewal", () => {
    broker.send(plain, [message(1), message(2)]);
    broker.send(broker.entity("dedup"), [message(3)]);
    const first = broker.receive(plain, "peekLock")!;
    transportMs += 1000;
    broker.receive(plain, "peekLock");
    expect(broker.nextLockEndMs()).toBe(transportMs + 29_000);
    transportMs += 1000;
    broker.renew(plain, first.lockToken);
    expect(broker.nextLockEndMs()).toBe(transportMs + 29_000);
    broker.receive(broker.entity("dedup"), "peekLock");
    expect(broker.nextLockEndMs()).toBe(transportMs + 10_000);
  });

  test("locks that end count as deliveries; the last one buries the message", () => {
    broker.send(plain, [message(1)]);
    for (let delivery = 0; delivery < 3; delivery += 1) {
      expect(broker.receive(plain, "peekLock")!.entry.deliveryCount).toBe(delivery);
      transportMs += 30_000;
      broker.endLocks();
    }
    expect(broker.available(plain)).toBe(0);
    const dead = broker.receive(broker.entity("plain/$DeadLetterQueue"), "peekLock")!;
    expect(dead.entry).toMatchObject({ seq: 1, deliveryCount: 3 });
    expect(dead.entry.message.applicationProperties).toMatchObject({ DeadLetterReason: "MaxDeliveryCountExceeded" });
  });

  test("a message of the largest size can still be buried", () => {
    const body = Buffer.alloc(262_144 - 60);
    broker.send(plain, [{ body }]);
    for (let delivery = 0; delivery < 3; delivery += 1)
      broker.abandon(plain, broker.receive(plain, "peekLock")!.lockToken);
    expect(broker.available(broker.entity("plain/$deadletterqueue"))).toBe(1);
  });

  test("a dead letter stays one, however often it is given up", () => {
    const dead = broker.entity("plain/$deadletterqueue");
    broker.send(plain, [message(1)]);
    broker.deadLetter(plain, broker.receive(plain, "peekLock")!.lockToken, { reason: "r" });
    for (let delivery = 0; delivery < 10; delivery += 1)
      broker.abandon(dead, broker.receive(dead, "peekLock")!.lockToken);
    const { lockToken } = broker.receive(dead, "peekLock")!;
    expect(() => broker.deadLetter(dead, lockToken, {})).toThrow(expect.objectContaining({ code: "InvalidOperation" }));
    broker.complete(dead, lockToken);
    expect(dead.entries.size).toBe(0);
  });
});

describe("after a kill", () => {
  test("confirmed messages are there, locked ones are available, completed ones are gone, counts are kept", () => {
    broker.send(
      plain,
      [1, 2, 3, 4].map((value) => message(value, { applicationProperties: { at: new Date(5) } })),
    );
    broker.complete(plain, broker.receive(plain, "peekLock")!.lockToken);
    broker.abandon(plain, broker.receive(plain, "peekLock")!.lockToken, { seen: true });
    broker.receive(plain, "peekLock");
    journal.commit();
    const again = start();
    const entity = again.entity("plain");
    const first = again.receive(entity, "peekLock")!;
    expect(first.entry).toMatchObject({
      seq: 2,
      deliveryCount: 1,
      message: { applicationProperties: { at: new Date(5), seen: true } },
    });
    expect(receiveAll(again, entity)).toEqual([3, 4]);
  });

  test("what was not committed is gone", () => {
    broker.send(plain, [message(1)]);
    journal.commit();
    broker.send(plain, [message(2)]);
    broker.complete(plain, broker.receive(plain, "peekLock")!.lockToken);
    const again = start();
    expect(receiveAll(again, again.entity("plain"))).toEqual([1]);
  });

  test("sequence numbers go on, also when the last message is gone", () => {
    broker.send(plain, [message(1), message(2)]);
    broker.receive(plain, "receiveAndDelete");
    broker.receive(plain, "receiveAndDelete");
    journal.commit();
    const again = start();
    expect(again.send(again.entity("plain"), [message(3)])).toEqual([{ seq: 3, duplicate: false }]);
  });

  test("message IDs, schedules and expiry are remembered", async () => {
    const dedup = broker.entity("dedup");
    broker.send(dedup, [message(1, { messageId: "a" })]);
    broker.send(plain, [message(2, { scheduledEnqueueTimeMs: 1_050_000 })]);
    broker.send(broker.entity("expiring"), [message(3)]);
    clock.clear();
    journal.commit();
    const again = start();
    expect(again.send(again.entity("dedup"), [message(1, { messageId: "a" })])).toMatchObject([{ duplicate: true }]);
    while ((await clock.step(1_100_000)) !== undefined);
    expect(receiveAll(again, again.entity("plain"))).toEqual([2]);
    expect(again.entity("expiring").entries.size).toBe(0);
  });

  test("queues that are no longer declared keep their messages on disk", () => {
    broker.send(plain, [message(1)]);
    journal.commit();
    const options = { journal: new Journal(database), clock, transportNow: () => transportMs, uuid: () => "u" };
    expect(new Broker({ ...options, queues: queues.slice(1) }).load()).toEqual(["plain"]);
    journal.commit();
    const again = start();
    expect(receiveAll(again, again.entity("plain"))).toEqual([1]);
  });
});

describe("sending", () => {
  test("all or none", () => {
    const messages = [message(1), message(2, { messageId: "x".repeat(129) })];
    expect(() => broker.send(plain, messages)).toThrow("MessageId: found 129 characters; the limit is 128");
    expect(plain.entries.size).toBe(0);
  });

  test.each([
    ["a batch above 256 KB", [{ body: Buffer.alloc(150_000) }, { body: Buffer.alloc(150_000) }], "MessageSizeExceeded"],
    ["properties above 64 KB", [message(1, { subject: "x".repeat(65_536) })], "MessageSizeExceeded"],
    [
      "a session ID that is not the partition key",
      [message(1, { sessionId: "a", partitionKey: "b" })],
      "ArgumentError",
    ],
    ["a property that is no number", [message(1, { applicationProperties: { n: Number.NaN } })], "ArgumentError"],
    ["a time to live below zero", [message(1, { timeToLiveMs: -1 })], "ArgumentError"],
  ])("%s is refused", (_what, messages, code) => {
    expect(() => broker.send(plain, messages)).toThrow(expect.objectContaining({ code }));
  });

  test("not to a dead-letter sub-queue, a topic or an unknown queue", () => {
    const dead = broker.entity("plain/$deadletterqueue");
    expect(() => broker.send(dead, [message(1)])).toThrow(expect.objectContaining({ code: "InvalidOperation" }));
    expect(() => broker.entity("t/Subscriptions/s")).toThrow("topics and subscriptions are not served locally");
    expect(() => broker.entity("none")).toThrow(expect.objectContaining({ code: "MessagingEntityNotFound" }));
  });

  test("a scheduled message gets its place and number when it is due", async () => {
    broker.send(plain, [message("later", { scheduledEnqueueTimeMs: 1_060_000 }), message("now")]);
    expect(clock.next()).toEqual(
      expect.objectContaining({ kind: "servicebus.scheduled", id: "plain/1", dueMs: 1_060_000 }),
    );
    await clock.step(1_060_000);
    expect([...plain.entries.keys()]).toEqual([2, 3]);
    expect(receiveAll(broker, plain)).toEqual(["now", "later"]);
  });

  test("a cancelled schedule leaves nothing behind, and one unknown number cancels none", () => {
    broker.send(plain, [message(1, { scheduledEnqueueTimeMs: 2_000_000 })]);
    expect(() => broker.cancel(plain, [1, 9])).toThrow("no scheduled message has sequence number 9");
    broker.cancel(plain, [1]);
    expect(clock.items()).toEqual([]);
    expect(plain.entries.size).toBe(0);
  });

  test("the fault reorder: without a next message it goes on by itself after a second", async () => {
    broker.send(plain, [message(1)], [{ overtaken: true }]);
    expect(broker.available(plain)).toBe(0);
    await clock.step(1_001_000);
    expect(receiveAll(broker, plain)).toEqual([1]);
  });

  test("expired messages vanish where the queue keeps no dead letters of them", async () => {
    const expiring = broker.entity("expiring");
    broker.send(expiring, [message(1), message(2, { timeToLiveMs: 10_000 }), message(3, { timeToLiveMs: 1e9 })]);
    await clock.step(1_010_000);
    expect(receiveAll(broker, expiring)).toEqual([1, 3]);
    expect(expiring.entries.size).toBe(2);
    clock.setNow(1_100_000);
    transportMs += 30_000;
    expect(broker.available(expiring)).toBe(0);
    expect(broker.entity("expiring/$deadletterqueue").entries.size).toBe(0);
    expect(clock.items()).toEqual([]);
  });
});

test("the same calls give the same state", () => {
  const run = (): unknown => {
    database = openDatabase(":memory:");
    const one = start();
    const entity = one.entity("plain");
    one.send(entity, [message(1), message(2)], [{ twice: true }]);
    const received = one.receive(entity, "peekLock", 1)!;
    one.postpone(entity, 1000);
    return [received.lockToken, [...entity.entries.values()].map((entry) => ({ ...entry, due: entry.due?.dueMs }))];
  };
  expect(run()).toEqual(run());
});

test("a line keeps its order through additions and removals anywhere", () => {
  const line = new Line();
  const states: [number[], number[]][] = [];
  let model: number[] = [];
  let state = 1;
  for (let step = 0; step < 20_000; step += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const seq = state % 7 === 0 ? state % 5000 : 5000 + step;
    const gone = model[state % 200];
    if (state % 3 > 0 && !model.includes(seq)) {
      line.add(seq);
      model = [...model, seq].sort((a, b) => a - b).slice(-200);
      while (line.length > model.length) line.remove(line.at(0)!);
    } else if (gone !== undefined && line.remove(gone)) model = model.filter((other) => other !== gone);
    if (step % 100 === 0)
      states.push([[...model], Array.from({ length: line.length }, (_, offset) => line.at(offset)!)]);
  }
  for (const [expected, found] of states) expect(found).toEqual(expected);
  expect(line.remove(-1)).toBe(false);
});
