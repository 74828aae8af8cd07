/**
 * The conformance suite on the local Graph and, when STEELYARD_GRAPH_ENDPOINT is set, on that one too, signed in as
 * DefaultAzureCredential finds. Needed then: STEELYARD_GRAPH_USER, _GROUP and _APPLICATION, object IDs of a user and a group
 * with a mail address and of a service principal; they are read first.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { DirectoryBed } from "../support/directoryBed.ts";
import { graphConformance, type GraphUnderTest } from "./graphConformance.ts";

type Sent = Pick<RequestInit, "method" | "body"> & { readonly headers?: Readonly<Record<string, string>> };

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "a")}`;
const user = { id: id(1), mail: "Ada.O'Neil@contoso.com", userPrincipalName: "ada#ext#@contoso.com", enabled: true };
const group = { id: id(2), mail: "payments@contoso.com" };
const servicePrincipal = { id: id(3), enabled: false };

describe("the local Graph", () => {
  let bed: DirectoryBed;
  beforeAll(async () => {
    bed = await DirectoryBed.start();
    bed.hold([
      { oid: user.id, kind: "user", enabled: true, addresses: [user.mail, user.userPrincipalName] },
      { oid: group.id, kind: "group", enabled: true, addresses: [group.mail] },
      { oid: servicePrincipal.id, kind: "servicePrincipal", enabled: false },
    ]);
  });
  afterAll(() => bed.stop());

  graphConformance(() => ({ endpoint: bed.endpoint, credential: bed.credential(), user, group, servicePrincipal }));

  const send = async (path: string, init: Sent = {}): Promise<[number, string]> => {
    const { token } = (await bed.credential(coreIdentity).getToken("x")) ?? { token: "" };
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const response = await fetch(`${bed.endpoint}/${path}`, { ...init, headers });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return [response.status, error.message];
  };
  const post = (body: unknown): Sent => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  test.each([
    [
      "v1.0/me",
      {},
      "Resource not found for GET me; the local Graph serves POST $batch, POST directoryObjects/getByIds, GET users and GET groups.",
    ],
    ["beta/users", {}, "Invalid version: the local Graph serves v1.0."],
    ["v1.0/users", {}, "the local Graph lists users by $filter only"],
    ["v1.0/groups?$top=1", {}, "the query option $top is not served locally; expected $select, $filter"],
    [
      "v1.0/users?$select=id,birthday&$filter=mail eq 'a'",
      {},
      "Could not find a property named 'birthday' on type 'microsoft.graph.user'.",
    ],
    [
      "v1.0/groups?$filter=displayName eq 'a'",
      {},
      "Unsupported or invalid query filter clause specified for property 'displayName' of resource 'Group'.",
    ],
    [
      "v1.0/users?$filter=mail eq 'a' and mail eq 'b'",
      {},
      `Invalid filter clause: found " and mail eq 'b'"; the local Graph takes in and eq, joined by or`,
    ],
    [
      "v1.0/users?$filter=mail eq 'a'",
      { headers: { consistencylevel: "eventual" } },
      "the local Graph serves no advanced queries: found the header ConsistencyLevel",
    ],
    ["v1.0/directoryObjects/getByIds", post({ ids: [id(1)], type: "user" }), 'the body: Unrecognized key: "type"'],
    [
      "v1.0/$batch",
      post({ requests: [{ id: "1", method: "GET", url: "https://graph.microsoft.com/v1.0/me", dependsOn: ["2"] }] }),
      'requests.0: Unrecognized key: "dependsOn"',
    ],
  ])("refuses %s by name", async (path, init, message) => {
    expect(await send(path, init)).toEqual([400, message]);
  });
});

const { env } = process;
const endpoint = env["STEELYARD_GRAPH_ENDPOINT"];

describe.skipIf(endpoint === undefined)("the Graph at STEELYARD_GRAPH_ENDPOINT", () => {
  let target: GraphUnderTest;
  beforeAll(async () => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    const credential = new DefaultAzureCredential();
    const { token } = await credential.getToken("https://graph.microsoft.com/.default");
    const read = async (path: string): Promise<Record<string, never>> => {
      const response = await fetch(`${endpoint}/v1.0/${path}`, { headers: { authorization: `Bearer ${token}` } });
      return (await response.json()) as Record<string, never>;
    };
    const person = await read(`users/${env["STEELYARD_GRAPH_USER"]}?$select=id,mail,userPrincipalName,accountEnabled`);
    const team = await read(`groups/${env["STEELYARD_GRAPH_GROUP"]}?$select=id,mail`);
    const application = await read(`servicePrincipals/${env["STEELYARD_GRAPH_APPLICATION"]}?$select=id,accountEnabled`);
    const { id: personId, mail, userPrincipalName, accountEnabled } = person;
    target = {
      endpoint: endpoint ?? "",
      credential,
      user: { id: personId!, mail: mail!, userPrincipalName: userPrincipalName!, enabled: accountEnabled! },
      group: { id: team["id"]!, mail: team["mail"]! },
      servicePrincipal: { id: application["id"]!, enabled: application["accountEnabled"]! },
    };
  });

  graphConformance(() => target);
});
