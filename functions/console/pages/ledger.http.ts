/** The ledger and its entries. */
import { z } from "zod";
import { settingsOf } from "../../../shared/config/schema.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { isIntact, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { entryDetail, entryPage, type EntryDetail } from "../../../shared/view/entryPage.ts";
import { ledgerFilterSchema, type LedgerFilter } from "../../../shared/view/ledgerFilter.ts";
import { targetName } from "../../../shared/view/ledgerModel.ts";
import { ledgerPage } from "../../../shared/view/ledgerPage.ts";
import { ledgerVerifyPage } from "../../../shared/view/ledgerVerifyPage.ts";
import { mayNot } from "../../../shared/view/person.ts";
import { STALE_REASON } from "../../../shared/view/states.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { badgeOf } from "./badge.ts";
import { detailOf } from "./entryReadings.ts";
import { ledgerFigures, verify, VERIFIED_MAX } from "./ledgerFigures.ts";
import { entryOf, environments, findEntries } from "./ledgerReadings.ts";
import { page, type Visit } from "./page.ts";
import { configOf, reading, staleBanner } from "./readings.ts";

const cursorSchema = z
  .string()
  .regex(/^[\dT:.Z|a-f-]{1,100}$/)
  .nullable()
  .catch(null);

const placePattern = /^([0-9a-f]{32})\.(\d{1,10})$/;

page("consoleLedger", "console/ledger", async ({ viewer, query, nowMs }) => {
  const filter = parse(ledgerFilterSchema, Object.fromEntries(query), "query");
  const after = parse(cursorSchema, query.get("after"), "query at after");
  const [, pk = "", seq = ""] = placePattern.exec(query.get("entry") ?? "") ?? [];
  // What may be taken back depends on who looks.
  const question = `ledger ${query.toString()}${pk === "" ? "" : ` ${viewer.oid}`}`;
  const read = await reading(question, nowMs, async () => {
    const [found, figures, config, open] = await Promise.all([
      find(filter, after, nowMs),
      ledgerFigures(nowMs),
      configOf(),
      pk === "" ? undefined : entryOf(pk, Number(seq)),
    ]);
    return { found, figures, config, detail: open === undefined ? null : await detailOf(open, viewer, nowMs) };
  });
  const { found, figures, config } = read.value;
  const detail = read.value.detail === null ? null : offered(read.value.detail, read.isStale);
  const standards = (config === undefined ? [] : settingsOf(config.config)).map(({ id }) => id);
  return {
    title: "Ledger",
    current: "ledger",
    live: after === null && detail === null,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: ledgerPage({
      ...found,
      figures,
      filter,
      choices: { standards, environments: config?.config.environments.names ?? [], me: viewer.oid },
      isFirst: after === null,
      broken: found.entries.filter((entry) => !isIntact(entry)).length,
      selected: detail === null ? null : { href: detail.row.href, detail: entryDetail(detail, nowMs, false) },
      stale: staleBanner(read, nowMs),
      nowMs,
    }),
  };
});

/** From an old picture nothing can be taken back. */
function offered(detail: EntryDetail, isStale: boolean): EntryDetail {
  if (!isStale || detail.undo === null) return detail;
  return { ...detail, undo: { ...detail.undo, permission: mayNot(STALE_REASON) } };
}

async function find(filter: LedgerFilter, after: string | null, nowMs: number) {
  const places = filter.environment === "" ? undefined : await environments(nowMs);
  return findEntries(filter, after, nowMs, (pk) => places?.get(pk));
}

const pkSchema = z.string().regex(/^[0-9a-f]{32}$/, { error: "expected the name of a chain: 32 hexadecimal digits" });
const seqSchema = z.coerce.number().int().min(1).max(9_999_999_999);

/** @throws Declined when there is no such entry */
export async function entryAt(params: Visit["params"]): Promise<LedgerEntry> {
  const pk = parse(pkSchema, params["pk"], "chain");
  const seq = parse(seqSchema, params["seq"], "entry");
  const entry = await entryOf(pk, seq);
  if (entry === undefined) throw new Declined("notFound", `there is no entry ${seq} in chain ${pk}`);
  return entry;
}

page("consoleEntry", "console/ledger/{pk}/{seq}", async ({ viewer, params, query, nowMs }) => {
  const read = await reading(`entry ${params["pk"]} ${params["seq"]} ${viewer.oid}`, nowMs, async () =>
    detailOf(await entryAt(params), viewer, nowMs),
  );
  const detail = offered(read.value, read.isStale);
  return {
    title: `${detail.row.target.name}, entry ${detail.row.seq}`,
    current: "ledger",
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: entryPage({ detail, stale: staleBanner(read, nowMs), done: query.get("done") === "undo", nowMs }),
  };
});

page("consoleVerify", "console/ledger/verify", async ({ viewer, nowMs }) => ({
  title: "Verify the ledger",
  current: "ledger",
  waiting: await badgeOf(viewer, nowMs),
  readAt: null,
  main: ledgerVerifyPage({ target: null, found: await verify(null, nowMs), readMax: VERIFIED_MAX, nowMs }),
}));

page("consoleVerifyChain", "console/ledger/{pk}/verify", async ({ viewer, params, nowMs }) => {
  const pk = parse(pkSchema, params["pk"], "chain");
  const first = await entryOf(pk, 1);
  if (first === undefined) throw new Declined("notFound", `there is no chain ${pk}`);
  const { name } = targetName(first.key, undefined);
  return {
    title: `Verify the chain of ${name}`,
    current: "ledger",
    waiting: await badgeOf(viewer, nowMs),
    readAt: null,
    main: ledgerVerifyPage({ target: { name, pk }, found: await verify(pk, nowMs), readMax: VERIFIED_MAX, nowMs }),
  };
});
