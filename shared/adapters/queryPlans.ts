/**
 * Remembers the query plans that Cosmos DB gives out.
 *
 * @azure/cosmos asks for a plan with every query, beside the query itself, in case the gateway cannot answer it alone. A
 * plan follows from the text: what it says of partitions would follow from a condition on the partition key, and the
 * product names partitions by the request's option, never in the text. So each text is asked about once per process,
 * which halves the requests of the sweeper and of sealing. (The Java client remembers plans by text as well.)
 */
import { createDefaultHttpClient, createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";

/** Texts that are remembered; the product has a few dozen, all of them constants. */
const TEXTS_MAX = 500;

/** An HTTP client that asks `inner` only once for the plan of a query text. Failures are not remembered. */
export function rememberQueryPlans(inner: HttpClient = createDefaultHttpClient()): HttpClient {
  const plans = new Map<string, { headers: Record<string, string>; body: string }>();
  return {
    async sendRequest(request) {
      const key = planKey(request);
      const known = key === undefined ? undefined : plans.get(key);
      if (known !== undefined) {
        return { request, status: 200, headers: createHttpHeaders(known.headers), bodyAsText: known.body };
      }
      const response = await inner.sendRequest(request);
      if (key === undefined || response.status !== 200 || typeof response.bodyAsText !== "string") return response;
      // Where the partitions stood at that moment says nothing later.
      const { "x-ms-session-token": _, ...headers } = response.headers.toJSON();
      if (plans.size >= TEXTS_MAX) plans.clear();
      plans.set(key, { headers, body: response.bodyAsText });
      return response;
    },
  };
}

/** Container, what the client can do, and the text; undefined for any request but one for a plan. */
function planKey({ url, headers, body }: Parameters<HttpClient["sendRequest"]>[0]): string | undefined {
  if (headers.get("x-ms-cosmos-is-query-plan-request")?.toLowerCase() !== "true") return undefined;
  if (typeof body !== "string") return undefined;
  const { query } = JSON.parse(body) as { query?: unknown };
  if (typeof query !== "string") return undefined;
  return JSON.stringify([url, headers.get("x-ms-cosmos-supported-query-features"), query]);
}
