/** The entries of the ledger as a file: JSON Lines, newest first, as they stand in the store. */
import { app } from "@azure/functions";
import { parse } from "../../../shared/kernel/parse.ts";
import { ledgerFilterSchema } from "../../../shared/view/ledgerFilter.ts";
import { notices } from "../../../shared/view/states.ts";
import { edge } from "../../edgeContext.ts";
import { environments, findEntries } from "./ledgerReadings.ts";
import { isStoreAway } from "./away.ts";
import { notice } from "./page.ts";
import { sessionOf } from "./session.ts";

/** Entries of one file; the API (GET /api/ledger) has all of them, a thousand at a time. */
const EXPORTED_MAX = 5_000;
const SCANNED_MAX = 20_000;

app.http("consoleLedgerExport", {
  methods: ["GET"],
  route: "console/ledger/export",
  authLevel: "anonymous",
  handler: async (request) => {
    const session = await sessionOf(request);
    if (session.kind === "unavailable") return notice(503, notices.keysAway());
    if (session.kind === "none") return notice(401, notices.sessionOver());
    const { viewer } = session;
    if (![...viewer.roles].some((role) => role.startsWith("Steelyard."))) {
      return notice(403, notices.noRole(viewer.oid), viewer);
    }
    try {
      const filter = parse(ledgerFilterSchema, Object.fromEntries(request.query), "query");
      const nowMs = edge.clock.now();
      const places = filter.environment === "" ? undefined : await environments(nowMs);
      const environmentOf = (pk: string): string | undefined => places?.get(pk);
      const { entries, next } = await findEntries(filter, null, nowMs, environmentOf, EXPORTED_MAX, SCANNED_MAX);
      const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
      return {
        status: 200,
        headers: {
          "Content-Type": "application/x-ndjson; charset=utf-8",
          "Content-Disposition": `attachment; filename="steelyard-ledger.jsonl"`,
          "Cache-Control": "no-store",
          "X-Content-Type-Options": "nosniff",
          // Where a later file would go on; what is older than this is not in it.
          ...(next === null ? {} : { "X-Steelyard-Older-Than": next }),
        },
        body: lines,
      };
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return notice(503, notices.storeAway(String(error)), viewer);
    }
  },
});
