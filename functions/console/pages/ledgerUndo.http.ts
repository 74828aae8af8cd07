/** Taking back what an entry, or a run, wrote: its dry run, and what its form does. */
import { z } from "zod";
import { runSchema, type Proposal } from "../../../shared/desired/documents.ts";
import { sift } from "../../../shared/desired/rows.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import type { LedgerEntry } from "../../../shared/ledger/chain.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { foreseeUndo } from "../../../shared/reconcile/dryRun.ts";
import { inParallel } from "../../../shared/reconcile/intake.ts";
import { undoChange, undoRun, UNDO_WAIVER_MS } from "../../../shared/reconcile/undo.ts";
import { pageOf } from "../../../shared/view/approvalsPage.ts";
import { entryRunPage, entryUndoPage, type RunModel } from "../../../shared/view/entryUndo.ts";
import { bodyOf, entryPath, targetName } from "../../../shared/view/ledgerModel.ts";
import { paths } from "../../../shared/view/paths.ts";
import { may, mayNot } from "../../../shared/view/person.ts";
import { fieldLines } from "../../../shared/view/proposalModel.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { badgeOf } from "./badge.ts";
import { permissionOf, undoRoles } from "./entryReadings.ts";
import { entryAt } from "./ledger.http.ts";
import { carrierOf, entryOf, nowAt } from "./ledgerReadings.ts";
import { action, page, type Shown, type Visit } from "./page.ts";

const REASON_CHARACTERS_MIN = 5;

interface Again {
  readonly reason: string;
  readonly fault: string | null;
}

/** The change that an entry is the outcome of. @throws Declined when it is none */
async function changeAt(
  params: Visit["params"],
): Promise<{ readonly entry: LedgerEntry; readonly proposal: Proposal }> {
  const entry = await entryAt(params);
  const { intent } = bodyOf(entry);
  const wish = intent === undefined ? undefined : await entryOf(entry.pk, intent);
  const proposal = wish === undefined ? undefined : await carrierOf(bodyOf(wish).id ?? "");
  if (proposal === undefined) throw new Declined("notFound", `entry ${entry.seq} wrote nothing that can be taken back`);
  return { entry, proposal };
}

page("consoleEntryUndo", "console/ledger/{pk}/{seq}/undo", (visit) => undoForm(visit));

async function undoForm(visit: Visit, again?: Again): Promise<Shown> {
  const { viewer, nowMs } = visit;
  const { entry, proposal } = await changeAt(visit.params);
  const [foreseen, now] = await Promise.all([foreseeUndo(edge, proposal.id, viewer.oid), nowAt(proposal, entry.at)]);
  const { name, below } = targetName(proposal.key, proposal.target);
  return {
    title: `Undo ${name}`,
    current: "ledger",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    ...(again === undefined ? {} : { status: 409 }),
    main: entryUndoPage({
      back: entryPath(entry.pk, entry.seq),
      target: below === null ? name : `${name}/${below}`,
      fields: fieldLines(proposal.fields),
      now,
      standard: proposal.standard.id,
      title: proposal.standard.title,
      until: foreseen.may ? foreseen.claim.until : toIso(nowMs + UNDO_WAIVER_MS),
      viewer,
      permission: permissionOf(foreseen, viewer),
      nowMs,
      ...(again ?? { reason: "", fault: null }),
    }),
  };
}

const formSchema = z.strictObject({ csrf: z.string(), reason: prose(1_000) });
const TOO_SHORT = "Not undone yet: this takes a reason of five characters or more.";

action("consoleEntryUndone", "console/ledger/{pk}/{seq}/undo", undoRoles, async (sending) => {
  const { reason } = parse(formSchema, Object.fromEntries(sending.form), "form");
  if (reason.length < REASON_CHARACTERS_MIN) return undoForm(sending, { reason, fault: TOO_SHORT });
  const { entry, proposal } = await changeAt(sending.params);
  try {
    await undoChange(edge, { change: proposal.id, reason, by: sending.viewer.oid });
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    return undoForm(sending, { reason, fault: `Not undone: ${error.message}.` });
  }
  return { to: `${entryPath(entry.pk, entry.seq)}?done=undo` };
});

/** Changes of a run that are looked at one by one; an undo of the run goes on beyond them. */
const RUN_ROWS = 100;

async function runForm(visit: Visit, again?: Again): Promise<Shown> {
  const { viewer, nowMs, params, query } = visit;
  const run = parse(runSchema, params["run"], "run");
  const where = [
    { path: "run", op: "=" as const, value: run },
    { path: "state", op: "=" as const, value: "applied" },
  ];
  const applied = { container: "state" as const, kinds: ["proposal"], where, pageSize: RUN_ROWS };
  const { items, continuation } = await edge.store.query<Proposal>(applied);
  const changes: RunModel["changes"][number][] = [];
  await inParallel(sift(items).sound, async (proposal) => {
    const { name, below } = targetName(proposal.key, proposal.target);
    const foreseen = await foreseeUndo(edge, proposal.id, viewer.oid);
    changes.push({
      href: pageOf(proposal.id),
      target: below === null ? name : `${name}/${below}`,
      fields: fieldLines(proposal.fields),
      permission: foreseen.may ? may : permissionOf(foreseen, viewer),
    });
  });
  const hasRole = undoRoles.some((role) => viewer.roles.has(role));
  const done = parse(doneSchema, Object.fromEntries(query), "query");
  return {
    title: `Run ${run}`,
    current: "ledger",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    ...(again === undefined ? {} : { status: 409 }),
    main: entryRunPage({
      run,
      changes: changes.sort((a, b) => (a.target < b.target ? -1 : 1)),
      isMore: continuation !== undefined,
      done: done.undone === undefined ? null : { undone: done.undone, declined: done.declined },
      until: toIso(nowMs + UNDO_WAIVER_MS),
      viewer,
      permission: hasRole ? may : mayNot(`To take a run back takes the role ${undoRoles.join(" or ")}.`),
      nowMs,
      ...(again ?? { reason: "", fault: null }),
    }),
  };
}

const doneSchema = z.object({
  undone: z.coerce.number().int().min(0).max(1_000_000).optional().catch(undefined),
  declined: z.coerce.number().int().min(0).max(1_000_000).catch(0),
});

page("consoleRun", "console/ledger/runs/{run}", (visit) => runForm(visit));

action("consoleRunUndone", "console/ledger/runs/{run}/undo", undoRoles, async (sending) => {
  const run = parse(runSchema, sending.params["run"], "run");
  const { reason } = parse(formSchema, Object.fromEntries(sending.form), "form");
  if (reason.length < REASON_CHARACTERS_MIN) return runForm(sending, { reason, fault: TOO_SHORT });
  try {
    const { undone, declined } = await undoRun(edge, { run, reason, by: sending.viewer.oid });
    return { to: `${paths.ledger}/runs/${run}?undone=${undone.length}&declined=${declined.length}` };
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    return runForm(sending, { reason, fault: `Not undone: ${error.message}.` });
  }
});
