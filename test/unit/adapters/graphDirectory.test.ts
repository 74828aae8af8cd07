/** What Microsoft Graph is asked for references, and that no answer of it is taken for more than it says. */
import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import { assert, json, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphDirectory } from "../../../shared/adapters/graphDirectory.ts";
import { principalsIn, requestsFor } from "../../../shared/adapters/graphLookup.ts";

const id = "00000000-0000-4000-8000-00000000000a";
const mail = "ada@contoso.com";
const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const user = { "@odata.type": "#microsoft.graph.user", id, accountEnabled: true };

/** Answers one request and keeps it. */
class Wire implements HttpClient {
  readonly seen: PipelineRequest[] = [];
  readonly #status: number;
  readonly #body: string;
  readonly #headers: Record<string, string>;

  constructor(status: number, body: string, headers: Record<string, string> = {}) {
    this.#status = status;
    this.#body = body;
    this.#headers = headers;
  }

  async sendRequest(request: PipelineRequest) {
    this.seen.push(request);
    return { request, status: this.#status, headers: createHttpHeaders(this.#headers), bodyAsText: this.#body };
  }
}

const ask = (references: readonly string[], httpClient: HttpClient, abortMs = 1_000) =>
  new GraphDirectory(credential, "https://graph.example/", { httpClient, abortMs }).principals(references);
const batch = (...responses: object[]): string => JSON.stringify({ responses });
const ok = (name: string, value: readonly object[]) => ({ id: name, status: 200, body: { value } });

describe("the requests", () => {
  it("are one batch, with the token for Graph", async () => {
    const wire = new Wire(200, batch(ok("ids", [user])));
    expect(await ask([id], wire)).toEqual({
      kind: "told",
      principals: { [id]: { oid: id, kind: "user", enabled: true } },
    });
    const [request] = wire.seen;
    expect(wire.seen).toHaveLength(1);
    expect([request?.method, request?.url]).toEqual(["POST", "https://graph.example/v1.0/$batch"]);
    expect(request?.headers.get("authorization")).toBe("Bearer t");
    expect(JSON.parse(request?.body as string)).toEqual({
      requests: [
        {
          id: "ids",
          method: "POST",
          url: "/directoryObjects/getByIds?$select=id,accountEnabled",
          headers: { "Content-Type": "application/json" },
          body: { ids: [id], types: ["user", "group", "servicePrincipal"] },
        },
      ],
    });
  });

  it("are not sent for what names nobody", async () => {
    const wire = new Wire(500, "");
    expect(await ask(["payments team"], wire)).toEqual({ kind: "told", principals: { "payments team": null } });
    expect(wire.seen).toEqual([]);
  });

  it("keep to fifteen values in a filter and ask for each address as both", () => {
    const mails = Array.from({ length: 20 }, (_, at) => `p${at}@contoso.com`);
    const filters = requestsFor(mails).map(({ url }) => new URL(url, "https://x").searchParams.get("$filter") ?? "");
    const values = filters.map((filter) => filter.match(/'[^']+'/g) ?? []);
    expect(values.map(({ length }) => length)).toEqual([14, 14, 12, 15, 5]);
    const asked = (property: string): string[] =>
      filters.flatMap((filter) => new RegExp(`\\b${property} in \\((.*?)\\)`).exec(filter)?.[1]?.split(",") ?? []);
    const quoted = mails.map((one) => `'${one}'`);
    expect(asked("userPrincipalName")).toEqual(quoted);
    // Of users and of groups.
    expect(asked("mail").toSorted()).toEqual([...quoted, ...quoted].toSorted());
  });

  it("double a quote, so that an address stays a value", () => {
    const [users] = requestsFor(["o'neil@contoso.com"]);
    expect(new URL(users?.url ?? "", "https://x").searchParams.get("$filter")).toBe(
      "mail in ('o''neil@contoso.com') or userPrincipalName in ('o''neil@contoso.com')",
    );
  });
});

describe("an answer that is no answer", () => {
  const users = (value: object) => batch({ id: "users-0", status: 200, body: value }, ok("groups-0", []));

  it.each([
    ["nothing", ""],
    ["a page", "<html>"],
    ["null", "null"],
    ["a list", "[]"],
    ["no responses", "{}"],
    ["responses of another shape", '{"responses":"x"}'],
    ["none to a request", batch(ok("groups-0", []))],
    ["one without a body", batch({ id: "users-0", status: 200 }, ok("groups-0", []))],
    ["no list", users({ value: "x" })],
    ["an object without an ID", users({ value: [{ accountEnabled: true, mail }] })],
    ["an ID that is none", users({ value: [{ id: "x", accountEnabled: true, mail }] })],
    ["a state that is none", users({ value: [{ id, accountEnabled: "yes", mail }] })],
    ["an address that is none", users({ value: [{ id, accountEnabled: true, mail: 7 }] })],
    [
      "a part of the list",
      users({ value: [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x" }),
    ],
  ])("is not read as nobody: %s", async (_, body) => {
    const result = await ask([mail], new Wire(200, body));
    expect(result).toMatchObject({ kind: "failed", error: { code: "UnreadableAnswer" } });
    expect(JSON.stringify(result)).not.toContain("ada@");
  });

  it("is an object of another type than was asked for", async () => {
    const device = { ...user, "@odata.type": "#microsoft.graph.device" };
    const result = await ask([id], new Wire(200, batch(ok("ids", [device]))));
    expect(result).toMatchObject({ kind: "failed", error: { code: "UnreadableAnswer" } });
  });

  it.each([null, undefined])("is one that hides whether it is enabled (%s)", async (accountEnabled) => {
    const application = { "@odata.type": "#microsoft.graph.servicePrincipal", id, accountEnabled };
    expect(await ask([id], new Wire(200, batch(ok("ids", [application]))))).toEqual({
      kind: "failed",
      error: {
        code: "LimitedInformation",
        message: `Graph hides whether the servicePrincipal ${id} is enabled: the identity needs Directory.Read.All`,
        retryAfterMs: undefined,
      },
    });
    const somebody = batch(ok("users-0", [{ id, accountEnabled, mail }]), ok("groups-0", []));
    expect(await ask([mail], new Wire(200, somebody))).toMatchObject({ error: { code: "LimitedInformation" } });
  });

  it("never throws, whatever it is", () => {
    const anything = oneof(
      string(),
      json(),
      json().map((body) => `{"responses":[{"id":"users-0","status":200,"body":${body}}]}`),
      json().map((value) => `{"responses":[{"id":"ids","status":200,"body":{"value":[${value}]}}]}`),
    );
    const requests = requestsFor([id, mail]);
    assert(
      property(anything, (text) => {
        expect(principalsIn([id, mail], requests, text).kind).toBe("failed");
      }),
      { numRuns: 200 },
    );
  });
});

describe("people beyond those asked for", () => {
  it("are not passed on, nor anybody's address or name", async () => {
    const other = { id: id.replace("a", "b"), accountEnabled: true, mail: "ben@contoso.com" };
    const ada = {
      id,
      accountEnabled: false,
      mail: "Ada@Contoso.com",
      userPrincipalName: "ada.l@corp",
      displayName: "A",
    };
    const result = await ask([mail], new Wire(200, batch(ok("groups-0", []), ok("users-0", [other, ada]))));
    expect(result).toEqual({ kind: "told", principals: { [mail]: { oid: id, kind: "user", enabled: false } } });
  });
});

describe("a refusal", () => {
  const refused = (code: string) => JSON.stringify({ error: { code, message: "no" } });

  it.each([
    [403, "Authorization_RequestDenied", {}, undefined],
    [400, "Request_BadRequest", {}, undefined],
    [401, "InvalidAuthenticationToken", {}, 30_000],
    [429, "TooManyRequests", { "retry-after": "7" }, 7_000],
    [429, "TooManyRequests", { "retry-after": "99999" }, 900_000],
    [429, "TooManyRequests", { "retry-after": "Sat, 21 Nov 2026 10:00:00 GMT" }, 30_000],
    [503, "serviceNotAvailable", {}, 30_000],
  ])("%i %s of the batch (%j) is worth asking again after %s ms", async (status, code, headers, retryAfterMs) => {
    expect(await ask([mail], new Wire(status, refused(code), headers as Record<string, string>))).toEqual({
      kind: "failed",
      error: { code, message: "no", retryAfterMs },
    });
  });

  it("without a body goes by its status", async () => {
    expect(await ask([mail], new Wire(502, "<html>"))).toMatchObject({
      error: { code: "Http502", retryAfterMs: 30_000 },
    });
  });

  it("of one request is one of all, and what somebody has to act on is said first", async () => {
    const part = (name: string, status: number, code: string, headers: object = {}) => ({
      id: name,
      status,
      headers,
      body: { error: { code, message: "no" } },
    });
    const throttled = part("users-0", 429, "TooManyRequests", { "Retry-After": "7" });
    const longer = part("groups-0", 429, "TooManyRequests", { "Retry-After": "9" });
    const denied = part("groups-0", 403, "Authorization_RequestDenied");
    const found = ok("groups-0", [{ id, mail }]);
    const error = async (...parts: object[]) => ask([mail], new Wire(200, batch(...parts)));
    expect(await error(throttled, found)).toMatchObject({ error: { code: "TooManyRequests", retryAfterMs: 7_000 } });
    expect(await error(throttled, longer)).toMatchObject({ error: { retryAfterMs: 9_000 } });
    expect(await error(throttled, denied)).toMatchObject({
      error: { code: "Authorization_RequestDenied", retryAfterMs: undefined },
    });
  });
});

describe("no answer", () => {
  it("within the time ends the exchange", async () => {
    const silent: HttpClient = {
      sendRequest: ({ abortSignal }) =>
        new Promise((_, reject) => {
          abortSignal?.addEventListener("abort", () => reject(new Error("the operation was aborted")));
        }),
    };
    expect(await ask([mail], silent, 5)).toEqual({
      kind: "failed",
      error: { code: "NoAnswer", message: "the operation was aborted", retryAfterMs: 30_000 },
    });
  });

  it("is what a missing token is, too", async () => {
    const none = { getToken: () => Promise.reject(new Error("ManagedIdentityCredential: no endpoint")) };
    const directory = new GraphDirectory(none, "https://graph.example", { httpClient: new Wire(200, batch()) });
    expect(await directory.principals([mail])).toMatchObject({ kind: "failed", error: { code: "NoAnswer" } });
  });
});
