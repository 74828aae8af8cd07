import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LinkClosed } from "../../infra/local/host/link.ts";
import { fixtures, HostBed } from "../support/hostBed.ts";

const bed = new HostBed();

beforeAll(() => bed.bundle("app", "empty", "throws", "refused", "fileNames"));
afterAll(() => bed.end());

/** Why a host did not come up. */
async function failure(options: Parameters<HostBed["spawn"]>[0]): Promise<string> {
  const started = bed.spawn(options);
  const message = await started.ready.then(
    () => "it came up",
    (error: Error) => error.message,
  );
  expect(await started.exited).toEqual({ code: 1, signal: null });
  return message;
}

describe("the bundle", () => {
  it("holds one copy of @azure/functions, for the app and for durable-functions", () => {
    const text = readFileSync(join(bed.folder, "app.js"), "utf8");
    expect(text.match(/^\/\/ node_modules\/@azure\/functions\/dist\//gm)).toHaveLength(1);
    expect(text).toContain("sourceMappingURL=app.js.map");
  });

  it("gives CommonJS parts their file names, beside ES modules that declare the same names", async () => {
    const { own, common } = (await import(join(bed.folder, "fileNames.js"))) as Record<string, string>;
    expect([own, common]).toEqual(["my own", bed.folder]);
  });

  it("leaves the core module to the host", () => {
    const text = readFileSync(join(bed.folder, "app.js"), "utf8");
    expect(text).toMatch(/__require\w*\("@azure\/functions-core"\)/);
  });
});

describe("an app that cannot be run ends its host with code 1 and the cause", () => {
  it("registers nothing", async () => {
    expect(await failure({ app: "empty" })).toMatch(/empty\.js registers no function\n/);
  });

  it("never reaches the host (test mode of the library)", async () => {
    expect(await failure({ app: join(fixtures, "unbundled.js") })).toMatch(
      /never asked for @azure\/functions-core, so @azure\/functions is absent or in "test mode"/,
    );
  });

  it("throws while it is loaded; no secret in what is said", async () => {
    const message = await failure({ app: "throws" });
    expect(message).toMatch(/throws\.js did not load/);
    expect(message).toMatch(/caused by: Error: no such setting; AccountKey=\[redacted\];/);
  });

  it("is not there", async () => {
    expect(await failure({ app: "absent" })).toMatch(/absent\.js did not load[\s\S]*Cannot find module/);
  });

  it("uses what is not implemented: all of it is named at once", async () => {
    const message = await failure({ app: "refused" });
    const named = [...message.matchAll(/^function (\w+): (.*)$/gm)].map(([, name, text]) => [name, text]);
    expect(Object.fromEntries(named)).toEqual({
      locked: expect.stringContaining("authLevel function is not implemented"),
      eager: expect.stringContaining("runOnStartup is not implemented"),
      retried: expect.stringContaining("retry policies are not implemented"),
      unset: 'schedule: app setting NO_SUCH_SETTING is not set (found "%NO_SUCH_SETTING%")',
      seventh: expect.stringContaining('field day-of-week: found "7"'),
      grid: expect.stringContaining("eventGridTrigger is not implemented"),
      topic: expect.stringContaining("option topicName of serviceBusTrigger is not implemented"),
      sessions: "isSessionsEnabled is not implemented",
      sends: "out binding of type serviceBus is not implemented",
      constrained: expect.stringContaining("{id:int} is not implemented"),
      counter: expect.stringContaining("entityTrigger is not implemented"),
    });
  });

  it("has a host.json with what is not implemented", async () => {
    const hostJson = { version: "2.0", extensions: { queues: {} } };
    expect(await failure({ hostJson })).toMatch(/host-\d+\.json has [\s\S]*Unrecognized key: "queues"/);
  });

  it("has an app setting that is not implemented", async () => {
    const env = { WEBSITE_TIME_ZONE: "Europe/Berlin" };
    expect(await failure({ env })).toContain("app setting WEBSITE_TIME_ZONE is not implemented");
  });
});

const nowOf = async (base: string): Promise<Record<string, number>> =>
  (await (await fetch(`${base}/api/about`)).json()) as Record<string, number>;

describe("business time", () => {
  const fixed = Date.parse("2031-05-06T07:08:09Z");

  it("is set before the app is imported and follows the platform", async () => {
    const host = await bed.start({ clock: { mode: "manual", nowMs: fixed, offsetMs: 0 } });
    expect(await nowOf(host.base)).toMatchObject({ now: fixed, importedAtMs: fixed });
    await host.process.link.call("clock.set", { mode: "manual", nowMs: fixed + 5000, offsetMs: 0 });
    expect((await nowOf(host.base))["now"]).toBe(fixed + 5000);
    const before = Date.now();
    await host.process.link.call("clock.set", { mode: "real", nowMs: 0, offsetMs: -300_000 });
    const { now = 0 } = await nowOf(host.base);
    expect(now).toBeGreaterThanOrEqual(before - 300_000);
    expect(now).toBeLessThanOrEqual(Date.now() - 300_000);
    host.process.kill();
  });
});

describe("the end of a host", () => {
  it("kill -9 ends it at once, breaks its calls, and a new one takes the same port", async () => {
    const first = await bed.start();
    const call = first.process.link.call("durable.activity", { name: "slowActivity", instanceId: "i", input: "60000" });
    first.process.kill();
    await expect(call).rejects.toThrow(LinkClosed);
    expect(await first.process.exited).toEqual({ code: null, signal: "SIGKILL" });
    await expect(first.process.link.call("busy", null)).rejects.toThrow(LinkClosed);
    const second = await bed.start({ port: first.info.port });
    expect(second.info.port).toBe(first.info.port);
    expect((await fetch(`${second.base}/api/nothing`)).status).toBe(204);
    second.process.kill();
  });

  it("stop: finishes what is under way, takes nothing new, exits with 0", async () => {
    const host = await bed.start();
    const slow = fetch(`${host.base}/api/slow/400`);
    await expect
      .poll(async () => (await host.process.link.call("busy", null)).inFlight)
      .toEqual([{ kind: "httpTrigger", id: expect.stringMatching(/^slow /), sinceMs: expect.any(Number) }]);
    const stopped = host.process.stop();
    await expect
      .poll(() =>
        fetch(`${host.base}/api/nothing`).then(
          (r) => r.status,
          () => "refused",
        ),
      )
      .not.toBe(204);
    expect(await (await slow).text()).toBe("done");
    await stopped;
    expect(await host.process.exited).toEqual({ code: 0, signal: null });
  });

  it("goes when its platform is killed", async () => {
    const platform = fork(join(fixtures, "platform.ts"), [join(bed.folder, "app.js")], { stdio: "pipe" });
    const [line] = (await once(createInterface({ input: platform.stdout! }), "line")) as [string];
    const answers = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${line}/api/nothing`).then(
        (r) => r.ok,
        () => false,
      );
    expect(await answers()).toBe(true);
    platform.kill("SIGKILL");
    await expect.poll(answers).toBe(false);
  });

  it("says that its port is taken", async () => {
    const host = await bed.start();
    expect(await failure({ port: host.info.port })).toContain("EADDRINUSE");
    host.process.kill();
  });
});
