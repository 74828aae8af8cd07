/** The scalar functions that are served. */
import type { Json } from "../json.ts";
import { toBool, toLong, toText, type ColumnType } from "./values.ts";

export interface ScalarFunction {
  readonly type: ColumnType;
  /** Least and most. */
  readonly arguments: readonly [number, number];
  readonly of: (values: readonly Json[]) => Json;
  /** A conversion: a column made of it is called as its argument would be. */
  readonly keepsName?: true;
}

const one = (type: ColumnType, of: (value: Json) => Json, keepsName?: true): ScalarFunction => ({
  type,
  arguments: [1, 1],
  of: ([value = null]) => of(value),
  ...(keepsName === undefined ? {} : { keepsName }),
});

const STRCAT_MAX = 64;

const all: Readonly<Record<string, ScalarFunction>> = {
  tostring: one("string", toText, true),
  tolower: one("string", (value) => toText(value).toLowerCase()),
  toupper: one("string", (value) => toText(value).toUpperCase()),
  toint: one("long", toLong, true),
  tolong: one("long", toLong, true),
  tobool: one("bool", toBool, true),
  isempty: one("bool", (value) => value === null || value === ""),
  isnotempty: one("bool", (value) => value !== null && value !== ""),
  isnull: one("bool", (value) => value === null),
  isnotnull: one("bool", (value) => value !== null),
  not: one("bool", (value) => (value === null ? null : value !== true)),
  array_length: one("long", (value) => (Array.isArray(value) ? value.length : null)),
  strcat: {
    type: "string",
    arguments: [1, STRCAT_MAX],
    of: (values) => values.map(toText).join(""),
  },
};

/** By name, lower case. */
export const functions: ReadonlyMap<string, ScalarFunction> = new Map(Object.entries(all));
