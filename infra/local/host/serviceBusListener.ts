/**
 * The listener behind a `serviceBusQueue` function, on the real Service Bus client: it runs alike against the local
 * broker and a namespace in Azure.
 *
 * Cardinality `one`: maxConcurrentCalls messages at once, each an invocation. Cardinality `many`: one batch at a time,
 * of at most maxMessageBatchSize messages. Success completes the messages, an error abandons them (the queue's
 * MaxDeliveryCount then dead-letters); locks are renewed while messages wait or run. When the broker is away the client
 * tries again for ever.
 *
 * Batches too are gathered from `subscribe`, not asked for with `receiveMessages`: that waits a full second after the
 * first message for the rest, and a connection that breaks while it opens its link keeps the client from reconnecting
 * for the 60 s of its $cbs time-out (@azure/service-bus 7.9.5: `disconnected` awaits batching receivers, and those the
 * lock of the opening link, before it refreshes the connection).
 *
 * All times here are transport time: locks, waits and back-off are the machine's, whatever the business clock says.
 */
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import type { QueueFunction } from "./appFunctions.ts";
import type { HostJson } from "./hostJson.ts";
import type { Trigger } from "./invoke.ts";
import type { HostLog } from "./logs.ts";
import { BatchGatherer } from "./batchGatherer.ts";
import { toBatchTrigger, toTrigger } from "./serviceBusMessage.ts";

export interface ListenerOptions {
  readonly client: ServiceBusClient;
  readonly queue: QueueFunction;
  readonly settings: HostJson["serviceBus"];
  /** Runs the function; rejects when it fails. */
  readonly invoke: (trigger: Trigger) => Promise<unknown>;
  readonly log: HostLog;
}

export interface Listener {
  /** Takes no new messages and waits until those under way are settled. */
  stop(): Promise<void>;
}

/** Opens the receiver and begins; returns at once, also when the broker is away. */
export function startListener(options: ListenerOptions): Listener {
  const { client, queue, settings, log } = options;
  const receiver = client.createReceiver(queue.queueName, {
    receiveMode: "peekLock",
    maxAutoLockRenewalDurationInMs: settings.maxAutoLockRenewalMs,
    // The library parses JSON itself; parsing here would lose what was sent.
    skipParsingBodyAsJson: true,
  });
  const many = queue.cardinality === "many";
  const gatherer = new BatchGatherer<ServiceBusReceivedMessage>(settings.maxMessageBatchSize, (messages) =>
    runAndSettle(options, receiver, messages, () => toBatchTrigger(messages)),
  );
  const underWay = new Set<Promise<void>>();
  // What the broker had sent before it heard of the stop goes back, but not while there is credit left: it would come
  // again and again until it is a dead letter.
  let stopping = false;
  const drained = Promise.withResolvers<void>();
  const subscription = receiver.subscribe(
    {
      processMessage: async (message) => {
        const run = stopping
          ? drained.promise.then(() => settle(options, [message], (one) => receiver.abandonMessage(one)))
          : many
            ? gatherer.add(message)
            : runAndSettle(options, receiver, [message], () => toTrigger(message));
        underWay.add(run);
        await run;
        underWay.delete(run);
      },
      processError: async ({ error, errorSource }) => {
        log.host("warning", `${errorSource}: ${error.message}`, queue.name);
      },
    },
    {
      // Settled in runAndSettle, so that a stop waits for the settlement too.
      autoCompleteMessages: false,
      maxConcurrentCalls: many ? settings.maxMessageBatchSize : settings.maxConcurrentCalls,
    },
  );
  return {
    stop: async () => {
      stopping = true;
      await subscription.close();
      drained.resolve();
      await Promise.all(underWay);
      await receiver.close();
    },
  };
}

/** Runs the function and settles the messages by its outcome. Never rejects: what goes wrong is in the log. */
async function runAndSettle(
  options: ListenerOptions,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
  trigger: () => Trigger,
): Promise<void> {
  let disposition = (message: ServiceBusReceivedMessage): Promise<void> => receiver.completeMessage(message);
  try {
    await options.invoke(trigger());
  } catch (error) {
    options.log.host("warning", `${messages.length} messages are abandoned: ${describe(error)}`, options.queue.name);
    disposition = (message) => receiver.abandonMessage(message);
  }
  await settle(options, messages, disposition);
}

async function settle(
  { queue, log }: ListenerOptions,
  messages: readonly ServiceBusReceivedMessage[],
  disposition: (message: ServiceBusReceivedMessage) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(messages.map((message) => disposition(message)));
  for (const outcome of outcomes) {
    // The lock or the connection is lost: the broker delivers the message again.
    if (outcome.status === "rejected") log.host("warning", `settle: ${describe(outcome.reason)}`, queue.name);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
