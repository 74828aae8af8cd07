/**
 * Accounts and what belongs to them, out of the resources of files. A list is read only where it is in the file: the
 * deployments of an account of which no file holds any may be none or many, and what rests on them is unknown.
 */
import { parseAccount, type Account } from "../estate/account.ts";
import { memberKindOf } from "../estate/member.ts";
import { parseResource } from "../estate/resource.ts";
import { accountOf, toResourceId, type ResourceId } from "../estate/resourceId.ts";
import { memberKinds, type MemberKind, type Resource, type Sight, type Unread } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { JsonObject } from "../standards/policy/values.ts";
import { Around } from "./around.ts";
import type { Found, FoundList, FoundResource } from "./found.ts";

/** An account of the files, or one that they name without holding it. */
export interface SeenAccount {
  /** As the file has it. */
  readonly given: string;
  readonly subscriptionId: string | undefined;
  readonly account: Account;
  /** Undefined when the files hold only what belongs to it. */
  readonly found: FoundResource | undefined;
  /** Why its body cannot be read. */
  readonly fault: string | undefined;
  readonly members: Readonly<Record<MemberKind, SeenList>>;
  /** What the directory says of whom tags name; no file holds it. */
  readonly principals?: Sight["principals"];
  /** What the file calls a resource of the sight, and where it is in the file. */
  readonly sources: ReadonlyMap<ResourceId, FoundResource>;
}

export interface SeenList {
  readonly resources: readonly Resource[];
  /** Undefined when the list is whole. */
  readonly missing: string | undefined;
}

const accountType = "microsoft.cognitiveservices/accounts";
const accountIn = /^(.*\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+)(?:\/.*)?$/;

/** What children are of which the template makes up the name. */
const kindsOfTypes: Readonly<Record<string, string>> = {
  [`${accountType}/deployments`]: "/deployments/",
  [`${accountType}/raipolicies`]: "/raipolicies/",
  "microsoft.insights/diagnosticsettings": "/providers/microsoft.insights/diagnosticsettings/",
  "microsoft.authorization/locks": "/providers/microsoft.authorization/locks/",
};

interface Group {
  readonly key: string;
  readonly base: ResourceId;
  own: FoundResource | undefined;
  /** By the ID that the sight gives them. */
  readonly members: Map<ResourceId, FoundResource>;
  /** Lists below it that the file holds, by what their address has behind the account's; whether each is a part. */
  readonly lists: Map<string, boolean>;
  /** How an address of a list spells it. */
  spelled: string | undefined;
}

/** `isComplete`: what the files do not hold is not there. In the order in which the files name the accounts. */
export function seenAccounts({ resources, lists }: Found, isComplete: boolean): SeenAccount[] {
  const groups = new Groups();
  for (const resource of resources) groups.take(resource);
  for (const list of lists) groups.takeList(list);
  const around = new Around(resources, lists);
  return groups.all().map((group) => seen(group, around, isComplete));
}

class Groups {
  readonly #groups = new Map<string, Group>();

  all(): Group[] {
    return [...this.#groups.values()];
  }

  take(resource: FoundResource): void {
    const { key, type, parent } = resource;
    if (type.toLowerCase() === accountType) {
      this.#at(key).own = resource;
      return;
    }
    const owner = parent === undefined || parent === "" ? accountIn.exec(key)?.[1] : parent;
    if (owner === undefined) return;
    const group = this.#at(owner);
    const suffix = kindsOfTypes[type.toLowerCase()];
    const isOpen = !key.startsWith(`${owner}/`);
    const id = isOpen
      ? suffix === undefined
        ? undefined
        : `${group.base}${suffix}${group.members.size}`
      : `${group.base}${key.slice(owner.length)}`;
    if (id !== undefined) group.members.set(id as ResourceId, resource);
  }

  takeList({ path, given, isPart }: FoundList): void {
    const owner = accountIn.exec(path)?.[1];
    if (owner === undefined || owner === path) return;
    const group = this.#at(owner);
    const rest = path.slice(owner.length);
    group.spelled ??= given.slice(0, owner.length);
    group.lists.set(rest, isPart || group.lists.get(rest) === true);
  }

  #at(key: string): Group {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const id = toResourceId(key);
    const address = id === undefined ? undefined : accountOf(id);
    const base = address?.id === id ? address?.id : undefined;
    const group: Group = {
      key,
      base: base ?? madeUp(this.#groups.size),
      own: undefined,
      members: new Map(),
      lists: new Map(),
      spelled: undefined,
    };
    this.#groups.set(key, group);
    return group;
  }
}

/** For an account whose ID a file does not tell: a template knows no subscription. */
function madeUp(number: number): ResourceId {
  const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/file";
  return `${group}/providers/${accountType}/a${number}` as ResourceId;
}

function seen(group: Group, around: Around, isComplete: boolean): SeenAccount {
  const { key, base, own } = group;
  const sources = new Map<ResourceId, FoundResource>(group.members);
  if (own !== undefined) sources.set(base, own);
  const read = accountFrom(group);
  // Only Azure knows who connected to an account: a template that declares one does not.
  const { resources, whole } = around.of(key, own?.origin === "declared" ? undefined : own?.body);
  const members = Object.fromEntries(
    memberKinds.map((kind) => {
      const others = resources.get(kind) ?? [];
      return [kind, listFrom(group, kind, others, isComplete || whole.has(kind))];
    }),
  ) as Record<MemberKind, SeenList>;
  for (const resource of [...resources.values()].flat()) {
    const id = toResourceId(resource.key);
    if (id !== undefined) sources.set(id, resource);
  }
  return {
    given: own?.given ?? givenOf(group),
    subscriptionId: /^\/subscriptions\/([^/]+)/.exec(key)?.[1],
    account: read.account,
    found: own,
    fault: read.fault,
    members,
    sources,
  };
}

/** Of an account that the files only name, as the first of what belongs to it spells it. */
function givenOf({ key, members, spelled }: Group): string {
  const [first] = members.values();
  return first?.key.startsWith(`${key}/`) === true ? first.given.slice(0, key.length) : (spelled ?? key);
}

function accountFrom({ key, base, own }: Group): { readonly account: Account; readonly fault: string | undefined } {
  const stub = { id: base, name: key.slice(key.lastIndexOf("/") + 1), type: "Microsoft.CognitiveServices/accounts" };
  if (own === undefined) return { account: parseAccount(stub), fault: undefined };
  try {
    // Resource Graph and `az` show what is absent as null.
    const body = Object.fromEntries(Object.entries(own.body).filter(([, value]) => value !== null));
    return { account: parseAccount({ ...body, id: base }), fault: undefined };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return { account: parseAccount(stub), fault: error.message.replace(/^ARM account/, own.where) };
  }
}

function listFrom(group: Group, kind: MemberKind, others: readonly FoundResource[], isAll: boolean): SeenList {
  const own = [...group.members].filter(([id]) => memberKindOf(group.base, id) === kind);
  const around = others.map((one) => [toResourceId(one.key), one] as const);
  const resources: Resource[] = [];
  let missing: string | undefined;
  for (const [id, resource] of [...own, ...around]) {
    const parsed = parsedResource(kind, { ...resource.body, id: id ?? resource.given }, resource.where);
    if (typeof parsed === "string") missing = parsed;
    else resources.push(parsed);
    if (resource.ofPart === true) missing ??= PART;
  }
  const listed = listedAs(group, kind);
  if (listed === "part") missing ??= PART;
  const isKnown = listed === "whole" || (isAll && !elsewhere.includes(kind));
  if (resources.length === 0 && !isKnown) missing ??= NOT_IN_FILE;
  return { resources: resources.sort((a, b) => (a.id < b.id ? -1 : 1)), missing };
}

/** What Azure offers, and accounts of other subscriptions, are there whoever says that a file is complete. */
const elsewhere: readonly MemberKind[] = ["models", "useCaseAccounts"];

/** Why a list tells nothing of which the file holds nothing. */
export const NOT_IN_FILE = "not in the file";

const PART = "the file holds a part of them";

/** Whether addresses of lists say that the file holds all of a kind. Connections are the account's and each project's. */
function listedAs({ base, lists, members }: Group, kind: MemberKind): "whole" | "part" | undefined {
  const own = [...lists].filter(([rest]) => memberKindOf(base, `${base}${rest}/x` as ResourceId) === kind);
  if (own.length === 0) return undefined;
  if (own.some(([, isPart]) => isPart)) return "part";
  if (kind !== "connections") return "whole";
  const projects = [...members.keys()].filter((id) => memberKindOf(base, id) === "projects");
  const wanted = ["", ...projects.map((id) => id.slice(base.length))].map((rest) => `${rest}/connections`);
  const isWhole = lists.get("/projects") === false && wanted.every((rest) => lists.get(rest) === false);
  return isWhole ? "whole" : "part";
}

/** Why it cannot be read, where it cannot. */
function parsedResource(kind: MemberKind, body: JsonObject, where: string): Resource | string {
  try {
    return parseResource(kind, body);
  } catch (error) {
    if (error instanceof SteelyardError) return `${where}: ${error.message}`;
    throw error;
  }
}

/**
 * The sight as a standard may have it. `subjects`: the list that it judges one by one, of which a part is as good as the
 * whole; of every other list a part tells nothing.
 */
export function sightOf({ account, members, principals }: SeenAccount, subjects: MemberKind | undefined): Sight {
  const lists: Partial<Record<MemberKind, readonly Resource[] | Unread>> = {};
  for (const kind of memberKinds) {
    const { resources, missing } = members[kind];
    const isEnough = missing === undefined || (kind === subjects && resources.length > 0);
    lists[kind] = isEnough ? resources : { unread: missing };
  }
  return { account, members: lists, principals: principals ?? { unread: NOT_IN_FILE } };
}
