import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/kernel/canonicalJson.ts";
import { compileValue } from "../../../../shared/standards/policy/expression.ts";

const account = "Microsoft.CognitiveServices/accounts";
const resource = {
  type: account,
  name: "contoso",
  tags: { Owner: "ada" },
  properties: { networkAcls: { ipRules: [{ value: "10.0.0.1" }, { value: "10.0.0.2" }, {}] }, limit: 7 },
};
const parameters = { names: ["prod", "Test"], byName: { Baseline: { mode: "Default" } }, limit: 5 };
const vocabulary = { parameters: Object.keys(parameters), members: ["locks"] };

function valueOf(value: Json): Json {
  return compileValue(value, vocabulary, "/value")({ resource, parameters, counted: [] });
}

describe("a value", () => {
  it.each<[Json, Json]>([
    ["plain", "plain"],
    ["[not closed", "[not closed"],
    ["[[concat('a')]", "[concat('a')]"],
    [5, 5],
    [null, null],
    [
      { a: ["[parameters('limit')]", true], b: { c: "[field('name')]" } },
      { a: [5, true], b: { c: "contoso" } },
    ],
    ["[ Concat( 'it''s ' , toUpper('a') ) ]", "it's A"],
    ["[parameters('NAMES')[1]]", "Test"],
    ["[parameters('names')[9]]", null],
    ["[parameters('byName')['baseline'].MODE]", "Default"],
    ["[parameters('byName')[toLower('BASELINE')].mode]", "Default"],
    ["[parameters('byName').other]", null],
    ["[first(parameters('names'))]", "prod"],
    ["[last('abc')]", "c"],
    ["[first(createArray())]", null],
    ["[field('tags.owner')]", "ada"],
    ["[field(concat('tags[', 'owner', ']'))]", "ada"],
    ["[field('locks')]", null],
    [`[field('${account}/networkAcls.ipRules[*].value')]`, ["10.0.0.1", "10.0.0.2"]],
    [`[length(field('${account}/networkAcls.ipRules[*]'))]`, 3],
    [`[field('${account}/encryption.keys[*]')]`, []],
    ["[if(equals('a', 'A'), 'same', 'other')]", "other"],
    // The branch that is not taken is not worked out.
    ["[if(true(), 1, length(null()))]", 1],
    ["[and(false(), length(null()))]", false],
    ["[or(not(false()), length(null()))]", true],
    ["[greater(7, 5)]", true],
    ["[greaterOrEquals('b', 'b')]", true],
    ["[less(-3, 2)]", true],
    ["[lessOrEquals('b', 'a')]", false],
    ["[contains('Hello', 'ell')]", true],
    ["[contains(parameters('names'), 'test')]", false],
    ["[contains(parameters('byName'), 'BASELINE')]", true],
    ["[length(parameters('byName'))]", 1],
    ["[empty('')]", true],
    ["[empty(null())]", true],
    ["[empty(createArray(1))]", false],
    ["[coalesce(null(), field('kind'), 'x')]", "x"],
    ["[split('a,b;c', createArray(',', ';'))]", ["a", "b", "c"]],
    ["[join(createArray('a', 1, true()), '-')]", "a-1-true"],
    ["[concat(createArray(1), createArray(2, 3))]", [1, 2, 3]],
    ["[replace('a b a', 'a', 'c')]", "c b c"],
    ["[startsWith('GlobalStandard', 'global')]", true],
    ["[endsWith('GlobalStandard', 'STANDARD')]", true],
    ["[indexOf('abc', 'C')]", 2],
    ["[string(createArray(1, 'a'))]", '[1,"a"]'],
    ["[int(' 12 ')]", 12],
    ["[bool('TRUE')]", true],
    ["[trim(' a ')]", "a"],
    ["[add(2, sub(5, 3))]", 4],
    ["[min(createArray(3, 1))]", 1],
    ["[max(3, parameters('limit'))]", 5],
  ])("%j is %j", (value, expected) => {
    expect(valueOf(value)).toEqual(expected);
  });

  it.each<[Json, string]>([
    ["[concat('a']", "/value: found the end after 10 characters of the expression; expected ,"],
    ["[]", "/value: found the end after 0 characters of the expression; expected a function, a text or a number"],
    ["[concat('a') 'b']", "expected the end"],
    ["[a b]", "/value: found b after 1 characters of the expression; expected ("],
    ["[1.5]", "/value: found 1.5"],
    ["[concat('a\")]", "/value: found '"],
    ["[utcNow()]", "/value: found utcNow(); expected one of the functions parameters, field, current"],
    ["[toString()]", "/value: found toString(); expected one of the functions"],
    ["[constructor()]", "/value: found constructor(); expected one of the functions"],
    ["[equals(1)]", "/value: found equals() with 1 arguments; expected 2"],
    ["[parameters('other')]", "/value: found parameters('other'); expected names, byName, limit"],
    ["[parameters(concat('li', 'mit'))]", "expected the name of a parameter in single quotes"],
    ["[field('nonsense')]", "/value: found nonsense; expected an alias, or one of"],
    [["a", { b: "[nope()]" }], "/value/1/b: found nope()"],
  ])("refuses %j by name and place", (value, message) => {
    expect(() => compileValue(value, vocabulary, "/value")).toThrow(message);
  });

  it.each<[Json, string]>([
    ["[length(field('kind'))]", "length(): found nothing; expected a text, a list or an object"],
    ["[toLower(5)]", "toLower(): found a number; expected a text"],
    ["[greater(1, 'a')]", "greater(): found a number; expected a text"],
    ["[if('yes', 1, 2)]", "if(): found a text; expected true or false"],
    ["[int('a')]", "int(): found a text; expected a whole number"],
    ["[min(createArray())]", "min(): found an empty list; expected at least one number"],
    ["[current()]", "current(): found no count around; expected one"],
    ["[field(parameters('limit'))]", "/value: found a number; expected the name of a field"],
    ["[parameters('names')[null()]]", "[index]: found nothing; expected a number for a list"],
  ])("says what %j cannot work on", (value, message) => {
    const evaluate = compileValue(value, vocabulary, "/value");
    expect(() => evaluate({ resource, parameters, counted: [] })).toThrow(message);
  });

  it("is bounded in length, depth and what it makes", () => {
    const nested = `[${"not(".repeat(100)}true()${")".repeat(100)}]`;
    expect(() => valueOf(nested)).toThrow("more than 60 levels");
    expect(() => valueOf(`[field('name')${".a".repeat(100)}]`)).toThrow("more than 60 parts");
    expect(() => valueOf(`['${"a".repeat(25_000)}']`)).toThrow("at most 24576");
    const deep = Array.from({ length: 100 }).reduce<Json>((value) => [value], "[field('name')]");
    expect(() => valueOf(deep)).toThrow("more than 60 levels");
    const long = `replace('${"a".repeat(1000)}', 'a', '${"b".repeat(1000)}')`;
    expect(() => valueOf(`[${long}]`)).toThrow("found a result of 1000000; expected at most 100000");
  });
});
