import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { readFilter } from "../../shared/view/estateFilter.ts";
import { estateList } from "../../shared/view/estateList.ts";
import { metOf, type EstateColumn, type EstateRow } from "../../shared/view/estateModel.ts";
import { estateStandard } from "../../shared/view/estateStandards.ts";
import { route } from "./api.ts";
import { estatePicture } from "./estatePicture.ts";
import { configOf } from "./pages/readings.ts";
import { edge } from "../edgeContext.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";

const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z
    .base64url()
    .max(8_192)
    .transform((text) => Buffer.from(text, "base64url").toString("utf8"))
    .optional(),
});

/** What there is, against what is held: what the page of the estate shows, row by row. */
route("estate", { method: "GET", route: "estate", roles: appRoles }, async ({ query }) => {
  const filter = readFilter(query, ["limit", "continuation"]);
  const { limit, continuation } = parse(pageSchema, Object.fromEntries(query), "query");
  const [picture, config] = await Promise.all([estatePicture(edge.clock.now()), configOf()]);
  // Whoever draws conclusions from an answer is told that there is none, where people are shown how old the picture is.
  if (picture.isStale) throw new SteelyardError("Unavailable", "the store cannot be read at this moment");
  const standards = (config?.standards ?? []).map(({ definition }) => estateStandard(definition));
  const list = estateList(picture.accounts, standards, filter, { after: continuation ?? null, limit });
  return {
    jsonBody: {
      value: list.rows.map((row) => rowView(row, list.columns)),
      continuation: list.next === null ? null : Buffer.from(list.next, "utf8").toString("base64url"),
      totals: list.totals,
      counts: list.counts,
      standards: list.columns.map(({ id, title, counts }) => ({ id, title, counts })),
      corrupt: picture.corrupt,
      readAt: picture.readAt,
    },
  };
});

function rowView(row: EstateRow, columns: readonly EstateColumn[]) {
  const { account, target, name, standing, deployment, deviations } = row;
  const { key, subscriptionId, resourceGroup, location, environment, archetype, businessUnit } = account;
  return {
    target,
    key,
    name,
    account: account.name,
    subscriptionId,
    resourceGroup,
    location,
    environment,
    archetype,
    businessUnit,
    ...(deployment === null ? {} : { deployment }),
    state: standing,
    ...metOf(row, columns),
    deviations: [...deviations.values()],
  };
}
