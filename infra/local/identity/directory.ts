/**
 * The tenant's directory: people, service principals and groups, as far as the product and the engines ask for them.
 *
 * A principal is known by its object ID; IDs are compared in lower case. Groups hold principals and groups; membership
 * is transitive, and a cycle (Entra allows one) ends the walk instead of hanging it. Deleting a principal or a group
 * takes it out of every group, as in Entra; what else names it (role assignments) is left dangling, as in Azure.
 *
 * Limits: no guests, no administrative units, no dynamic groups, no soft-deleted objects; addresses need not be unique, and
 * a person need not have a user principal name.
 */
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { transaction } from "../platform/sqlite.ts";

const guid = z.guid({ error: (issue) => `expected a GUID, found ${JSON.stringify(issue.input)}` }).toLowerCase();
const text = z.string().min(1).max(256);
/** A guest's user principal name has signs that other addresses don't: `ada_contoso.com#EXT#@fabrikam.onmicrosoft.com`. */
const address = z
  .string()
  .regex(/^[^\s@]+@[^\s@]+$/, {
    error: (issue) => `expected an address such as ada@contoso.com, found ${JSON.stringify(issue.input)}`,
  })
  .max(256);

/** Application permissions of Microsoft Graph that read the directory. */
export const graphPermissions = [
  "Directory.Read.All",
  "User.Read.All",
  "GroupMember.Read.All",
  "Application.Read.All",
] as const;
export type GraphPermission = (typeof graphPermissions)[number];

export const personSchema = z.strictObject({
  oid: guid,
  name: text,
  /** App roles of the product's API. */
  roles: z.array(text).max(20).default([]),
  team: text.optional(),
  mail: address.optional(),
  userPrincipalName: address.optional(),
  enabled: z.boolean().default(true),
});

export const servicePrincipalSchema = z.strictObject({
  oid: guid,
  /** Application ID. */
  appid: guid,
  name: text,
  enabled: z.boolean().default(true),
  /** What an administrator has granted it of Microsoft Graph: in its tokens for Graph from the next one on, as in Entra. */
  graph: z.array(z.enum(graphPermissions)).max(20).optional(),
});

export const groupSchema = z.strictObject({
  id: guid,
  name: text,
  mail: address.optional(),
  /** Object IDs of people, service principals and groups. */
  members: z.array(guid).max(10_000).default([]),
});

export const directorySchema = z.strictObject({
  people: z.array(personSchema).max(10_000),
  groups: z.array(groupSchema).max(10_000),
  servicePrincipals: z.array(servicePrincipalSchema).max(10_000),
});

export type Person = z.infer<typeof personSchema>;
export type ServicePrincipal = z.infer<typeof servicePrincipalSchema>;
export type Group = z.infer<typeof groupSchema>;
export type DirectoryDocument = z.infer<typeof directorySchema>;

export type Principal = ({ kind: "person" } & Person) | ({ kind: "servicePrincipal" } & ServicePrincipal);

/** A request to the directory that can't be carried out; `status` is the HTTP status that says so. */
export class DirectoryError extends Error {
  readonly status: 400 | 404 | 405 | 409;

  constructor(status: 400 | 404 | 405 | 409, message: string) {
    super(message);
    this.name = "DirectoryError";
    this.status = status;
  }
}

/** Principals that are remembered at most. */
const KNOWN_MAX = 10_000;

type Kind = "person" | "servicePrincipal" | "group";

export class Directory {
  readonly #database: DatabaseSync;
  readonly #statements;
  /** Principals as they were read last; forgotten at every change. Each request to an engine asks for its caller. */
  readonly #known = new Map<string, Principal | undefined>();

  constructor(database: DatabaseSync) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, kind TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS members (groupId TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (groupId, member))
         WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS membersByMember ON members (member);
       CREATE INDEX IF NOT EXISTS objectsByMail ON objects (lower(json_extract(json, '$.mail')));
       CREATE INDEX IF NOT EXISTS objectsByName ON objects (lower(json_extract(json, '$.userPrincipalName')))`,
    );
    this.#database = database;
    this.#statements = {
      get: database.prepare("SELECT kind, json FROM objects WHERE id = ?"),
      list: database.prepare("SELECT json FROM objects WHERE kind = ? ORDER BY id"),
      withMail: database.prepare(
        "SELECT json FROM objects WHERE lower(json_extract(json, '$.mail')) = ? AND kind = ? ORDER BY id",
      ),
      withName: database.prepare(
        "SELECT json FROM objects WHERE lower(json_extract(json, '$.userPrincipalName')) = ? AND kind = ? ORDER BY id",
      ),
      put: database.prepare("INSERT OR REPLACE INTO objects (id, kind, json) VALUES (?, ?, ?)"),
      remove: database.prepare("DELETE FROM objects WHERE id = ?"),
      membersOf: database.prepare("SELECT member FROM members WHERE groupId = ? ORDER BY member"),
      groupsWith: database.prepare("SELECT groupId FROM members WHERE member = ? ORDER BY groupId"),
      join: database.prepare("INSERT OR IGNORE INTO members (groupId, member) VALUES (?, ?)"),
      leave: database.prepare("DELETE FROM members WHERE groupId = ? AND member = ?"),
      forget: database.prepare("DELETE FROM members WHERE groupId = ? OR member = ?"),
      empty: database.prepare("DELETE FROM members WHERE groupId = ?"),
    };
  }

  /** Everything, each list ordered by ID. */
  read(): DirectoryDocument {
    return {
      people: this.#list<Person>("person"),
      groups: this.#list<Omit<Group, "members">>("group").map((group) => this.#withMembers(group)),
      servicePrincipals: this.servicePrincipals(),
    };
  }

  /**
   * Replaces the collections that are given and keeps the others, so that whoever lists the people does not take the
   * product's own identities away. Throws {@link DirectoryError} and changes nothing when an ID is used twice or not known.
   */
  replace(input: unknown): DirectoryDocument {
    const given = parse(directorySchema.partial(), input, "the directory");
    const before = this.read();
    const document = {
      people: given.people ?? before.people,
      groups: given.groups ?? before.groups,
      servicePrincipals: given.servicePrincipals ?? before.servicePrincipals,
    };
    this.#change(() => {
      this.#database.exec("DELETE FROM objects; DELETE FROM members");
      for (const person of document.people) this.#add(person.oid, "person", person);
      for (const principal of document.servicePrincipals) this.#add(principal.oid, "servicePrincipal", principal);
      for (const { members: _, ...group } of document.groups) this.#add(group.id, "group", group);
      for (const group of document.groups) this.#setMembers(group.id, group.members);
    });
    return this.read();
  }

  /** All service principals, ordered by object ID. */
  servicePrincipals(): ServicePrincipal[] {
    return this.#list("servicePrincipal");
  }

  /** Removes everything. */
  clear(): void {
    this.#change(() => this.#database.exec("DELETE FROM objects; DELETE FROM members"));
  }

  /** The person or service principal with this object ID, enabled or not. */
  principal(oid: string): Principal | undefined {
    const key = oid.toLowerCase();
    if (this.#known.has(key)) return this.#known.get(key);
    const found = this.#get(key);
    const principal =
      found === undefined || found.kind === "group"
        ? undefined
        : ({ kind: found.kind, ...(JSON.parse(found.json) as object) } as Principal);
    // Callers that are nobody come from outside, in any number.
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(key, principal);
    return principal;
  }

  /** The group with this ID. */
  group(id: string): Group | undefined {
    const found = this.#get(id);
    if (found?.kind !== "group") return undefined;
    return this.#withMembers(JSON.parse(found.json) as Omit<Group, "members">);
  }

  /** People by mail address or user principal name, in any case, ordered by ID. */
  peopleBy(property: "mail" | "userPrincipalName", value: string): Person[] {
    const statement = property === "mail" ? this.#statements.withMail : this.#statements.withName;
    const rows = statement.all(value.toLowerCase(), "person") as { json: string }[];
    return rows.map(({ json }) => JSON.parse(json) as Person);
  }

  /** Groups by mail address, in any case, ordered by ID; without their members. */
  groupsByMail(value: string): Omit<Group, "members">[] {
    const rows = this.#statements.withMail.all(value.toLowerCase(), "group") as { json: string }[];
    return rows.map(({ json }) => JSON.parse(json) as Omit<Group, "members">);
  }

  /** IDs of every group that holds this principal (or group), directly or through other groups, sorted. */
  groupsOf(id: string): string[] {
    const found = new Set<string>();
    const open = [id.toLowerCase()];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const { groupId } of this.#statements.groupsWith.all(next) as { groupId: string }[]) {
        if (found.has(groupId)) continue;
        found.add(groupId);
        open.push(groupId);
      }
    }
    return [...found].sort();
  }

  /** Adds a person or changes one: a field that is left out keeps its value. */
  putPerson(oid: string, change: unknown): Person {
    const person = this.#merge(personSchema, "person", "oid", oid, change);
    this.#change(() => this.#statements.put.run(person.oid, "person", JSON.stringify(person)));
    return person;
  }

  /** Adds a service principal or changes one: a field that is left out keeps its value. */
  putServicePrincipal(oid: string, change: unknown): ServicePrincipal {
    const principal = this.#merge(servicePrincipalSchema, "servicePrincipal", "oid", oid, change);
    this.#change(() => this.#statements.put.run(principal.oid, "servicePrincipal", JSON.stringify(principal)));
    return principal;
  }

  /** Adds a group or changes one; `members`, when given, replaces the membership. */
  putGroup(id: string, change: unknown): Group {
    const { members, ...group } = this.#merge(groupSchema, "group", "id", id, change);
    this.#change(() => {
      this.#statements.put.run(group.id, "group", JSON.stringify(group));
      this.#setMembers(group.id, members);
    });
    return this.#withMembers(group);
  }

  /** Makes `member` a member of the group; nothing changes when it is one already. */
  addMember(groupId: string, member: string): Group {
    const group = this.#mustFind("group", groupId);
    this.#mustExist(member, `group ${group}`);
    this.#statements.join.run(group, member.toLowerCase());
    return this.group(group) as Group;
  }

  removeMember(groupId: string, member: string): Group {
    const group = this.#mustFind("group", groupId);
    if (this.#statements.leave.run(group, member.toLowerCase()).changes === 0)
      throw new DirectoryError(404, `${member} is not a direct member of group ${groupId}`);
    return this.group(group) as Group;
  }

  /** Removes a person, service principal or group, and its memberships. */
  remove(kind: Kind, id: string): void {
    const known = this.#mustFind(kind, id);
    this.#change(() => {
      this.#statements.remove.run(known);
      this.#statements.forget.run(known, known);
    });
  }

  /** Changes objects in one transaction. */
  #change(work: () => void): void {
    this.#known.clear();
    transaction(this.#database, work);
  }

  #get(id: string): { kind: Kind; json: string } | undefined {
    return this.#statements.get.get(id.toLowerCase()) as { kind: Kind; json: string } | undefined;
  }

  #list<T>(kind: Kind): T[] {
    return (this.#statements.list.all(kind) as { json: string }[]).map(({ json }) => JSON.parse(json) as T);
  }

  #withMembers(group: Omit<Group, "members">): Group {
    const rows = this.#statements.membersOf.all(group.id) as { member: string }[];
    return { ...group, members: rows.map(({ member }) => member) };
  }

  #add(id: string, kind: Kind, value: object): void {
    const other = this.#get(id);
    if (other !== undefined) throw new DirectoryError(400, `${id} is given twice: as ${other.kind} and as ${kind}`);
    this.#statements.put.run(id, kind, JSON.stringify(value));
  }

  #setMembers(groupId: string, members: readonly string[]): void {
    this.#statements.empty.run(groupId);
    for (const member of members) {
      this.#mustExist(member, `group ${groupId}`);
      this.#statements.join.run(groupId, member);
    }
  }

  #mustExist(member: string, where: string): void {
    if (this.#get(member) === undefined)
      throw new DirectoryError(400, `${where} names the member ${member}, which the directory does not hold`);
  }

  #mustFind(kind: Kind, id: string): string {
    const found = this.#get(id);
    if (found?.kind !== kind) throw new DirectoryError(404, `the directory holds no ${kind} ${id}`);
    return id.toLowerCase();
  }

  #merge<T extends z.ZodType>(schema: T, kind: Kind, key: "oid" | "id", id: string, change: unknown): z.infer<T> {
    const where = `${kind} ${id}`;
    const fields = parse(z.record(z.string(), z.unknown()), change ?? {}, where);
    const given = fields[key];
    if (given !== undefined && (typeof given !== "string" || given.toLowerCase() !== id.toLowerCase()))
      throw new DirectoryError(400, `${where}: the body gives ${key} ${JSON.stringify(given)}, the path ${id}`);
    const found = this.#get(id);
    if (found !== undefined && found.kind !== kind)
      throw new DirectoryError(409, `${id} is a ${found.kind} already, it can't become a ${kind}`);
    const current = kind === "group" ? this.group(id) : (JSON.parse(found?.json ?? "{}") as object);
    return parse(schema, { ...current, ...fields, [key]: id }, where);
  }
}

function parse<T extends z.ZodType>(schema: T, input: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map(({ path, message }) => {
    const field = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
    return `${field === "" ? "" : `${field.replace(/^\./, "")}: `}${message}`;
  });
  throw new DirectoryError(400, `${where}: ${problems.join("; ")}`);
}
