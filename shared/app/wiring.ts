/** The composition root: builds each app's context from its settings, once per process and on first use. */
import { CosmosClient } from "@azure/cosmos";
import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import { ServiceBusClient } from "@azure/service-bus";
import { AzureArm } from "../adapters/azureArm.ts";
import { CosmosStore } from "../adapters/cosmosStore.ts";
import { ServiceBusDeadLetters } from "../adapters/deadLetterQueues.ts";
import { rememberQueryPlans } from "../adapters/queryPlans.ts";
import { ServiceBusBus } from "../adapters/serviceBus.ts";
import { GraphDirectory } from "../adapters/graphDirectory.ts";
import { EntraSignIn } from "../adapters/entraSignIn.ts";
import { EntraTokens } from "../adapters/entraTokens.ts";
import type { SignIn } from "../ports/signIn.ts";
import type { Tokens } from "../ports/tokens.ts";
import { configReader } from "../reconcile/configuration.ts";
import type { PassContext } from "../reconcile/context.ts";
import type { LetterContext } from "../reconcile/deadLetters.ts";
import type { DeskContext } from "../reconcile/desk.ts";
import { businessTime } from "./businessTime.ts";
import { coreSettings, edgeSettings, type CoreSettings, type EdgeSettings } from "./settings.ts";
import { log } from "./telemetry.ts";

/** Everything that a request at the edge needs: no right on the estate among it. */
export interface EdgeContext extends DeskContext, LetterContext {
  readonly tokens: Tokens;
  readonly signIn: SignIn;
  /** Where people reach the console: scheme, host and port. */
  readonly origin: string;
  /** As in the settings. */
  readonly handChange: string;
}

/** @throws SteelyardError `BadSetting` */
export function buildCore(settings: CoreSettings = coreSettings(process.env)): PassContext {
  const { credential, store, bus } = buildShared(settings);
  return {
    clock: businessTime,
    store,
    bus,
    arm: new AzureArm(credential, settings.STEELYARD_ARM_ENDPOINT),
    directory: new GraphDirectory(credential, settings.STEELYARD_GRAPH_ENDPOINT),
    configuration: configReader(store),
    self: settings.STEELYARD_IDENTITY_OBJECT_ID,
    log,
  };
}

/** @throws SteelyardError `BadSetting` */
export function buildEdge(settings: EdgeSettings = edgeSettings(process.env)): EdgeContext {
  const { store, bus, connectBus } = buildShared(settings);
  const tokens = new EntraTokens({
    authority: settings.AUTH_AUTHORITY,
    audience: settings.AUTH_AUDIENCE,
    tenantId: settings.AZURE_TENANT_ID,
  });
  const signIn = new EntraSignIn({ authority: settings.AUTH_AUTHORITY, clientId: settings.AUTH_AUDIENCE, tokens });
  return {
    clock: businessTime,
    store,
    bus,
    deadLetters: new ServiceBusDeadLetters(connectBus, { events: settings.EVENTS_QUEUE, wake: settings.WAKE_QUEUE }),
    configuration: configReader(store),
    tokens,
    signIn,
    origin: originOf(settings),
    handChange: settings.HAND_CHANGE_COMMAND,
    log,
  };
}

/** App Service ends TLS in front of the app; on a person's own machine there is none. */
function originOf({ CONSOLE_ORIGIN, WEBSITE_HOSTNAME }: EdgeSettings): string {
  const scheme = /^localhost(:|$)/i.test(WEBSITE_HOSTNAME) ? "http" : "https";
  return CONSOLE_ORIGIN ?? `${scheme}://${WEBSITE_HOSTNAME.toLowerCase()}`;
}

/**
 * The client's own 60 s would keep a person waiting for a wake-up that the sweeper makes good for anyway: it does not
 * notice by itself that a connection broke while a message was on its way.
 */
const BUS_TIMEOUT_MS = 5_000;

function buildShared(settings: CoreSettings | EdgeSettings): {
  credential: TokenCredential;
  store: CosmosStore;
  bus: ServiceBusBus;
  connectBus: () => ServiceBusClient;
} {
  const credential = new DefaultAzureCredential();
  const cosmos = new CosmosClient({
    endpoint: settings.COSMOS_ENDPOINT,
    aadCredentials: credential,
    httpClient: rememberQueryPlans(),
  });
  const connectBus = (): ServiceBusClient =>
    new ServiceBusClient(settings.ServiceBus__fullyQualifiedNamespace, credential, {
      retryOptions: { timeoutInMs: BUS_TIMEOUT_MS, maxRetries: 1 },
    });
  return {
    credential,
    store: new CosmosStore(cosmos, settings.COSMOS_DATABASE),
    bus: new ServiceBusBus(connectBus(), settings.WAKE_QUEUE),
    connectBus,
  };
}
