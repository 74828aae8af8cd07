import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { contentOf, digestPartition, readDigest, type DigestDocument } from "../../shared/reconcile/digest.ts";
import { digestText } from "../../shared/view/digestText.ts";
import { edge } from "../edgeContext.ts";
import { failure, route } from "./api.ts";
import { list } from "./lists.ts";

/** The daily digests in short, the newest first. */
route("digests", { method: "GET", route: "digests", roles: appRoles }, async ({ query }) => {
  const { value, continuation } = await list(query, {
    pk: digestPartition,
    kinds: ["digest"],
    orderBy: { path: "date", descending: true },
  });
  const digests = (value as readonly DigestDocument[]).map(contentOf);
  const short = digests.map(({ date, from, to, at, totals, problems, atLeast }) => ({
    date,
    from,
    to,
    at,
    totals,
    problems: problems.total,
    atLeast,
  }));
  return { jsonBody: { value: short, continuation } };
});

const dateSchema = z.iso.date({ error: "expected a day such as 2026-11-21" });

/** One digest, with the text that people read; that text alone for who accepts plain text and no JSON. */
route("digest", { method: "GET", route: "digests/{date}", roles: appRoles }, async ({ params, header }) => {
  const date = parse(dateSchema, params["date"], "date");
  const digest = await readDigest(edge.store, date);
  if (digest === undefined) return failure(404, "NotFound", `there is no digest of ${date}`);
  const text = digestText(digest);
  if (!wantsText(header("accept"))) return { jsonBody: { ...digest, text } };
  return { headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
});

function wantsText(accept: string | null): boolean {
  const types = (accept ?? "").split(",").map((type) => type.split(";")[0]?.trim().toLowerCase());
  return types.includes("text/plain") && !types.includes("application/json");
}
