/** Starting the platform: what it refuses and how it says so, and apps that can't be loaded. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "../../infra/local/platform/options.ts";
import { portsFrom } from "../../infra/local/platform/ports.ts";
import { fixtureApps, freeBase, startPlatform, type Health, type TestPlatform } from "../support/platform.ts";

const root = join(import.meta.dirname, "../..");

async function start(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [join(root, "infra/local/platform/main.ts"), ...args], { cwd: root });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
  const [code] = (await once(child, "close")) as [number];
  return { code, output: output.join("") };
}

describe("options", () => {
  test("come from the command line, the environment, and defaults", () => {
    expect(parseOptions([], {}, "/x")).toEqual({
      cores: 1,
      scenario: undefined,
      day: "off",
      config: {},
      dataDir: "/x/.steelyard",
      portBase: 7070,
      manual: false,
      appFiles: {},
      help: false,
    });
    const environment = { STEELYARD_PORT_BASE: "8000", STEELYARD_DATA: "d" };
    expect(parseOptions([], environment, "/x")).toMatchObject({ portBase: 8000, dataDir: "/x/d" });
    const args = ["--core", "3", "--scenario", "empty", "--port-base", "9000", "--manual", "--app", "core=a.js"];
    expect(parseOptions(args, environment, "/x")).toMatchObject({
      cores: 3,
      scenario: "empty",
      portBase: 9000,
      manual: true,
      appFiles: { core: "/x/a.js" },
    });
  });

  test.each([
    [["--core", "0"], "--core: found '0', expected a whole number from 1 to 16"],
    [["--core", "two"], "--core: found 'two'"],
    [["--scenario", "huge"], "--scenario: found 'huge', expected one of contoso, empty, small"],
    [["--scenario", "small", "--day", "on"], "--day: found 'on', expected it with --scenario contoso"],
    [["--scenario", "contoso", "--day", "now"], "--day: found 'now', expected on or off"],
    [["--config", "{}"], "--config: found it without --scenario"],
    [["--scenario", "empty", "--config", "quorum"], "--config: found 'quorum', expected a JSON object"],
    [["--port-base", "80"], "--port-base: found '80'"],
    [["--app", "chat=x"], "--app: found 'chat=x', expected core=FILE or edge=FILE"],
    [["--verbose"], "--verbose"],
  ])("%j is refused", (args, message) => {
    expect(() => parseOptions(args, {}, "/x")).toThrow(UsageError);
    expect(() => parseOptions(args, {}, "/x")).toThrow(message);
  });

  test("give every instance a port of its own", () => {
    const { core, ...ports } = portsFrom(7070, 16);
    const all = [...core, ...Object.values(ports)];
    expect(new Set(all).size).toBe(all.length);
    expect(core.slice(0, 3)).toEqual([7072, 7090, 7091]);
  });
});

describe("refusals", () => {
  let dir: string;
  let server: Server;
  let base: number;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "steelyard-start-"));
    base = await freeBase();
    server = createServer().listen(base + 5, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(async () => {
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  test("a port in use: which, what for, and what to do; exit code 2", async () => {
    const { port } = server.address() as AddressInfo;
    const { code, output } = await start(["--port-base", String(base), "--data", dir]);
    expect(code).toBe(2);
    expect(output).toContain(`port ${port} (cosmos) on 127.0.0.1 is in use`);
    expect(output).toContain("--port-base");
  });

  test("a data folder that can't be one: exit code 2 and no stack", async () => {
    const file = join(dir, "file");
    await writeFile(file, "");
    const { code, output } = await start(["--port-base", String(await freeBase()), "--data", file]);
    expect([code, output.split("\n").length]).toEqual([2, 2]);
    expect(output).toContain(`--data: found ${file}, where no folder can be made`);
  });

  test("bad options: exit code 2 and no stack", async () => {
    const { code, output } = await start(["--core", "x"]);
    expect([code, output]).toEqual([2, "steelyard: --core: found 'x', expected a whole number from 1 to 16\n"]);
  });
});

describe("an app that can't be loaded", () => {
  let platform: TestPlatform;
  const file = (): string => join(platform.dir, "core.mjs");
  beforeAll(async () => {
    platform = await startPlatform({ appFiles: fixtureApps });
    await platform.endPlatform();
    await writeFile(file(), 'throw new Error("app setting COSMOS_ENDPOINT: found nothing");\n');
  });
  afterAll(() => platform?.stop());

  test("is tried again with back-off; health says why; it comes up when the cause is gone", async () => {
    await platform.start({ appFiles: { ...fixtureApps, core: file() }, wait: false });
    let health: Health | undefined;
    while (health?.hosts.find(({ name }) => name === "core-0")?.lastExit === undefined) {
      await sleep(20);
      health = (await platform.control("GET", "health").catch(() => undefined))?.body;
    }
    expect(health.status).toBe("starting");
    const core = health.hosts.find(({ name }) => name === "core-0");
    expect(core?.lastExit).toBe("exit code 1");
    expect(core?.lastLines?.join("\n")).toContain("app setting COSMOS_ENDPOINT: found nothing");
    expect(health.hosts.find(({ name }) => name === "edge")?.state).toMatch(/^(starting|ready)$/);
    await writeFile(file(), `await import(${JSON.stringify(fixtureApps.core)});\n`);
    const after = await platform.untilReady();
    expect(after.hosts.find(({ name }) => name === "core-0")?.starts).toBeGreaterThan(1);
  });

  test("a data folder is used by one platform at a time", async () => {
    const base = await freeBase();
    const { code, output } = await start(["--port-base", String(base), "--data", join(platform.dir, "data")]);
    expect(code).toBe(2);
    expect(output).toContain("is used by the platform that runs as process");
  });

  test("a second platform on the same ports is told of the first", async () => {
    const { code, output } = await start([
      "--port-base",
      String(platform.portBase),
      "--data",
      join(platform.dir, "other"),
    ]);
    expect(code).toBe(2);
    expect(output).toContain("a Steelyard platform runs already");
  });
});
