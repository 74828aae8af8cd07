import { describe, expect, it } from "vitest";
import { verifyChain, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import type { DeadLetterQueues, DeadMessage, QueueName } from "../../../shared/ports/bus.ts";
import {
  brokerLetters,
  dismissLetter,
  letterOf,
  readLetter,
  redriveLetter,
  type LetterContext,
} from "../../../shared/reconcile/deadLetters.ts";
import { deadLetterPartition, takeIn, type DeadLetter } from "../../../shared/reconcile/intake.ts";
import { PassBench, subscriptionId } from "../../support/passBench.ts";

const operator = "00000000-0000-4000-8000-00000000000c";
const claims = { name: "Somebody", ipaddr: "203.0.113.7" };

/** Queues that hold what a test puts there. */
class Queues implements DeadLetterQueues {
  readonly dead: DeadMessage[] = [];
  readonly sent: { queue: QueueName; body: unknown; id: string }[] = [];
  isAway = false;

  async peek(queue: QueueName, max: number): Promise<readonly DeadMessage[]> {
    this.#check();
    return this.dead.filter((message) => message.queue === queue).slice(0, max);
  }

  async take(queue: QueueName, sequence: string, what: "resubmit" | "drop"): Promise<boolean> {
    this.#check();
    const at = this.dead.findIndex((message) => message.queue === queue && message.sequence === sequence);
    if (at < 0) return false;
    const [message] = this.dead.splice(at, 1);
    if (what === "resubmit") await this.send(queue, message?.body, `redrive-${queue}-${sequence}`);
    return true;
  }

  async send(queue: QueueName, body: unknown, id: string): Promise<void> {
    this.#check();
    // As a queue that detects duplicates.
    if (!this.sent.some((message) => message.id === id)) this.sent.push({ queue, body, id });
  }

  #check(): void {
    if (this.isAway) throw new SteelyardError("Unavailable", "the bus is away");
  }
}

function bench(): { bench: PassBench; queues: Queues; context: LetterContext } {
  const passes = new PassBench();
  const queues = new Queues();
  return { bench: passes, queues, context: { ...passes.context, deadLetters: queues } };
}

const other = "5b000000-0000-4000-8000-000000000009";

/** A write to an account of a subscription that is not enrolled. */
function stranger(key: string): object {
  const resourceUri = key.replace(subscriptionId, other);
  return {
    id: "1",
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    eventTime: "2026-11-21T10:00:00Z",
    subject: resourceUri,
    data: { resourceUri, operationName: "Microsoft.CognitiveServices/accounts/write", claims, httpRequest: { x: 1 } },
  };
}

async function letters(passes: PassBench, kind = "deadLetter"): Promise<readonly DeadLetter[]> {
  const query = { container: "state" as const, pk: deadLetterPartition, kinds: [kind], pageSize: 100 };
  return (await passes.store.query<DeadLetter>(query)).items;
}

async function chain(passes: PassBench): Promise<readonly LedgerEntry[]> {
  const query = { container: "state" as const, pk: deadLetterPartition, kinds: ["entry"], pageSize: 100 };
  const { items } = await passes.store.query<LedgerEntry>({ ...query, orderBy: { path: "cursor" } });
  return items;
}

describe("a dead letter of intake", () => {
  it("keeps what intake needs and nothing of who wrote, and is taken in once its subscription is enrolled", async () => {
    const { bench: passes, queues, context } = bench();
    await takeIn(passes.context, [stranger(passes.key)]);
    const [letter] = await letters(passes);
    expect(JSON.stringify(letter)).not.toMatch(/Somebody|203\.0\.113|httpRequest/);
    passes.nowMs += 1_000;
    await redriveLetter(context, { letter: letter!.id, by: operator, reason: "enrolled now" });
    expect(queues.sent).toEqual([{ queue: "events", body: letter!.event, id: expect.stringContaining(letter!.id) }]);
    const enrolled = { id: other, name: "late", archetype: "corp" as const, level: "approve" as const };
    passes.config = { ...passes.config, subscriptions: [...passes.config.subscriptions, enrolled] };
    expect(await takeIn(passes.context, [queues.sent[0]!.body])).toEqual([passes.key.replace(subscriptionId, other)]);
    expect(await letters(passes)).toEqual([]);
  });

  it("comes again when what stood in the way still does, and then waits again", async () => {
    const { bench: passes, queues, context } = bench();
    await takeIn(passes.context, [stranger(passes.key)]);
    for (const round of [1, 2]) {
      const [letter] = await letters(passes);
      await redriveLetter(context, { letter: letter!.id, by: operator, reason: null });
      expect(await letters(passes)).toEqual([]);
      expect(queues.sent).toHaveLength(round);
      passes.nowMs += 1_000;
      await takeIn(passes.context, [queues.sent.at(-1)!.body]);
      expect(await letters(passes)).toHaveLength(1);
    }
  });

  it("stands in a chain of its own, before anything is sent", async () => {
    const { bench: passes, queues, context } = bench();
    await takeIn(passes.context, [stranger(passes.key)]);
    const [letter] = await letters(passes);
    queues.isAway = true;
    const request = { letter: letter!.id, by: operator, reason: null };
    await expect(redriveLetter(context, request)).rejects.toThrow("the bus is away");
    expect(await letters(passes)).toHaveLength(1);
    expect(await chain(passes)).toMatchObject([
      { seq: 1, type: "deadLetter", body: { letter: letter!.id, event: "redriven", by: operator } },
    ]);
    queues.isAway = false;
    await redriveLetter(context, request);
    await expect(redriveLetter(context, request)).rejects.toThrow(`was redriven before, by ${operator}`);
    expect(verifyChain(await chain(passes))).toMatchObject({ ok: true, head: { seq: 2 } });
  });

  it("is set aside, and is in no list any more", async () => {
    const { bench: passes, queues, context } = bench();
    await takeIn(passes.context, ["{not json"]);
    const [letter] = await letters(passes);
    expect(letterOf(letter)).toMatchObject({ stuck: expect.stringContaining("names no resource") });
    const request = { letter: letter!.id, by: operator, reason: "noise" };
    await expect(redriveLetter(context, request)).rejects.toThrow("it can only be set aside");
    expect(await chain(passes)).toEqual([]);
    await dismissLetter(context, request);
    expect([await letters(passes), queues.sent]).toEqual([[], []]);
    expect(await readLetter(context, letter!.id)).toMatchObject({ settled: { what: "dismissed", by: operator } });
  });

  it("that came anew while it was taken in goes on waiting", async () => {
    const { bench: passes, queues, context } = bench();
    await takeIn(passes.context, [stranger(passes.key)]);
    const [first] = await letters(passes);
    // What is sent fails again before the letter is put aside.
    const again: DeadLetterQueues = {
      peek: (queue, max) => queues.peek(queue, max),
      take: (queue, sequence, what) => queues.take(queue, sequence, what),
      async send(queue, body, id) {
        await queues.send(queue, body, id);
        passes.nowMs += 1_000;
        await passes.store.write("state", first!.pk, [{ kind: "upsert", document: { ...first! } }]);
      },
    };
    await redriveLetter({ ...context, deadLetters: again }, { letter: first!.id, by: operator, reason: null });
    expect(await letters(passes)).toHaveLength(1);
  });
});

describe("a dead letter of the broker", () => {
  const message = (sequence: string, queue: QueueName = "events"): DeadMessage => ({
    queue,
    sequence,
    reason: "MaxDeliveryCountExceeded",
    at: "2026-11-21T09:00:00.000Z",
    body: { id: sequence, data: { claims } },
  });

  it("is shown without personal data, and goes back whole", async () => {
    const { queues, context } = bench();
    queues.dead.push(message("4"), message("5"), message("1", "wake"));
    const { letters: found } = await brokerLetters(context);
    expect(found.map(({ id }) => id).sort()).toEqual(["bus-events-4", "bus-events-5", "bus-wake-1"]);
    expect(JSON.stringify(found)).not.toContain("Somebody");
    await redriveLetter(context, { letter: "bus-events-5", by: operator, reason: null });
    expect(queues.sent).toMatchObject([{ queue: "events", body: { data: { claims } } }]);
    await expect(redriveLetter(context, { letter: "bus-events-5", by: operator, reason: null })).rejects.toThrow(
      "there is no dead letter bus-events-5",
    );
  });

  it("is not unread in silence", async () => {
    const { queues, context } = bench();
    queues.isAway = true;
    expect(await brokerLetters(context)).toEqual({ letters: [], unread: ["events", "wake"] });
  });
});

it.each(["", "dead-1", "bus-events-", "bus-other-1", "bus-events-1/../2", "writer"])(
  "%j is no dead letter",
  async (letter) => {
    const { context } = bench();
    await expect(redriveLetter(context, { letter, by: operator, reason: null })).rejects.toThrow("no dead letter");
  },
);
