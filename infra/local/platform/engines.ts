/** Composes the local engines and connects them: ARM's changes go to Event Grid, Event Grid's deliveries to the queues. */
import { join } from "node:path";
import { ArmEngine } from "../arm/engine.ts";
import { CosmosEngine } from "../cosmos/engine.ts";
import { DurableBackend } from "../durable/backend.ts";
import { EventGridEngine } from "../eventgrid/engine.ts";
import type { Caller } from "../identity/caller.ts";
import { ensureCertificate } from "../identity/certificate.ts";
import type { Directory } from "../identity/directory.ts";
import { IdentityEngine } from "../identity/engine.ts";
import { GraphEngine } from "../identity/graph/engine.ts";
import { jsonMessage, ServiceBusEngine } from "../servicebus/engine.ts";
import type { Engine, EngineContext } from "./engine.ts";
import type { Ports } from "./settings.ts";
import { containers, eventSubscriptions, queues } from "./topology.ts";

export interface Engines {
  readonly arm: ArmEngine;
  readonly cosmos: CosmosEngine;
  readonly servicebus: ServiceBusEngine;
  readonly eventgrid: EventGridEngine;
  readonly identity: IdentityEngine;
  readonly durable: DurableBackend;
  /** All of them, in the order in which they start: whoever is asked before whoever asks. */
  readonly all: readonly Engine[];
  /** The certificate authority that clients of the engines trust. */
  readonly certificateFile: string;
}

/** Makes the certificate if there is none; answers what builds the engines. */
export async function composeEngines(ports: Ports, dataDir: string): Promise<(context: EngineContext) => Engines> {
  const { key, cert, caFile } = await ensureCertificate(join(dataDir, "tls"));
  const tls = { key, cert };
  return (context) => {
    const identity = new IdentityEngine(context, {
      ports: { managedIdentity: ports.managedIdentity, issuer: ports.issuer },
      tls,
    });
    const { verify, directory } = identity;
    const graph = new GraphEngine(context, { port: ports.graph, tls, verify, directory });
    const servicebus = new ServiceBusEngine(context, { port: ports.servicebus, tls, verify, queues });
    const eventgrid = new EventGridEngine(context, {
      port: ports.eventgrid,
      tls,
      verify,
      subscriptions: eventSubscriptions(),
      deliver: (queue, { body, ...message }) => servicebus.send(queue, jsonMessage(body, message), "eventgrid"),
      nameOf: (oid) => directory.principal(oid)?.name,
    });
    const cosmos = new CosmosEngine(context, { port: ports.cosmos, tls, verify, containers });
    const arm = new ArmEngine(context, {
      ports: { plain: ports.arm, tls: ports.armTls },
      tls,
      verify,
      groupsOf: (oid) => directory.groupsOf(oid),
      resolveCaller: (oid) => callerOf(directory, oid),
      principalType: (oid) => principalTypeOf(directory, oid),
      nameOf: (oid) => directory.principal(oid)?.name,
      onChange: (change) => eventgrid.onResourceChange(change),
    });
    const durable = new DurableBackend(context);
    const all: Engine[] = [identity, graph, servicebus, eventgrid, cosmos, arm, durable];
    return { arm, cosmos, servicebus, eventgrid, identity, durable, all, certificateFile: caFile };
  };
}

/** Who stands behind the object ID that a curl gives; what the directory doesn't know can't call. */
export function callerOf(directory: Directory, oid: string): Caller | undefined {
  const principal = directory.principal(oid);
  if (principal === undefined || !principal.enabled) return undefined;
  if (principal.kind === "person") return { oid: principal.oid, type: "User", roles: principal.roles };
  return { oid: principal.oid, type: "ServicePrincipal", appid: principal.appid, roles: [] };
}

function principalTypeOf(directory: Directory, id: string): "User" | "Group" | "ServicePrincipal" | undefined {
  const principal = directory.principal(id);
  if (principal !== undefined) return principal.kind === "person" ? "User" : "ServicePrincipal";
  return directory.group(id) === undefined ? undefined : "Group";
}
