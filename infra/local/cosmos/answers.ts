/** Answers other than success: errors of the engine and faults that somebody asked for. */
import type { Fault } from "../platform/faults.ts";
import { CosmosError, substatuses } from "./errors.ts";
import type { Answer } from "./handler.ts";
import { SqlError } from "./sql/lexer.ts";

/** The wait that an answer 429 names when the fault does not, milliseconds. */
const RETRY_AFTER_DEFAULT_MS = 10;

/** The answer for an error that says what is wrong with the request; undefined for any other. */
export function errorAnswer(error: unknown, activityId: string): Answer | undefined {
  if (error instanceof SqlError) {
    const location = { start: error.start, end: error.end };
    const errors = [{ severity: "Error", location, code: error.sc, message: error.message }];
    return body(400, "BadRequest", `Message: ${JSON.stringify({ errors })}`, activityId);
  }
  if (!(error instanceof CosmosError)) return undefined;
  const answer = body(error.status, error.code, error.message, activityId);
  return error.substatus === undefined ? answer : withHeader(answer, "x-ms-substatus", String(error.substatus));
}

function body(status: number, code: string, message: string, activityId: string): Answer {
  return { status, body: { code, message: `${message}\r\nActivityId: ${activityId}, steelyard-local` }, charge: 0 };
}

function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: { ...answer.headers, [name]: value } };
}

/** Code and message of the service for the statuses that a fault is likely to name. */
const refusals: Readonly<
  Record<number, { readonly code: string; readonly message: string; readonly substatus?: number }>
> = {
  408: { code: "RequestTimeout", message: "Request timed out. More info: https://aka.ms/cosmosdb-tsg-request-timeout" },
  412: { code: "PreconditionFailed", message: "One of the specified pre-condition is not met." },
  429: {
    code: "429",
    message: "The request rate is too large. Please retry after sometime. Learn more: http://aka.ms/cosmosdb-error-429",
    substatus: substatuses.requestRateTooLarge,
  },
  449: {
    code: "RetryWith",
    message: "Conflicting request to resource has been attempted. Retry to avoid conflicts.",
  },
  503: { code: "ServiceUnavailable", message: "Service is currently unavailable. Please retry after a while." },
};

/** The answer of a `status` fault; 503 when it names no status. */
export function refusal(fault: Fault): Answer {
  const status = fault.status ?? 503;
  const known = refusals[status];
  const answer: Answer = {
    status,
    body: {
      code: fault.code ?? known?.code ?? String(status),
      message: `${known?.message ?? "Refused"} (asked for by a fault)`,
    },
    charge: 0,
  };
  const headers: Record<string, string> = {};
  if (known?.substatus !== undefined) headers["x-ms-substatus"] = String(known.substatus);
  if (fault.retryAfter !== undefined || status === 429) {
    headers["x-ms-retry-after-ms"] = String(Math.round((fault.retryAfter ?? RETRY_AFTER_DEFAULT_MS / 1000) * 1000));
  }
  return { ...answer, headers };
}
