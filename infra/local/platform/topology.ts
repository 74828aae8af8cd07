/** What Bicep deploys around the apps: containers, queues, event subscriptions. The local engines have the same. */
import type { ContainerDefinition } from "../cosmos/catalogue.ts";
import type { EventSubscription } from "../eventgrid/subscription.ts";
import { enrolled } from "../scenarios/contoso/organisation.ts";
import { subscriptions } from "../scenarios/people.ts";
import type { QueueOptions } from "../servicebus/queueOptions.ts";
import { names } from "./settings.ts";

/** TTL is on, and only items that say so expire. */
const TTL_PER_ITEM = -1;

/** Paths that the product's queries over whole containers select or order by; in Azure every path is indexed. */
const indexedPaths = { state: ["/kind", "/wakeAt", "/cursor", "/_ts"], seals: ["/seq"] } as const;

export const containers: readonly ContainerDefinition[] = Object.entries(indexedPaths).map(([container, included]) => ({
  database: names.database,
  container,
  partitionKey: "/pk",
  defaultTtlS: TTL_PER_ITEM,
  indexes: { included },
}));

/**
 * A minute in Azure. Locks are machine time: what a killed host had locked comes back only after this long, and nobody
 * should wait a minute for it here. Five seconds is the shortest that Azure takes; hosts renew the locks of what takes
 * longer.
 */
const LOCK_DURATION_S = 5;

const queueDefaults = { lockDurationS: LOCK_DURATION_S, maxDeliveryCount: 10 };

export const queues: readonly QueueOptions[] = [
  { name: names.eventsQueue, ...queueDefaults, duplicateDetectionWindowS: 600 },
  { name: names.wakeQueue, ...queueDefaults },
];

/** Resource types whose changes the product looks at. */
const operationPrefixes = [
  "Microsoft.CognitiveServices/",
  "Microsoft.Authorization/",
  "Microsoft.Insights/diagnosticSettings/",
  "Microsoft.Resources/tags/",
];

/** One event subscription at the system topic of each enrolled subscription, whichever scenario is laid. */
export function eventSubscriptions(): EventSubscription[] {
  return [...subscriptions, ...enrolled].map(({ id, name }) => ({
    name: `steelyard-${name}`,
    topic: `/subscriptions/${id}`,
    destination: { queue: names.eventsQueue },
    filter: {
      includedEventTypes: [
        "Microsoft.Resources.ResourceWriteSuccess",
        "Microsoft.Resources.ResourceDeleteSuccess",
        "Microsoft.Resources.ResourceActionSuccess",
      ],
      advancedFilters: [{ operatorType: "StringBeginsWith", key: "data.operationName", values: operationPrefixes }],
    },
  }));
}
