/** The patch for a template: what whoever keeps a resource as code has to change there, in the languages they use. */
import type { Json } from "../kernel/canonicalJson.ts";
import type { Field } from "./change.ts";
import { patchBody, type Body } from "./compare.ts";

export interface TemplatePatch {
  /** JSON merge patch of the resource's body. */
  readonly json: Body;
  /** Members of the resource in Bicep. */
  readonly bicep: string;
  /** Argument `body` of an azapi_resource or azapi_update_resource in Terraform. */
  readonly terraform: string;
}

export function templatePatch(fields: readonly Field[]): TemplatePatch {
  const json = patchBody(fields);
  return { json, bicep: members(json, bicepSyntax, 0).join("\n"), terraform: `body = ${render(json, hclSyntax, 0)}` };
}

interface Syntax {
  readonly text: (value: string) => string;
  readonly number: (value: number) => string;
  readonly member: (name: string, value: string) => string;
  readonly separator: string;
}

/** Names that need no quotes; words that mean something in either language are quoted. */
const isName = /^(?!(?:for|if|null|true|false)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** Characters that may not stand in a string as they are, and the escapes that both languages have for some of them. */
const controls = /\p{Cc}/gu;
const short = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

const hex = (character: string): string => character.charCodeAt(0).toString(16);

/** https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types */
const bicepSyntax: Syntax = {
  text: (value) => {
    const escaped = value.replace(/[\\']|\$(?=\{)/g, (found) => `\\${found}`);
    return `'${escaped.replace(controls, (found) => short.get(found) ?? `\\u{${hex(found)}}`)}'`;
  },
  // Bicep has whole numbers only.
  number: (value) => (Number.isSafeInteger(value) ? String(value) : `json('${value}')`),
  member: (name, value) => `${isName.test(name) ? name : bicepSyntax.text(name)}: ${value}`,
  separator: "",
};

/** https://developer.hashicorp.com/terraform/language/expressions/strings */
const hclSyntax: Syntax = {
  text: (value) => {
    const escaped = value.replace(/[\\"]/g, (found) => `\\${found}`).replace(/[$%](?=\{)/g, (found) => found + found);
    return `"${escaped.replace(controls, (found) => short.get(found) ?? `\\u${hex(found).padStart(4, "0")}`)}"`;
  },
  number: String,
  member: (name, value) => `${isName.test(name) ? name : hclSyntax.text(name)} = ${value}`,
  separator: ",",
};

const indent = (depth: number): string => "  ".repeat(depth);

function members(body: Body, syntax: Syntax, depth: number): string[] {
  return Object.entries(body).map(
    ([name, value]) => `${indent(depth)}${syntax.member(name, render(value, syntax, depth))}`,
  );
}

function render(value: Json, syntax: Syntax, depth: number): string {
  if (typeof value === "string") return syntax.text(value);
  if (typeof value === "number") return syntax.number(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = (value as readonly Json[]).map((item) => `${indent(depth + 1)}${render(item, syntax, depth + 1)}`);
    return `[\n${items.join(`${syntax.separator}\n`)}\n${indent(depth)}]`;
  }
  const inner = members(value as Body, syntax, depth + 1);
  return inner.length === 0 ? "{}" : `{\n${inner.join("\n")}\n${indent(depth)}}`;
}
