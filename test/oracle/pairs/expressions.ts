/** Makes template expressions of a wanted type, most of which can be evaluated. */
import type { Random } from "../../sim/random.ts";

type Kind = "text" | "whole" | "truth" | "list";
type Make = (random: Random, inner: (kind: Kind) => string) => string;

const leaves: Readonly<Record<Kind, readonly string[]>> = {
  text: [
    "'abc'",
    "'A-b-C'",
    "''",
    "'it''s'",
    "'12'",
    "'straße'",
    "field('name')",
    "field('kind')",
    "field('tags.owner')",
    "field('Microsoft.Test/things/label')",
    "field('Microsoft.Test/things/missing')",
    "parameters('word')",
    "resourceGroup().name",
    "requestContext().apiVersion",
    "subscription().subscriptionId",
  ],
  whole: ["0", "1", "-3", "12", "parameters('limit')", "length(field('Microsoft.Test/things/list[*]'))"],
  truth: ["true()", "false()", "bool('true')", "bool(0)", "empty(field('tags'))"],
  list: [
    "createArray('abc', 'b')",
    "createArray()",
    "parameters('words')",
    "field('Microsoft.Test/things/list[*]')",
    "field('Microsoft.Test/things/rules[*].name')",
    "field('Microsoft.Test/things/missing[*]')",
    "split('a,b,,c', ',')",
    "field('Microsoft.Test/things/rules[*].ports[*]')",
    "field('Microsoft.Test/things/list')",
  ],
};

const made: Readonly<Record<Kind, readonly Make[]>> = {
  text: [
    (_, of) => `concat(${of("text")}, ${of("text")})`,
    (_, of) => `toLower(${of("text")})`,
    (_, of) => `toUpper(${of("text")})`,
    (_, of) => `trim(${of("text")})`,
    (_, of) => `replace(${of("text")}, 'b', ${of("text")})`,
    (_, of) => `substring(${of("text")}, 0, ${of("whole")})`,
    (_, of) => `substring(${of("text")}, 1)`,
    (_, of) => `if(${of("truth")}, ${of("text")}, ${of("text")})`,
    (_, of) => `first(${of("list")})`,
    (_, of) => `last(${of("text")})`,
    (_, of) => `take(${of("text")}, ${of("whole")})`,
    (_, of) => `skip(${of("text")}, ${of("whole")})`,
    (_, of) => `string(${of("whole")})`,
    (_, of) => `string(${of("list")})`,
    (_, of) => `padLeft(${of("text")}, 5, '0')`,
    (_, of) => `join(${of("list")}, '+')`,
    (_, of) => `format('{0}-{1}', ${of("text")}, ${of("whole")})`,
    (_, of) => `base64(${of("text")})`,
    (_, of) => `uriComponent(${of("text")})`,
    (_, of) => `coalesce(null(), ${of("text")})`,
    (_, of) => `${of("list")}[0]`,
    (_, of) => `createObject('a', ${of("text")}).A`,
    (_, of) => `tryGet(createObject('a', ${of("text")}), 'a')`,
  ],
  whole: [
    (_, of) => `add(${of("whole")}, ${of("whole")})`,
    (_, of) => `sub(${of("whole")}, ${of("whole")})`,
    (_, of) => `mul(${of("whole")}, ${of("whole")})`,
    (_, of) => `div(${of("whole")}, ${of("whole")})`,
    (_, of) => `mod(${of("whole")}, 5)`,
    (_, of) => `length(${of("text")})`,
    (_, of) => `length(${of("list")})`,
    (_, of) => `int(${of("text")})`,
    (_, of) => `indexOf(${of("text")}, ${of("text")})`,
    (_, of) => `lastIndexOf(${of("text")}, 'b')`,
    (_, of) => `min(${of("whole")}, ${of("whole")})`,
    (_, of) => `max(createArray(${of("whole")}, 2))`,
    (_, of) => `if(${of("truth")}, ${of("whole")}, 1)`,
  ],
  truth: [
    (random, of) => `${random.pick(orders)}(${of("whole")}, ${of("whole")})`,
    (random, of) => `${random.pick(orders)}(${of("text")}, ${of("text")})`,
    (_, of) => `equals(${of("list")}, ${of("list")})`,
    (_, of) => `not(${of("truth")})`,
    (_, of) => `and(${of("truth")}, ${of("truth")})`,
    (_, of) => `or(${of("truth")}, ${of("truth")}, false())`,
    (_, of) => `empty(${of("text")})`,
    (_, of) => `empty(${of("list")})`,
    (_, of) => `contains(${of("text")}, ${of("text")})`,
    (_, of) => `contains(${of("list")}, ${of("text")})`,
    (_, of) => `contains(field('tags'), ${of("text")})`,
    (_, of) => `startsWith(${of("text")}, ${of("text")})`,
    (_, of) => `endsWith(${of("text")}, 'C')`,
    (_, of) => `bool(${of("text")})`,
    (random) => `ipRangeContains('10.0.0.0/8', '${random.pick(["10.1.2.3", "11.0.0.0/9", "10.0.0.1-10.0.0.9"])}')`,
  ],
  list: [
    (_, of) => `concat(${of("list")}, ${of("list")})`,
    (_, of) => `union(${of("list")}, ${of("list")})`,
    (_, of) => `intersection(${of("list")}, ${of("list")})`,
    (_, of) => `take(${of("list")}, ${of("whole")})`,
    (_, of) => `skip(${of("list")}, 1)`,
    (_, of) => `split(${of("text")}, '-')`,
    (_, of) => `split(${of("text")}, createArray('-', 'b'))`,
    (_, of) => `createArray(${of("text")}, ${of("whole")})`,
    (_, of) => `array(${of("text")})`,
    (_, of) => `range(${of("whole")}, 3)`,
    (_, of) => `if(${of("truth")}, ${of("list")}, createArray('x'))`,
  ],
};
const orders = ["less", "lessOrEquals", "greater", "greaterOrEquals", "equals"];

/** `names`: what current() may be asked for. */
export function expression(kind: Kind, random: Random, names: readonly string[], depth = 2): string {
  if (kind === "text" && names.length > 0 && random.chance(0.3)) return `current('${random.pick(names)}')`;
  if (depth === 0 || random.chance(0.25)) return random.pick(leaves[kind]);
  return random.pick(made[kind])(random, (inner) => expression(inner, random, names, depth - 1));
}
