/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse as parseYaml } from "yaml";
import { invocationOf, readLine } from "../../../shared/cli/command.ts";
import { policyImportCommand } from "../../../shared/cli/commands/policyImport.ts";

const folder = mkdtempSync(join(tmpdir(), "steelyard-import-"));
afterAll(() => rmSync(folder, { recursive: true }));

let [out, told] = ["", ""];
beforeEach(() => {
  [out, told] = ["", ""];
  const into = (add: (text: string) => void) => (text: string | Uint8Array) => {
    add(String(text));
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(into((text) => (out += text)));
  vi.spyOn(process.stderr, "write").mockImplementation(into((text) => (told += text)));
  return () => vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<number> {
  const line = readLine(["policy", "import", ...args], [policyImportCommand]);
  return policyImportCommand.run(invocationOf(policyImportCommand, line, () => Promise.reject(new Error("not here"))));
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const account = "Microsoft.CognitiveServices/accounts";
const keys = {
  allOf: [
    { field: "type", equals: account },
    { field: `${account}/disableLocalAuth`, notEquals: true },
  ],
};
const definition = (name: string, then: object, more: object = {}) => ({
  name,
  properties: { displayName: `The ${name}`, mode: "Indexed", policyRule: { if: keys, then }, ...more },
});
const operations = [{ operation: "addOrReplace", field: `${account}/disableLocalAuth`, value: true }];
const modify = definition("no-keys", { effect: "modify", details: { roleDefinitionIds: [], operations } });
const effect = { type: "String", defaultValue: "Audit", allowedValues: ["Audit", "Disabled"] };
const audit = definition("2021-04-30", { effect: "[parameters('effect')]" }, { parameters: { effect } });

describe("policy import", () => {
  it("prints a section that holds the definitions as they are, and says what they become", async () => {
    const one = file("one.json", [modify, audit]);
    expect(await run(one)).toBe(0);
    expect(parseYaml(out)).toEqual({
      policies: [
        { id: "AZP-no-keys", mode: "approve", parameters: {}, definition: modify },
        { id: "AZP-2021-04-30", mode: "audit", parameters: {}, definition: audit },
      ],
    });
    expect(told).toBe(
      [
        "AZP-no-keys  The no-keys",
        "  modify -> approve",
        "  remedy: sets properties.disableLocalAuth; safety R",
        "AZP-2021-04-30  The 2021-04-30",
        "  Audit -> audit",
        "2 come in, 0 stay outside",
        "",
      ].join("\n"),
    );
  });

  it("binds parameters, leaves out what is off, and names what stays outside", async () => {
    const other = definition("other", { effect: "denyAction" });
    file("all/a.json", audit);
    file("all/below/b.json", { value: [modify, other] });
    file("all/below/c.json", "{ not");
    const parameters = file("parameters.json", { effect: { value: "Disabled" } });
    const section = join(folder, "section.yaml");
    expect(await run(join(folder, "all"), "--parameters", parameters, "--out", section)).toBe(1);
    expect(parseYaml(readFileSync(section, "utf8"))).toMatchObject({ policies: [{ id: "AZP-no-keys" }] });
    expect(out).toContain("  Disabled -> off: it is left out of the configuration\n");
    expect(out).toContain(`outside: ${folder}/all/below/c.json\n  ${folder}/all/below/c.json:1:3: found no JSON`);
    expect(out).toContain("outside: other  The other\n  Its effect is denyAction: ");
    expect(out).toContain("2 come in, 2 stay outside\n");
  });

  it("prints JSON alone where it is asked to", async () => {
    expect(await run(file("one.json", modify), "--json")).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      policies: [
        {
          id: "AZP-no-keys",
          mode: "approve",
          remedy: { kind: "patch", safety: "R", paths: ["properties.disableLocalAuth"], none: null },
        },
      ],
      left: [],
      configuration: { policies: [{ id: "AZP-no-keys", definition: modify }] },
    });
    expect(told).toBe("");
  });

  it.each<[string, string, unknown, RegExp]>([
    ["no JSON", "bad.json", '{\n "name": }', /^\S*bad\.json:2:10: found no JSON/],
    ["nothing", "empty.json", "", /^\S*empty\.json:1:1: found nothing; expected JSON/],
    [
      "another thing",
      "package.json",
      { scripts: {} },
      /^\S*package\.json: found an object with scripts; expected a policy definition/,
    ],
    [
      "a policy of 5 MB",
      "large.json",
      { ...modify, more: "x".repeat(5_000_000) },
      /^\S*large\.json: found 50\d+ characters; expected at most 1000000/,
    ],
    ["a thousand levels", "deep.json", `${"[".repeat(1000)}${"]".repeat(1000)}`, /^\S*deep\.json.*levels/],
    ["bytes that are no text", "binary.json", "\u0000", /^\S*binary\.json:1:1: found no JSON/],
  ])("refuses %s with its place", async (_, name, content, message) => {
    await expect(run(file(name, content))).rejects.toThrow(message);
    expect(out).toBe("");
  });

  it("refuses parameters that nothing declares, and files that are not there", async () => {
    const parameters = file("parameters.json", { efect: "Audit" });
    const one = file("one.json", audit);
    await expect(run(one, "--parameters", parameters)).rejects.toThrow(
      /parameters\.json:1:1: found efect; expected a /,
    );
    await expect(run(one, "--parameters", file("list.json", []))).rejects.toThrow(
      /list\.json:1:1: found a list; expected an object/,
    );
    await expect(run(one, "--all")).rejects.toThrow(
      "policy import: found --all without --plan; expected both or neither",
    );
    await expect(run(join(folder, "gone.json"))).rejects.toThrow("gone.json: there is no such file");
    await expect(run(one, "--out", join(folder, "no/such/folder.yaml"))).rejects.toThrow(
      "it cannot be written (ENOENT)",
    );
  });
});
