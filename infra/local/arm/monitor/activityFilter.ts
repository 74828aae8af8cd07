/**
 * `$filter` and `$select` of the activity log. The service takes a few fixed forms and nothing else (REST reference,
 * "Activity Logs - List"): a time from which on, a time until which, at most one of resource group, resource, provider and
 * correlation ID; `eventChannels` and `resourceType` beside them, as recorded.
 */
import { BareRefusal } from "./bare.ts";

export interface ActivityFilter {
  /** Milliseconds, included. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly equal: ReadonlyMap<Field, string>;
}

const exclusive = ["resourceGroupName", "resourceUri", "resourceProvider", "correlationId"] as const;
const fields = [...exclusive, "resourceType", "eventChannels"] as const;
type Field = (typeof fields)[number];

/** How long events are kept. */
export const ACTIVITY_RETENTION_MS = 90 * 86_400_000;

/** @throws BareRefusal 400 that names the term. */
export function activityFilter(text: string | undefined, nowMs: number): ActivityFilter {
  if (text === undefined || text.trim() === "") throw badRequest("The $filter query parameter is required.");
  let fromMs: number | undefined;
  let toMs = nowMs;
  const equal = new Map<Field, string>();
  for (const term of text.split(/\s+and\s+/i)) {
    const match = /^\s*(\w+)\s+(ge|le|eq)\s+'([^']*)'\s*$/i.exec(term);
    const name = match?.[1]?.toLowerCase() ?? "";
    const operator = match?.[2]?.toLowerCase();
    const value = match?.[3] ?? "";
    const field = fields.find((one) => one.toLowerCase() === name);
    if (name === "eventtimestamp" && operator === "ge") fromMs = time(value);
    else if (name === "eventtimestamp" && operator === "le") toMs = time(value);
    else if (field !== undefined && operator === "eq" && !equal.has(field)) equal.set(field, value);
    else throw badRequest(`The filter term '${term.trim()}' is not supported.`);
  }
  if (fromMs === undefined) throw badRequest("The filter must hold \"eventTimestamp ge 'TIME'\".");
  if (fromMs < nowMs - ACTIVITY_RETENTION_MS) throw badRequest("The start time can't be more than 90 days ago.");
  if (toMs < fromMs) throw badRequest("The end time is before the start time.");
  if (exclusive.filter((field) => equal.has(field)).length > 1) {
    throw badRequest(`The filter takes one of ${exclusive.join(", ")}.`);
  }
  const channels = (equal.get("eventChannels") ?? "").split(",").map((one) => one.trim().toLowerCase());
  const unknown = channels.find((one) => one !== "" && one !== "admin" && one !== "operation");
  if (unknown !== undefined) throw badRequest(`The event channel '${unknown}' is not one of Admin, Operation.`);
  return { fromMs, toMs, equal };
}

/** With a zone or without (then it is UTC); a blank may stand for the T, as recorded. */
function time(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}:\d{2})?$/i.exec(text);
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? "00:00"}${match[3] ?? "Z"}`);
  if (Number.isFinite(ms)) return ms;
  throw badRequest(`'${text}' is no ISO 8601 time.`);
}

/** The members that `$select` names; undefined: all. */
export function selected(text: string | undefined, known: readonly string[]): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return text.split(",").map((word) => {
    const name = known.find((one) => one.toLowerCase() === word.trim().toLowerCase());
    if (name !== undefined) return name;
    throw badRequest(`'${word.trim()}' of $select is not one of ${known.join(", ")}.`);
  });
}

function badRequest(message: string): BareRefusal {
  return new BareRefusal(400, "BadRequest", message);
}
