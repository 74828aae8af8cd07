import { beforeEach, describe, expect, test } from "vitest";
import {
  A,
  armRig,
  assignmentId,
  contributor,
  G,
  guid,
  lockId,
  member,
  owner,
  product,
  reader,
  roles,
  S,
  stranger,
  type ArmRig,
} from "../support/armRig.ts";

let rig: ArmRig;
beforeEach(() => {
  rig = armRig();
});

const D = `${A}/deployments/chat`;
const patch = { body: { tags: { touched: "yes" } } };
const lock = (level: string): { body: unknown } => ({ body: { properties: { level, notes: "test" } } });
const assignment = (role: string, principalId = guid(90)): { body: unknown } => ({
  body: {
    properties: {
      roleDefinitionId: `${S}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId,
      principalType: "User",
    },
  },
});

/** Whether the caller gets past authorization. */
const may = (as: typeof owner, method: string, path: string, body?: unknown): boolean =>
  rig.ask(method, path, body === undefined ? { as } : { as, body }).status !== 403;
const put = (at: string, body: unknown): string => rig.ask("PUT", at, { body }).body.error.code;
const locked = (told: { status: number; body: { error?: { code: string } } }): boolean =>
  told.status === 409 && told.body.error?.code === "ScopeLocked";
const tagsAt = (scope: string): string => `${scope}/providers/Microsoft.Resources/tags/default`;

describe("authorization", () => {
  test("holds everybody to role assignments", () => {
    expect(may(reader, "GET", A)).toBe(true);
    expect(may(reader, "PATCH", A, { tags: {} })).toBe(false);
    expect(may(reader, "POST", `${A}/listKeys`)).toBe(false);
    expect(may(stranger, "GET", A)).toBe(false);
    expect(may(contributor, "PATCH", A, { tags: {} })).toBe(true);
    expect(may(contributor, "PUT", lockId(A, "x"), { properties: { level: "ReadOnly" } })).toBe(false);
    expect(may(contributor, "PUT", assignmentId(A, guid(80)), assignment(roles.reader).body)).toBe(false);
    expect(may(product, "PATCH", A, { tags: {} })).toBe(true);
    expect(may(product, "PUT", lockId(A, "x"), { properties: { level: "ReadOnly" } })).toBe(false);
    expect(may(product, "PUT", `${A}/providers/Microsoft.Resources/tags/default`, { properties: { tags: {} } })).toBe(
      false,
    );
  });

  test("follows groups, and stops at the scope of the assignment", () => {
    expect(rig.ask("PATCH", A, { as: member, ...patch }).status).toBe(200);
    expect(rig.ask("GET", `${S}/providers/Microsoft.CognitiveServices/accounts`, { as: member }).status).toBe(403);
    expect(rig.ask("GET", `${S}/resourceGroups`, { as: member }).body.value).toMatchObject([{ name: "rg-Ada" }]);
    expect(rig.ask("GET", `${G}-2`, { as: member }).status).toBe(403);
    expect(rig.ask("GET", S, { as: member }).status).toBe(200);
    expect(rig.ask("GET", S, { as: stranger }).status).toBe(403);
    expect(rig.ask("GET", "/subscriptions", { as: stranger }).body.value).toEqual([]);
  });

  test("refuses in the words of Azure", () => {
    expect(rig.ask("PATCH", A, { as: reader, ...patch })).toMatchObject({
      status: 403,
      body: {
        error: {
          code: "AuthorizationFailed",
          message: `The client '${reader.oid}' with object id '${reader.oid}' does not have authorization to perform action 'Microsoft.CognitiveServices/accounts/write' over scope '${A}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
        },
      },
    });
    expect(rig.changes).toEqual([]);
    expect(rig.context.effects.after(0)).toMatchObject([
      { engine: "arm", caller: reader.oid, method: "PATCH", target: A.toLowerCase(), status: 403 },
    ]);
  });

  test("changes with the assignments, at once", () => {
    const path = assignmentId(A, guid(80));
    expect(rig.ask("GET", A, { as: stranger }).status).toBe(403);
    expect(rig.ask("PUT", path, assignment(roles.reader, stranger.oid)).status).toBe(201);
    expect(rig.ask("GET", D, { as: stranger }).status).toBe(200);
    expect(rig.ask("GET", G, { as: stranger }).status).toBe(403);
    expect(rig.ask("DELETE", path).status).toBe(200);
    expect(rig.ask("GET", A, { as: stranger }).status).toBe(403);
  });

  test("knows custom roles with wildcards and exclusions", () => {
    const id = guid(70);
    const path = `${S}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
    const permissions = [{ actions: ["Microsoft.CognitiveServices/accounts/*/write"], notActions: ["*/projects/*"] }];
    const properties = { roleName: "Capacity writer", permissions, assignableScopes: [S] };
    expect(rig.ask("PUT", path, { body: { properties } }).status).toBe(201);
    expect(rig.ask("PUT", assignmentId(S, guid(80)), assignment(id, stranger.oid)).status).toBe(201);
    expect(rig.ask("PATCH", D, { as: stranger, ...patch }).status).toBe(200);
    expect(rig.ask("PATCH", A, { as: stranger, ...patch }).status).toBe(403);
    expect(rig.ask("DELETE", path).body.error.code).toBe("RoleDefinitionHasAssignments");
    rig.ask("DELETE", assignmentId(S, guid(80)));
    expect([rig.ask("DELETE", path).status, rig.ask("DELETE", path).status]).toEqual([200, 204]);
  });
});

describe("role assignments", () => {
  const path = assignmentId(A, guid(80));

  test("are created, read, described anew and deleted", () => {
    const created = rig.ask("PUT", path, assignment(roles.openAiUser));
    expect([created.status, created.body]).toEqual([
      201,
      {
        id: path,
        name: guid(80),
        type: "Microsoft.Authorization/roleAssignments",
        properties: {
          roleDefinitionId: `${S}/providers/Microsoft.Authorization/roleDefinitions/${roles.openAiUser}`,
          principalId: guid(90),
          principalType: "User",
          scope: A,
          createdOn: expect.any(String),
          updatedOn: expect.any(String),
          createdBy: owner.oid,
          updatedBy: owner.oid,
        },
      },
    ]);
    const again = assignment(roles.openAiUser).body as { properties: object };
    const described = rig.ask("PUT", path, { body: { properties: { ...again.properties, description: "why" } } });
    expect([described.status, described.body.properties.description]).toEqual([200, "why"]);
    expect(rig.ask("GET", path).body).toBe(described.body);
    expect(rig.ask("DELETE", path)).toMatchObject({ status: 200, body: { name: guid(80) } });
    expect(rig.ask("DELETE", path).status).toBe(204);
    expect(rig.ask("GET", path).body.error.code).toBe("RoleAssignmentNotFound");
  });

  test("refuse a second name for the same three, and another three under the same name", () => {
    rig.ask("PUT", path, assignment(roles.openAiUser));
    expect(rig.ask("PUT", assignmentId(A, guid(81)), assignment(roles.openAiUser))).toMatchObject({
      status: 409,
      body: { error: { code: "RoleAssignmentExists", message: "The role assignment already exists." } },
    });
    const moved = [
      rig.ask("PUT", path, assignment(roles.openAiUser, guid(91))),
      rig.ask("PUT", path, assignment(roles.reader)),
      rig.ask("PUT", assignmentId(G, guid(80)), assignment(roles.openAiUser)),
    ];
    for (const { status, body } of moved) {
      expect([status, body.error.code]).toEqual([400, "RoleAssignmentUpdateNotPermitted"]);
    }
  });

  test("refuse names, roles, principals, scopes and conditions that make no sense", () => {
    const { properties } = assignment(roles.reader).body as { properties: Record<string, string> };
    expect(put(assignmentId(A, "mine"), { properties })).toBe("InvalidRoleAssignmentId");
    expect(put(path, assignment(guid(99)).body)).toBe("RoleDefinitionDoesNotExist");
    expect(put(path, { properties: { ...properties, principalId: "ada" } })).toBe("InvalidPrincipalId");
    expect(put(path, { properties: { ...properties, condition: "true" } })).toBe("InvalidCondition");
    const unknown = { condition: "@Resource[Microsoft.Storage/x:name] StringEquals 'a'", conditionVersion: "2.0" };
    expect(put(path, { properties: { ...properties, ...unknown } })).toBe("InvalidCondition");
    expect(put(assignmentId(`${A}x`, guid(80)), { properties })).toBe("ResourceNotFound");
  });

  test("are bound by the condition of the caller's own role", () => {
    const as = product;
    expect(rig.ask("PUT", path, { as, ...assignment(roles.openAiUser) }).status).toBe(201);
    expect(rig.ask("PUT", assignmentId(A, guid(82)), { as, ...assignment(roles.owner) }).body.error.code).toBe(
      "AuthorizationFailed",
    );
    rig.ask("PUT", assignmentId(A, guid(83)), assignment(roles.reader));
    expect(rig.ask("DELETE", assignmentId(A, guid(83)), { as }).status).toBe(403);
    expect(rig.ask("DELETE", path, { as }).status).toBe(200);
    expect(rig.ask("DELETE", path, { as }).status).toBe(204);
  });

  test("are listed at, above and below a scope, and by principal through groups", () => {
    rig.ask("PUT", assignmentId(D, guid(80)), assignment(roles.openAiUser));
    const list = (scope: string, filter?: string): number =>
      rig.ask(
        "GET",
        `${scope}/providers/Microsoft.Authorization/roleAssignments`,
        filter === undefined ? {} : { query: `$filter=${encodeURIComponent(filter)}` },
      ).body.value.length;
    expect([list(S), list(G), list(A), list(D)]).toEqual([7, 7, 7, 7]);
    expect([list(G, "atScope()"), list(D, "atScope()")]).toEqual([6, 7]);
    expect(list(S, `principalId eq '${guid(90)}'`)).toBe(1);
    expect(list(S, `atScope() and principalId eq '${guid(90)}'`)).toBe(0);
    expect(list(S, `assignedTo('${member.oid}')`)).toBe(1);
    const odd = rig.ask("GET", `${S}/providers/Microsoft.Authorization/roleAssignments`, {
      query: "$filter=asTarget()",
    });
    expect([odd.status, odd.body.error.code]).toEqual([400, "UnsupportedQuery"]);
  });

  test("ask the directory when there is one", () => {
    rig = armRig({ principalType: (oid) => (oid === guid(90) ? "User" : undefined) });
    const { properties } = assignment(roles.reader, guid(91)).body as { properties: Record<string, string> };
    const { principalType: _, ...untyped } = properties;
    expect(rig.ask("PUT", path, { body: { properties: untyped } }).body.error.code).toBe("PrincipalNotFound");
    expect(rig.ask("PUT", path, { body: { properties } }).status).toBe(201);
    const wrong = { ...properties, principalId: guid(90), principalType: "Group" };
    expect(rig.ask("PUT", assignmentId(A, guid(84)), { body: { properties: wrong } }).body.error.code).toBe(
      "UnmatchedPrincipalType",
    );
  });
});

test("nothing but role definitions is open at the tenant", () => {
  const path = "/providers/Microsoft.Authorization/roleAssignments";
  expect(rig.ask("GET", path, { as: stranger }).status).toBe(403);
  expect(rig.ask("GET", path, { as: owner }).status).toBe(403);
});

test("role definitions are read at the tenant by anybody, and found by name", () => {
  const path = `/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`;
  expect(rig.ask("GET", path, { as: stranger }).body.properties.roleName).toBe("Reader");
  const query = `$filter=${encodeURIComponent("roleName eq 'Tag Contributor'")}`;
  const found = rig.ask("GET", `${S}/providers/Microsoft.Authorization/roleDefinitions`, { query }).body.value;
  expect(found).toMatchObject([{ id: expect.stringContaining(S), properties: { type: "BuiltInRole" } }]);
});

describe("locks", () => {
  test("CanNotDelete stops deleting at its scope and below, role assignments too, and nothing else", () => {
    rig.ask("PUT", assignmentId(A, guid(80)), assignment(roles.openAiUser));
    expect(rig.ask("PUT", lockId(G, "keep"), lock("CanNotDelete")).status).toBe(201);
    const told = rig.ask("DELETE", D);
    expect(told.body.error.message).toBe(
      `The scope '${D}' cannot perform delete operation because following scope(s) are locked: '${G}'. Please remove the lock and try again.`,
    );
    expect(locked(rig.ask("DELETE", A))).toBe(true);
    expect(locked(rig.ask("DELETE", assignmentId(A, guid(80))))).toBe(true);
    expect(rig.ask("PATCH", A, patch).status).toBe(200);
    expect(rig.ask("PUT", assignmentId(A, guid(81)), assignment(roles.reader)).status).toBe(201);
    expect(rig.ask("DELETE", lockId(G, "keep")).status).toBe(200);
    expect(rig.ask("DELETE", assignmentId(A, guid(80))).status).toBe(200);
  });

  test("a lock holds in its own group only", () => {
    rig.ask("PUT", lockId(G, "keep"), lock("ReadOnly"));
    expect(rig.ask("PUT", tagsAt(`${G}-2`), { body: { properties: { tags: {} } } }).status).toBe(200);
  });

  test("a lock below stops deleting what holds it", () => {
    rig.ask("PUT", lockId(D, "keep"), lock("CanNotDelete"));
    expect(locked(rig.ask("DELETE", A))).toBe(true);
    expect(rig.ask("GET", A).status).toBe(200);
  });

  test("ReadOnly stops writes and POST actions, not reads", () => {
    rig.ask("PATCH", A, { body: { properties: { disableLocalAuth: false } } });
    rig.ask("PUT", lockId(A, "freeze"), lock("ReadOnly"));
    expect(locked(rig.ask("PATCH", A, patch))).toBe(true);
    expect(locked(rig.ask("PATCH", D, patch))).toBe(true);
    expect(locked(rig.ask("POST", `${A}/listKeys`))).toBe(true);
    expect(locked(rig.ask("PUT", assignmentId(A, guid(80)), assignment(roles.reader)))).toBe(true);
    const tags = { body: { properties: { tags: {} } } };
    expect(locked(rig.ask("PUT", `${A}/providers/Microsoft.Resources/tags/default`, tags))).toBe(true);
    expect(rig.ask("GET", D).status).toBe(200);
    expect(rig.changes.at(-1)).toMatchObject({ outcome: "Failure" });
  });

  test("are listed at, above and below their scope and updated in place", () => {
    rig.ask("PUT", lockId(S, "sub"), lock("CanNotDelete"));
    rig.ask("PUT", lockId(A, "acc"), lock("CanNotDelete"));
    expect(rig.ask("PUT", lockId(A, "acc"), lock("ReadOnly"))).toMatchObject({
      status: 200,
      body: { properties: { level: "ReadOnly" }, systemData: { createdByType: "User" } },
    });
    const list = (scope: string, query?: string): string[] =>
      rig
        .ask("GET", `${scope}/providers/Microsoft.Authorization/locks`, query === undefined ? {} : { query })
        .body.value.map((one: { name: string }) => one.name);
    expect(list(G)).toEqual(["sub", "acc"]);
    expect(list(G, "$filter=atScope()")).toEqual(["sub"]);
    expect(list(D)).toHaveLength(2);
    expect(rig.ask("PUT", lockId(A, "odd"), lock("Sometimes")).body.error.message).toContain(
      "one of CanNotDelete, ReadOnly",
    );
    expect(rig.ask("GET", lockId(A, "none")).status).toBe(404);
  });
});

describe("tags", () => {
  test("of an account are its own tags: merged, replaced, deleted", () => {
    const etag = rig.ask("GET", A).body.etag;
    const change = (operation: string, tags: object): unknown =>
      rig.ask("PATCH", tagsAt(A), { body: { operation, properties: { tags } } }).body.properties.tags;
    expect(change("Merge", { ENV: "test", more: "1" })).toEqual({ owner: "ada", ENV: "test", more: "1" });
    expect(change("Delete", { more: "", owner: "somebody else" })).toEqual({ owner: "ada", ENV: "test" });
    expect(change("Replace", { a: "b" })).toEqual({ a: "b" });
    expect(rig.ask("GET", A).body.tags).toEqual({ a: "b" });
    expect(rig.ask("GET", A).body.etag).not.toBe(etag);
    expect(rig.ask("PUT", tagsAt(A), { body: { properties: { tags: {} } } }).body.properties.tags).toEqual({});
  });

  test("of groups and subscriptions are theirs; limits hold", () => {
    expect(rig.ask("GET", tagsAt(G)).body.properties.tags).toEqual({ owner: "ada" });
    expect(rig.ask("PUT", tagsAt(S), { body: { properties: { tags: { a: "b" } } } }).status).toBe(200);
    expect(rig.ask("GET", S).body.tags).toEqual({ a: "b" });
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, "x"]));
    expect(rig.ask("PUT", tagsAt(G), { body: { properties: { tags: many } } }).body.error.code).toBe("InvalidTagCount");
    expect(rig.ask("PUT", tagsAt(D), { body: { properties: { tags: {} } } }).body.error.code).toBe("TagsNotSupported");
  });
});
