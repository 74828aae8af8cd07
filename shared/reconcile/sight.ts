/** Reads what a look decides on: the account, what belongs to it, and whom its tags name. */
import { memberKindOf } from "../estate/member.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import {
  isUnread,
  memberKinds,
  type MemberKind,
  type Resource,
  type Sight,
  type Source,
  type Unread,
} from "../estate/sight.ts";
import { valueAt } from "../desired/compare.ts";
import type { ArmError, MembersResult } from "../ports/arm.ts";
import type { PrincipalsResult } from "../ports/directory.ts";
import type { PassContext } from "./context.ts";

export type SightResult =
  | {
      readonly kind: "found";
      readonly sight: Sight;
      /** Something did not answer that will: look again after it. */
      readonly retryMs: number | undefined;
    }
  | { readonly kind: "absent" }
  /** The account itself was not shown. */
  | { readonly kind: "failed"; readonly error: ArmError }
  /** Azure wants fewer requests: nothing is decided now. */
  | { readonly kind: "throttled"; readonly retryMs: number };

/** Wait before a list that did not answer is read again. */
const READ_RETRY_MS = 5_000;

/** `spokenOf`: what documents name; it is not taken for gone by a list alone, because lists lag behind. */
export async function readSight(
  context: Pick<PassContext, "arm" | "directory">,
  address: AccountAddress,
  sources: ReadonlySet<Source>,
  spokenOf: readonly ResourceId[],
): Promise<SightResult> {
  const read = await context.arm.readAccount(address);
  if (read.kind !== "found") return read;
  const kinds = memberKinds.filter((kind) => sources.has(kind));
  const results = await Promise.all(kinds.map((kind) => wholeList(context, address, kind, spokenOf)));
  if (results.some((result) => result.kind === "failed" && result.error.status === 404)) {
    // An account that went away meanwhile has no lists.
    const again = await context.arm.readAccount(address);
    if (again.kind !== "found") return again;
  }
  const throttled = results.find((result) => result.kind === "failed" && result.error.status === 429);
  if (throttled?.kind === "failed")
    return { kind: "throttled", retryMs: throttled.error.retryAfterMs ?? READ_RETRY_MS };
  const members: Partial<Record<MemberKind, readonly Resource[] | Unread>> = {};
  let retryMs: number | undefined;
  for (const [index, result] of results.entries()) {
    const kind = kinds[index];
    if (kind === undefined) continue;
    members[kind] = result.kind === "listed" ? result.resources : { unread: result.error.code };
    if (result.kind === "failed" && result.error.class === "retry")
      retryMs = Math.max(retryMs ?? 0, result.error.retryAfterMs ?? READ_RETRY_MS);
  }
  const sight: Sight = { account: read.account, members };
  if (!sources.has("principals")) return { kind: "found", sight, retryMs };
  return { kind: "found", sight: { ...sight, principals: await principalsOf(context, sight) }, retryMs };
}

/** A list that did not answer is asked once more at once: most of what goes wrong goes wrong once. */
async function listOnce({ arm }: Pick<PassContext, "arm">, address: AccountAddress, kind: MemberKind) {
  const first = await arm.listMembers(address, kind);
  if (first.kind === "listed" || first.error.class !== "retry" || first.error.status === 429) return first;
  return arm.listMembers(address, kind);
}

/** A list with what is spoken of and was not in it but is there; each once, in one order whatever Azure's is. */
async function wholeList(
  context: Pick<PassContext, "arm">,
  address: AccountAddress,
  kind: MemberKind,
  spokenOf: readonly ResourceId[],
): Promise<MembersResult> {
  const list = await listOnce(context, address, kind);
  if (list.kind === "failed") return list;
  const known = new Map(list.resources.map((resource) => [resource.id, resource]));
  for (const target of new Set(spokenOf)) {
    if (known.has(target) || memberKindOf(address.id, target) !== kind) continue;
    const read = await context.arm.readResource(address, target);
    if (read.kind === "failed") return read;
    if (read.kind === "found") known.set(target, read.resource);
  }
  return { kind: "listed", resources: [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function principalsOf(
  { directory }: Pick<PassContext, "directory">,
  sight: Sight,
): Promise<NonNullable<Sight["principals"]>> {
  const references = [...new Set(named(sight))];
  if (references.length === 0) return {};
  const told = await askOnce(directory, references);
  return told.kind === "told" ? told.principals : { unread: told.error.code };
}

/** As {@link listOnce}. A directory that stays away has no account looked at again: it would be all of them. */
async function askOnce(directory: PassContext["directory"], references: readonly string[]): Promise<PrincipalsResult> {
  const first = await directory.principals(references);
  if (first.kind === "told" || first.error.retryAfterMs === undefined) return first;
  return directory.principals(references);
}

/** Whom the tags `owner` of the account and its resource group name, and who created it. */
function named({ account, members }: Sight): string[] {
  const { resourceGroup } = members;
  const group = resourceGroup === undefined || isUnread(resourceGroup) ? undefined : resourceGroup[0];
  const owners = [account.body, group?.body].map((body) =>
    body === undefined ? undefined : valueAt(body, "tags.owner"),
  );
  return [...owners, account.createdBy]
    .filter((name) => typeof name === "string")
    .map((name) => name.trim().toLowerCase());
}
