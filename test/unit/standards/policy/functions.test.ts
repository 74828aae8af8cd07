/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { expect, it } from "vitest";
import { compileRule } from "../../../../shared/standards/policy/policy.ts";
import { compileValue } from "../../../../shared/standards/policy/expression.ts";
import { plain } from "../../../../shared/standards/policy/scope.ts";

const worth = (expression: string): unknown =>
  compileValue(`[${expression}]`, plain, "/value")({ resource: {}, parameters: {}, counted: [] });

it.each<[string, unknown]>([
  ["addDays('2024-02-28T23:00:00Z', 2)", "2024-03-01T23:00:00Z"],
  ["addDays('2024-01-01', -1)", "2023-12-31T00:00:00Z"],
  ["addDays('2024-01-01T00:00:00.25+02:00', 0)", "2023-12-31T22:00:00.25Z"],
  ["dateTimeAdd('2024-01-31T00:00:00Z', 'P1M')", "2024-02-29T00:00:00Z"],
  ["dateTimeAdd('2024-03-31T10:00:00Z', '-P1Y1MT30M')", "2023-02-28T09:30:00Z"],
  ["dateTimeAdd('2024-03-31T10:00:00Z', 'P1D', 'dd.MM.yy')", "01.04.24"],
  ["dateTimeFromEpoch(0)", "1970-01-01T00:00:00Z"],
  ["dateTimeToEpoch('2000-03-01')", 951_868_800],
  ["ipRangeContains('10.0.0.0/8', '10.200.0.0/16')", true],
  ["ipRangeContains('10.0.0.0/8', '11.0.0.1')", false],
  ["ipRangeContains('10.0.0.1-10.0.0.9', '10.0.0.9')", true],
  ["ipRangeContains('2001:db8::/32', '2001:db8:1::1')", true],
  ["ipRangeContains('::ffff:10.0.0.0/104', '10.0.0.1')", false],
  ["cidrSubnet('10.0.0.0/16', 24, 3)", "10.0.3.0/24"],
  ["cidrHost('10.0.3.0/24', 0)", "10.0.3.1"],
  ["cidrSubnet('2001:db8::/32', 48, 1)", "2001:db8:1::/48"],
  ["parseCidr('10.0.3.7/24').broadcast", "10.0.3.255"],
  ["substring('abcdef', 2, 3)", "cde"],
  ["padLeft(7, 3, '0')", "007"],
  ["format('{0}-{1:D3} {{}}', 'a', 7)", "a-007 {}"],
  ["json('{\"a\":[1.5]}').a[0]", 1.5],
  ["base64ToString(base64('\u00fc'))", "\u00fc"],
  ["uriComponentToString(uriComponent('a b/!'))", "a b/!"],
  ["uri('https://x.example/a/', 'b')", "https://x.example/a/b"],
  ["dataUriToString(dataUri('hi'))", "hi"],
  ["union(createArray(1, 2), createArray(2, 3))", [1, 2, 3]],
  ["union(createObject('a', createObject('b', 1)), createObject('A', createObject('c', 2)))", { a: { b: 1, c: 2 } }],
  ["intersection(createArray('a', 'b', 'a'), createArray('a'))", ["a"]],
  ["skip(take(range(3, 5), 4), 2)", [5, 6]],
  ["lastIndexOf('abab', 'B')", 3],
  ["div(7, -2)", -3],
  ["mod(7, 3)", 1],
  ["float('-2.5')", -2.5],
  ["bool('1')", true],
  ["bool('tRUE')", true],
  ["bool('yes')", false],
  ["bool(-2)", true],
  ["greater('A', 'a')", true],
  ["less('é', 'z')", true],
  ["tryGet(createObject('a', 1), 'b')", null],
  ["objectKeys(createObject('b', 1, 'a', 2))", ["a", "b"]],
])("%s", (expression, expected) => {
  expect(worth(expression)).toEqual(expected);
});

it.each([
  ["addDays('2023-02-29', 1)", "addDays(): found another text; expected a time"],
  ["addDays('9999-12-31', 1)", "addDays(): found a time beyond the calendar"],
  ["dateTimeAdd('2024-01-01', 'P')", "dateTimeAdd(): found another text; expected a duration"],
  ["dateTimeAdd('2024-01-01', 'P1D', 'constructor')", "found the format's letter c"],
  ["ipRangeContains('10.0.0.256', '10.0.0.1')", "ipRangeContains(): found another text"],
  ["ipRangeContains('10.0.0.9-10.0.0.1', '10.0.0.1')", "found a range that ends before it begins"],
  ["cidrSubnet('10.0.0.0/16', 8, 0)", "cidrSubnet(): found /8; expected /16 to /32"],
  ["padLeft('a', 999999)", "padLeft(): found a length of 999999"],
  ["range(0, -1)", "range(): found a length of -1"],
  ["div(1, 0)", "div(): found 0"],
  ["mul(float('1e300'), float('1e300'))", "mul(): found a result too large"],
  ["substring('abc', 2, 5)", "substring(): found 2 to 7; expected a part of a text of 3 characters"],
  ["format('{1}', 'a')", "format(): found {1}; expected a place for one of 1 arguments"],
  ["json('{')", "json(): found a text that is no JSON"],
  ["createObject('a')", "createObject(): found 1 arguments"],
])("%s gives no value", (expression, message) => {
  expect(() => worth(expression)).toThrow(message);
});

it("tells the time that it is given, and no other", () => {
  const rule = { if: { value: "[addDays(utcNow(), 1)]", equals: "1970-01-02T00:00:01Z" }, then: { effect: "audit" } };
  const policy = compileRule(rule).assign();
  expect(policy({}, { nowMs: 1000 }).effect).toBe("audit");
  expect(() => policy({}, {})).toThrow("utcNow(): found no clock");
});

it.each([
  [{ value: "abc-12", match: "???-##" }, true],
  [{ value: "a.prod.b", like: "*.PROD.*" }, true],
  [{ value: "a.dev.b", like: "*.prod.*" }, false],
  [{ value: "aXbXc", like: "a*b*c" }, true],
  [{ value: "abXc", like: "a*b*bXc" }, false],
  [{ value: "anything", like: "*" }, true],
  [{ value: "ABC-12", match: "abc-##" }, false],
  [{ value: "ABC-12", matchInsensitively: "abc-##" }, true],
  [{ value: "abc", notMatch: "a.c" }, false],
  [{ value: "abc", notMatchInsensitively: "A.D" }, true],
  [{ value: "Stra\u00dfe", equals: "STRASSE" }, true],
  [{ value: "\u039f\u03a3", equals: "\u03bf\u03c2" }, true],
  [{ value: "O\ufb03ce", contains: "FFI" }, true],
])("%j is %s", (condition, expected) => {
  const policy = compileRule({ if: condition, then: { effect: "audit" } }).assign();
  expect(policy({}).effect).toBe(expected ? "audit" : null);
});
