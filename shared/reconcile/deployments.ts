/**
 * Template deployments that were seen lately, by their correlation ID: a resource that was written under the same one was
 * written by a template, and will be again.
 */
import type { ResourceEvent } from "../estate/resourceEvent.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { Store, StoredDocument } from "../ports/store.ts";

interface Deployment extends StoredDocument {
  readonly kind: "deployment";
  readonly name: string;
  /** Seconds until the store forgets it. */
  readonly ttl: number;
}

const partition = "deployments";

/** Events of one deployment come within hours, however late; a breach is found within a day by the sweep. */
const KEPT_S = 2 * 24 * 3600;

const deploymentPattern = /\/providers\/microsoft\.resources\/deployments\/([^/]{1,64})$/;

/** Characters that an item's ID may not hold, and whatever no correlation ID holds. */
const correlationPattern = /^[0-9A-Za-z-]{1,100}$/;

/** Name of the deployment that an event is about; undefined when it is about something else. */
export function deploymentOf({ resourceId }: Pick<ResourceEvent, "resourceId">): string | undefined {
  return deploymentPattern.exec(resourceId)?.[1];
}

/** Remembers a deployment. @throws SteelyardError `Unavailable` */
export async function rememberDeployment(store: Store, correlationId: string, name: string): Promise<void> {
  if (!correlationPattern.test(correlationId)) return;
  const document: Deployment = { id: correlationId, pk: partition, kind: "deployment", name, ttl: KEPT_S };
  const result = await store.write("state", partition, [{ kind: "upsert", document }]);
  if (!result.ok) throw new SteelyardError("Unavailable", `a deployment was not stored: ${result.reason}`);
}

/** What people read as the writer: `deployment main-2026`; undefined when no deployment had the correlation ID. */
export async function deploymentName(store: Store, correlationId: string): Promise<string | undefined> {
  if (!correlationPattern.test(correlationId)) return undefined;
  const read = await store.read<Deployment>("state", partition, correlationId);
  return read === undefined ? undefined : `Deployment ${read.document.name}`;
}
