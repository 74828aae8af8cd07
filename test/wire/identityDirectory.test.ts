import { beforeEach, describe, expect, test } from "vitest";
import { Directory } from "../../infra/local/identity/directory.ts";
import { serveDirectory } from "../../infra/local/identity/directoryApi.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const [ada, ben, app, owners, platform, everybody] = [1, 2, 3, 11, 12, 13].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

let directory: Directory;
beforeEach(() => {
  directory = new Directory(openDatabase(":memory:"));
  directory.replace({
    people: [
      { oid: ada, name: "Ada", roles: ["Steelyard.Admin"], team: "payments" },
      { oid: ben, name: "Ben" },
    ],
    servicePrincipals: [{ oid: app, appid: id(4), name: "build" }],
    groups: [
      { id: owners, name: "owners", members: [ada] },
      { id: platform, name: "platform", members: [owners, app] },
      { id: everybody, name: "everybody", members: [platform, ben] },
    ],
  });
});

function call(method: string, path: string, body?: unknown): unknown {
  return serveDirectory(directory, method, path, body).body;
}

test("addresses find people and groups, in any case, as long as they have them", () => {
  call("PUT", `people/${ada}`, { mail: "Ada@contoso.com", userPrincipalName: "ada_x.com#EXT#@contoso.com" });
  call("PUT", `people/${ben}`, { mail: "ada@contoso.com" });
  call("PUT", `groups/${owners}`, { mail: "owners@contoso.com" });
  const people = (property: "mail" | "userPrincipalName", value: string): string[] =>
    directory.peopleBy(property, value).map(({ oid }) => oid);
  expect(people("mail", "ADA@contoso.com")).toEqual([ada, ben]);
  expect(people("userPrincipalName", "ada_x.com#ext#@CONTOSO.com")).toEqual([ada]);
  expect(people("mail", "owners@contoso.com")).toEqual([]);
  expect(directory.groupsByMail("Owners@contoso.com")).toMatchObject([{ id: owners }]);
  call("PUT", `people/${ada}`, { mail: "ada.l@contoso.com" });
  call("DELETE", `groups/${owners}`);
  expect(people("mail", "ada@contoso.com")).toEqual([ben]);
  expect(directory.groupsByMail("owners@contoso.com")).toEqual([]);
});

describe("membership", () => {
  test("goes through groups, also through a cycle of them", () => {
    expect(directory.groupsOf(ada)).toEqual([owners, platform, everybody]);
    expect(directory.groupsOf(app.toUpperCase())).toEqual([platform, everybody]);
    directory.addMember(owners, everybody);
    expect(directory.groupsOf(ben)).toEqual([owners, platform, everybody]);
  });

  test("changes one by one", () => {
    call("PUT", `groups/${owners}/members/${ben}`);
    expect(call("GET", `groups/${owners}`)).toEqual({ id: owners, name: "owners", members: [ada, ben] });
    call("DELETE", `groups/${owners}/members/${ada}`);
    expect(directory.groupsOf(ada)).toEqual([]);
    expect(() => call("DELETE", `groups/${owners}/members/${ada}`)).toThrow(/not a direct member/);
    expect(call("GET", `people/${ben}/groups`)).toMatchObject([{ id: owners }, { id: platform }, { id: everybody }]);
  });

  test("ends with the member", () => {
    expect(serveDirectory(directory, "DELETE", `people/${ada}`)).toEqual({ status: 204 });
    expect(directory.group(owners)?.members).toEqual([]);
    call("DELETE", `groups/${platform}`);
    expect(directory.groupsOf(app)).toEqual([]);
    expect(directory.group(everybody)?.members).toEqual([ben]);
  });
});

describe("a PUT", () => {
  test("adds somebody, and changes only what it names", () => {
    const eve = id(9);
    expect(call("PUT", `people/${eve}`, { name: "Eve" })).toEqual({ oid: eve, name: "Eve", roles: [], enabled: true });
    expect(call("PUT", `people/${ada.toUpperCase()}`, { enabled: false })).toEqual({
      oid: ada,
      name: "Ada",
      roles: ["Steelyard.Admin"],
      team: "payments",
      enabled: false,
    });
    expect(call("GET", `servicePrincipals/${app}`)).toEqual({ oid: app, appid: id(4), name: "build", enabled: true });
    expect(call("PUT", `groups/${owners}`, { name: "Owners" })).toMatchObject({ name: "Owners", members: [ada] });
  });

  test("of everything replaces the collections that it names, or nothing when it is wrong", () => {
    const before = directory.read();
    const wrong = { people: [{ oid: ada, name: "Ada" }], groups: [{ id: owners, name: "owners", members: [ben] }] };
    expect(() => call("PUT", "/", wrong)).toThrow(
      `group ${owners} names the member ${ben}, which the directory does not hold`,
    );
    const twice = { people: [{ oid: ada, name: "Ada" }], servicePrincipals: [{ oid: ada, appid: app, name: "x" }] };
    expect(() => call("PUT", "/", twice)).toThrow(/is given twice: as person and as servicePrincipal/);
    expect(directory.read()).toEqual(before);
    expect(call("PUT", "/", {})).toEqual(before);
    const people = [{ oid: ada, name: "Ada", roles: [], enabled: true }];
    expect(call("PUT", "/", { people, groups: [] })).toEqual({ ...before, people, groups: [] });
  });
});

test.each([
  [400, "PUT", `people/${ada}`, { name: "Ada", phone: "1" }, `person ${ada}: Unrecognized key: "phone"`],
  [
    400,
    "PUT",
    `people/${ada}`,
    { mail: "Ada" },
    `person ${ada}: mail: expected an address such as ada@contoso.com, found "Ada"`,
  ],
  [
    400,
    "PUT",
    `servicePrincipals/${app}`,
    { graph: ["Mail.Read"] },
    `servicePrincipal ${app}: graph[0]: Invalid option: expected one of "Directory.Read.All"|"User.Read.All"|"GroupMember.Read.All"|"Application.Read.All"`,
  ],
  [400, "PUT", "people/ada", { name: "Ada" }, 'person ada: oid: expected a GUID, found "ada"'],
  [400, "PUT", `people/${ada}`, { oid: ben }, `person ${ada}: the body gives oid "${ben}", the path ${ada}`],
  [400, "PUT", "/", { people: [{ oid: 7, name: "x" }] }, "the directory: people[0].oid: expected a GUID, found 7"],
  [400, "PUT", `groups/${owners}`, { members: ["x"] }, `group ${owners}: members[0]: expected a GUID, found "x"`],
  [409, "PUT", `people/${app}`, { name: "x" }, `${app} is a servicePrincipal already, it can't become a person`],
  [404, "GET", `people/${app}`, undefined, `the directory holds no person ${app}`],
  [404, "DELETE", `groups/${ada}`, undefined, `the directory holds no group ${ada}`],
  [404, "PUT", `groups/${id(99)}/members/${ada}`, undefined, `the directory holds no group ${id(99)}`],
  [404, "GET", "devices", undefined, "no such path: directory/devices; expected people, groups or servicePrincipals"],
  [405, "POST", "people", undefined, "directory/people takes GET, not POST"],
])("%i for %s %s", (status, method, path, body, message) => {
  expect(() => call(method, path, body)).toThrow(expect.objectContaining({ status, message }));
});
