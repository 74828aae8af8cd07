/** JSON that people hand over: read with the line and column of what is no JSON, and with bounds. */
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { isWithin } from "../standards/policy/values.ts";

/** One JSON value of a file; `where` is the file, and the line where every line is a value of its own. */
export interface Part {
  readonly value: Json;
  readonly where: string;
}

/** Lines of a file in which each is a value. */
const LINES_MAX = 200_000;

/** Nothing that Azure answers is nested so deeply; it also bounds whatever goes through it. */
const NESTING_MAX = 300;

/**
 * A JSON text, or one with a JSON value on each line.
 * @throws SteelyardError `BadInput`: `file:line:column: found ...; expected ...`
 */
export function readJson(text: string, file: string): Part[] {
  const plain = text.replace(/^\uFEFF/, "");
  if (plain.trim() === "") throw bad(`${file}:1:1: found nothing; expected JSON`);
  const whole = parsed(plain);
  if ("value" in whole) return [bounded({ value: whole.value, where: file })];
  const lines = plain.split("\n");
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const isByLine = /^\s*[[{]/.test(first) && "value" in parsed(first);
  if (!isByLine)
    throw bad(`${file}:${place(plain, whole.error)}: found no JSON (${words(whole.error)}); ${expected(plain)}`);
  if (lines.length > LINES_MAX)
    throw bad(`${file}:1:1: found ${lines.length} lines; expected at most ${LINES_MAX} of JSON`);
  return lines.flatMap((line, at) => (line.trim() === "" ? [] : [readLine(line, `${file}:${at + 1}`)]));
}

function readLine(line: string, where: string): Part {
  const one = parsed(line);
  if ("value" in one) return bounded({ value: one.value, where });
  const column = place(line, one.error).split(":")[1] ?? "1";
  throw bad(`${where}:${column}: found no JSON (${words(one.error)}); expected a value on each line`);
}

function parsed(text: string): { readonly value: Json } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: error.message };
    throw error;
  }
}

/**
 * Line and column of what the parser did not understand. It tells a position, or shows the ten characters before and after
 * the one that it did not expect, or says that the text ended.
 */
function place(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, position === undefined ? shown(text, message) : Number(position)).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const SHOWN_BEFORE = 10;

function shown(text: string, message: string): number {
  const [, cut, excerpt = ""] = /, (\.\.\.)?"([^]*)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  const at = excerpt === "" ? -1 : text.indexOf(excerpt);
  if (at === -1) return text.length;
  if (cut !== undefined) return at + SHOWN_BEFORE;
  const token = /token '(.)'/su.exec(message)?.[1];
  return token === undefined ? at : at + Math.max(0, excerpt.lastIndexOf(token));
}

/** The parser's words without the place, which is told in our form. */
function words(message: string): string {
  return message.replace(/ in JSON at position[^]*$/, "").replace(/, (?:\.\.\.)?"[^]*" is not valid JSON$/, "");
}

function expected(text: string): string {
  const isBicep = /^\s*(targetScope|param|resource|module|metadata|@description)\b/m.test(text);
  return isBicep ? "expected what `az bicep build` makes of a Bicep file" : "expected JSON, or JSON on each line";
}

function bounded(part: Part): Part {
  if (isWithin(part.value, NESTING_MAX)) return part;
  throw bad(`${part.where}: found more than ${NESTING_MAX} levels; expected fewer`);
}

/** A text, number or truth as a text; nothing of what is none of them. */
export function wordOf(value: Json | undefined): string {
  return value === undefined || typeof value === "object" ? "" : String(value);
}

export function bad(message: string): SteelyardError {
  return new SteelyardError("BadInput", message);
}
