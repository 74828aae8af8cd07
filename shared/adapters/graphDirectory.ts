/**
 * The directory through Microsoft Graph v1.0, by plain requests: the one batch that we send needs no client of its own.
 * graphLookup.ts has what is asked and what the answers mean.
 */
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type Pipeline,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { Directory, PrincipalsResult } from "../ports/directory.ts";
import { graphError, jsonOf, noAnswer, principalsIn, referencesOf, requestsFor } from "./graphLookup.ts";

const SCOPE = "https://graph.microsoft.com/.default";

/** How long one exchange may take, the token included. */
const ABORT_MS = 30_000;

export interface GraphOptions {
  /** Sends the requests at the end of the pipeline; without it the pipeline's own does. */
  readonly httpClient?: HttpClient;
  /** Milliseconds of real time. */
  readonly abortMs?: number;
}

export class GraphDirectory implements Directory {
  readonly #pipeline: Pipeline;
  readonly #httpClient: HttpClient;
  readonly #batchUrl: string;
  readonly #abortMs: number;

  constructor(credential: TokenCredential, endpoint: string, options: GraphOptions = {}) {
    // No retries in here: whoever asks knows what else there is to do meanwhile.
    this.#pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    this.#pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: SCOPE }));
    this.#httpClient = options.httpClient ?? createDefaultHttpClient();
    this.#batchUrl = `${endpoint.replace(/\/+$/, "")}/v1.0/$batch`;
    this.#abortMs = options.abortMs ?? ABORT_MS;
  }

  async principals(references: readonly string[]): Promise<PrincipalsResult> {
    const wanted = referencesOf(references);
    const requests = requestsFor(wanted);
    if (requests.length === 0)
      return { kind: "told", principals: Object.fromEntries(wanted.map((one) => [one, null])) };
    const request = createPipelineRequest({
      method: "POST",
      url: this.#batchUrl,
      abortSignal: AbortSignal.timeout(this.#abortMs),
      headers: createHttpHeaders({ accept: "application/json", "content-type": "application/json" }),
      body: JSON.stringify({ requests }),
    });
    try {
      const { status, headers, bodyAsText } = await this.#pipeline.sendRequest(this.#httpClient, request);
      if (status === 200) return principalsIn(wanted, requests, bodyAsText);
      return { kind: "failed", error: graphError(status, jsonOf(bodyAsText), headers.get("retry-after")) };
    } catch (error) {
      return { kind: "failed", error: noAnswer(error) };
    }
  }
}
