/** What an audit found: verdicts on what was read, and what was not. */
import { isUnread, memberKinds, type MemberKind, type Sight } from "../estate/sight.ts";
import type { FoundResource } from "./found.ts";
import { verdictsOf, type Whereabouts } from "./judging.ts";
import type { ReadEstate, Unreadable } from "./reading.ts";
import type { SeenAccount, SeenList } from "./sights.ts";
import type { UsedStandard } from "./used.ts";
import { countsOf, type Counts, type Verdict } from "./verdict.ts";

export interface AuditReport {
  readonly subscription: string;
  /** Name that the configuration gives it; null without one. */
  readonly name: string | null;
  /** When it was read, ISO 8601. */
  readonly at: string;
  readonly accounts: number;
  /** Accounts of which nothing could be read. */
  readonly unreadable: readonly Unreadable[];
  readonly standards: readonly AuditedStandard[];
  readonly counts: Counts;
  readonly verdicts: readonly Verdict[];
}

export interface AuditedStandard {
  readonly id: string;
  readonly title: string;
  readonly severity: "low" | "medium" | "high";
  readonly counts: Counts;
}

export function auditReport(
  subscription: string,
  { sights, unreadable }: ReadEstate,
  standards: readonly UsedStandard[],
  whereabouts: Whereabouts,
  at: string,
): AuditReport {
  const verdicts = sights.flatMap((sight) => {
    const seen = seenOf(sight);
    return standards.flatMap((used) => verdictsOf(used, seen, whereabouts));
  });
  const byStandard = Map.groupBy(verdicts, ({ standard }) => standard);
  return {
    subscription,
    name: whereabouts.config?.subscriptions.find(({ id }) => id === subscription)?.name ?? null,
    at,
    accounts: sights.length,
    unreadable,
    standards: standards.map(({ definition: { id, title, severity } }) => {
      return { id, title, severity, counts: countsOf(byStandard.get(id) ?? []) };
    }),
    counts: countsOf(verdicts),
    verdicts,
  };
}

/** As what files hold, so that both are judged by the same code. */
function seenOf({ account, members, principals }: Sight): SeenAccount {
  const own = foundOf(account.body);
  const sources = new Map([[account.address.id, own]]);
  const lists = Object.fromEntries(
    memberKinds.map((kind): [MemberKind, SeenList] => {
      const list = members[kind];
      if (list === undefined) return [kind, { resources: [], missing: notAsked(kind) }];
      if (isUnread(list)) return [kind, { resources: [], missing: list.unread }];
      for (const { id, body } of list) sources.set(id, foundOf(body));
      return [kind, { resources: list, missing: undefined }];
    }),
  ) as Record<MemberKind, SeenList>;
  return {
    given: own.given,
    subscriptionId: account.address.subscriptionId,
    account,
    found: own,
    fault: undefined,
    members: lists,
    principals,
    sources,
  };
}

/** One subscription is read; who else serves a use case may lie in another. */
function notAsked(kind: MemberKind): string {
  return kind === "useCaseAccounts" ? "other subscriptions are not read" : "it was not asked for";
}

function foundOf(body: FoundResource["body"]): FoundResource {
  const given = typeof body["id"] === "string" ? body["id"] : "";
  const type = typeof body["type"] === "string" ? body["type"] : "";
  return { given, key: given.toLowerCase(), type, body, origin: "answer", where: given };
}
