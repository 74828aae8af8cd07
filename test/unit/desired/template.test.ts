import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchBody } from "../../../shared/desired/compare.ts";
import { templatePatch } from "../../../shared/desired/template.ts";
import type { Json } from "../../../shared/kernel/canonicalJson.ts";

function patch(after: Json, path = "properties.x"): ReturnType<typeof templatePatch> {
  return templatePatch([{ path, before: null, after }]);
}

const bicep = (after: Json): string =>
  patch(after)
    .bicep.replace(/^properties: \{\n  x: /, "")
    .replace(/\n\}$/, "");
const hcl = (after: Json): string =>
  patch(after)
    .terraform.replace(/^body = \{\n  properties = \{\n    x = /, "")
    .replace(/\n  \}\n\}$/, "");

/** The text of a literal, read as the language's documentation says; throws where it would interpolate or is wrong. */
function read(literal: string, language: "bicep" | "hcl"): string {
  const isBicep = language === "bicep";
  const quote = isBicep ? "'" : '"';
  if (literal[0] !== quote || literal.at(-1) !== quote) throw new Error(`${literal} is not in quotes`);
  const body = literal.slice(1, -1);
  // https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings
  const bicepToken = /\\(?:[\\'nrt$]|u\{([0-9a-f]{1,6})\})|(?!\$\{)[^\\'\n\r]/gy;
  // https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
  const hclToken = /\\(?:[\\"nrt]|u([0-9a-f]{4}))|\$\$\{|%%\{|(?![$%]\{)[^\\"\n\r]/gy;
  const token = isBicep ? bicepToken : hclToken;
  const plain: Record<string, string> = { "\\n": "\n", "\\r": "\r", "\\t": "\t", "$${": "${", "%%{": "%{" };
  let text = "";
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const found = token.exec(body);
    if (found === null) throw new Error(`${literal}: nothing that ${language} knows at ${at}`);
    const [whole, code] = found;
    if (code !== undefined) text += String.fromCodePoint(Number.parseInt(code, 16));
    else text += plain[whole] ?? (whole[0] === "\\" ? whole.slice(1) : whole);
  }
  return text;
}

const nasty = fc.string({
  unit: fc.constantFrom(
    "$",
    "{",
    "}",
    "%",
    "\\",
    "'",
    '"',
    "\n",
    "\r",
    "\t",
    "\b",
    "\f",
    "\0",
    "\x7f",
    "u",
    "n",
    "a",
    "é",
    "😀",
  ),
  maxLength: 12,
});

describe("a text in a patch", () => {
  it.each([
    ["it's", `'it\\'s'`, `"it's"`],
    ['say "a"', `'say "a"'`, `"say \\"a\\""`],
    ["a\\b", `'a\\\\b'`, `"a\\\\b"`],
    ["${x}", `'\\\${x}'`, '"$${x}"'],
    ["$${x}", `'$\\\${x}'`, '"$$${x}"'],
    ["\\${x}", `'\\\\\\\${x}'`, '"\\\\$${x}"'],
    ["%{ if x }", `'%{ if x }'`, '"%%{ if x }"'],
    ["100% $5 {}", `'100% $5 {}'`, '"100% $5 {}"'],
    ["a\nb\r\n\tc", `'a\\nb\\r\\n\\tc'`, '"a\\nb\\r\\n\\tc"'],
    ["\b\f\x01", `'\\u{8}\\u{c}\\u{1}'`, '"\\u0008\\u000c\\u0001"'],
    ["Grüße 😀", `'Grüße 😀'`, '"Grüße 😀"'],
    ["", "''", '""'],
  ])("is the same text in either language: %j", (text, inBicep, inHcl) => {
    expect([bicep(text), hcl(text)]).toEqual([inBicep, inHcl]);
  });

  it("is read back as it was, and never as an expression", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(read(bicep(text), "bicep")).toBe(text);
        expect(read(hcl(text), "hcl")).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a value in a patch", () => {
  it.each<[Json, string, string]>([
    [true, "true", "true"],
    [null, "null", "null"],
    [-7, "-7", "-7"],
    [0.5, "json('0.5')", "0.5"],
    [1e21, "json('1e+21')", "1e+21"],
    [[], "[]", "[]"],
    [{}, "{}", "{}"],
  ])("is a literal of either language: %j", (value, inBicep, inHcl) => {
    expect([bicep(value), hcl(value)]).toEqual([inBicep, inHcl]);
  });

  it("nests objects and lists, indented", () => {
    const { bicep: inBicep, terraform } = templatePatch([
      {
        path: "properties.networkAcls",
        before: null,
        after: { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }, []] },
      },
      { path: "identity.type", before: "None", after: "SystemAssigned" },
    ]);
    expect(inBicep.split("\n")).toEqual([
      "properties: {",
      "  networkAcls: {",
      "    defaultAction: 'Deny'",
      "    ipRules: [",
      "      {",
      "        value: '203.0.113.7'",
      "      }",
      "      []",
      "    ]",
      "  }",
      "}",
      "identity: {",
      "  type: 'SystemAssigned'",
      "}",
    ]);
    expect(terraform.split("\n")).toEqual([
      "body = {",
      "  properties = {",
      "    networkAcls = {",
      '      defaultAction = "Deny"',
      "      ipRules = [",
      "        {",
      '          value = "203.0.113.7"',
      "        },",
      "        []",
      "      ]",
      "    }",
      "  }",
      "  identity = {",
      '    type = "SystemAssigned"',
      "  }",
      "}",
    ]);
  });

  it("has its odd names in quotes, and words of the languages too", () => {
    const names = ["a-b", "1st", "a.b", "", "it's", "${x}", "/subscriptions/s", "for", "null", "true"];
    for (const name of names) {
      const inBicep = bicep({ [name]: 1 })
        .split("\n")[1]!
        .trim();
      const inHcl = hcl({ [name]: 1 })
        .split("\n")[1]!
        .trim();
      expect(read(inBicep.replace(/: 1$/, ""), "bicep")).toBe(name);
      expect(read(inHcl.replace(/ = 1$/, ""), "hcl")).toBe(name);
    }
    expect(bicep({ _a1: 1, forEach: 2 }).split("\n").slice(1, 3)).toEqual(["    _a1: 1", "    forEach: 2"]);
  });
});

describe("the patch as JSON", () => {
  it("is what would be written", () => {
    const fields = [
      { path: "properties.a", before: null, after: 1 },
      { path: "properties.b", before: 2, after: null },
      { path: "identity.type", before: null, after: "None" },
    ];
    expect(templatePatch(fields).json).toEqual(patchBody(fields));
    expect(templatePatch(fields).json).toEqual({ properties: { a: 1, b: null }, identity: { type: "None" } });
    expect(templatePatch([])).toEqual({ json: {}, bicep: "", terraform: "body = {}" });
  });
});
