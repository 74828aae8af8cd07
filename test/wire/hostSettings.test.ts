import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseHostJson } from "../../infra/local/host/hostJson.ts";
import { hostEnvironment, resolveSettings, takeHostSettings } from "../../infra/local/host/settings.ts";
import { parseTimeSpan } from "../../infra/local/host/timeSpan.ts";
import { redact } from "../../infra/local/host/logs.ts";

const read = (content: object) => parseHostJson(JSON.stringify(content), "host.json");

describe("host.json", () => {
  it("of this repository is understood", () => {
    const text = readFileSync(join(import.meta.dirname, "../../host.json"), "utf8");
    expect(parseHostJson(text, "host.json")).toEqual({
      routePrefix: "api",
      functionTimeoutMs: 600_000,
      taskHubName: "%TASKHUB_NAME%",
      serviceBus: { maxConcurrentCalls: 16, maxMessageBatchSize: 250, maxAutoLockRenewalMs: 300_000 },
    });
  });

  it("that says only its version has Azure's defaults", () => {
    expect(read({ version: "2.0" })).toEqual({
      routePrefix: "api",
      functionTimeoutMs: 1_800_000,
      taskHubName: "TestHubName",
      serviceBus: { maxConcurrentCalls: 16, maxMessageBatchSize: 1000, maxAutoLockRenewalMs: 300_000 },
    });
    expect(read({ version: "2.0", extensions: { http: { routePrefix: "" } } }).routePrefix).toBe("");
    expect(read({ version: "2.0", extensions: { http: { routePrefix: "/a/b/" } } }).routePrefix).toBe("a/b");
  });

  it.each([
    [{ version: "2.0", extensions: { queues: {} } }, /Unrecognized key: "queues"/],
    [{ version: "2.0", retry: {} }, /Unrecognized key: "retry"/],
    [{ version: "2.0", functionTimeout: "10 minutes" }, /found "10 minutes", expected a TimeSpan/],
    [{ version: "2.0", functionTimeout: "00:00:00" }, /found "00:00:00"/],
    [{ version: "3.0" }, /expected "2.0"/],
    [{}, /version/],
    [{ version: "2.0", extensions: { serviceBus: { autoCompleteMessages: false } } }, /autoCompleteMessages/],
    [{ version: "2.0", extensions: { durableTask: { maxConcurrentActivityFunctions: 1 } } }, /maxConcurrentActivity/],
  ])("is refused by name: %o", (content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it("that is not JSON is refused by name", () => {
    expect(() => parseHostJson("{", "host.json")).toThrow("host.json is not JSON");
  });
});

describe("app settings", () => {
  const settings = {
    app: "edge",
    instance: 2,
    appFile: "/app/edge.js",
    port: 7071,
    clock: { mode: "manual", nowMs: 5, offsetMs: 0 },
    hostJsonFile: "/app/host.json",
  } as const;

  it("carry the host's own, which are taken out", () => {
    const environment: NodeJS.ProcessEnv = { MINE: "1", ...hostEnvironment(settings) };
    expect(takeHostSettings(environment)).toEqual(settings);
    expect(environment).toEqual({ MINE: "1" });
  });

  it("name what of the host's own is missing or wrong", () => {
    expect(() => takeHostSettings({})).toThrow(/APP_FILE/);
    expect(() => takeHostSettings({ ...hostEnvironment(settings), STEELYARD_HOST_PORT: "x" })).toThrow(/PORT/);
    expect(() => takeHostSettings({ ...hostEnvironment(settings), STEELYARD_HOST_EXTRA: "x" })).toThrow(/"EXTRA"/);
  });

  it.each(["AzureFunctionsJobHost__functionTimeout", "AzureWebJobs.tick.Disabled", "WEBSITE_TIME_ZONE"])(
    "refuse %s by name",
    (name) => {
      const environment = { ...hostEnvironment(settings), [name]: "x" };
      expect(() => takeHostSettings(environment)).toThrow(`app setting ${name} is not implemented`);
    },
  );

  it("are put in the place of %NAME%", () => {
    expect(resolveSettings("a-%B%-%C%", { B: "x", C: "$&" }, "queueName")).toBe("a-x-$&");
    expect(() => resolveSettings("%B%", {}, "queueName")).toThrow('queueName: app setting B is not set (found "%B%")');
    expect(() => resolveSettings("%B%", { B: "" }, "queueName")).toThrow("app setting B is not set");
  });
});

describe("small notations", () => {
  it.each([
    ["00:00:01", 1000],
    ["1.02:03:04", 93_784_000],
    ["9:00:00", 32_400_000],
    ["24:00:00", undefined],
    ["00:60:00", undefined],
    ["10:00", undefined],
    ["-00:00:01", undefined],
  ])("TimeSpan %s", (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  it.each([
    ["token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end", "token [redacted] end"],
    ["Endpoint=sb://x/;SharedAccessKey=abc=;Entity=q", "Endpoint=sb://x/;SharedAccessKey=[redacted];Entity=q"],
    ["GET /a?code=secret&b=1", "GET /a?code=[redacted]&b=1"],
    ["bearer of good news", "bearer of good news"],
    ["version 1.2.3", "version 1.2.3"],
  ])("%s is logged as %s", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });
});
