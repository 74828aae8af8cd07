import { settingsOf, type Config } from "../../../shared/config/schema.ts";
import { dayMs, fromIso, toIso } from "../../../shared/kernel/clock.ts";
import { shortName } from "../../../shared/estate/member.ts";
import type { Finding } from "../../../shared/desired/documents.ts";
import type { Compiled } from "../../../shared/reconcile/configuration.ts";
import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { dayStory, differingOverTime, type DayStory, fieldName, valueText } from "../../../shared/view/dayStory.ts";
import type { StrangerRow } from "../../../shared/view/changedPanel.ts";
import { estateStandard } from "../../../shared/view/estateStandards.ts";
import { modeSentence } from "../../../shared/view/bearings.ts";
import { overviewPage, type OverviewModel } from "../../../shared/view/overviewPage.ts";
import type { Desk } from "../../../shared/view/person.ts";
import { isWaiting, proposalModel } from "../../../shared/view/proposalModel.ts";
import type { Sample } from "../../../shared/view/charts.ts";
import { html } from "../../../shared/view/html.ts";
import { glance, type Pulse } from "../../../shared/view/pulse.ts";
import { loopsToCome, standardsLoop } from "../../../shared/view/standardsLoop.ts";
import { counted, type Counted } from "../../../shared/view/tally.ts";
import type { Standstill } from "../../../shared/view/verdict.ts";
import { yoursOf, type WaitingModel } from "../../../shared/view/waitingPanel.ts";
import { dayPicture, type DayPicture } from "../dayPicture.ts";
import { estatePicture, type EstatePicture } from "../estatePicture.ts";
import { readBeat, type Strangers } from "../pulse.ts";
import { waitingPicture, type WaitingPicture } from "../waitingPicture.ts";
import { page } from "./page.ts";
import { configOf, deskOf, reading, staleBanner } from "./readings.ts";
import { requestModel } from "./requestModel.ts";

/** How it is, what waits for whoever looks, what changed today. */
page("consoleOverview", "console", async ({ viewer, nowMs }) => {
  const seen = await look(nowMs);
  const { waiting, compiled, isStale, readAt } = seen;
  const desk = deskOf(compiled, viewer, isStale);
  const single = waiting.single.filter((proposal) => isWaiting(proposal, nowMs));
  const as = (by: Desk): Pick<WaitingModel, "proposals" | "requests"> => ({
    proposals: single.map((proposal) => proposalModel(proposal, viewer, nowMs, by)),
    requests: waiting.requests.map((request) => requestModel(request, viewer, nowMs, by)),
  });
  return {
    title: "Overview",
    current: "overview",
    live: true,
    isStale,
    // What would wait for the viewer if the store could be read: an old picture says so of itself.
    waiting: yoursOf(as({ ...desk, readOnly: undefined })),
    readAt,
    main: overviewPage({ ...drawn(seen, nowMs), waiting: { ...waitingOf(seen, nowMs), ...as(desk) }, nowMs }),
  };
});

interface Seen {
  readonly estate: EstatePicture;
  readonly waiting: WaitingPicture;
  readonly day: DayPicture;
  readonly compiled: Compiled | undefined;
  readonly pulse: Pulse;
  readonly strangers: Strangers;
  readonly counts: Counted;
  readonly midnight: string;
  readonly isStale: boolean;
  /** Of the oldest part. */
  readonly readAt: string;
}

/** The store is asked for what is new since the last look of this process. */
async function look(nowMs: number): Promise<Seen> {
  const midnight = toIso(nowMs - (nowMs % dayMs));
  const [estate, waiting, day, rest] = await Promise.all([
    estatePicture(nowMs),
    waitingPicture(nowMs),
    dayPicture(nowMs),
    reading(`overview ${midnight}`, nowMs, async () => {
      const [compiled, beat] = await Promise.all([configOf(), readBeat(midnight)]);
      return { compiled, ...beat };
    }),
  ]);
  const parts = [estate, waiting, day, rest];
  return {
    estate,
    waiting,
    day,
    ...rest.value,
    counts: countsOf(estate, rest.value.compiled),
    midnight,
    isStale: parts.some(({ isStale }) => isStale),
    readAt: parts.map(({ readAt }) => readAt).sort()[0] ?? toIso(nowMs),
  };
}

function drawn(seen: Seen, nowMs: number): Omit<OverviewModel, "waiting" | "nowMs"> {
  const { estate, waiting, day, compiled, pulse, strangers, counts, isStale, readAt } = seen;
  const config = compiled?.config;
  const { story, samples, knownFromMs } = storyOf(seen);
  const mode = modeSentence(config);
  const { inside, outside, blockedBy } = counts;
  const corrupt = estate.corrupt + waiting.corrupt + day.corrupt + strangers.corrupt;
  return {
    verdict: {
      counted: counts,
      standstill: standstillOf(config, pulse.pausedSince),
      isAuditOnly: mode === "Audit only",
      staleSince: isStale ? readAt : null,
      isPartial: pulse.sweep === null || (pulse.sweep.isFirst && pulse.sweep.finishedAt === null),
      isSweeping: pulse.sweep !== null && pulse.sweep.finishedAt === null,
      nowMs,
    },
    glance: config === undefined ? [] : glance({ config, mode, pulse, held: blockedBy, ...story, nowMs }),
    loops:
      config === undefined
        ? []
        : [
            standardsLoop({ config, inside, outside, samples, knownFromMs, writes: story.writes, pulse, nowMs }),
            ...loopsToCome,
          ],
    changed: { day: story, strangers: strangers.findings.map(strangerOf), isCut: strangers.isCut, nowMs },
    stale: staleBanner({ value: null, readAt, isStale }, nowMs, corrupt),
  };
}

function waitingOf(
  { waiting, compiled, counts }: Seen,
  nowMs: number,
): Pick<WaitingModel, "isCut" | "emptyBecause" | "nowMs"> {
  const all = counts.inside.all + counts.outside.all;
  const findings = { number: all - counts.inside.met - counts.outside.met, more: false };
  const because = all === 0 ? html`No account has been looked at yet.` : emptyBecause(compiled?.config, findings);
  return { isCut: waiting.isCut, emptyBecause: because, nowMs };
}

interface Told {
  readonly story: DayStory;
  readonly samples: readonly Sample[];
  readonly knownFromMs: number;
}

let told: { readonly by: readonly unknown[]; readonly told: Told } | undefined;

/** Read once for each picture of the ledger: thousands of entries take some tens of milliseconds. */
function storyOf({ day, counts, compiled, midnight }: Seen): Told {
  const by = [day.entries, counts, compiled, midnight];
  if (told !== undefined && by.every((part, index) => part === told?.by[index])) return told.told;
  const knownFromMs = knownFrom(day, compiled);
  const made = {
    story: dayStory(day.entries, midnight),
    samples: differingOverTime(day.entries, counts.differing, knownFromMs),
    knownFromMs,
  };
  told = { by, told: made };
  return made;
}

/** From when on it is known how many targets were not as they should be: no standard found anything before it was there. */
function knownFrom({ entries, knownFromMs }: DayPicture, compiled: Compiled | undefined): number {
  const began = Object.values(compiled?.activations ?? {}).map(({ at }) => at);
  const [first] = entries;
  const earliest = [...began, ...(first === undefined ? [] : [first.at])].sort()[0];
  return earliest === undefined ? knownFromMs : Math.max(knownFromMs, fromIso(earliest));
}

let kept: { readonly accounts: unknown; readonly compiled: Compiled | undefined; readonly counts: Counted } | undefined;

/** Counted once for each picture: thousands of accounts take some tens of milliseconds. */
function countsOf({ accounts }: EstatePicture, compiled: Compiled | undefined): Counted {
  if (kept?.accounts === accounts && kept.compiled === compiled) return kept.counts;
  const standards = (compiled?.standards ?? []).map(({ definition }) => ({
    ...estateStandard(definition),
    hasRemedy: definition.remedy !== undefined,
  }));
  const counts = counted(accounts, compiled?.config.environments.names[0] ?? "prod", standards);
  kept = { accounts, compiled, counts };
  return counts;
}

function standstillOf(config: Config | undefined, since: string | null): Standstill {
  const nothing = (title: string, next: string): Standstill => ({ kind: "nothing", title, next });
  if (config === undefined)
    return nothing(
      "Nothing is looked at: no configuration was applied yet",
      "Apply one with steelyard config apply, or under More, Configuration.",
    );
  if (config.subscriptions.length === 0)
    return nothing("Nothing is looked at: no subscription is enrolled", "Its owner enrols one with steelyard enroll.");
  if (settingsOf(config).length === 0)
    return nothing(
      "Nothing is held: no standard is configured",
      "Accounts are looked at; nothing is said of them until a standard is.",
    );
  return config.paused ? { kind: "paused", since } : { kind: "none" };
}

/** From what should be there to what somebody put there. */
function strangerOf({ target, fields, presentSince, changedBy }: Finding): StrangerRow {
  return {
    at: presentSince,
    target: shortName(target),
    fields: fields.map(({ path, before, after }) => ({
      name: fieldName(path),
      before: valueText(after),
      after: valueText(before),
    })),
    by: changedBy ?? "",
  };
}
