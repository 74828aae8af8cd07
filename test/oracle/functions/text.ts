/** https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string */
import { Failed, fold, isAbsent, type Json, type Maybe } from "../json.ts";
import { identical, wantText, wantWhole, type TemplateFunction } from "./types.ts";

function toText(value: Maybe): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value ?? null);
}

/** "Combines multiple string values"; of arrays, multiple arrays. Not both. */
function concat(...given: Maybe[]): Json {
  if (given.length > 0 && given.every((each) => Array.isArray(each))) return given.flat();
  if (given.some((each) => Array.isArray(each))) throw new Failed("concat: found both arrays and strings");
  return given.map((each) => (isAbsent(each) || typeof each === "object" ? wantText(each) : String(each))).join("");
}

/** .NET writes True and False. */
function capital(value: boolean): string {
  return value ? "True" : "False";
}

function substring(text: Maybe, start: Maybe, length?: Maybe): string {
  const whole = wantText(text);
  const from = wantWhole(start);
  const count = length === undefined ? whole.length - from : wantWhole(length);
  if (from < 0 || count < 0 || from + count > whole.length) throw new Failed("substring: outside of the string");
  return whole.slice(from, from + count);
}

function split(text: Maybe, delimiter: Maybe): Json {
  const signs = (Array.isArray(delimiter) ? delimiter : [delimiter]).map(wantText);
  let parts = [wantText(text)];
  for (const sign of signs) parts = sign === "" ? parts : parts.flatMap((part) => part.split(sign));
  return parts;
}

function padLeft(value: Maybe, total: Maybe, sign: Maybe = " "): string {
  const text = typeof value === "number" ? String(wantWhole(value)) : wantText(value);
  return text.padStart(wantWhole(total), wantText(sign));
}

/** Composite formatting; of format strings only "D" and "N" with a width, which the page's own example uses. */
function format(pattern: Maybe, ...given: Maybe[]): string {
  return wantText(pattern).replaceAll(/\{\{|\}\}|\{(\d+)(?::([^{}]*))?\}/g, (found, at?: string, how?: string) => {
    if (at === undefined) return found.charAt(0);
    if (Number(at) >= given.length) throw new Failed(`format: nothing given for ${found}`);
    const value = given[Number(at)] ?? null;
    if (how === undefined || how === "") return typeof value === "boolean" ? capital(value) : toText(value);
    return formatNumber(value, how);
  });
}

function formatNumber(value: Json, how: string): string {
  const [, kind, width] = /^([dn])(\d*)$/i.exec(how) ?? [];
  if (kind === undefined || typeof value !== "number") throw new Failed(`format: {:${how}} is not supported`);
  if (/d/i.test(kind)) return (value < 0 ? "-" : "") + String(Math.abs(value)).padStart(Number(width || 0), "0");
  const digits = width === "" ? 2 : Number(width);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** RFC 3986: all but letters, digits and -._~ */
function uriComponent(text: Maybe): string {
  return encodeURIComponent(wantText(text)).replaceAll(/[!'()*]/g, (sign) => {
    return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

/** "If baseUri ends with a trailing slash, the result is baseUri followed by relativeUri"; else its last part goes. */
function uri(base: Maybe, relative: Maybe): string {
  return new URL(wantText(relative), wantText(base)).href;
}

function dataUriToString(value: Maybe): string {
  const [, isBase64, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(wantText(value)) ?? [];
  if (data === undefined) throw new Failed("dataUriToString: not a data URI");
  return isBase64 === undefined ? decodeURIComponent(data) : base64ToString(data);
}

function base64(text: Maybe): string {
  return Buffer.from(wantText(text), "utf8").toString("base64");
}

function base64ToString(text: Maybe): string {
  return Buffer.from(wantText(text), "base64").toString("utf8");
}

function json(text: Maybe): Json {
  try {
    return JSON.parse(wantText(text)) as Json;
  } catch (error) {
    throw new Failed(`json: ${String(error)}`);
  }
}

function join(list: Maybe, delimiter: Maybe): string {
  if (!Array.isArray(list)) throw new Failed("join: expected an array");
  return list.map(toText).join(wantText(delimiter));
}

/** The four that look for a string in a string are "case-insensitive" by the page; replace and contains are not. */
export const textFunctions: Readonly<Record<string, TemplateFunction>> = {
  concat,
  substring,
  split,
  padLeft,
  format,
  uriComponent,
  uri,
  join,
  json,
  base64,
  base64ToString,
  base64ToJson: (text) => json(base64ToString(text)),
  dataUri: (text) => `data:text/plain;charset=utf8;base64,${base64(text)}`,
  dataUriToString,
  uriComponentToString: (text) => decodeURIComponent(wantText(text)),
  string: (value) => (typeof value === "string" ? value : JSON.stringify(value ?? null)),
  toLower: (text) => wantText(text).toLowerCase(),
  toUpper: (text) => wantText(text).toUpperCase(),
  trim: (text) => wantText(text).trim(),
  replace: (text, old, fresh) => wantText(text).split(wantText(old)).join(wantText(fresh)),
  startsWith: (text, part) => fold(wantText(text)).startsWith(fold(wantText(part))),
  endsWith: (text, part) => fold(wantText(text)).endsWith(fold(wantText(part))),
  indexOf: (where, part) => {
    if (Array.isArray(where)) return where.findIndex((each) => identical(each, part));
    return fold(wantText(where)).indexOf(fold(wantText(part)));
  },
  lastIndexOf: (where, part) => {
    if (Array.isArray(where)) return where.findLastIndex((each) => identical(each, part));
    return fold(wantText(where)).lastIndexOf(fold(wantText(part)));
  },
};
