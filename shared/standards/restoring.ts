/** What an undo puts back, for the pass that does it and the page that offers it. */
import type { Field } from "../desired/change.ts";
import type { Proposal } from "../desired/documents.ts";
import { canBeAbsent } from "../desired/request.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "./catalogue.ts";
import { standardSchema } from "./schema.ts";

/**
 * The fields of a change with what is to be there again. Where nothing was, and Azure cannot be asked to take a value away,
 * that is what Azure takes an absent one for, as the standard says; the path of the first field of which it does not.
 */
export function restored(
  change: Pick<Proposal, "key" | "target" | "fields" | "authority">,
): { readonly fields: readonly Field[] } | { readonly absent: string } {
  const { key, target, authority } = change;
  const fields: Field[] = [];
  for (const field of change.fields) {
    const { path, before, after } = field;
    const value = before === null && !canBeAbsent(key, target, path) ? absentValue(authority, path) : before;
    if (value === undefined) return { absent: path };
    fields.push({ path, before: value, after });
  }
  return { fields };
}

function absentValue({ id, version }: Proposal["authority"], path: string): Json | undefined {
  const input = definitions.find((item) => item.id === id);
  if (input === undefined) return undefined;
  const definition = parse(standardSchema, input, `standard ${id}`);
  if (definition.version !== version) return undefined;
  return definition.remedy?.assertions.find((one) => one.path === path && one.absent !== undefined)?.absent;
}
