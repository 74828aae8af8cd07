import { portOffsets } from "./constants.ts";
import type { Ports } from "./settings.ts";

/** Instances of core that fit between their ports and the next platform's. */
export const CORES_MAX = 16;

/** The ports of a platform: distances from its base. */
export function portsFrom(base: number, cores: number): Ports {
  return {
    control: base + portOffsets.control,
    edge: base + portOffsets.edge,
    core: Array.from({ length: cores }, (_, instance) =>
      instance === 0 ? base + portOffsets.core : base + portOffsets.coreMore + instance - 1,
    ),
    arm: base + portOffsets.arm,
    armTls: base + portOffsets.armTls,
    cosmos: base + portOffsets.cosmos,
    servicebus: base + portOffsets.servicebus,
    eventgrid: base + portOffsets.eventgrid,
    managedIdentity: base + portOffsets.managedIdentity,
    issuer: base + portOffsets.issuer,
    graph: base + portOffsets.graph,
  };
}

/** The address of each port, as people and programs use it. */
export function endpointsOf(ports: Ports): Record<string, string | string[]> {
  return {
    control: `http://127.0.0.1:${ports.control}/_platform`,
    edge: `http://127.0.0.1:${ports.edge}`,
    api: `http://127.0.0.1:${ports.edge}/api`,
    console: `http://127.0.0.1:${ports.edge}/api/console`,
    core: ports.core.map((port) => `http://127.0.0.1:${port}`),
    arm: `http://127.0.0.1:${ports.arm}`,
    armTls: `https://localhost:${ports.armTls}`,
    cosmos: `https://localhost:${ports.cosmos}`,
    servicebus: `amqps://localhost:${ports.servicebus}`,
    eventgrid: `https://localhost:${ports.eventgrid}`,
    managedIdentity: `http://127.0.0.1:${ports.managedIdentity}`,
    issuer: `https://localhost:${ports.issuer}`,
    graph: `https://localhost:${ports.graph}`,
  };
}

/** What listens on a port, for a message about a port in use. */
export function nameOfPort(ports: Ports, port: number): string {
  const found = Object.entries(ports).find(([, value]) =>
    Array.isArray(value) ? value.includes(port) : value === port,
  );
  return found?.[0] ?? "unknown";
}
