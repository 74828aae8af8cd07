/** Whom a sight names, as far as the directory knows them. */
import { isUnread, type Principal, type Sight } from "../estate/sight.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import type { JsonObject } from "./policy/values.ts";

/** Undefined when nobody is named or nobody was asked; null when the directory knows none of that name. */
export function lookup({ principals }: Sight, name: Json | undefined): Principal | null | undefined {
  if (principals === undefined || isUnread(principals) || typeof name !== "string") return undefined;
  const key = name.trim().toLowerCase();
  return Object.hasOwn(principals, key) ? principals[key] : undefined;
}

/** As rules see them. */
export function shown({ oid, kind, enabled }: Principal): JsonObject {
  return { oid: oid.toLowerCase(), kind, enabled };
}
