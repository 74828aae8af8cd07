/**
 * What Microsoft Graph does that the product relies on, asked with plain requests: of the local Graph, or of the real one.
 * It only reads.
 */
import type { TokenCredential } from "@azure/identity";
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";

export interface GraphUnderTest {
  /** `https://graph.microsoft.com` */
  readonly endpoint: string;
  /** Of an application with Directory.Read.All. */
  readonly credential: TokenCredential;
  /** Somebody with a mail address. */
  readonly user: {
    readonly id: string;
    readonly mail: string;
    readonly userPrincipalName: string;
    readonly enabled: boolean;
  };
  readonly group: { readonly id: string; readonly mail: string };
  readonly servicePrincipal: { readonly id: string; readonly enabled: boolean };
}

interface Told {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- the answer of any request; tests assert its shape
  readonly body: any;
}

/** Registers the suite. */
export function graphConformance(target: () => GraphUnderTest): void {
  const send = async (method: string, path: string, body?: unknown, token?: string): Promise<Told> => {
    const { endpoint, credential } = target();
    const good = token ?? (await credential.getToken("https://graph.microsoft.com/.default"))?.token ?? "";
    const response = await fetch(`${endpoint}/v1.0/${path}`, {
      method,
      headers: {
        ...(good === "none" ? {} : { authorization: `Bearer ${good}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const filter = (text: string): string => `$filter=${encodeURIComponent(text)}`;
  const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  const byIds = (ids: readonly string[], types?: readonly string[]) =>
    send("POST", "directoryObjects/getByIds?$select=id,accountEnabled", { ids, ...(types && { types }) });
  const kinds = ["user", "group", "servicePrincipal"];
  const refusal = { error: { code: expect.any(String), message: expect.any(String), innerError: expect.anything() } };

  describe("objects by their IDs", () => {
    test("of several kinds come with their type; what is not there is left out", async () => {
      const { user, group, servicePrincipal } = target();
      const { status, body } = await byIds([user.id, randomUUID(), group.id, servicePrincipal.id], kinds);
      expect(status).toBe(200);
      const found = Object.fromEntries(body.value.map((one: { id: string }) => [one.id, one]));
      expect(Object.keys(found).toSorted()).toEqual([user.id, group.id, servicePrincipal.id].toSorted());
      expect(found[user.id]).toMatchObject({ "@odata.type": "#microsoft.graph.user", accountEnabled: user.enabled });
      expect(found[group.id]).toMatchObject({ "@odata.type": "#microsoft.graph.group" });
      expect(found[servicePrincipal.id]).toMatchObject({
        "@odata.type": "#microsoft.graph.servicePrincipal",
        accountEnabled: servicePrincipal.enabled,
      });
    });

    test("are of the types that were asked for", async () => {
      const { user, group } = target();
      const { body } = await byIds([user.id, group.id], ["group"]);
      expect(body.value.map((one: { id: string }) => one.id)).toEqual([group.id]);
    });

    test("don't tell whether a user is enabled unless it is selected", async () => {
      const { user } = target();
      const { body } = await send("POST", "directoryObjects/getByIds", { ids: [user.id], types: ["user"] });
      expect(body.value[0]).toHaveProperty("displayName");
      expect(body.value[0]).not.toHaveProperty("accountEnabled");
    });

    test("are refused for what is no ID", async () => {
      expect(await byIds(["x"], kinds)).toEqual({ status: 400, body: refusal });
    });
  });

  describe("people by their addresses", () => {
    const select = "users?$select=id,accountEnabled,mail,userPrincipalName&";

    test("are found by mail or user principal name, in any case", async () => {
      const { user } = target();
      const name = (value: string): string => quoted(value.toUpperCase());
      for (const text of [
        `mail in (${name(user.mail)},'nobody@steelyard.invalid')`,
        `mail in ('nobody@steelyard.invalid') or userPrincipalName in (${name(user.userPrincipalName)})`,
        `mail eq ${name(user.mail)}`,
      ]) {
        const { status, body } = await send("GET", `${select}${filter(text)}`);
        expect([status, body.value.map((one: { id: string }) => one.id)]).toEqual([200, [user.id]]);
        expect(body.value[0].accountEnabled).toBe(user.enabled);
      }
    });

    test("who are not there are an empty list", async () => {
      const { status, body } = await send("GET", `${select}${filter("mail in ('nobody@steelyard.invalid')")}`);
      expect([status, body.value]).toEqual([200, []]);
    });

    test("a filter takes fifteen values and no more", async () => {
      const list = (count: number): string =>
        Array.from({ length: count }, (_, at) => `'n${at}@steelyard.invalid'`).join(",");
      const first = await send(
        "GET",
        `${select}${filter(`mail in (${list(8)}) or userPrincipalName in (${list(7)})`)}`,
      );
      expect(first.status).toBe(200);
      const { status, body } = await send("GET", `${select}${filter(`mail in (${list(16)})`)}`);
      expect([status, body]).toEqual([400, refusal]);
      expect(body.error.code).toBe("Request_UnsupportedQuery");
    });

    test.each(["mail in (", "nosuch eq 'a'", "mail in ('a' 'b')"])("the filter %s is refused", async (text) => {
      expect(await send("GET", `${select}${filter(text)}`)).toEqual({ status: 400, body: refusal });
    });
  });

  test("groups are found by mail", async () => {
    const { group } = target();
    const { body } = await send(
      "GET",
      `groups?$select=id,mail&${filter(`mail in (${quoted(group.mail.toUpperCase())})`)}`,
    );
    expect(body.value).toEqual([expect.objectContaining({ id: group.id, mail: group.mail })]);
  });

  describe("a batch", () => {
    const json = { "Content-Type": "application/json" };

    test("answers each request by its id, with a status of its own", async () => {
      const { user } = target();
      const { status, body } = await send("POST", "$batch", {
        requests: [
          {
            id: "a",
            method: "POST",
            url: "/directoryObjects/getByIds?$select=id",
            headers: json,
            body: { ids: [user.id] },
          },
          { id: "b", method: "GET", url: `/users?$select=id&${filter("nosuch eq 'a'")}` },
          { id: "c", method: "GET", url: `/users?$select=id&${filter(`mail eq ${quoted(user.mail)}`)}` },
        ],
      });
      expect(status).toBe(200);
      const parts = Object.fromEntries(body.responses.map((one: { id: string }) => [one.id, one]));
      expect(Object.keys(parts).toSorted()).toEqual(["a", "b", "c"]);
      expect(parts["a"]).toMatchObject({ status: 200, body: { value: [{ id: user.id }] } });
      expect(parts["b"]).toMatchObject({ status: 400, body: refusal });
      expect(parts["c"]).toMatchObject({ status: 200, body: { value: [{ id: user.id }] } });
    });

    test("takes twenty requests, and two with one id not at all", async () => {
      const parts = (count: number, name: (at: number) => string = String): object[] =>
        Array.from({ length: count }, (_, at) => ({
          id: name(at),
          method: "GET",
          url: `/groups?$select=id&${filter("mail eq 'n@x.invalid'")}`,
        }));
      expect((await send("POST", "$batch", { requests: parts(20) })).body.responses).toHaveLength(20);
      expect((await send("POST", "$batch", { requests: parts(21) })).status).toBe(400);
      expect((await send("POST", "$batch", { requests: parts(2, () => "same") })).status).toBe(400);
    });
  });

  test("who shows no good token learns nothing", async () => {
    for (const token of ["none", "e30.e30.e30"]) {
      const { status, body } = await send(
        "GET",
        `users?$select=id&${filter("mail eq 'a@x.invalid'")}`,
        undefined,
        token,
      );
      expect([status, body.error.code]).toEqual([401, "InvalidAuthenticationToken"]);
    }
  });
}
