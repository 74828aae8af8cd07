/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { invocationOf, readLine } from "../../../shared/cli/command.ts";
import { policyCommands } from "../../../shared/cli/commands/policy.ts";

const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "steelyard-policy-"));
afterAll(() => rmSync(folder, { recursive: true }));

let out = "";
beforeEach(() => {
  out = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const lines = (...cases: object[]): string => cases.map((item) => JSON.stringify(item)).join("\n");

async function run(...args: string[]): Promise<number> {
  const [command] = policyCommands;
  if (command === undefined) throw new Error("no command");
  const line = readLine(["policy", "test", ...args], policyCommands);
  return command.run(invocationOf(command, line, () => Promise.reject(new Error("not here"))));
}

const rule = { if: { field: "Contoso.Web/sites/open", equals: true }, then: { effect: "deny" } };
const resource = { type: "Contoso.Web/sites", properties: { open: true } };
const good = { id: "good", rule, resource, expect: { effect: "deny" } };

const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;

describe("policy test", () => {
  it("passes what is as expected", async () => {
    const definition = { policyRule: rule };
    const closed = { id: "closed", definition, resource: { type: resource.type }, expect: { effect: null } };
    const refused = {
      id: "refused",
      rule: { if: 5, then: { effect: "deny" } },
      resource: {},
      expect: { error: "parse" },
    };
    const nested = lines({ ...refused, id: "nested" }).replace("5", deep);
    expect(await run(file("good", `${lines(good, closed, refused)}\n${nested}\n\n`))).toBe(0);
    expect(out).toBe("4 passed, 0 failed\n");
  });

  it("names what is not", async () => {
    const other = { ...good, id: "other", expect: { effect: "audit" } };
    const details = { ...good, id: "details", expect: { effect: "deny", details: {} } };
    const silent = { ...good, id: "silent", expect: { error: "compile" } };
    const stuck = {
      id: "stuck",
      rule: { ...rule, if: { value: "[first(5)]", equals: 1 } },
      resource,
      expect: { effect: null },
    };
    const bad = file("bad", lines(good, other, details, silent, stuck));
    expect(await run(bad)).toBe(1);
    expect(out.split("\n")).toEqual([
      "FAILED other: found effect deny; expected effect audit",
      "FAILED details: found details undefined; expected {}",
      "FAILED silent: found effect deny; expected that the policy is refused",
      "FAILED stuck: found no verdict (first(): found a number; expected a list); expected effect null",
      "1 passed, 4 failed",
      "",
    ]);
    out = "";
    expect(await run(bad, "--json")).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ passed: 1, failed: 4, failures: [{ id: "other" }, {}, {}, {}] });
  });

  it("names one of many that fail for the same reason", async () => {
    const cases = ["a", "b", "c", "d"].map((id) => ({ ...good, id, aliases: "table" }));
    expect(await run(file("same", lines(...cases)))).toBe(1);
    expect(out).toMatch(/^FAILED a and 3 more: found aliases "table"; .*\n0 passed, 4 failed\n$/);
  });

  it("reads aliases from a file", async () => {
    const aliases = [{ name: "Contoso.Web/sites/open", defaultPath: "properties.access.open" }];
    const providers = [{ namespace: "Contoso.Web", resourceTypes: [{ resourceType: "sites", aliases }] }];
    const on = { ...resource, properties: { access: { open: "true" } } };
    const cases = file("aliased", lines({ ...good, aliases: "table", resource: on }));
    expect(await run(cases, "--aliases", file("aliases", JSON.stringify({ table: providers })))).toBe(0);
    expect(await run(cases)).toBe(1);
    expect(out).toContain('FAILED good: found aliases "table"; expected none: no file of aliases is given\n');
  });

  it.each([
    ["no JSON", "{", ":1:1: found no JSON"],
    ["another shape", `${lines(good)}\n{"id":"a","resource":{},"expect":{"effect":null}}`, ":2:1: found"],
    ["nothing", "\n", ":1:1: found no case"],
    ["unknown names", lines({ ...good, resources: {} }), ":1:1: found resources; expected one of id, rule"],
    [
      "another expectation",
      lines({ ...good, expect: "deny" }),
      'at expect: found "deny"; expected {"effect": name or null}',
    ],
    ["deep JSON", lines(good).replace('"open":true', `"open":${deep}`), "found more than 300 levels"],
    ["a long line", lines({ ...good, id: "x".repeat(8_000_000) }), "characters; expected at most 8000000"],
  ])("refuses a file of %s", async (_name, text, message) => {
    const path = file("wrong", text);
    await expect(run(path)).rejects.toThrow(path);
    await expect(run(path)).rejects.toThrow(message);
    expect(out).toBe("");
  });

  it("refuses files that are not there or are no tables", async () => {
    const path = file("one", lines(good));
    await expect(run(join(folder, "none"))).rejects.toThrow("there is no such file");
    await expect(run(path, "--aliases", file("list", "[]"))).rejects.toThrow("list:1:1: found no tables by name");
    await expect(run(path, "--aliases", file("odd", '{"t":[{}]}'))).rejects.toThrow(
      "table t at 0.namespace: found nothing",
    );
  });
});

const suite = resolve(root, "../shared/data/azure-policy");

// The open suite lies beside a clone where people keep it; it is no part of this repository.
it.skipIf(!existsSync(join(suite, "cases.jsonl")))(
  "agrees with the open suite but for what the page lists",
  async () => {
    await run(join(suite, "cases.jsonl"), "--aliases", join(suite, "aliases.json"), "--json");
    const { passed, failures } = JSON.parse(out) as { passed: number; failures: { id: string }[] };
    const page = readFileSync(join(root, "docs/reference/policy-deviations.md"), "utf8");
    expect(failures.filter(({ id }) => !page.includes(`\`${id}\``))).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(15);
    expect(passed / (passed + failures.length)).toBeGreaterThanOrEqual(0.98);
  },
);
