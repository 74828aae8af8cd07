/** What every answer of the API has in common, whatever was asked: a JSON error where it is one, and headers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oids } from "../../infra/local/scenarios/people.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  platform = await startPlatform();
  for (const as of [oids.reader, oids.operator])
    tokens[as] = (await platform.control("POST", "token", { as })).body.token as string;
});
afterAll(() => platform.stop());

function call(method: string, path: string, as?: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization: Record<string, string> = as === undefined ? {} : { authorization: `Bearer ${tokens[as]}` };
  return fetch(`${platform.edgeUrl}${path}`, { method, headers: { ...authorization, ...headers }, redirect: "manual" });
}

function expectOwnHeaders(response: Response): void {
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("cache-control")).toBe("no-store");
}

describe("what is no call of the API", () => {
  test.each([
    ["GET", "/api"],
    ["GET", "/api/"],
    ["GET", "/api/nothing"],
    ["GET", "/api/findings/of/nobody"],
    ["POST", "/api/nothing/at/all"],
    ["PUT", "/api/findings"],
    ["PATCH", "/api/config"],
    ["DELETE", "/api/health"],
    ["OPTIONS", "/api/findings"],
    ["POST", "/api/console/nothing"],
  ])("%s %s is told as an error of the API", async (method, path) => {
    for (const as of [undefined, oids.reader]) {
      const response = await call(method, path, as);
      expect(response.status).toBe(404);
      expectOwnHeaders(response);
      expect(await response.json()).toEqual({
        error: { code: "NotFound", message: `there is no call ${method} ${path}` },
      });
    }
  });

  test("has no body where none may be", async () => {
    const response = await call("HEAD", "/api/nothing");
    expect([response.status, await response.text()]).toEqual([404, ""]);
    expectOwnHeaders(response);
  });

  test("is told back in part only", async () => {
    const { error } = (await (await call("GET", `/api/${"x".repeat(5_000)}`)).json()) as { error: { message: string } };
    expect(error.message.length).toBeLessThan(300);
  });

  test("of the console is the console's to answer", async () => {
    const origin = platform.edgeUrl.replace("127.0.0.1", "localhost");
    const response = await fetch(`${origin}/api/console/nothing`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([
      303,
      "/api/console/signin?return=%2Fapi%2Fconsole%2Fnothing",
    ]);
  });
});

test.each([
  [200, "GET", "/api/health", undefined],
  [200, "GET", "/api/findings", oids.reader],
  [200, "GET", "/api/config", oids.reader],
  [200, "GET", "/api/metrics", oids.reader],
  [202, "POST", "/api/sweep", oids.operator],
  [400, "GET", "/api/findings?limit=0", oids.reader],
  [401, "GET", "/api/findings", undefined],
  [403, "POST", "/api/sweep", oids.reader],
  [404, "GET", "/api/requests/NET-01.prod.v7", oids.reader],
])("an answer of %i (%s %s) is not kept and not guessed at", async (status, method, path, as) => {
  const response = await call(method, path, as);
  expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(/./)]);
  expectOwnHeaders(response);
});

test("headers of a single call stay", async () => {
  expect((await call("GET", "/api/findings")).headers.get("www-authenticate")).toBe("Bearer");
  expect((await call("GET", "/api/config", oids.reader)).headers.get("etag")).toBe('"v1"');
  const metrics = await call("GET", "/api/metrics", oids.reader);
  expect(metrics.headers.get("content-type")).toContain("application/openmetrics-text");
  expect((await call("GET", "/api/findings", oids.reader)).headers.get("content-type")).toContain("application/json");
});
