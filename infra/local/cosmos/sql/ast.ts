/** Syntax trees of the query dialect. `at` is the offset in the query's text where a node begins. */
import type { Json } from "../values.ts";

export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";
export type AggregateName = "COUNT" | "SUM" | "MIN" | "MAX" | "AVG";

export type Expression =
  | { readonly kind: "literal"; readonly value: Json | undefined; readonly at: number }
  | { readonly kind: "parameter"; readonly name: string; readonly at: number }
  | Path
  | { readonly kind: "not"; readonly operand: Expression; readonly at: number }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression; readonly at: number }
  | {
      readonly kind: "compare";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | { readonly kind: "in"; readonly value: Expression; readonly list: readonly Expression[]; readonly at: number }
  | {
      readonly kind: "between";
      readonly value: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly at: number;
    }
  | { readonly kind: "call"; readonly name: string; readonly operands: readonly Expression[]; readonly at: number }
  | Aggregate
  | { readonly kind: "array"; readonly items: readonly Expression[]; readonly at: number }
  | {
      readonly kind: "object";
      readonly fields: readonly { readonly name: string; readonly value: Expression }[];
      readonly at: number;
    }
  | {
      /** `EXISTS (SELECT VALUE x FROM x IN path WHERE ...)` */
      readonly kind: "exists";
      readonly alias: string;
      readonly source: Path;
      readonly select: Expression;
      readonly where: Expression | undefined;
      readonly at: number;
    };

/** `c.a["b"][0]`: the alias and the steps from there. */
export interface Path {
  readonly kind: "path";
  readonly root: string;
  readonly steps: readonly (string | number)[];
  readonly at: number;
}

export interface Aggregate {
  readonly kind: "aggregate";
  readonly name: AggregateName;
  readonly operand: Expression;
  readonly at: number;
}

export interface SelectItem {
  readonly expression: Expression;
  readonly alias: string;
}

export type Select =
  | { readonly kind: "star" }
  | { readonly kind: "value"; readonly expression: Expression }
  | { readonly kind: "list"; readonly items: readonly SelectItem[] };

export interface OrderKey {
  readonly path: Path;
  readonly descending: boolean;
}

export interface Query {
  readonly select: Select;
  /** Name by which the query calls an item: `c` in `FROM c`. */
  readonly alias: string;
  readonly top: Expression | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
}
