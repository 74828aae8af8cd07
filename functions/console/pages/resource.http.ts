import { createHash } from "node:crypto";
import type { ResourceId } from "../../../shared/estate/resourceId.ts";
import { entryModel } from "../../../shared/view/tale.ts";
import { nameOf, resourceHref, resourcePage, type ResourcePageModel } from "../../../shared/view/resourcePage.ts";
import { estatePicture } from "../estatePicture.ts";
import { historyOf, readResource } from "../resourceReading.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { configOf, reading, staleBanner } from "./readings.ts";

export interface ResourceView {
  readonly model: ResourcePageModel;
  readonly readAt: string;
  readonly isStale: boolean;
}

/**
 * One resource for a page of its own, or beside a list.
 * @param close where the list is; null for a page of its own
 * @throws Declined `notFound`, SteelyardError `BadInput`
 */
export async function resourceView(
  id: string,
  nowMs: number,
  options: { readonly before: string | null; readonly close: string | null },
): Promise<ResourceView> {
  const { before, close } = options;
  const question = createHash("sha256")
    .update(`${id.toLowerCase()} ${before ?? ""}`)
    .digest("hex");
  const read = await reading(`resource ${question}`, nowMs, async () => {
    const found = await readResource(id, await configOf(), nowMs);
    const { target, key } = found.resource;
    const [history, movedTo] = await Promise.all([
      historyOf(target, key, before),
      found.resource.presence === "gone" && target === key ? successorOf(key, nowMs) : null,
    ]);
    return { ...found, history, movedTo };
  });
  const { resource, isAwaited, corrupt, history, movedTo } = read.value;
  const older =
    history.before === null ? null : `${resourceHref(resource.target)}?before=${encodeURIComponent(history.before)}`;
  return {
    readAt: read.readAt,
    isStale: read.isStale,
    model: {
      resource,
      history: history.entries.map(entryModel),
      older,
      movedTo,
      isAwaited,
      nowMs,
      close,
      stale: staleBanner(read, nowMs, corrupt),
    },
  };
}

/** An account of the same name elsewhere: names are unique among those that are there, and moves keep them. */
async function successorOf(key: ResourceId, nowMs: number): Promise<ResourceId | null> {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const { accounts } = await estatePicture(nowMs);
  return accounts.find((account) => account.key !== key && account.name.toLowerCase() === name)?.key ?? null;
}

/** One resource: what it should be, what it is, and what says so. */
page("consoleResource", "console/resources/{*id}", async ({ viewer, params, query, nowMs }) => {
  const { model, readAt, isStale } = await resourceView(`/${params["id"] ?? ""}`, nowMs, {
    before: query.get("before"),
    close: null,
  });
  return {
    title: nameOf(model),
    current: "estate",
    live: true,
    isStale,
    waiting: await badgeOf(viewer, nowMs),
    readAt,
    main: resourcePage(model),
  };
});
