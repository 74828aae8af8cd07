import { modeOf, type Config } from "../../../shared/config/schema.ts";
import {
  observationId,
  summaryId,
  type Claim,
  type Finding,
  type Observation,
  type Proposal,
  type Summary,
} from "../../../shared/desired/documents.ts";
import { sift } from "../../../shared/desired/rows.ts";
import { accountOf, partitionOf, toResourceId } from "../../../shared/estate/resourceId.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { isTourable, tourField, tourStandard, type TourInput } from "../../../shared/view/tourModel.ts";
import { tourPage, tourStart } from "../../../shared/view/tourPage.ts";
import { edge } from "../../edgeContext.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { configOf, reading, staleBanner } from "./readings.ts";

/** Accounts that are tried for the tour. */
const CANDIDATES_MAX = 20;

/** One account on its way round, from being as it should be to being taken back. */
page("consoleTour", "console/tour", async ({ viewer, query, nowMs }) => {
  const named = query.get("account");
  const key = named === null ? undefined : accountIn(named);
  const read = await reading(`tour ${key ?? ""}`, nowMs, async () => {
    const config = (await configOf())?.config;
    return key === undefined
      ? { start: await candidates(config) }
      : { at: await whereabouts(key, config), command: edge.handChange };
  });
  const { start, at, command } = read.value;
  const stale = staleBanner(read, nowMs);
  return {
    title: "Tour",
    current: "tour",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: at === undefined ? tourStart({ ...start, stale }) : tourPage({ ...at, command, stale }),
  };
});

/** @throws SteelyardError `BadInput` */
function accountIn(text: string): NonNullable<ReturnType<typeof toResourceId>> {
  const id = toResourceId(text);
  if (id === undefined || accountOf(id)?.id !== id)
    throw new SteelyardError("BadInput", "query at account: expected the resource ID of an account");
  return id;
}

const where = {
  present: { path: "present", op: "=", value: true },
  corp: { path: "archetype", op: "=", value: "corp" },
} as const;

/** Accounts that a change by hand would break, and nothing has ever been asked about: those outside of production first. */
async function candidates(
  config: Config | undefined,
): Promise<{ readonly accounts: readonly Summary[]; readonly seen: number }> {
  const { items } = await edge.store.query<Summary>({
    container: "state",
    kinds: ["summary"],
    where: [where.present, where.corp],
    orderBy: { path: "rank" },
    pageSize: 100,
  });
  const accounts: Summary[] = [];
  const first = config?.environments.names[0];
  const ordered = sift(items).sound.toSorted(
    (a, b) => Number(a.environment === first) - Number(b.environment === first) || (a.name < b.name ? -1 : 1),
  );
  for (const summary of ordered.slice(0, CANDIDATES_MAX)) {
    const observed = await edge.store.read<Observation>("state", summary.pk, observationId);
    const isNew = (await newest<Proposal>(summary.pk, "proposal", "askedAt")).length === 0;
    if (isNew && observed !== undefined && isTourable(summary, observed.document, config)) accounts.push(summary);
    if (accounts.length === 3) break;
  }
  return { accounts, seen: items.length };
}

async function whereabouts(key: ReturnType<typeof accountIn>, config: Config | undefined): Promise<TourInput> {
  const pk = partitionOf(key);
  const [summary, findings, proposals, claims] = await Promise.all([
    edge.store.read<Summary>("state", pk, summaryId),
    newest<Finding>(pk, "finding", "since"),
    newest<Proposal>(pk, "proposal", "askedAt"),
    newest<Claim>(pk, "claim", "from"),
  ]);
  const account = summary?.document;
  const setting = config?.standards.find(({ id }) => id === tourStandard);
  const concerns = ({ standard, target }: Finding | Proposal): boolean =>
    standard.id === tourStandard && target === key;
  return {
    account: account?.present === true ? { key, name: account.name, environment: account.environment } : null,
    mode: setting === undefined || account === undefined ? undefined : modeOf(setting, account.environment),
    isPaused: config?.paused ?? false,
    finding: findings.find((finding) => concerns(finding) && finding.live),
    proposal: proposals.find(concerns),
    claim: claims.find(({ target, fields }) => target === key && fields.some(({ path }) => path === tourField)),
  };
}

async function newest<T extends Finding | Proposal | Claim>(
  pk: string,
  kind: T["kind"],
  by: string,
): Promise<readonly T[]> {
  const query = {
    container: "state" as const,
    pk,
    kinds: [kind],
    orderBy: { path: by, descending: true },
    pageSize: 50,
  };
  return sift((await edge.store.query<T>(query)).items).sound;
}
