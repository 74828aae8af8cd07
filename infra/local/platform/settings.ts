/**
 * The app settings of the two function apps, as Bicep sets them in Azure; they differ in host names only. What is not
 * named here, a host process doesn't get.
 */
import { oids } from "../scenarios/people.ts";
import { apiApplicationId, tenantId } from "./constants.ts";
import type { HostSpec } from "./supervisor.ts";

/** Local ports by what listens there. */
export interface Ports {
  readonly control: number;
  readonly edge: number;
  readonly core: readonly number[];
  readonly arm: number;
  readonly armTls: number;
  readonly cosmos: number;
  readonly servicebus: number;
  readonly eventgrid: number;
  readonly managedIdentity: number;
  readonly issuer: number;
  readonly graph: number;
}

/** Names that local engines, app settings and Bicep agree on. */
export const names = {
  database: "steelyard",
  taskHub: "steelyard",
  eventsQueue: "events",
  wakeQueue: "wake",
} as const;

/**
 * The app settings of one host.
 *
 * @param identity - what App Service injects for the app's managed identity
 */
export function appSettings(
  spec: HostSpec,
  ports: Ports,
  identityObjectId: string,
  identity: Readonly<Record<string, string>>,
  certificateFile: string,
): Record<string, string> {
  return {
    ...(spec.app === "core" ? coreSettings(ports) : edgeSettings(ports)),
    COSMOS_ENDPOINT: `https://localhost:${ports.cosmos}`,
    COSMOS_DATABASE: names.database,
    ServiceBus__fullyQualifiedNamespace: `localhost:${ports.servicebus}`,
    EVENTS_QUEUE: names.eventsQueue,
    WAKE_QUEUE: names.wakeQueue,
    AUTH_AUTHORITY: `https://localhost:${ports.issuer}/${tenantId}/v2.0`,
    AUTH_AUDIENCE: apiApplicationId,
    AZURE_TENANT_ID: tenantId,
    TASKHUB_NAME: names.taskHub,
    STEELYARD_IDENTITY_OBJECT_ID: identityObjectId,
    WEBSITE_HOSTNAME: `localhost:${spec.port}`,
    WEBSITE_INSTANCE_ID: `${spec.app}-${spec.instance}`,
    FUNCTIONS_WORKER_RUNTIME: "node",
    ...identity,
    NODE_EXTRA_CA_CERTS: certificateFile,
    ...machineSettings(),
  };
}

/** What only the app with rights on the estate is told. */
function coreSettings(ports: Ports): Record<string, string> {
  return {
    STEELYARD_ARM_ENDPOINT: `https://localhost:${ports.armTls}`,
    STEELYARD_GRAPH_ENDPOINT: `https://localhost:${ports.graph}`,
  };
}

/** What only the app that faces people is told: here it is curl that a colleague would use, not az. */
function edgeSettings(ports: Ports): Record<string, string> {
  const url = `http://127.0.0.1:${ports.arm}{id}?api-version=2025-09-01`;
  const headers = `-H 'x-ms-client-principal-id: ${oids.reader}' -H 'content-type: application/json'`;
  return { HAND_CHANGE_COMMAND: `curl -sS -X PATCH '${url}' \\\n  ${headers} \\\n  -d '{body}'` };
}

/** What a process needs of the machine. Loopback never goes through a proxy: the durable client obeys HTTP_PROXY. */
function machineSettings(): Record<string, string> {
  const inherited = ["PATH", "HOME", "NODE_COMPILE_CACHE", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LANG"];
  const kept = inherited.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), NO_PROXY: "localhost,127.0.0.1", no_proxy: "localhost,127.0.0.1" };
}
