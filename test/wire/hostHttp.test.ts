import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HostBed, type RunningHost } from "../support/hostBed.ts";

const bed = new HostBed();
let host: RunningHost;

beforeAll(async () => {
  await bed.bundle("app");
  host = await bed.start({ env: { FIXTURE_SETTING: "from the app settings" } });
});
afterAll(() => bed.end());

/** Log lines of one function, parsed. */
function logOf(name: string): Record<string, string>[] {
  return host.lines
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter((line) => line["function"] === name);
}

/** What a raw request gets back on a connection that the host closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(host.info.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("HTTP functions", () => {
  it("hands over method, URL, parameters, query, headers and body, and sends what the function returns", async () => {
    const url = `${host.base}/api/echo/a%20b?x=1&x=2&y=%C3%A9`;
    const response = await fetch(url, { method: "POST", body: "grüße", headers: { "X-Sent": "seen" } });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-seen")).toBe("seen");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      method: "POST",
      url,
      params: { id: "a b" },
      query: { x: "1,2", y: "é" },
      body: "grüße",
    });
  });

  it("sends several cookies with their attributes", async () => {
    const response = await fetch(`${host.base}/api/echo`);
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; path=/; samesite=strict; httponly",
      "b=3; max-age=60; path=/api; secure",
    ]);
  });

  it("is not harmed by a query key that names the prototype of objects", async () => {
    const url = `${host.base}/api/echo?__proto__=1&__proto__=2&constructor=3`;
    const { query } = (await (await fetch(url)).json()) as { query: object };
    expect(query).toEqual({ constructor: "3" });
    expect(await (await fetch(`${host.base}/api/inherited`)).json()).toEqual([]);
  });

  it("leaves an absent optional parameter out", async () => {
    const body = (await (await fetch(`${host.base}/api/echo`)).json()) as { params: object };
    expect(body.params).toEqual({});
  });

  it("sends bytes as they are", async () => {
    const bytes = await (await fetch(`${host.base}/api/bytes`)).arrayBuffer();
    expect([...new Uint8Array(bytes)]).toEqual([0, 255, 10]);
  });

  it.each([
    ["GET", "/api/echo/special", 200, "literal"],
    ["GET", "/api/files/a/b", 200, "a/b"],
    ["GET", "/api/nothing", 204, ""],
    ["GET", "/api/nowhere", 404, ""],
    ["DELETE", "/api/echo", 404, ""],
    ["HEAD", "/api/bytes", 404, ""],
    ["GET", "/echo", 404, ""],
    ["GET", "/", 404, ""],
    ["GET", "/api/echo/%zz", 400, ""],
    ["GET", "/api/../echo", 404, ""],
  ])("%s %s answers %i", async (method, path, status, body) => {
    const response = await fetch(host.base + path, { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  it("answers 500 without a body when a function throws, and logs the error", async () => {
    const response = await fetch(`${host.base}/api/boom`);
    expect([response.status, await response.text()]).toEqual([500, ""]);
    const [line] = logOf("boom");
    expect(line).toMatchObject({ level: "error", category: "host" });
    expect(line?.["message"]).toMatch(/the detail stays inside[\s\S]*hostApp\/app\.ts/);
  });

  it("refuses a body above 100 MB with 413, without reading it", async () => {
    const answer = await raw(
      `POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${100 * 2 ** 20 + 1}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("survives a request without a usable host name", async () => {
    const answer = await raw("GET /api/bytes HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("the app in its process", () => {
  it("sees its settings, its address and business time, and nothing of the host's own settings", async () => {
    const about = (await (await fetch(`${host.base}/api/about`)).json()) as Record<string, unknown>;
    expect(about).toMatchObject({
      started: 1,
      setting: "from the app settings",
      hostname: `localhost:${host.info.port}`,
      own: [],
    });
  });

  it("has its hooks run: inputs added, an error swallowed, a log line changed", async () => {
    expect(await (await fetch(`${host.base}/api/hooked`)).json()).toEqual({ second: "from the hook" });
    expect((await fetch(`${host.base}/api/swallowed`)).status).toBe(204);
  });

  it("logs one line of JSON per entry, with function and invocation, without secrets", async () => {
    const invocationId = await (await fetch(`${host.base}/api/talk`)).text();
    await expect.poll(() => logOf("talk").length).toBe(3);
    const lines = logOf("talk");
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ["warning", "watch out"],
      ["information", "SHOUT"],
      ["information", "Authorization: Bearer [redacted] SharedAccessKey=[redacted];x"],
    ]);
    for (const line of lines) {
      expect(line).toMatchObject({ category: "user", function: "talk", invocationId });
      expect(Date.parse(line["at"] ?? "")).toBeGreaterThan(0);
    }
  });

  it("tells the platform what it is made of", () => {
    const { functions, rssBytes, startMs, app, instance } = host.info;
    expect({ app, instance }).toEqual({ app: "core", instance: 0 });
    expect(rssBytes).toBeGreaterThan(10e6);
    expect(startMs).toBeGreaterThan(0);
    expect(functions).toContainEqual({ name: "tick", type: "timerTrigger", schedule: "0 */5 * * * *" });
    expect(functions).toContainEqual({ name: "echo", type: "httpTrigger" });
    expect(functions).toContainEqual({ name: "double", type: "activityTrigger" });
    expect(functions).toContainEqual({ name: "doubleTwice", type: "orchestrationTrigger" });
  });
});

describe("functionTimeout of host.json", () => {
  it("fails the invocation that is over it, by name", async () => {
    const quick = await bed.start({ hostJson: { version: "2.0", functionTimeout: "00:00:01" } });
    const call = quick.process.link.call("durable.activity", { name: "slowActivity", instanceId: "i", input: "60000" });
    const response = await fetch(`${quick.base}/api/slow/60000`);
    expect(response.status).toBe(500);
    expect(await call).toMatchObject({
      ok: false,
      message: "Timeout value of 1 s was exceeded by function slowActivity (functionTimeout in host.json)",
    });
    quick.process.kill();
  });
});
