/** The resources of a template with IDs, as far as the template tells them, and with what they belong to. */
import type { Json } from "../kernel/canonicalJson.ts";
import { isExpression } from "../standards/policy/expression.ts";
import { member, text, type JsonObject } from "../standards/policy/values.ts";
import type { Found, FoundResource } from "./found.ts";
import { declarationsOf, type Declared } from "./template.ts";

/** Where a template would be deployed, and with what. */
export interface Target {
  readonly subscription?: string | undefined;
  readonly resourceGroup?: string | undefined;
  /** Values of its parameters. */
  readonly parameters: JsonObject;
}

const accountType = "microsoft.cognitiveservices/accounts";

/** @throws SteelyardError `BadInput` with file and JSON pointer */
export function resourcesOfTemplate(template: JsonObject, target: Target, where: string): Found {
  const { declared, left } = declarationsOf(template, target.parameters, where);
  const base = baseOf(target);
  const accounts = declared.filter(({ type }) => text(type) === accountType);
  const keys = new Map(declared.map((one) => [one, idOf(one, base) ?? openId(one)] as const));
  const resources = declared.map((one): FoundResource => {
    const given = keys.get(one) ?? openId(one);
    const isOpen = idOf(one, base) === undefined && !accounts.includes(one);
    const owner = isOpen ? ownerOf(one, accounts) : undefined;
    const name = one.name.slice(one.name.lastIndexOf("/") + 1);
    return {
      given,
      key: given.toLowerCase(),
      type: typeOf(one),
      body: { ...one.body, id: given, name: isExpression(one.name) ? one.name : name, type: typeOf(one) },
      origin: "declared",
      where: `${where}: ${one.pointer}`,
      ...(owner === undefined ? {} : { parent: (keys.get(owner) ?? "").toLowerCase() }),
    };
  });
  return { resources, lists: [], notes: left };
}

function baseOf({ subscription, resourceGroup }: Target): string {
  if (subscription === undefined) return "";
  return `/subscriptions/${subscription}${resourceGroup === undefined ? "" : `/resourceGroups/${resourceGroup}`}`;
}

/** `Microsoft.CognitiveServices/accounts/providers/diagnosticSettings` is how older templates write extensions. */
const extension = /^(.+)\/providers\/([^/]+)$/i;

/** The type alone of what stands at another resource. */
function typeOf({ type, name }: Declared): string {
  const own = extension.exec(type);
  const namespace = name.split("/").at(-2);
  return own === null || isExpression(name) ? type : `${namespace}/${own[2]}`;
}

/** Undefined where a part of it is an expression. */
function idOf(one: Declared, base: string): string | undefined {
  const { type, name } = one;
  if (isExpression(name)) return undefined;
  const scope = scopeOf(one);
  if (scope !== undefined) {
    if (isExpression(scope)) return undefined;
    // Without a slash in front it is a type and names, already in an ID's order.
    const at = scope.startsWith("/") ? scope : `${base}/providers/${scope.replace(/\/+$/, "")}`;
    return `${at}/providers/${joined(type, name) ?? ""}`;
  }
  const [, owner, own] = extension.exec(type) ?? [];
  const names = name.split("/");
  if (owner === undefined) {
    const path = joined(type, name);
    return path === undefined ? undefined : `${base}/providers/${path}`;
  }
  const at = joined(owner, names.slice(0, -2).join("/"));
  return at === undefined ? undefined : `${base}/providers/${at}/providers/${names.at(-2)}/${own}/${names.at(-1)}`;
}

function scopeOf({ body }: Declared): string | undefined {
  const scope = member(body, "scope");
  return typeof scope === "string" && scope !== "" ? scope : undefined;
}

/** `Microsoft.X/accounts/deployments` and `a/d`: `Microsoft.X/accounts/a/deployments/d`. */
function joined(type: string, name: string): string | undefined {
  const [namespace = "", ...types] = type.split("/");
  const names = name.split("/");
  if (names.length !== types.length || names.includes("")) return undefined;
  return [namespace, ...types.flatMap((part, at) => [part, names[at] ?? ""])].join("/");
}

/** What stands for an ID where names are made up as the template is deployed: it is told apart by where it stands. */
function openId({ type, written, pointer }: Declared): string {
  return `${type} ${written} at ${pointer}`;
}

/** The one account that it names: as its outer resource, in its name, its scope, or what it depends on. */
function ownerOf(one: Declared, accounts: readonly Declared[]): Declared | undefined {
  for (let outer = one.outer; outer !== undefined; outer = outer.outer) if (accounts.includes(outer)) return outer;
  const ownTexts = [one.written, scopeOf(one) ?? "", ...one.dependsOn];
  const named = accounts.filter((account) => ownTexts.some((own) => names(own, account)));
  return named.length === 1 ? named[0] : undefined;
}

function names(own: string, { written, name, symbol }: Declared): boolean {
  if (symbol !== undefined && own === symbol) return true;
  const inner: Json = isExpression(written) ? written.slice(1, -1) : `'${written}'`;
  if (isExpression(own)) return own.includes(inner);
  return !isExpression(name) && own.split("/").includes(name);
}
