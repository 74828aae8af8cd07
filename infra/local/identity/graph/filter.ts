/**
 * The `$filter` that the local Graph understands: `property in ('a','b')` and `property eq 'a'`, joined by `or`. A quote
 * within a value is doubled. Anything else is refused with what was found.
 */
import { badRequest, unsupportedQuery } from "./refusal.ts";

/** Values that a filter compares with, in all: the limit where the advanced query parameters are not given. */
const VALUES_MAX = 15;

/** Holds when the property equals one of the values. */
export interface Clause<P extends string> {
  readonly property: P;
  readonly values: readonly string[];
}

const value = "'(?:[^']|'')*'";
const clause = new RegExp(`^\\s*(\\w+)\\s+(?:eq\\s+(${value})|in\\s*\\(\\s*(${value}(?:\\s*,\\s*${value})*)\\s*\\))`);

/** @param resource how Graph names the kind of object in its refusals: `User` */
export function parseFilter<P extends string>(text: string, properties: readonly P[], resource: string): Clause<P>[] {
  const clauses: Clause<P>[] = [];
  let rest = text;
  for (let first = true; first || rest.trim() !== ""; first = false) {
    const or = first ? ["", ""] : /^\s+or\b/.exec(rest);
    const found = or === null ? null : clause.exec(rest.slice(or[0]?.length));
    if (or === null || found === null)
      throw badRequest(
        `Invalid filter clause: found "${rest.slice(0, 40)}"; the local Graph takes in and eq, joined by or`,
      );
    const [whole, name, one, several] = found;
    const property = properties.find((known) => known === name);
    if (property === undefined)
      throw unsupportedQuery(
        `Unsupported or invalid query filter clause specified for property '${name}' of resource '${resource}'.`,
      );
    clauses.push({ property, values: valuesOf(one ?? several ?? "") });
    rest = rest.slice((or[0]?.length ?? 0) + whole.length);
  }
  const count = clauses.reduce((sum, { values }) => sum + values.length, 0);
  if (count > VALUES_MAX)
    throw unsupportedQuery(
      `Too many child clauses specified in search filter expression containing 'OR' operators: ${count}. Max allowed: ${VALUES_MAX}.`,
    );
  return clauses;
}

function valuesOf(list: string): string[] {
  return [...list.matchAll(new RegExp(value, "g"))].map(([quoted]) => quoted.slice(1, -1).replaceAll("''", "'"));
}
