import { z } from "zod";
import type { Json } from "../kernel/canonicalJson.ts";
import { fromIso, toIso } from "../kernel/clock.ts";
import { parse } from "../kernel/parse.ts";
import { accountOf, toResourceId, type AccountAddress } from "./resourceId.ts";
import { SteelyardError } from "../kernel/errors.ts";

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const bodySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  kind: z.string().optional(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
  etag: z.string().optional(),
  identity: z.record(z.string(), z.json()).nullish(),
  systemData: z
    .looseObject({
      lastModifiedBy: z.string().optional(),
      lastModifiedAt: z.string().optional(),
      createdAt: z.string().optional(),
      createdBy: z.string().optional(),
    })
    .optional(),
  properties: z.looseObject({ provisioningState: z.string().optional() }).default({}),
});

/** A Cognitive Services account as ARM answered it, whole, with what we decide on lifted out. */
export interface Account {
  readonly address: AccountAddress;
  /** `Succeeded`, `Failed`, `Canceled` are terminal; anything else is under way. */
  readonly provisioningState: string;
  /** Object ID of who wrote last. ARM shows a user principal name for people: personal data, so only IDs are kept. */
  readonly lastModifiedBy: string | undefined;
  /** When, ISO 8601 with milliseconds in UTC, so that its text order is time's; undefined when ARM does not say. */
  readonly lastModifiedAt: string | undefined;
  /** Object ID of who created it. */
  readonly createdBy: string | undefined;
  /** When it was created, in the same form; undefined when ARM does not say. */
  readonly createdAt: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /**
   * The body as it came, with identity `None` where ARM shows none: the value that takes an identity away. Rules read it;
   * nothing of it is written back but a field as it was before.
   */
  readonly body: { readonly [key: string]: Json };
}

/** @throws SteelyardError `BadInput` when the body is not that of an account. */
export function parseAccount(input: unknown): Account {
  const body = parse(bodySchema, input, "ARM account");
  const id = toResourceId(body.id);
  const address = id === undefined ? undefined : accountOf(id);
  if (address === undefined || address.id !== id) {
    throw new SteelyardError("BadInput", `ARM account at id: found "${body.id}"; expected the ID of an account`);
  }
  return {
    address,
    provisioningState: body.properties.provisioningState ?? "Succeeded",
    lastModifiedBy: objectId(body.systemData?.lastModifiedBy),
    lastModifiedAt: instant(body.systemData?.lastModifiedAt),
    createdBy: objectId(body.systemData?.createdBy),
    createdAt: instant(body.systemData?.createdAt),
    tags: body.tags ?? {},
    body: { ...(input as { [key: string]: Json }), identity: body.identity ?? { type: "None" } },
  };
}

/**
 * Whether the identity wrote last; undefined when ARM does not say. People are shown by name instead of by object ID,
 * and a name is never ours.
 */
export function isLastWriter(body: Account["body"], oid: string): boolean | undefined {
  const { systemData } = body as { systemData?: { lastModifiedBy?: string } };
  return systemData?.lastModifiedBy === undefined ? undefined : systemData.lastModifiedBy.toLowerCase() === oid;
}

/** Names and addresses of people are none. */
export function objectId(text: string | undefined): string | undefined {
  return text !== undefined && guid.test(text) ? text.toLowerCase() : undefined;
}

export function instant(text: string | undefined): string | undefined {
  const ms = fromIso(text ?? "");
  return Number.isNaN(ms) ? undefined : toIso(ms);
}

/** Members of systemData that hold names and addresses of people where ARM shows a user, not an application. */
const namedMembers = ["createdBy", "lastModifiedBy"];

/** Addresses and user principal names; a run of characters without `@` is looked through once. */
const addresses = /[^\s@"'<>(),;:]{1,64}@[^\s@"'<>(),;:]{1,255}/g;

/** What stands in a stored text for an address that was there. */
export const HIDDEN_ADDRESS = "(address)";

/**
 * The body as it may be stored: whoever systemData names by anything but an object ID is left out, and addresses, which
 * people write into tags (`owner`) and Azure into descriptions of connections, are taken out of every text. A tag that is
 * nothing but an address of somebody in `oids` (by address in lower case) becomes the object ID, so that it still says who.
 */
export function withoutNames(body: Account["body"], oids: Readonly<Record<string, string>> = {}): Account["body"] {
  const { systemData, ...rest } = withoutAddresses(withIds(body, oids)) as Account["body"];
  if (typeof systemData !== "object" || systemData === null || Array.isArray(systemData)) return rest;
  const kept = Object.entries(systemData).filter(
    ([name, value]) => !namedMembers.includes(name) || (typeof value === "string" && guid.test(value)),
  );
  return { ...rest, systemData: Object.fromEntries(kept) };
}

function withIds(body: Account["body"], oids: Readonly<Record<string, string>>): Account["body"] {
  const { tags } = body;
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return body;
  const named = Object.entries(tags).map(([name, value]) => {
    const reference = typeof value === "string" ? value.trim().toLowerCase() : "";
    return [name, Object.hasOwn(oids, reference) ? (oids[reference] ?? value) : value] as const;
  });
  return { ...body, tags: Object.fromEntries(named) };
}

/** The value with mail addresses and user principal names taken out of every text, names of tags among them. */
export function withoutAddresses(value: string): string;
export function withoutAddresses(value: Json): Json;
export function withoutAddresses(value: Json): Json {
  if (typeof value === "string") return value.includes("@") ? value.replaceAll(addresses, HIDDEN_ADDRESS) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((member) => withoutAddresses(member));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [withoutAddresses(name), withoutAddresses(member)]),
  );
}

/** Whether there is an address in it, or was: what must not be stored cannot be put back. */
export function holdsAddress(value: Json): boolean {
  return JSON.stringify(withoutAddresses(value)).includes(HIDDEN_ADDRESS);
}

/** Whether ARM will not change the resource any more by itself. Of a deployment `Disabled` is an end, too. */
export function isTerminal({ provisioningState }: Pick<Account, "provisioningState">): boolean {
  return ["succeeded", "failed", "canceled", "disabled"].includes(provisioningState.toLowerCase());
}
