/**
 * The listener behind a `serviceBusQueue` function, on the real Service Bus client: it runs alike against the local
 * broker and a namespace in Azure.
 *
 * Cardinality `one`: the client's own pump, maxConcurrentCalls at once. Cardinality `many`: one loop that receives and
 * runs one batch at a time. Success completes the messages, an error abandons them (the queue's MaxDeliveryCount then
 * dead-letters); locks are renewed while the function runs. When the broker is away it tries again for ever.
 *
 * A batch is received in two calls. `receiveMessages` with more than one message waits a full second after the first
 * for the rest; so the first is awaited alone, and the rest gets {@link GATHER_MS}. While a batch runs this instance
 * has no credit outstanding: what it doesn't work on is free for others and isn't lost with the process.
 *
 * All times here are transport time: locks, waits and back-off are the machine's, whatever the business clock says.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import type { QueueFunction } from "./appFunctions.ts";
import type { HostJson } from "./hostJson.ts";
import type { Trigger } from "./invoke.ts";
import type { HostLog } from "./logs.ts";
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

/** How long a batch waits for more after its first message. */
const GATHER_MS = 20;

/** How long one receive call waits for a first message; it is then simply called again. */
const IDLE_RECEIVE_MS = 60_000;

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 10_000;

export function startListener(options: ListenerOptions): Listener {
  return options.queue.cardinality === "one" ? startPump(options) : startBatchLoop(options);
}

function createReceiver({ client, queue, settings }: ListenerOptions): ServiceBusReceiver {
  return client.createReceiver(queue.queueName, {
    receiveMode: "peekLock",
    maxAutoLockRenewalDurationInMs: settings.maxAutoLockRenewalMs,
    // The library parses JSON itself; parsing here would lose what was sent.
    skipParsingBodyAsJson: true,
  });
}

function startPump(options: ListenerOptions): Listener {
  const { queue, settings, log } = options;
  const receiver = createReceiver(options);
  const underWay = new Set<Promise<void>>();
  const subscription = receiver.subscribe(
    {
      processMessage: async (message) => {
        const run = runAndSettle(options, receiver, [message], () => toTrigger(message));
        underWay.add(run);
        await run;
        underWay.delete(run);
      },
      processError: async ({ error, errorSource }) => {
        log.host("warning", `${errorSource}: ${error.message}`, queue.name);
      },
    },
    // Settled in runAndSettle, so that a stop waits for the settlement too.
    { autoCompleteMessages: false, maxConcurrentCalls: settings.maxConcurrentCalls },
  );
  return {
    stop: async () => {
      await subscription.close();
      await Promise.all(underWay);
      await close(receiver, options);
    },
  };
}

function startBatchLoop(options: ListenerOptions): Listener {
  const stopping = new AbortController();
  const ended = runBatchLoop(options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function runBatchLoop(options: ListenerOptions, stopping: AbortSignal): Promise<void> {
  const { queue, log } = options;
  let backoffMs = BACKOFF_MIN_MS;
  let receiver = createReceiver(options);
  while (!stopping.aborted) {
    try {
      const messages = await receiveBatch(options, receiver, stopping);
      if (messages.length > 0) await runAndSettle(options, receiver, messages, () => toBatchTrigger(messages));
      backoffMs = BACKOFF_MIN_MS;
    } catch (error) {
      if (stopping.aborted) break;
      log.host("warning", `receive: ${describe(error)}; trying again in ${backoffMs} ms`, queue.name);
      // A receiver whose link was refused or lost is not used again.
      await close(receiver, options);
      await sleep(backoffMs, undefined, { signal: stopping }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      receiver = createReceiver(options);
    }
  }
  await close(receiver, options);
}

async function receiveBatch(
  { settings, queue, log }: ListenerOptions,
  receiver: ServiceBusReceiver,
  abortSignal: AbortSignal,
): Promise<ServiceBusReceivedMessage[]> {
  const first = await receiver.receiveMessages(1, { maxWaitTimeInMs: IDLE_RECEIVE_MS, abortSignal });
  const more = settings.maxMessageBatchSize - first.length;
  if (first.length === 0 || more <= 0) return first;
  try {
    return [...first, ...(await receiver.receiveMessages(more, { maxWaitTimeInMs: GATHER_MS }))];
  } catch (error) {
    // The first one is ours all the same.
    log.host("warning", `receive: ${describe(error)}`, queue.name);
    return first;
  }
}

/** Runs the function and settles the messages by its outcome. Never rejects: what goes wrong is in the log. */
async function runAndSettle(
  { queue, invoke, log }: ListenerOptions,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
  trigger: () => Trigger,
): Promise<void> {
  let settle = (message: ServiceBusReceivedMessage): Promise<void> => receiver.completeMessage(message);
  try {
    await invoke(trigger());
  } catch (error) {
    log.host("warning", `${messages.length} messages are abandoned: ${describe(error)}`, queue.name);
    settle = (message) => receiver.abandonMessage(message);
  }
  const outcomes = await Promise.allSettled(messages.map((message) => settle(message)));
  for (const outcome of outcomes) {
    // The lock is gone (the broker will deliver again) or the broker is away (the next receive finds that out).
    if (outcome.status === "rejected") log.host("warning", `settle: ${describe(outcome.reason)}`, queue.name);
  }
}

async function close(receiver: ServiceBusReceiver, { queue, log }: ListenerOptions): Promise<void> {
  try {
    await receiver.close();
  } catch (error) {
    log.host("warning", `close: ${describe(error)}`, queue.name);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
