/** Reads what a look decides on: the account, what belongs to it, and whom its tags name. */
import { fromIso, minuteMs } from "../kernel/clock.ts";
import { memberKindOf } from "../estate/member.ts";
import { modelsNamed } from "../estate/model.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import {
  isArmKind,
  isUnread,
  listOf,
  memberKinds,
  type ArmKind,
  type MemberKind,
  type Principal,
  type Resource,
  type Sight,
  type Source,
  type Unread,
} from "../estate/sight.ts";
import { valueAt } from "../desired/compare.ts";
import type { StateDocument } from "../desired/documents.ts";
import type { ArmError, ArmReader, MembersResult } from "../ports/arm.ts";
import { REFERENCES_MAX, type Directory, type PrincipalsResult } from "../ports/directory.ts";

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

/** What it takes: nothing that writes. */
export interface SightContext {
  readonly arm: Pick<ArmReader, "readAccount" | "listMembers" | "readResource">;
  readonly directory: Directory;
}

/** Wait before a list that did not answer is read again. */
const READ_RETRY_MS = 5_000;

/**
 * Whom one look asks the directory for, {@link REFERENCES_MAX} at a time: an account has some dozens of role assignments of
 * its own. Of whom was not asked nothing is known.
 */
const PRINCIPALS_MAX = 10 * REFERENCES_MAX;

/** What documents name, and whether we wrote it so lately that a list may still show it as it was. */
export type SpokenOf = ReadonlyMap<ResourceId, boolean>;

/** So long after a write a list may show what was there before. */
const LISTS_LAG_MS = minuteMs;

export function spokenOf(documents: readonly StateDocument[], nowMs: number): SpokenOf {
  const targets = new Map(documents.map(({ target }) => [target, false]));
  for (const document of documents) {
    const written = document.kind === "guard" ? document.repairs.at(-1)?.at : undefined;
    if (written !== undefined && fromIso(written) + LISTS_LAG_MS > nowMs) targets.set(document.target, true);
  }
  return targets;
}

/** `spoken`: what no list alone says of how it is, or that it is gone. */
export async function readSight(
  context: SightContext,
  address: AccountAddress,
  sources: ReadonlySet<Source>,
  spoken: SpokenOf,
): Promise<SightResult> {
  const read = await context.arm.readAccount(address);
  if (read.kind !== "found") return read;
  const kinds = memberKinds.filter((kind) => isArmKind(kind)).filter((kind) => sources.has(kind));
  const results = await Promise.all(kinds.map((kind) => wholeList(context, address, kind, spoken)));
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
  const { deployments, models } = members;
  // Without the deployments it is not known which of the catalogue they run.
  if (models !== undefined && deployments !== undefined && !isUnread(models) && !isUnread(deployments))
    members.models = modelsNamed(deployments, models);
  const sight: Sight = { account: read.account, members };
  if (!sources.has("principals")) return { kind: "found", sight, retryMs };
  return { kind: "found", sight: { ...sight, principals: await principalsOf(context, sight) }, retryMs };
}

/** A list that did not answer is asked once more at once: most of what goes wrong goes wrong once. */
async function listOnce({ arm }: Pick<SightContext, "arm">, address: AccountAddress, kind: ArmKind) {
  const first = await arm.listMembers(address, kind);
  if (first.kind === "listed" || first.error.class !== "retry" || first.error.status === 429) return first;
  return arm.listMembers(address, kind);
}

/** A list, and what it does not tell of what is spoken of; each once, in one order whatever Azure's is. */
async function wholeList(
  context: Pick<SightContext, "arm">,
  address: AccountAddress,
  kind: ArmKind,
  spoken: SpokenOf,
): Promise<MembersResult> {
  const list = await listOnce(context, address, kind);
  if (list.kind === "failed") return list;
  const known = new Map(list.resources.map((resource) => [resource.id, resource]));
  for (const [target, isWritten] of spoken) {
    if ((known.has(target) && !isWritten) || memberKindOf(address.id, target) !== kind) continue;
    const read = await context.arm.readResource(address, target);
    if (read.kind === "failed") return read;
    if (read.kind === "found") known.set(target, read.resource);
    else known.delete(target);
  }
  return { kind: "listed", resources: [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function principalsOf(
  { directory }: Pick<SightContext, "directory">,
  sight: Sight,
): Promise<NonNullable<Sight["principals"]>> {
  const references = [...new Set(named(sight))].slice(0, PRINCIPALS_MAX);
  const principals: Record<string, Principal | null> = {};
  for (let at = 0; at < references.length; at += REFERENCES_MAX) {
    const told = await askOnce(directory, references.slice(at, at + REFERENCES_MAX));
    if (told.kind === "failed") return { unread: told.error.code };
    Object.assign(principals, told.principals);
  }
  return principals;
}

/** As {@link listOnce}. A directory that stays away has no account looked at again: it would be all of them. */
async function askOnce(directory: Directory, references: readonly string[]): Promise<PrincipalsResult> {
  const first = await directory.principals(references);
  if (first.kind === "told" || first.error.retryAfterMs === undefined) return first;
  return directory.principals(references);
}

/** Whom the tags `owner` of the account and its resource group name, who created it, and who has a role there. */
function named(sight: Sight): string[] {
  const { account } = sight;
  const group = listOf(sight, "resourceGroup")?.[0];
  const owners = [account.body, group?.body].map((body) =>
    body === undefined ? undefined : valueAt(body, "tags.owner"),
  );
  const holders = (listOf(sight, "roleAssignments") ?? []).map(({ body }) => valueAt(body, "properties.principalId"));
  return [...owners, account.createdBy, ...holders]
    .filter((name) => typeof name === "string")
    .map((name) => name.trim().toLowerCase());
}
