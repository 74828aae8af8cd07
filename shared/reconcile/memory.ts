/** What a look saw, as it is kept: without names of people; and a look at what was kept, for plans and pages. */
import { HIDDEN_ADDRESS, parseAccount, withoutNames } from "../estate/account.ts";
import { parseResource } from "../estate/resource.ts";
import {
  isUnread,
  memberKinds,
  type MemberKind,
  type Principal,
  type Resource,
  type Sight,
  type Unread,
} from "../estate/sight.ts";
import type { Body } from "../desired/compare.ts";
import type { Observation } from "../desired/documents.ts";

/**
 * UTF-8 length of the lists that are kept. A document may have 2 MB, and so may the transaction that it shares with what
 * was found and asked; an account with a hundred deployments and fifty policies comes to some 300 KB.
 */
const KEPT_BYTES_MAX = 1_000_000;

type Kept = Pick<Observation, "body" | "members" | "unread" | "principals">;

export function remembered(sight: Sight | undefined): Kept {
  if (sight === undefined) return { body: null, members: {}, unread: {}, principals: {} };
  const { account, members, principals } = sight;
  const isTold = principals !== undefined && !isUnread(principals);
  const known = (isTold ? Object.entries(principals) : []).map(([name, principal]) => keptAs(name, principal));
  const oids = Object.fromEntries(known.flatMap(({ name, oid }) => (oid === undefined ? [] : [[name, oid]])));
  const kept: Record<string, readonly Body[]> = {};
  const unread: Record<string, string> = {};
  let bytes = 0;
  for (const [kind, list] of Object.entries(members)) {
    const bodies = isUnread(list) ? [] : list.map(({ body }) => withoutNames(body, oids));
    bytes += Buffer.byteLength(JSON.stringify(bodies));
    if (isUnread(list)) unread[kind] = list.unread;
    else if (bytes > KEPT_BYTES_MAX) unread[kind] = "TooLarge";
    else kept[kind] = bodies;
  }
  if (principals !== undefined && !isTold) unread["principals"] = principals.unread;
  return {
    body: withoutNames(account.body, oids),
    members: kept,
    unread,
    principals: Object.fromEntries(known.map(({ text, principal }) => [text, principal])),
  };
}

/**
 * What stands in the stored texts for a name, and whom it names there: the object ID of who was found, one word for all who
 * were not. Whoever is disabled owns nothing, and the address that says so must not look like an object ID to a plan: a pass
 * writes over the one and not over the other.
 */
function keptAs(name: string, principal: Principal | null): KeptName {
  const isFound = principal !== null && (principal.enabled || !name.includes("@"));
  if (isFound) return { name, text: principal.oid, oid: principal.oid, principal };
  return { name, text: name.includes("@") ? HIDDEN_ADDRESS : name, oid: undefined, principal: null };
}

interface KeptName {
  readonly name: string;
  readonly text: string;
  readonly oid: string | undefined;
  readonly principal: Principal | null;
}

/** @throws SteelyardError `BadInput` when what was kept cannot be read; undefined for an account that was gone. */
export function recalled({ body, members, unread, principals }: Kept): Sight | undefined {
  if (body === null) return undefined;
  const lists: Partial<Record<MemberKind, readonly Resource[] | Unread>> = {};
  for (const kind of memberKinds) {
    const [list, code] = [members[kind], unread[kind]];
    if (list !== undefined) lists[kind] = list.map((item) => parseResource(kind, item));
    else if (code !== undefined) lists[kind] = { unread: code };
  }
  const code = unread["principals"];
  const known = principals as Readonly<Record<string, Principal | null>>;
  return { account: parseAccount(body), members: lists, principals: code === undefined ? known : { unread: code } };
}
