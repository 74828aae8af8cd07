/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
/** Makes definitions of their own, on a type of resource that nobody knows, and resources for them. */
import type { Random } from "../../sim/random.ts";
import { operators } from "../operators.ts";
import type { Json, JsonObject } from "../json.ts";
import { expression } from "./expressions.ts";
import type { Pair } from "./pair.ts";

const type = "Microsoft.Test/things";
const alias = (rest: string): string => `${type}/${rest}`;

const single = [
  "name",
  "kind",
  "location",
  "tags.owner",
  "tags['cost.center']",
  "identity.type",
  "fullName",
  "id",
  "tags",
].concat(["label", "size", "isOpen", "inner.label", "inner.size", "missing", "sku.name", "list", "rules"].map(alias));
const arrays = ["list[*]", "rules[*]", "rules[*].ports[*]", "missing[*]"].map(alias);
const members = [
  "rules[*].name",
  "rules[*].size",
  "rules[*].ports[*]",
  "rules[*].note.text",
  "missing[*].name",
  "privateEndpointConnections[*].status",
].map(alias);

const texts = [
  "abc",
  "ABC",
  "A-b-C",
  "prod",
  "",
  "straße",
  "12",
  "true",
  "eastus",
  "West Europe",
  "10.0.0.0/8",
  "2024-05-01T00:00:00Z",
];
const regions = ["eastus", "East US", "westeurope", "WEST EUROPE"];
const wholes = [0, 1, 2, 12, 443, -3];

function scalar(random: Random): Json {
  return random.weighted<Json>([
    [6, random.pick(texts)],
    [3, random.pick(wholes)],
    [2, random.chance(0.5)],
    [1, null],
  ]);
}

/** Sometimes there, sometimes not. */
function maybe(random: Random, key: string, make: () => Json): JsonObject {
  return random.chance(0.75) ? { [key]: make() } : {};
}

function listOf(random: Random, make: () => Json): Json[] {
  return Array.from({ length: random.between(0, 3) }, make);
}

function resource(random: Random): JsonObject {
  const rule = (): Json => {
    const inner = {
      ...maybe(random, "size", () => scalar(random)),
      ...maybe(random, "ports", () => listOf(random, () => random.pick(wholes))),
      ...maybe(random, "note", () => ({ text: scalar(random) })),
    };
    const name = maybe(random, "name", () => random.pick(texts));
    return random.chance(0.4) ? { ...name, properties: inner } : { ...name, ...inner };
  };
  return {
    type,
    id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/abc",
    name: random.pick(["abc", "A-b-C"]),
    ...maybe(random, "kind", () => random.pick(texts)),
    ...maybe(random, "location", () => random.pick(regions)),
    ...maybe(random, "tags", () => ({ ...maybe(random, "owner", () => random.pick(texts)), "cost.center": "12" })),
    ...maybe(random, "sku", () => ({ name: random.pick(texts) })),
    ...maybe(random, "identity", () => ({ type: random.pick(["None", "SystemAssigned"]) })),
    properties: {
      ...maybe(random, "label", () => scalar(random)),
      ...maybe(random, "size", () => scalar(random)),
      ...maybe(random, "isOpen", () => random.chance(0.5)),
      ...maybe(random, "inner", () => ({ label: scalar(random), size: scalar(random) })),
      ...maybe(random, "list", () => listOf(random, () => scalar(random))),
      ...maybe(random, "rules", () => listOf(random, rule)),
      ...maybe(random, "privateEndpointConnections", () =>
        listOf(random, () => ({ properties: { status: scalar(random) } })),
      ),
    },
  };
}

function operand(operator: string, random: Random, names: readonly string[]): Json {
  if (operator === "exists") return random.pick<Json>([true, false, "true", "False"]);
  if (operator === "in" || operator === "notIn") {
    return random.chance(0.3)
      ? `[${expression("list", random, names)}]`
      : [scalar(random), scalar(random), random.pick(texts)];
  }
  if (operator.endsWith("ike")) return random.pick(["a*", "*C", "A*c", "*", "abc", "*b*"]);
  if (/match/i.test(operator)) return random.pick(["???", "a?.", "##", "A-.-C", "#"]);
  if (/ess|reater/.test(operator)) return random.chance(0.6) ? random.pick(wholes) : random.pick(texts);
  if (operator.endsWith("Key")) return random.pick(["owner", "OWNER", "cost.center", "x"]);
  if (/ontains/.test(operator)) return random.pick([...texts, "b", "1"]);
  return random.chance(0.2)
    ? `[${expression(random.pick(["text", "whole", "truth"]), random, names)}]`
    : scalar(random);
}

function condition(random: Random, depth: number, names: readonly string[]): JsonObject {
  const below = (): JsonObject => condition(random, depth - 1, names);
  if (depth > 0 && random.chance(0.45)) {
    const inner = Array.from({ length: random.between(1, 3) }, below);
    return random.pick([{ allOf: inner }, { anyOf: inner }, { not: below() }]);
  }
  const operator = random.pick(Object.keys(operators));
  const left = random.between(0, 9);
  const field = left < 5 ? fieldIn(random, names) : undefined;
  const wanted = { [operator]: operand(operator, random, names) };
  if (field === "location" && /^(notE|e)quals$/.test(operator)) return { field, [operator]: random.pick(regions) };
  if (field !== undefined) return { field, ...wanted };
  if (left < 8) return { value: `[${expression(random.pick(["text", "whole", "truth"]), random, names)}]`, ...wanted };
  const compare = random.pick(["equals", "notEquals", "greater", "greaterOrEquals", "less", "lessOrEquals"]);
  return { count: count(random, depth, names), [compare]: random.between(0, 3) };
}

/** In a count mostly something of the counted array, or around it. */
function fieldIn(random: Random, names: readonly string[]): string {
  const counted = names.filter((name) => name.includes("/"));
  if (counted.length === 0 || random.chance(0.3)) return random.pick([...single, ...members, alias("list[*]")]);
  return random.pick(random.pick(counted).includes("rules") ? aroundRules : aroundList);
}

const aroundList = [alias("list[*]"), alias("list"), alias("label")];
const aroundRules = [...members, alias("rules[*].ports"), alias("rules[*]"), alias("rules")];

function count(random: Random, depth: number, names: readonly string[]): JsonObject {
  const isField = random.chance(0.6);
  const field = random.pick(arrays);
  const name = `each${names.length}`;
  const counted: JsonObject = isField
    ? { field }
    : {
        value: random.chance(0.5) ? `[${expression("list", random, names)}]` : [random.pick(texts), scalar(random)],
        name,
      };
  if (random.chance(0.2)) return counted;
  return { ...counted, where: condition(random, Math.max(0, depth - 1), [...names, isField ? field : name]) };
}

function then(random: Random): JsonObject {
  const text = (): string => `[${expression("text", random, [])}]`;
  const operation = (): JsonObject => ({
    operation: random.pick(["add", "addOrReplace", "remove"]),
    field: random.pick(["tags['a']", "[concat('tags[', parameters('word'), ']')]"]),
    ...(random.chance(0.5)
      ? { condition: `[${expression("truth", random, [], 1).replaceAll(/field\('[^']*'\)/g, "'abc'")}]` }
      : {}),
    value: random.pick<Json>(["plain", text(), ["[parameters('word')]", 1]]),
  });
  const existence = {
    type: "Microsoft.Test/settings",
    name: "[field('name')]",
    existenceCondition: condition(random, 1, []),
  };
  return random.weighted<JsonObject>([
    [4, { effect: random.pick(["audit", "Deny", "[parameters('effect')]"]) }],
    [
      2,
      {
        effect: "modify",
        details: { roleDefinitionIds: ["r"], operations: [operation(), operation()].map(withoutValue) },
      },
    ],
    [1, { effect: "append", details: [{ field: "tags.a", value: text() }] }],
    [2, { effect: random.pick(["auditIfNotExists", "deployIfNotExists"]), details: existence }],
    [1, { effect: "disabled" }],
  ]);
}

/** Nothing is removed to a value. */
function withoutValue(operation: JsonObject): JsonObject {
  if (operation["operation"] !== "remove") return operation;
  const { value: _, ...rest } = operation;
  return rest;
}

export function generated(random: Random): Pair {
  const given = random.chance(0.7);
  return {
    id: "generated",
    definition: {
      mode: "All",
      parameters: {
        word: { type: "String", defaultValue: "abc" },
        words: { type: "Array", defaultValue: ["abc", "prod"] },
        limit: { type: "Integer", defaultValue: 2 },
        effect: { type: "String", allowedValues: ["Audit", "Deny", "Disabled"], defaultValue: "Audit" },
      },
      policyRule: { if: condition(random, 3, []), then: then(random) },
    },
    parameters: given
      ? { word: random.pick(texts), words: listOf(random, () => random.pick(texts)), effect: "Deny" }
      : {},
    resource: resource(random),
    context: {
      resourceGroup: { name: "rg-abc", location: "eastus", tags: {} },
      subscription: { subscriptionId: "s", id: "/subscriptions/s" },
      requestContext: { apiVersion: "2023-05-01" },
    },
    apiVersion: "2023-05-01",
    related: random.chance(0.3)
      ? []
      : Array.from({ length: random.between(1, 2) }, () => ({ ...resource(random), type: "Microsoft.Test/settings" })),
    aliases: undefined,
  };
}
