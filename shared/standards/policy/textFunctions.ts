/** Template functions on texts, after the page on string functions of Resource Manager templates. */
import type { Json } from "../../kernel/canonicalJson.ts";
import {
  ARGS_MAX,
  bounded,
  fits,
  fixed,
  isSame,
  items,
  lower,
  number,
  ranged,
  shown,
  sized,
  whole,
  words,
  type FunctionTable,
} from "./arguments.ts";
import { kindOf, unusable } from "./refusal.ts";
import { isList, isObject, isWithin, member } from "./values.ts";

/** Deeper JSON is not read. */
const NESTING_MAX = 100;

export const textFunctions: FunctionTable = {
  concat: { arity: [0, ARGS_MAX], apply: concat },
  toLower: fixed(1, ([a]) => words("toLower", a).toLowerCase()),
  toUpper: fixed(1, ([a]) => words("toUpper", a).toUpperCase()),
  trim: fixed(1, ([a]) => words("trim", a).trim()),
  startsWith: fixed(2, ([a, b]) => lower("startsWith", a).startsWith(lower("startsWith", b))),
  endsWith: fixed(2, ([a, b]) => lower("endsWith", a).endsWith(lower("endsWith", b))),
  indexOf: fixed(2, ([a, b]) => {
    if (isList(a)) return a.findIndex((item) => isSame(item, b));
    return lower("indexOf", a).indexOf(lower("indexOf", b));
  }),
  lastIndexOf: fixed(2, ([a, b]) => {
    if (isList(a)) return a.findLastIndex((item) => isSame(item, b));
    return lower("lastIndexOf", a).lastIndexOf(lower("lastIndexOf", b));
  }),
  replace: fixed(3, ([a, b, c]) => replaced(words("replace", a), words("replace", b), words("replace", c))),
  split: fixed(2, ([a, b]) => parts(words("split", a), b ?? null)),
  join: fixed(2, ([a, b]) => assembled(items("join", a).map(shown), words("join", b))),
  string: fixed(1, ([a]) => sized(shown(a ?? null))),
  substring: ranged(2, 3, ([a, b, c]) => part(words("substring", a), whole("substring", b), c)),
  padLeft: ranged(2, 3, ([a, b, c]) => padded(a ?? null, whole("padLeft", b), c)),
  format: { arity: [1, ARGS_MAX], apply: formatted },
  contains: fixed(2, ([a, b]) => contains(a ?? null, b ?? null)),
  json: fixed(1, ([a]) => parsed(words("json", a))),
  base64: fixed(1, ([a]) => sized(Buffer.from(words("base64", a), "utf8").toString("base64"))),
  base64ToString: fixed(1, ([a]) => decoded("base64ToString", words("base64ToString", a))),
  base64ToJson: fixed(1, ([a]) => parsed(decoded("base64ToJson", words("base64ToJson", a)))),
  dataUri: fixed(1, ([a]) => {
    const bytes = Buffer.from(words("dataUri", a), "utf8");
    return sized(`data:text/plain;charset=utf8;base64,${bytes.toString("base64")}`);
  }),
  dataUriToString: fixed(1, ([a]) => dataOf(words("dataUriToString", a))),
  uri: fixed(2, ([a, b]) => joined(words("uri", a), words("uri", b))),
  uriComponent: fixed(1, ([a]) => sized(encoded(words("uriComponent", a)))),
  uriComponentToString: fixed(1, ([a]) => unencoded(words("uriComponentToString", a))),
};

function concat(args: readonly Json[]): Json {
  if (isList(args[0])) return sized(args.flatMap((arg) => items("concat", arg)));
  return sized(args.map((arg) => (typeof arg === "object" ? words("concat", arg) : String(arg))).join(""));
}

function parts(value: string, delimiters: Json): string[] {
  const marks = isList(delimiters) ? delimiters.map((item) => words("split", item)) : [words("split", delimiters)];
  return marks.reduce((list, mark) => (mark === "" ? list : list.flatMap((one) => one.split(mark))), [value]);
}

function replaced(value: string, search: string, by: string): string {
  return search === "" ? value : assembled(value.split(search), by);
}

function assembled(texts: readonly string[], between: string): string {
  fits(texts.reduce((sum, { length }) => sum + length, between.length * Math.max(0, texts.length - 1)));
  return texts.join(between);
}

function part(value: string, start: number, length: Json | undefined): string {
  const end = length === undefined ? value.length : start + whole("substring", length);
  if (start >= 0 && end >= start && end <= value.length) return value.slice(start, end);
  throw unusable("substring()", `${start} to ${end}`, `a part of a text of ${value.length} characters`);
}

function padded(value: Json, length: number, mark: Json | undefined): string {
  const text = typeof value === "number" ? String(whole("padLeft", value)) : words("padLeft", value);
  const filler = mark === undefined ? " " : words("padLeft", mark);
  if (filler.length !== 1) throw unusable("padLeft()", `${filler.length} characters to fill with`, "one");
  return text.padStart(bounded("padLeft", length), filler);
}

/** `{0}`, and `{1:D3}` for a number with so many digits at least; `{{` stands for a brace. */
function formatted([form, ...args]: readonly Json[]): string {
  let length = 0;
  const made = words("format", form).replaceAll(
    /\{\{|\}\}|\{(\d{1,3})(?::([a-z])(\d{0,2}))?\}|[{}]/gi,
    (found, at: string | undefined, kind: string | undefined, digits: string | undefined) => {
      if (found === "{{" || found === "}}") return found.slice(1);
      const value = at === undefined ? undefined : args[Number(at)];
      if (value === undefined) throw unusable("format()", found, `a place for one of ${args.length} arguments`);
      const text = kind === undefined ? shownIn(value) : numeral(value, kind, Number(digits ?? 0));
      length += text.length;
      fits(length);
      return text;
    },
  );
  return sized(made);
}

/** .NET writes True and False. */
function shownIn(value: Json): string {
  return typeof value === "boolean" ? (value ? "True" : "False") : shown(value);
}

function numeral(value: Json, kind: string, digits: number): string {
  const found = number("format", value);
  const sign = found < 0 ? "-" : "";
  switch (kind.toLowerCase()) {
    case "d":
      return `${sign}${String(Math.abs(Math.trunc(found))).padStart(digits, "0")}`;
    case "f":
      return found.toFixed(digits);
    case "x": {
      const text = Math.trunc(found).toString(16).padStart(digits, "0");
      return kind === "x" ? text : text.toUpperCase();
    }
    default:
      throw unusable("format()", `the form ${kind}`, "D, F or X");
  }
}

function contains(where: Json, what: Json): boolean {
  if (typeof where === "string") return where.includes(shown(what));
  if (isList(where)) return where.some((item) => isSame(item, what));
  if (isObject(where)) return member(where, words("contains", what)) !== undefined;
  throw unusable("contains()", kindOf(where), "a text, a list or an object");
}

function parsed(text: string): Json {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw unusable("json()", "a text that is no JSON", "JSON");
  }
  if (isWithin(found, NESTING_MAX)) return found as Json;
  throw unusable("json()", `more than ${NESTING_MAX} levels`, "JSON that is nested less");
}

function decoded(name: string, text: string): string {
  if (/^[a-z0-9+/]*={0,2}$/i.test(text) && text.length % 4 === 0) return Buffer.from(text, "base64").toString("utf8");
  throw unusable(`${name}()`, "another text", "base64");
}

function dataOf(text: string): string {
  const [, kind = "", data] = /^data:([^,]*),(.*)$/is.exec(text) ?? [];
  if (data === undefined) throw unusable("dataUriToString()", "another text", "a data URI");
  return /;base64$/i.test(kind) ? decoded("dataUriToString", data) : unencoded(data);
}

function joined(base: string, relative: string): string {
  const found = URL.parse(relative, base);
  if (found === null) throw unusable("uri()", "another text", "a base URI and a relative one");
  return sized(found.href);
}

/** RFC 3986 also escapes these; `encodeURIComponent` does not. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unencoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unusable("uriComponentToString()", "another text", "an encoded one");
  }
}
