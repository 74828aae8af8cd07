/** Who brought a target to where it is, as far as ARM and the events say: evidence, for passes and for plans. */
import type { Account } from "../estate/account.ts";
import type { Store } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { Compiled } from "./configuration.ts";
import { deploymentName } from "./deployments.ts";

/** Who brought the target to where it is, if it was a pipeline that the configuration names, or a deployment. */
export async function pipelineOf(
  store: Store,
  { config }: Compiled,
  { signal }: Pick<Writer, "signal">,
  account: Account | undefined,
): Promise<string | undefined> {
  // An event of an earlier write tells nothing about who wrote last.
  const isLast = account?.lastModifiedBy === undefined || account.lastModifiedBy === signal?.caller;
  const application = isLast ? signal?.application : undefined;
  const principal = account?.lastModifiedBy ?? signal?.caller;
  const named = config.pipelines.find(
    (pipeline) =>
      (pipeline.application !== undefined && pipeline.application === application) ||
      (pipeline.principal !== undefined && pipeline.principal === principal),
  );
  if (named !== undefined || !isLast) return named?.name;
  return signal?.correlationId == null ? undefined : deploymentName(store, signal.correlationId);
}

/** ARM's word when it names an object ID, else the last event's; ourselves never. */
export function changedBy(
  { signal }: Pick<Writer, "signal">,
  account: Account | undefined,
  self: string | undefined,
): string | null {
  const candidates = [account?.lastModifiedBy, signal?.caller ?? undefined];
  return candidates.find((oid) => oid !== undefined && oid !== self) ?? null;
}
