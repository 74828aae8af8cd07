/**
 * POST /providers/Microsoft.ResourceGraph/resources: queries over the tables of tables.ts in the language of query.ts, on
 * a copy of the estate that lags behind (graphIndex.ts), for the rows that the caller's role assignments let it read.
 *
 * A page has up to 1,000 rows. More follow by `$skipToken` if the rows carry the column `id`; without it nothing can be
 * paged and `resultTruncated` is "true". Without `order by` the order is arbitrary, so pages may repeat and miss rows when
 * the estate changes between them. Not served: facets, management groups, joins, partial scopes.
 */
import { type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import type { Json } from "../json.ts";
import { boolean, list, object, oneOf, read, text } from "../schema.ts";
import { hash } from "./graphIndex.ts";
import { parseQuery } from "./query.ts";
import { GraphRefusal, type GraphDetail } from "./refusal.ts";
import { rowsOf, tables } from "./tables.ts";
import type { Column, ColumnType, Row } from "./values.ts";

/** Rows of one page, and without `$top`. */
export const GRAPH_PAGE_MAX = 1000;

/** Subscriptions that a query can name. */
const SUBSCRIPTIONS_MAX = 10_000;

export const graphResources: ResourceType = {
  name: "Microsoft.ResourceGraph/resources",
  apiVersions: ["2021-03-01", "2022-10-01", "2024-04-01"],
  collection: { POST: query },
  queries: true,
};

const request = object(
  "QueryRequest",
  {
    query: text,
    subscriptions: list(text),
    options: object("QueryRequestOptions", {
      $top: { kind: "number", integer: true, min: 1 },
      $skip: { kind: "number", integer: true, min: 0 },
      $skipToken: text,
      resultFormat: oneOf("objectArray", "table"),
      authorizationScopeFilter: oneOf("AtScopeAndBelow"),
      allowPartialScopes: boolean,
    }),
  },
  { required: ["query"] },
);

interface Asked {
  readonly query: string;
  readonly subscriptions?: readonly string[];
  readonly options?: {
    readonly $top?: number;
    readonly $skip?: number;
    readonly $skipToken?: string;
    readonly resultFormat?: "objectArray" | "table";
    readonly allowPartialScopes?: boolean;
  };
}

function query(core: Core, call: Call): Answer {
  const headers = core.graphQuota.take(call.caller.oid, call.nowMs);
  const asked = read(request, call.body, "POST") as unknown as Asked;
  const { options = {} } = asked;
  if (options.allowPartialScopes === true) throw badRequest("InvalidRequest", "allowPartialScopes is not supported.");
  const most = options.$top ?? GRAPH_PAGE_MAX;
  if (most > GRAPH_PAGE_MAX) {
    throw badRequest("InvalidRequest", `options.$top is ${most}; the largest page has ${GRAPH_PAGE_MAX} rows.`);
  }
  const parsed = parseQuery(asked.query, tables);
  const scopes = scopesOf(core, call, asked.subscriptions);
  const rows = parsed.run(rowsOf(core, parsed.table, call.caller.oid, scopes, call.nowMs));
  const from = startOf(asked);
  const shown = rows.slice(from, from + most);
  const more = from + shown.length < rows.length;
  const pageable = parsed.columns.some(({ name }) => name === "id");
  const body = {
    totalRecords: rows.length,
    count: shown.length,
    data: options.resultFormat === "table" ? table(parsed.columns, shown) : shown,
    facets: [],
    resultTruncated: more && !pageable ? "true" : "false",
    ...(more && pageable ? { $skipToken: tokenOf(asked.query, from + shown.length) } : {}),
  };
  return { status: 200, headers, body };
}

/** The subscriptions asked about that the caller sees; lower case. */
function scopesOf(core: Core, call: Call, asked: readonly string[] | undefined): Set<string> {
  if (asked !== undefined && asked.length > SUBSCRIPTIONS_MAX) {
    throw badRequest("InvalidRequest", `More than ${SUBSCRIPTIONS_MAX} subscriptions in one query.`);
  }
  const wanted = asked === undefined || asked.length === 0 ? undefined : new Set(asked.map((id) => id.toLowerCase()));
  const seen = [...core.state.values("subscription")]
    .map(({ subscriptionId }) => subscriptionId.toLowerCase())
    .filter((id) => wanted?.has(id) !== false && core.rbac.reaches(call.caller.oid, `/subscriptions/${id}`));
  if (wanted === undefined || seen.length > 0) return new Set(seen);
  // Subscriptions without access are left out as long as there is one with it (Microsoft Learn, "Overview").
  const message = "Access is denied to the requested resources. The user might not have enough permission.";
  throw new GraphRefusal(403, "AccessDenied", [{ code: "AccessDenied", message }]);
}

function startOf({ options = {}, query: asked }: Asked): number {
  if (options.$skipToken === undefined) return options.$skip ?? 0;
  const match = /^(\d+) (\d+)$/.exec(Buffer.from(options.$skipToken, "base64url").toString());
  if (match?.[1] === String(hash(asked))) return Number(match[2]);
  throw badRequest("InvalidSkipToken", "options.$skipToken isn't one that this service gave for this query.");
}

function tokenOf(asked: string, from: number): string {
  return Buffer.from(`${hash(asked)} ${from}`).toString("base64url");
}

const tableTypes: Readonly<Record<ColumnType, string>> = {
  string: "string",
  long: "integer",
  real: "number",
  bool: "boolean",
  dynamic: "object",
};

function table(columns: readonly Column[], rows: readonly Row[]): object {
  return {
    columns: columns.map(({ name, type }) => ({ name, type: tableTypes[type] })),
    rows: rows.map((row) => columns.map(({ name }): Json => row[name] ?? null)),
  };
}

function badRequest(code: string, message: string): GraphRefusal {
  const details: GraphDetail[] = [{ code, message }];
  return new GraphRefusal(400, "BadRequest", details);
}
