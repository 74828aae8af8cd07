import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { QueueMessage } from "../../infra/local/eventgrid/deliverer.ts";
import type { CloudEvent, EventGridEvent } from "../../infra/local/eventgrid/events.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import type { WaitingOn } from "../../infra/local/platform/engine.ts";
import { startMs } from "../support/engineContext.ts";
import { ada, change, EventGridRig, standards } from "../support/eventgridRig.ts";

let rig: EventGridRig;
beforeEach(async () => {
  rig = await EventGridRig.create();
});
afterEach(() => rig.dispose());

function refuse(statusCode?: number): () => void {
  return () => {
    throw Object.assign(new Error("refused"), { statusCode });
  };
}

describe("a delivery that fails", () => {
  test("keeps waiting under the ID of its message", async () => {
    await rig.start();
    let refusals = 1;
    rig.broker = () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error("busy");
    };
    rig.engine.onResourceChange(change());
    const [{ id }] = rig.engine.waitingOn() as [WaitingOn];
    await rig.pumped();
    expect(rig.engine.waitingOn()).toMatchObject([{ id, dueMs: expect.any(Number) }]);
    await rig.advance(60_000);
    expect(rig.queue).toMatchObject([{ messageId: id }]);
    expect(rig.engine.waitingOn()).toEqual([]);
  });

  test("goes to the dead letters when its time to live has passed, as a CloudEvent in lower case", async () => {
    const retryPolicy = { eventTimeToLiveInMinutes: 2 };
    await rig.start({ ...standards, deadLetter: true, eventDeliverySchema: "CloudEventSchemaV1_0", retryPolicy });
    rig.broker = refuse();
    rig.engine.onResourceChange(change());
    await rig.advance(3_600_000);
    expect(rig.engine.deadLetters()[0]?.event as CloudEvent).toMatchObject({
      specversion: "1.0",
      deadletterreason: "TimeToLiveExceeded",
      deliveryattempts: 4,
      lastdeliveryoutcome: "TimedOut",
    });
  });

  test("goes to the dead letters at once when the queue will never take it, and nowhere without dead letters", async () => {
    const kept = { ...standards, name: "kept", deadLetter: true };
    await rig.start(kept, standards);
    rig.broker = refuse(413);
    rig.engine.onResourceChange(change());
    await rig.pumped();
    expect(
      rig.engine.deadLetters().map(({ subscription, event }) => [subscription, event["deadLetterReason"]]),
    ).toEqual([["kept", "UndeliverableDueToHttpRequestEntityTooLarge"]]);
    expect(rig.engine.waitingOn()).toEqual([]);
  });
});

describe("a fault", () => {
  test("drops an event", async () => {
    await rig.start();
    rig.faults({ kind: "drop", match: { path: "/d2$" } });
    rig.publishNumbered(3);
    await rig.advance(86_400_000);
    expect(rig.subjects()).toEqual(["d1", "d3"]);
  });

  test("delays it in business time", async () => {
    await rig.start();
    rig.faults({ kind: "delay", retryAfter: 600, match: { path: "/d1$" } });
    rig.publishNumbered(2);
    await rig.pumped();
    expect(rig.subjects()).toEqual(["d2"]);
    expect(rig.engine.waitingOn()).toMatchObject([{ dueMs: startMs + 600_000 }]);
    await rig.advance(599_000);
    expect(rig.subjects()).toEqual(["d2"]);
    await rig.advance(1_000);
    expect(rig.subjects()).toEqual(["d2", "d1"]);
  });

  test("doubles it, spaced, past the queue's duplicate detection", async () => {
    await rig.start();
    rig.faults({
      kind: "duplicate",
      count: 1,
      retryAfter: 30,
      match: { method: "Microsoft.Resources.ResourceWriteSuccess" },
    });
    rig.publishNumbered(1);
    await rig.pumped();
    expect(rig.queue).toHaveLength(1);
    await rig.advance(30_000);
    const [first, second] = rig.queue as [QueueMessage, QueueMessage];
    expect(second.body).toEqual(first.body);
    expect(second.messageId).not.toBe(first.messageId);
    expect(rig.queue).toHaveLength(2);
  });

  test("reorders: held back until a few others have passed, a minute at most", async () => {
    await rig.start();
    rig.faults({ kind: "reorder", count: 1 });
    rig.publishNumbered(12);
    await rig.pumped();
    const order = rig.subjects();
    const place = order.indexOf("d1");
    expect(place).toBeGreaterThanOrEqual(1);
    expect(place).toBeLessThanOrEqual(10);
    expect([...order].sort()).toEqual(Array.from({ length: 12 }, (_, index) => `d${index + 1}`).sort());

    rig.faults({ kind: "reorder", count: 1 });
    rig.queue.length = 0;
    rig.publishNumbered(1);
    await rig.advance(59_000);
    expect(rig.queue).toEqual([]);
    await rig.advance(1_000);
    expect(rig.subjects()).toEqual(["d1"]);
  });

  test("fails attempts, for the caller that it names", async () => {
    await rig.start();
    rig.faults({ kind: "status", status: 503, count: 2, match: { caller: ada } });
    rig.engine.onResourceChange(change({ caller: { oid: coreIdentity, type: "ServicePrincipal" } }));
    rig.publishNumbered(1);
    await rig.pumped();
    expect(rig.queue).toHaveLength(1);
    await rig.advance(60_000);
    expect(rig.queue).toHaveLength(2);
    expect(rig.queue[1]?.applicationProperties["aeg-delivery-count"]).toBe("2");
    expect(rig.context.faults.list()[0]?.hits).toBe(2);
  });

  test("loses the acknowledgement: delivered again with the same message ID", async () => {
    await rig.start();
    rig.faults({ kind: "drop", phase: "afterEffect", count: 1 });
    rig.publishNumbered(1);
    await rig.advance(60_000);
    expect(rig.queue).toHaveLength(2);
    expect(rig.queue[0]?.messageId).toBe(rig.queue[1]?.messageId);
  });

  test("kills a host and delivers all the same", async () => {
    await rig.start();
    rig.faults({ kind: "crash", process: "edge", count: 1 });
    rig.publishNumbered(1);
    await rig.pumped();
    expect([rig.context.crashed, rig.queue.length]).toEqual([["edge"], 1]);
  });

  test("outlives a restart of the platform", async () => {
    await rig.start();
    rig.faults({ kind: "reorder", count: 1 });
    rig.publishNumbered(1);
    await rig.pumped();
    await rig.stop();
    await rig.start();
    rig.publishNumbered(11);
    await rig.pumped();
    expect(rig.subjects().filter((name) => name === "d1")).toHaveLength(2);
  });
});

test("a burst of 1,000 events is delivered, each once", async () => {
  await rig.start();
  rig.publishNumbered(1_000);
  await rig.pumped();
  expect(new Set(rig.subjects()).size).toBe(1_000);
  expect(rig.queue).toHaveLength(1_000);
});

test("the same seed gives the same deliveries", async () => {
  const runs: unknown[] = [];
  for (let run = 0; run < 2; run += 1) {
    const again = await EventGridRig.create();
    await again.start();
    again.engine.setCaseFlip(0.5);
    again.faults({ kind: "reorder", probability: 0.3 }, { kind: "duplicate", probability: 0.3 });
    again.publishNumbered(30);
    await again.advance(120_000);
    runs.push(again.queue.map(({ messageId, body }) => [messageId, (body as EventGridEvent).subject]));
    await again.dispose();
  }
  expect(runs[0]).toEqual(runs[1]);
});
