import { z } from "zod";
import { settingsOf } from "../../../shared/config/schema.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import type { Filter } from "../../../shared/ports/store.ts";
import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { findingsPage } from "../../../shared/view/findingsPage.ts";
import { paths } from "../../../shared/view/shell.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { afterOf, configOf, countOf, findingsBy, nextPage, reading, staleBanner, standingsOf } from "./readings.ts";

/** Forms send what was left open as an empty text. */
const chosen = z.string().max(100).default("");
const filterSchema = z.object({
  standard: chosen,
  environment: chosen,
  state: z.enum(["", "open", "waived", "unknown"]).default(""),
});

/** What is not as it should be, asked about or not. */
page("consoleFindings", "console/findings", async ({ viewer, query, nowMs }) => {
  const after = afterOf(query);
  const filter = parse(filterSchema, Object.fromEntries(query), "query");
  const read = await reading(`findings ${JSON.stringify([filter, after])}`, nowMs, async () => {
    const [found, config] = await Promise.all([findingsBy(whereOf(filter), after), configOf()]);
    return { found, config, standings: await standingsOf(found.items) };
  });
  const { found, config, standings } = read.value;
  const corrupt = found.corrupt + standings.filter(({ isCorrupt }) => isCorrupt).length;
  const address = addressOf(filter);
  const next = nextPage(address, found);
  return {
    title: "Findings",
    current: "findings",
    live: true,
    isStale: read.isStale,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    main: findingsPage({
      standings,
      more: next,
      first: after === null ? null : address,
      filter: {
        ...filter,
        standards: (config === undefined ? [] : settingsOf(config.config)).map(({ id }) => id).sort(),
        environments: config?.config.environments.names ?? [],
      },
      emptyBecause: emptyBecause(config?.config, countOf(found)),
      corrupt,
      stale: staleBanner(read, nowMs, corrupt),
      nowMs,
    }),
  };
});

type Chosen = z.output<typeof filterSchema>;

function whereOf({ standard, environment, state }: Chosen): Filter[] {
  const where: Filter[] = [{ path: "live", op: "=", value: true }];
  if (standard !== "") where.push({ path: "standard.id", op: "=", value: standard });
  if (environment !== "") where.push({ path: "environment", op: "=", value: environment });
  if (state === "unknown") where.push({ path: "verdict", op: "=", value: "unknown" });
  else if (state !== "") {
    where.push({ path: "state", op: "=", value: state }, { path: "verdict", op: "=", value: "fail" });
  }
  return where;
}

function addressOf(filter: Chosen): string {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  return given.length === 0 ? paths.findings : `${paths.findings}?${new URLSearchParams(given).toString()}`;
}
