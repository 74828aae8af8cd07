/** The configuration: what holds, its versions, and each change behind its plan. */
import { stringify } from "yaml";
import { z } from "zod";
import { differences } from "../../../shared/config/difference.ts";
import { guarded } from "../../../shared/config/guarded.ts";
import { refusedEnrolment } from "../../../shared/config/enrolment.ts";
import { textOfFault } from "../../../shared/config/coherence.ts";
import type { Config } from "../../../shared/config/schema.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { dayMs, toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { appRoles } from "../../../shared/ports/tokens.ts";
import { readCurrent, readVersion } from "../../../shared/reconcile/configurationStore.ts";
import {
  CHANGES_TOLD_MAX,
  listChanges,
  listVersions,
  propose,
  submit,
} from "../../../shared/reconcile/configurationWriter.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { HISTORY_DAYS } from "../../../shared/desired/history.ts";
import { madeWithin } from "../../../shared/reconcile/planRuns.ts";
import { intentOf, intentTitle, wanted, type Intent } from "../../../shared/view/configurationIntent.ts";
import { configurationPage, versionPage, type VersionModel } from "../../../shared/view/configurationPage.ts";
import { changePath, planAwaitedPage, planPage, planPath } from "../../../shared/view/configurationPages.ts";
import { PLAN_ROWS } from "../../../shared/view/planModel.ts";
import { paths } from "../../../shared/view/paths.ts";
import { may, mayNot, roleWord, type Permission, type Viewer } from "../../../shared/view/person.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { PLAN_WAIT_MS, pagePart, partOf, planRun } from "../plans.ts";
import { badgeOf } from "./badge.ts";
import { action, page, type Shown, type Visit } from "./page.ts";
import { reading, staleBanner } from "./readings.ts";

/** Longest document that a page shows; the command has all of it. */
const YAML_CHARACTERS_MAX = 50_000;

/** As people would write it: what is empty is left out, as it may be. */
function yamlOf(config: Config): string {
  const standards = config.standards.map((setting) => withoutEmpty(setting));
  const policies = config.policies.map(({ definition, ...setting }) => ({ ...withoutEmpty(setting), definition }));
  const text = stringify(withoutEmpty({ ...config, standards, policies, version: {} }));
  return text.length > YAML_CHARACTERS_MAX
    ? `${text.slice(0, YAML_CHARACTERS_MAX)}\n# It goes on: npx steelyard config show\n`
    : text;
}

function withoutEmpty(value: object): object {
  const isEmpty = (member: unknown): boolean =>
    typeof member === "object" && member !== null && Object.keys(member).length === 0;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => !isEmpty(member)));
}

const shownSchema = z.object({
  before: z.coerce.number().int().min(1).optional().catch(undefined),
  done: z.enum(["applied", "unchanged"]).nullable().catch(null),
});

const doneWords = {
  applied: "It is applied and holds now.",
  unchanged: "Nothing was changed: it was so already.",
} as const;

page("consoleConfiguration", "console/configuration", async ({ viewer, query, nowMs }) => {
  const { before, done } = parse(shownSchema, Object.fromEntries(query), "query");
  const read = await reading(`configuration ${before ?? ""}`, nowMs, async () => {
    const [current, versions, changes, first] = await Promise.all([
      readCurrent(edge.store),
      listVersions(edge.store, before),
      listChanges(edge),
      readVersion(edge.store, 1),
    ]);
    return { current, versions: versions as readonly VersionModel[], changes, first };
  });
  const { current, versions, changes, first } = read.value;
  return {
    title: "Configuration",
    current: "configuration",
    live: before === undefined,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: configurationPage({
      version: current.version,
      config: current.config,
      appliedAt: current.document?.appliedAt ?? null,
      appliedBy: current.document?.appliedBy ?? null,
      yaml: yamlOf(current.config),
      versions,
      changes,
      fromSeed: first === undefined ? null : differences(first.config, current.config),
      done: done === null ? null : doneWords[done],
      stale: staleBanner(read, nowMs),
      nowMs,
    }),
  };
});

page("consoleVersion", "console/configuration/versions/{version}", async ({ viewer, params, nowMs }) => {
  const version = parse(z.coerce.number().int().min(1).max(1_000_000_000), params["version"], "version");
  const [found, earlier, current] = await Promise.all([
    readVersion(edge.store, version),
    version === 1 ? undefined : readVersion(edge.store, version - 1),
    readCurrent(edge.store),
  ]);
  if (found === undefined) throw new Declined("notFound", `there is no version ${version} of the configuration`);
  return {
    title: `Version ${version}`,
    current: "configuration",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    main: versionPage({
      version: found,
      yaml: yamlOf(found.config),
      changes: earlier === undefined ? null : differences(earlier.config, found.config),
      isCurrent: current.version === version,
      nowMs,
    }),
  };
});

function intentIn(params: URLSearchParams): Intent {
  const intent = intentOf(params);
  if (intent === undefined) {
    throw new SteelyardError(
      "BadInput",
      "query: found nothing that can be wanted; expected the address of a link on a page of the console",
    );
  }
  return intent;
}

/** Whether the viewer may do it; held again, by the same function, when the form is sent. */
function permissionFor(intent: Intent, { oid, roles }: Viewer, config: Config): Permission {
  const isAdmin = roles.has("Steelyard.Admin");
  const role = `You are signed in as ${roleWord({ roles })}.`;
  switch (intent.do) {
    case "mode":
      return isAdmin ? may : mayNot(`${role} To change a mode takes the role Steelyard.Admin.`);
    case "pause":
    case "resume":
      return isAdmin || roles.has("Steelyard.Operator")
        ? may
        : mayNot(`${role} This takes the role Steelyard.Operator or Steelyard.Admin.`);
    case "level":
    case "withdraw": {
      const refused = refusedEnrolment(config, intent.subscription, { oid, isAdmin }, {});
      return refused === undefined ? may : mayNot(`${role} For this ${refused}.`);
    }
  }
}

/** @throws Declined where it is about a subscription that is not enrolled: enrolling one anew needs more than a page asks */
function make(intent: Intent): (config: Config) => object {
  return (config) => {
    if (intent.do === "level" || intent.do === "withdraw") {
      const isKnown = config.subscriptions.some(({ id }) => id === intent.subscription);
      if (!isKnown) throw new Declined("notFound", `subscription ${intent.subscription} is not enrolled`);
    }
    return wanted(intent, config);
  };
}

/** Which part of the plan, of which day. */
const partSchema = z.object({
  asOf: z
    .string()
    .max(40)
    .transform((text) => text || undefined)
    .optional(),
  ...pagePart,
});

page("consolePlan", "console/configuration/plan", (visit) => plan(visit, intentIn(visit.query)));

interface Again {
  readonly reason: string;
  readonly fault: string | null;
}

async function plan(visit: Visit, intent: Intent, again?: Again): Promise<Shown> {
  const { viewer, nowMs, query } = visit;
  const { asOf, from, run } = parse(partSchema, Object.fromEntries(query), "query");
  const { config, current, changes, warnings } = await propose(edge.store, { base: undefined, make: make(intent) });
  const title = intentTitle(intent, current.config);
  const making = planRun({ current, config, asOf, again: run !== undefined });
  // Whoever has sent a form has waited already, and would lose the reason that stands in it.
  const made = again === undefined ? await madeWithin(making, PLAN_WAIT_MS) : await making.whole;
  const hrefOf = (part: number): string =>
    `${planPath(intent)}${asOf === undefined ? "" : `&asOf=${encodeURIComponent(asOf)}`}&from=${part}&run=1`;
  const frame = {
    title,
    current: intent.do === "mode" ? ("standards" as const) : ("configuration" as const),
    waiting: await badgeOf(viewer, nowMs),
    readAt: made?.at ?? toIso(nowMs),
    ...(again === undefined ? {} : { status: 409 }),
  };
  if (made === undefined) {
    const href = hrefOf(from);
    return { ...frame, comesBack: href, main: planAwaitedPage({ title, intent, progress: making.progress, href }) };
  }
  return {
    ...frame,
    main: planPage({
      title,
      intent,
      base: current.version,
      changes: changes.slice(0, CHANGES_TOLD_MAX),
      changed: changes.length,
      needs: guarded(current.config, config, nowMs, current.document?.left),
      warnings: warnings.map(textOfFault),
      plan: partOf(made, from, PLAN_ROWS),
      hrefOf,
      days: { first: toIso(nowMs - (HISTORY_DAYS - 1) * dayMs).slice(0, 10), last: toIso(nowMs).slice(0, 10) },
      permission: permissionFor(intent, viewer, current.config),
      viewer,
      nowMs,
      ...(again ?? { reason: "", fault: null }),
    }),
  };
}

const formSchema = z.object({ reason: prose(1_000), base: z.coerce.number().int().min(0) });
const REASON_CHARACTERS_MIN = 5;

action("consoleApply", "console/configuration/apply", appRoles, async (sending) => {
  const { form, viewer } = sending;
  const { reason, base } = parse(formSchema, Object.fromEntries(form), "form");
  const intent = intentIn(
    new URLSearchParams([...form].filter(([name]) => !["csrf", "reason", "base"].includes(name))),
  );
  if (reason.length < REASON_CHARACTERS_MIN) {
    return plan(sending, intent, { reason, fault: "Not done yet: this takes a reason of five characters or more." });
  }
  try {
    const submitted = await submit(edge, {
      by: viewer.oid,
      reason,
      base,
      make: (config) => {
        const permission = permissionFor(intent, viewer, config);
        if (!permission.may) throw new Declined("forbidden", permission.why);
        return make(intent)(config);
      },
    });
    if (submitted.kind === "pending") return { to: `${changePath(submitted.change.id)}?done=proposed` };
    return { to: `${paths.configuration}?done=${submitted.kind}` };
  } catch (error) {
    if (!(error instanceof Declined) || error.reason !== "conflict") throw error;
    return plan(sending, intent, { reason, fault: `Not done: ${error.message}.` });
  }
});
