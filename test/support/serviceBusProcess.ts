/** A Service Bus engine in a process that a test can kill: `node serviceBusProcess.ts DIR PORT`; tells its port. */
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { EffectLog } from "../../infra/local/platform/effects.ts";
import { FaultBook } from "../../infra/local/platform/faults.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";
import { ensureCertificate } from "../../infra/local/identity/certificate.ts";
import { ServiceBusEngine } from "../../infra/local/servicebus/engine.ts";

const [dataDir, port] = process.argv.slice(2);
const clock = new Agenda();
const context = {
  clock,
  faults: new FaultBook(),
  effects: new EffectLog(openDatabase(":memory:"), () => clock.now()),
  random: () => 0.5,
  dataDir: dataDir!,
  crash: () => {},
  log: () => {},
};
const engine = new ServiceBusEngine(context, {
  port: Number(port),
  tls: await ensureCertificate(dataDir!),
  verify: () => Promise.resolve({ oid: "any", type: "ServicePrincipal", roles: [] }),
  queues: [{ name: "events", lockDurationS: 30, maxDeliveryCount: 5, duplicateDetectionWindowS: 600 }],
});
await engine.start();
process.send?.(engine.port);
