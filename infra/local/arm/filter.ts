/** `$filter` as the authorization operations know it: terms joined by `and`; anything else is refused by name. */
import { queryOf } from "./call.ts";
import { ArmRefusal } from "./errors.ts";

/** `atScope()`, `assignedTo('x')`, or `property eq 'x'` by the property's name. */
export type Filter = ReadonlyMap<string, string>;

/**
 * Reads `$filter`; `known` are the functions (`atScope()`) and properties (`principalId`) that the operation takes.
 * @throws ArmRefusal 400 UnsupportedQuery.
 */
export function filterOf(url: URL, known: readonly string[]): Filter {
  const filter = new Map<string, string>();
  const text = queryOf(url, "$filter");
  if (text === undefined || text.trim() === "") return filter;
  for (const term of text.split(/\s+and\s+/i)) {
    const match = /^\s*(?:(\w+)\s*\(\s*(?:'([^']*)')?\s*\)|(\w+)\s+eq\s+'?([^']*?)'?)\s*$/i.exec(term);
    const name = match?.[1] === undefined ? match?.[3] : `${match[1]}()`;
    const proper = known.find((one) => one.toLowerCase() === name?.toLowerCase());
    if (match === null || proper === undefined) {
      throw new ArmRefusal(
        400,
        "UnsupportedQuery",
        `The filter '${term.trim()}' is not supported. Supported are ${known.join(", ")}, joined by 'and'.`,
      );
    }
    filter.set(proper, match[2] ?? match[4] ?? "");
  }
  return filter;
}
