/**
 * The Service Bus connection that a trigger names: app settings `<connection>__fullyQualifiedNamespace` (an identity)
 * or `<connection>` (a connection string), as the Functions host reads them.
 *
 * The namespace may carry a port (`localhost:7076`): the client takes host and port from it and speaks TLS to it, so
 * that a local broker is reached by the same settings and the same code as a namespace in Azure.
 */
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from "@azure/identity";
import { RetryMode, ServiceBusClient, type RetryOptions } from "@azure/service-bus";
import type { AppSettings } from "./settings.ts";

/** Quick at first, because a local broker is back within a second; never slower than five seconds. */
const retryOptions: RetryOptions = {
  mode: RetryMode.Exponential,
  maxRetries: 3,
  retryDelayInMs: 200,
  maxRetryDelayInMs: 5_000,
  timeoutInMs: 30_000,
};

const identityKeys = new Set(["fullyQualifiedNamespace", "credential", "clientId"]);

/**
 * A client for the connection.
 * @throws Error naming the app setting that is missing or not implemented.
 */
export function connect(connection: string, settings: AppSettings): ServiceBusClient {
  for (const name of Object.keys(settings)) {
    if (!name.startsWith(`${connection}__`)) continue;
    if (!identityKeys.has(name.slice(connection.length + 2))) {
      throw new Error(`app setting ${name} is not implemented; expected ${[...identityKeys].join(", ")} after __`);
    }
  }
  const namespace = settings[`${connection}__fullyQualifiedNamespace`];
  const connectionString = settings[connection];
  if (namespace !== undefined)
    return new ServiceBusClient(namespace, credential(connection, settings), { retryOptions });
  if (connectionString !== undefined) return new ServiceBusClient(connectionString, { retryOptions });
  throw new Error(
    `connection ${connection}: neither app setting ${connection}__fullyQualifiedNamespace nor ${connection} is set`,
  );
}

function credential(connection: string, settings: AppSettings): TokenCredential {
  const kind = settings[`${connection}__credential`];
  const clientId = settings[`${connection}__clientId`];
  switch (kind) {
    case undefined:
      return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
    case "managedidentity":
      return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
    default:
      throw new Error(`app setting ${connection}__credential: found "${kind}", expected managedidentity`);
  }
}
