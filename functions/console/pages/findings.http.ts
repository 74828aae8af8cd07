import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { findingsPage } from "../../../shared/view/findingsPage.ts";
import { paths } from "../../../shared/view/shell.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { afterOf, configOf, countOf, liveFindings, nextPage, reading, staleBanner, standingsOf } from "./readings.ts";

/** What is not as it should be, asked about or not. */
page("consoleFindings", "console/findings", async ({ viewer, query, nowMs }) => {
  const after = afterOf(query);
  const read = await reading(`findings ${after ?? ""}`, nowMs, async () => {
    const [found, config] = await Promise.all([liveFindings(after), configOf()]);
    return { found, config, standings: await standingsOf(found.items) };
  });
  const { found, config, standings } = read.value;
  const corrupt = found.corrupt + standings.filter(({ isCorrupt }) => isCorrupt).length;
  return {
    title: "Findings",
    current: "findings",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    main: findingsPage({
      standings,
      more: nextPage(paths.findings, found),
      emptyBecause: emptyBecause(config?.config, countOf(found)),
      corrupt,
      stale: staleBanner(read, nowMs, corrupt),
      nowMs,
    }),
  };
});
