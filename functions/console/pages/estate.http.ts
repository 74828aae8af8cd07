import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { readFilter } from "../../../shared/view/estateFilter.ts";
import { estateList } from "../../../shared/view/estateList.ts";
import { rowId } from "../../../shared/view/estateMatrix.ts";
import { estateHref, estatePage } from "../../../shared/view/estatePage.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { resourcePage } from "../../../shared/view/resourcePage.ts";
import type { Html } from "../../../shared/view/html.ts";
import { estateStandard } from "../../../shared/view/estateStandards.ts";
import { estatePicture } from "../estatePicture.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { configOf, staleBanner } from "./readings.ts";
import { resourceView } from "./resource.http.ts";

/** Rows on one page: some 60 kB of markup with a dozen standards. */
const PAGE_ROWS = 50;

/** What there is, against what is held. */
page("consoleEstate", "console/estate", async ({ viewer, query, nowMs }) => {
  const filter = readFilter(query, ["after", "at"]);
  const after = query.get("after");
  const at = query.get("at");
  const [picture, config, drawer] = await Promise.all([
    estatePicture(nowMs),
    configOf(),
    at === null ? null : drawerOf(at, `${estateHref(filter, after === null ? {} : { after })}#${rowId(at)}`, nowMs),
  ]);
  const standards = (config?.standards ?? []).map(({ definition }) => estateStandard(definition));
  const list = estateList(picture.accounts, standards, filter, { after, limit: PAGE_ROWS });
  return {
    title: "Estate",
    current: "estate",
    live: true,
    isStale: picture.isStale,
    waiting: await badgeOf(viewer, nowMs),
    readAt: picture.readAt,
    main: estatePage({
      list,
      subscriptions: new Map((config?.config.subscriptions ?? []).map(({ id, name }) => [id, name])),
      views: [...new Set(standards.map(({ view }) => view))],
      after,
      drawer,
      emptyBecause: emptyBecause(config?.config, { number: 0, more: false }),
      stale: staleBanner({ value: null, ...picture }, nowMs, picture.corrupt),
    }),
  };
});

/** What is told beside the list of the target that was chosen there; nothing of one that nobody knows. */
async function drawerOf(
  at: string,
  close: string,
  nowMs: number,
): Promise<{ readonly target: string; readonly content: Html } | null> {
  try {
    const { model } = await resourceView(at, nowMs, { before: null, close });
    return { target: model.resource.target, content: resourcePage(model) };
  } catch (error) {
    if (error instanceof Declined && error.reason === "notFound") return null;
    throw error;
  }
}
