/** A change of the configuration that waits for a second person: its page, and what its form does. */
import { z } from "zod";
import { toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { readCurrent, type Current } from "../../../shared/reconcile/configurationStore.ts";
import { decideChange, readChange, type Change } from "../../../shared/reconcile/configurationWriter.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { madeWithin } from "../../../shared/reconcile/planRuns.ts";
import { changePage, changePath } from "../../../shared/view/configurationPages.ts";
import { PLAN_ROWS } from "../../../shared/view/planModel.ts";
import { may, mayNot, roleWord, type Permission, type Viewer } from "../../../shared/view/person.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { PLAN_WAIT_MS, pagePart, partOf, planRun } from "../plans.ts";
import { badgeOf } from "./badge.ts";
import { action, page, type Shown, type Visit } from "./page.ts";

page("consoleChange", "console/configuration/changes/{id}", (visit) => shown(visit));

const doneSchema = z.enum(["proposed", "approve", "reject"]).nullable().catch(null);

const doneWords = {
  proposed: "It is proposed. It holds once another admin has agreed to it.",
  approve: "Your approval is recorded. It holds now.",
  reject: "Your decision is recorded. Nothing was changed.",
} as const;

interface Again {
  readonly reason: string;
  readonly fault: string;
}

async function shown(visit: Visit, again?: Again): Promise<Shown> {
  const { viewer, nowMs, params, query } = visit;
  const change = await readChange(edge, params["id"] ?? "");
  const done = parse(doneSchema, query.get("done"), "query at done");
  const current = await readCurrent(edge.store);
  const isOpen = change.state === "open" && change.base === current.version;
  return {
    title: `Change ${change.id}`,
    current: "configuration",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    ...(again === undefined ? {} : { status: 409 }),
    main: changePage({
      change,
      plan: isOpen ? await planShown({ current, change, query }) : null,
      hrefOf: (from) => `${changePath(change.id)}?from=${from}&run=1`,
      approve: approves(viewer, change),
      reject: rejects(viewer, change),
      viewer,
      reason: again?.reason ?? "",
      fault: again?.fault ?? null,
      done: done === null || again !== undefined ? null : doneWords[done],
      nowMs,
    }),
  };
}

const partSchema = z.object(pagePart);

/** What it would do now; how far that is worked out when it takes longer than a page should. */
async function planShown(of: { current: Current; change: Change; query: URLSearchParams }) {
  const { from, run } = parse(partSchema, Object.fromEntries(of.query), "query");
  const making = planRun({ current: of.current, config: of.change.config, again: run !== undefined });
  const made = await madeWithin(making, PLAN_WAIT_MS);
  return made === undefined ? making.progress : partOf(made, from, PLAN_ROWS);
}

function rejects(viewer: Viewer, change: Change): Permission {
  const earlier = change.decisions.find(({ by }) => by === viewer.oid);
  if (earlier !== undefined) return mayNot(`You decided "${earlier.verdict}" on it before.`);
  return viewer.roles.has("Steelyard.Admin")
    ? may
    : mayNot(`You are signed in as ${roleWord(viewer)}. To decide takes the role Steelyard.Admin.`);
}

function approves(viewer: Viewer, change: Change): Permission {
  const permission = rejects(viewer, change);
  if (!permission.may || change.by !== viewer.oid) return permission;
  return mayNot("You proposed it: another admin has to agree to it.");
}

const formSchema = z.strictObject({
  csrf: z.string(),
  verdict: z.enum(["approve", "reject"]),
  hash: z.string().length(64),
  reason: prose(1_000),
});

action("consoleChangeDecided", "console/configuration/changes/{id}/decisions", ["Steelyard.Admin"], async (sending) => {
  const id = sending.params["id"] ?? "";
  const { verdict, hash, reason } = parse(formSchema, Object.fromEntries(sending.form), "form");
  try {
    const by = sending.viewer.oid;
    await decideChange(edge, { change: id, verdict, hash, reason: reason === "" ? null : reason, by });
  } catch (error) {
    if (!(error instanceof Declined) || error.reason === "notFound") throw error;
    return shown(sending, { reason, fault: `Not recorded: ${error.message}.` });
  }
  return { to: `${changePath(id)}?done=${verdict}` };
});
