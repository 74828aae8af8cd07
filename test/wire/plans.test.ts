/** What would change, on the wire: a standard that nobody holds is tried on the estate as it is and as it was. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpAccounts, decide, ledger, oids, open, proposalsOf } from "../support/estate.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { compileCache } from "../support/productBuild.ts";

const root = join(import.meta.dirname, "../..");

/** As people write it for the first time. */
const standard = {
  id: "NAM-01",
  version: 1,
  title: "Accounts are not open to the internet",
  severity: "low",
  resourceType: "Microsoft.CognitiveServices/accounts",
  archetypes: ["corp"],
  rule: { if: { field: "Microsoft.CognitiveServices/accounts/publicNetworkAccess", notEquals: "Disabled" } },
  remedy: {
    kind: "patch",
    safety: "R",
    assertions: [{ path: "properties.publicNetworkAccess", op: "set", value: "Disabled" }],
  },
  cases: [],
  sources: [],
};

let platform: TestPlatform;
let account: string;
let closedAt: string;

async function now(): Promise<string> {
  return (await platform.control("GET", "clock")).body.now as string;
}

async function steelyard(...words: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { token } = (await platform.control("POST", "token", { as: oids.reader })).body;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "shared/cli/main.ts"), ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: token, ...compileCache() },
  });
  return { status, stdout, stderr };
}

/** A file with the standard, or with what is said instead of it. */
function file(content: unknown = standard): string {
  const path = join(platform.dir, "standard.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  return path;
}

beforeAll(async () => {
  platform = await startPlatform({ scenario: "small", clock: "manual" });
  await platform.settle();
  await platform.clock({ advance: "PT5M" });
  await platform.settle();
  const closed = [...(await corpAccounts(platform)).values()].find(
    ({ properties }) => properties["publicNetworkAccess"] === "Disabled",
  );
  account = closed!.id;
  closedAt = await now();
  await platform.clock({ advance: "PT1H" });
  await open(platform, account);
  await platform.settle();
});

afterAll(async () => {
  await platform.stop();
});

describe("a standard that is tried", () => {
  it("is judged on the estate as it is and as it was; nothing is stored and nothing is written", async () => {
    const before = [await ledger(platform), (await platform.control("GET", "effects?after=0")).body];
    const is = await steelyard("standards", "try", file(), "--json");
    expect([is.status, is.stderr]).toEqual([1, ""]);
    const told = JSON.parse(is.stdout);
    expect(told.standards).toMatchObject([{ id: "NAM-01", mode: "approve" }]);
    const row = told.plan.differences.find(({ target }: { target: string }) => target === account.toLowerCase());
    expect(row).toMatchObject({
      was: { kind: "none" },
      will: {
        kind: "ask",
        quorum: 1,
        fields: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
      },
    });
    const was = JSON.parse((await steelyard("standards", "try", file(), "--as-of", closedAt, "--json")).stdout).plan;
    expect(was).toMatchObject({ asOf: closedAt, accounts: told.plan.accounts, total: told.plan.total - 1 });
    expect(was.differences.map(({ target }: { target: string }) => target)).not.toContain(account.toLowerCase());
    const after = [await ledger(platform), (await platform.control("GET", "effects?after=0")).body];
    const writes = (body: { value?: { method: string }[] }): number =>
      (body.value ?? (body as { method: string }[])).filter(({ method }) => method !== "GET" && method !== "QUERY")
        .length;
    expect(after[0]).toEqual(before[0]);
    expect(writes(after[1])).toBe(writes(before[1]));
  });

  it("names what is not known of a time before the first look, and reads well", async () => {
    const first = new Date(Date.parse(closedAt) - 24 * 3_600_000).toISOString();
    const { status, stdout } = await steelyard("standards", "try", file(), "--as-of", first);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Of ${first} nothing is known of any account`)]);
    const text = await steelyard("standards", "try", file());
    expect(text.stdout).toContain("NAM-01 in mode approve: Accounts are not open to the internet");
    expect(text.stdout).toContain("      properties.publicNetworkAccess: Enabled -> Disabled");
  });

  it.each([
    ["{", [], /standard\.json:1:\d+/],
    [{ ...standard, severity: "urgent" }, [], /standard\.json:5:\d+: \/severity: found "urgent"/],
    [
      { ...standard, rule: { if: { field: "nothing", equals: 1 } } },
      [],
      /standard\.json:\d+:\d+: \/rule\/if\/field: found nothing/,
    ],
    [standard, ["--mode", "always"], /found "always"/],
    [standard, ["--as-of", "2020-01-01"], /expected one of the last 90 days/],
    [standard, ["--as-of", "soon"], /found soon; expected a time/],
  ])("says what is wrong: %#", async (content, words, message) => {
    const { status, stderr, stdout } = await steelyard("standards", "try", file(content), ...words);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it("is refused by the API in the same words", async () => {
    const standards = [{ ...standard, rule: { if: { field: "nothing", equals: 1 } } }];
    const refused = await platform.api("POST", "standards/plan", { standards }, oids.reader);
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      expect.stringContaining("standard NAM-01: policy rule at /rule/if/field: found nothing"),
    ]);
    const most = await platform.api(
      "POST",
      "standards/plan",
      { standards: Array.from({ length: 51 }, () => standard) },
      oids.reader,
    );
    expect([most.status, most.body.error.message]).toEqual([400, expect.stringContaining("standards")]);
  });
});

it("tells of an imported policy what it would find, and leaves the configuration as it is", async () => {
  const definition = {
    name: "0a1b2c3d-0000-4000-8000-000000000001",
    type: "Microsoft.Authorization/policyDefinitions",
    properties: {
      displayName: "Accounts should not be open",
      mode: "Indexed",
      policyRule: {
        if: {
          allOf: [
            { field: "type", equals: "Microsoft.CognitiveServices/accounts" },
            { field: "Microsoft.CognitiveServices/accounts/publicNetworkAccess", notEquals: "Disabled" },
          ],
        },
        // oxlint-disable-next-line unicorn/no-thenable -- as Azure Policy writes it
        then: { effect: "audit" },
      },
    },
  };
  const before = (await platform.api("GET", "config")).headers.get("etag");
  const { status, stdout } = await steelyard("policy", "import", file(definition), "--plan", "--json");
  const { plan } = JSON.parse(stdout);
  expect([status, plan.counts.every(({ standard: of }: { standard: string }) => of.startsWith("AZP-"))]).toEqual([
    1,
    true,
  ]);
  expect(plan.differences.map(({ target }: { target: string }) => target)).toContain(account.toLowerCase());
  expect(plan.differences[0]).toMatchObject({ was: { kind: "none" }, will: { kind: "report" } });
  const then = await steelyard("policy", "import", file(definition), "--plan", "--as-of", closedAt, "--json");
  expect(JSON.parse(then.stdout).plan.total).toBe(plan.total - 1);
  expect((await platform.api("GET", "config")).headers.get("etag")).toBe(before);
});

it("tells a plan part by part", async () => {
  const ask = async (from: number, rows: number) =>
    (await platform.api("POST", "standards/plan", { standards: [standard], from, rows }, oids.reader)).body.plan;
  const whole = await ask(0, 200);
  const [first, rest] = [await ask(0, 1), await ask(1, 200)];
  expect([first.from, first.told, first.differences.length]).toEqual([0, whole.told, 1]);
  expect([...first.differences, ...rest.differences]).toEqual(whole.differences);
});

it("says which undo stands in the way of a mode that is raised", async () => {
  const [asked] = await proposalsOf(platform, account, "open");
  expect((await decide(platform, asked!.id)).status).toBe(200);
  await platform.settle();
  const entry = (await ledger(platform, account)).find(({ type }) => type === "intent")!;
  const undone = await platform.api(
    "POST",
    "undo",
    { change: entry.body.id, reason: "the build broke" },
    oids.operator,
  );
  expect(undone.status).toBeLessThan(300);
  await platform.settle();
  const config = (await platform.api("GET", "config")).body.config;
  const raised = { ...config, standards: [{ id: "NET-01", mode: "enforce" }] };
  const { body } = await platform.api("POST", "config/plan", { config: raised }, oids.reader);
  const row = body.plan.differences.find(({ target }: { target: string }) => target === account.toLowerCase());
  expect(row).toMatchObject({
    was: { kind: "waive" },
    will: { kind: "waive" },
    inTheWay: [{ kind: "waiver", by: oids.operator, reason: "the build broke" }],
  });
  expect(body.plan.inTheWay).toBe(1);
});
