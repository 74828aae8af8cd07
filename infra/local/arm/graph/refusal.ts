/** How Resource Graph refuses: a general outer error, and what is wrong in `details`. */
import { ArmRefusal } from "../errors.ts";

export interface GraphDetail {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly characterPositionInLine?: number;
  readonly token?: string;
}

/** An error of Resource Graph; its outer message names only when it happened, as the service's does. */
export class GraphRefusal extends ArmRefusal {
  readonly details: readonly GraphDetail[];

  constructor(status: number, code: string, details: readonly GraphDetail[], headers: Record<string, string> = {}) {
    super(status, code, "Please provide below info when asking for support.", headers);
    this.name = "GraphRefusal";
    this.details = details;
  }

  override body(): object {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

/**
 * A query that doesn't parse, or uses what isn't served. Code and first detail as seen in public issues
 * (Azure/azure-powershell#13762); the text of the second is ours, because the service only repeats its code there.
 *
 * @param at character of the query, from 0
 */
export function invalidQuery(
  query: string,
  code: "ParserFailure" | "InvalidQueryLanguage" | "UnknownColumn" | "TypeMismatch",
  message: string,
  at: number,
  token: string,
): GraphRefusal {
  const before = query.slice(0, at).split("\n");
  return new GraphRefusal(400, "BadRequest", [
    {
      code: "InvalidQuery",
      message:
        "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
    },
    { code, message, line: before.length, characterPositionInLine: before.at(-1)?.length ?? 0, token },
  ]);
}
