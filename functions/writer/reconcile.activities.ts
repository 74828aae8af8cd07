import type { ResourceId } from "../../shared/estate/resourceId.ts";
import { apply, settle } from "../../shared/reconcile/apply.ts";
import { look } from "../../shared/reconcile/look.ts";
import { core } from "../coreContext.ts";
import { activity } from "../durable.ts";

activity("look", ({ key }: { key: ResourceId }) => look(core, key));
activity("apply", ({ key, change }: { key: ResourceId; change: string }) => apply(core, key, change));
activity("settle", ({ key, waited }: { key: ResourceId; waited: number | null }) => settle(core, key, waited));
activity("requeue", async ({ key, atMs }: { key: ResourceId; atMs: number }) => {
  await core.bus.wake(key, atMs);
  return null;
});
