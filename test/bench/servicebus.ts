/**
 * Throughput of the Service Bus engine with the real client: `node test/bench/servicebus.ts [messages]`. The engine runs
 * in a process of its own, as beside a host; the file calls itself for that. Disk-backed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setDefaultCACertificates } from "node:tls";
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import { connect, goodToken, serviceBusBed } from "../support/serviceBusBed.ts";

const BATCH = 250;
const queues = [{ name: "bench", lockDurationS: 60, maxDeliveryCount: 10 }];

if (process.send === undefined) await measure(Number(process.argv[2] ?? 10_000));
else await serve(process.send.bind(process));

async function serve(send: (message: unknown) => boolean): Promise<void> {
  await using bed = await serviceBusBed(queues);
  send({ port: bed.engine.port, caFile: bed.tls.caFile });
  await once(process, "disconnect");
}

async function measure(count: number): Promise<void> {
  const server: ChildProcess = fork(fileURLToPath(import.meta.url), { execPath: process.execPath });
  const [{ port, caFile }] = (await once(server, "message")) as [{ port: number; caFile: string }];
  setDefaultCACertificates([readFileSync(caFile, "utf8")]);
  const client = connect(`localhost:${port}`, goodToken);
  const sender = client.createSender("bench");
  const bodies = Array.from({ length: BATCH }, (_, index) => ({ body: { index, text: "x".repeat(200) } }));
  await sender.sendMessages(bodies);
  await time("send, batches of 250", count, async () => {
    for (let sent = 0; sent < count; sent += BATCH) await sender.sendMessages(bodies);
  });
  await time("send one by one, 50 at a time", count / 5, async () => {
    for (let sent = 0; sent < count / 5; sent += 50)
      await Promise.all(bodies.slice(0, 50).map((message) => sender.sendMessages(message)));
  });
  const receiver = client.createReceiver("bench", { maxAutoLockRenewalDurationInMs: 0 });
  await receiver.receiveMessages(1).then((messages) => settle(receiver, messages));
  await time("receive and complete, 250 at a time", count, async () => {
    for (let received = 0; received < count;) {
      const messages = await receiver.receiveMessages(BATCH, { maxWaitTimeInMs: 5000 });
      received += messages.length;
      await settle(receiver, messages);
    }
  });
  await client.close();
  server.disconnect();
}

async function settle(
  receiver: { completeMessage(message: ServiceBusReceivedMessage): Promise<void> },
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  await Promise.all(messages.map((message) => receiver.completeMessage(message)));
}

async function time(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`${what}: ${Math.round(count / seconds)}/s (${count} in ${seconds.toFixed(2)} s)`);
}
