/**
 * The inventory's query to Azure Resource Graph and its answer. Raw, because the one query needs no client of its own:
 * POST /providers/Microsoft.ResourceGraph/resources.
 */
import { z } from "zod";
import { accountOf, toResourceId, type AccountAddress } from "../estate/resourceId.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { PageResult } from "../ports/arm.ts";
import type { Body } from "../desired/compare.ts";
import { graphWaitMs } from "./armBudget.ts";

export const GRAPH_API_VERSION = "2024-04-01";

/** The largest page. */
const ROWS_MAX = 1_000;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * `id` must be among the columns, else there is no `$skipToken`; without an order pages may overlap and leave gaps. The
 * subscriptions are named in the query and not as its scope: a scope that the identity sees nothing of is refused whole,
 * and that would look like trouble with the service.
 * @throws SteelyardError `Corrupt` for an ID that is no GUID: it would become part of the query
 */
export function inventoryRequest(subscriptionIds: readonly string[], continuation: string | undefined): Body {
  for (const id of subscriptionIds) {
    if (!guid.test(id)) throw new SteelyardError("Corrupt", `"${id}" is no subscription ID`);
  }
  const query = [
    "resources",
    "where type =~ 'microsoft.cognitiveservices/accounts'",
    `where subscriptionId in~ (${subscriptionIds.map((id) => `'${id}'`).join(", ")})`,
    "project id, subscriptionId, type",
    "order by id asc",
  ].join(" | ");
  const paging = continuation === undefined ? {} : { $skipToken: continuation };
  return { query, options: { $top: ROWS_MAX, resultFormat: "objectArray", ...paging } };
}

const answerSchema = z.object({
  data: z.array(z.object({ id: z.string() })),
  resultTruncated: z.string().optional(),
  $skipToken: z.string().min(1).nullish(),
});

export function inventoryPage(
  bodyText: string | null | undefined,
  headers: { get(name: string): string | undefined },
): PageResult {
  const answer = answerSchema.safeParse(JSON.parse(bodyText ?? "null"));
  if (!answer.success) return unreadable("found another shape than rows with an id");
  const { data, resultTruncated, $skipToken } = answer.data;
  const continuation = $skipToken ?? undefined;
  if (continuation === undefined && resultTruncated === "true")
    return unreadable("found a part without a way to the rest");
  const accounts = data.flatMap(({ id }) => addressesOf(id));
  return { kind: "page", page: { accounts, continuation, waitMs: graphWaitMs(headers) } };
}

function unreadable(found: string): PageResult {
  const message = `Resource Graph: ${found}`;
  const error = { class: "giveUp" as const, code: "UnreadableAnswer", message, status: 200, retryAfterMs: undefined };
  return { kind: "failed", error };
}

/** The account that an ID names; none for what is no account. */
export function addressesOf(id: string | undefined): AccountAddress[] {
  const resourceId = id === undefined ? undefined : toResourceId(id);
  const address = resourceId === undefined ? undefined : accountOf(resourceId);
  return address === undefined ? [] : [address];
}
