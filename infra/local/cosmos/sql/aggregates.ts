/** COUNT, SUM, MIN, MAX, AVG over the rows of a group. Undefined operands are left out of all of them. */
import { compareStrings, typeRank, type Value } from "../values.ts";
import type { AggregateName } from "./ast.ts";

export interface Accumulator {
  add(value: Value): void;
  /** Undefined (no value in the result) for MIN, MAX and AVG of nothing, SUM and AVG over anything but numbers. */
  result(): Value;
}

export function makeAccumulator(name: AggregateName): Accumulator {
  switch (name) {
    case "COUNT":
      return count();
    case "SUM":
      return numeric((sum) => sum);
    case "AVG":
      return numeric((sum, found) => (found === 0 ? undefined : sum / found));
    case "MIN":
      return extreme((sign) => sign < 0);
    case "MAX":
      return extreme((sign) => sign > 0);
  }
}

function count(): Accumulator {
  let found = 0;
  return {
    add: (value) => {
      if (value !== undefined) found += 1;
    },
    result: () => found,
  };
}

function numeric(finish: (sum: number, found: number) => Value): Accumulator {
  let sum = 0;
  let found = 0;
  let numbersOnly = true;
  return {
    add: (value) => {
      if (value === undefined) return;
      if (typeof value !== "number") numbersOnly = false;
      else {
        sum += value;
        found += 1;
      }
    },
    result: () => (numbersOnly ? finish(sum, found) : undefined),
  };
}

/** Types order as in ORDER BY; arrays and objects have no extreme. */
function extreme(replaces: (sign: number) => boolean): Accumulator {
  let best: Value;
  let scalarsOnly = true;
  return {
    add: (value) => {
      if (value === undefined) return;
      if (typeof value === "object" && value !== null) scalarsOnly = false;
      else if (best === undefined || replaces(order(value, best))) best = value;
    },
    result: () => (scalarsOnly ? best : undefined),
  };
}

function order(left: Value, right: Value): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  return typeRank(left) - typeRank(right);
}
