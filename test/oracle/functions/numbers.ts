/**
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric, ...-comparison and
 * ...-logical
 */
import { Failed, fold, type Maybe } from "../json.ts";
import { identical, wantTruth, wantWhole, type TemplateFunction } from "./types.ts";

function toWhole(value: Maybe): number {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new Failed(`int: found ${JSON.stringify(value)}; expected a whole number`);
}

function toReal(value: Maybe): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(value)) return Number(value);
  throw new Failed(`float: found ${JSON.stringify(value)}; expected a number`);
}

/** "true" in any combination of upper and lower case, else false; of whole numbers, also in quotes, only 0 is false. */
function toTruth(value: Maybe): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return fold(value) === "TRUE" || (/^-?\d+$/.test(value) && Number(value) !== 0);
  throw new Failed(`bool: found ${JSON.stringify(value)}; expected true or false`);
}

function divisor(value: Maybe): number {
  const by = wantWhole(value);
  if (by === 0) throw new Failed("division by 0");
  return by;
}

function numbers(given: Maybe[]): number[] {
  const all = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given).map(wantWhole);
  if (all.length === 0) throw new Failed("expected a number at least");
  return all;
}

/** By the page, greater('A', 'a') is true: small letters come first. */
const invariant = new Intl.Collator("en");

function order(left: Maybe, right: Maybe): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return invariant.compare(left, right);
  throw new Failed(`cannot compare ${JSON.stringify(left)} with ${JSON.stringify(right)}`);
}

export const numberFunctions: Readonly<Record<string, TemplateFunction>> = {
  int: toWhole,
  float: toReal,
  bool: toTruth,
  add: (left, right) => wantWhole(left) + wantWhole(right),
  sub: (left, right) => wantWhole(left) - wantWhole(right),
  mul: (left, right) => wantWhole(left) * wantWhole(right),
  div: (left, right) => Math.trunc(wantWhole(left) / divisor(right)),
  mod: (left, right) => wantWhole(left) % divisor(right),
  min: (...given) => Math.min(...numbers(given)),
  max: (...given) => Math.max(...numbers(given)),
  equals: (left, right) => identical(left, right),
  less: (left, right) => order(left, right) < 0,
  lessOrEquals: (left, right) => order(left, right) <= 0,
  greater: (left, right) => order(left, right) > 0,
  greaterOrEquals: (left, right) => order(left, right) >= 0,
  not: (value) => !wantTruth(value),
  true: () => true,
  false: () => false,
  null: () => null,
};
