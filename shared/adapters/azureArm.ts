/**
 * ARM through @azure/arm-cognitiveservices. Bodies are taken from the raw answer, because the client's mappers rename
 * and drop properties that they don't know; writes are sent raw through the client's own pipeline (token, logging), so
 * that exactly the fields that we own are sent and long-running operations are polled by durable timers, not in memory.
 */
import type { CognitiveServicesManagementClient } from "@azure/arm-cognitiveservices";
import type { TokenCredential } from "@azure/identity";
import { CognitiveServicesManagementClient as Client } from "@azure/arm-cognitiveservices";
import {
  createHttpHeaders,
  createPipelineRequest,
  isRestError,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { parseAccount } from "../estate/account.ts";
import { memberKindOf } from "../estate/member.ts";
import { parseResource } from "../estate/resource.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import type { ArmKind } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type {
  Arm,
  ArmError,
  BudgetResult,
  MembersResult,
  PageResult,
  PollResult,
  ReadResult,
  ResourceResult,
  WriteAnswer,
} from "../ports/arm.ts";
import type { Body } from "../desired/compare.ts";
import type { Write } from "../desired/request.ts";
import { budgetOf } from "./armBudget.ts";
import { armError, pollAfterMs } from "./armErrors.ts";
import { attempt, final, readMembers, type Answered } from "./armLists.ts";
import { ACCOUNT_VERSION, requestOf, resourcePath } from "./armRequests.ts";
import { addressesOf, GRAPH_API_VERSION, inventoryPage, inventoryRequest } from "./resourceGraph.ts";

/** How long a read may take. */
const READ_ABORT_MS = 30_000;

export class AzureArm implements Arm {
  readonly #clients = new Map<string, CognitiveServicesManagementClient>();
  readonly #endpoint: string;
  readonly #credential: TokenCredential;
  readonly #httpClient: HttpClient | undefined;

  /** @param httpClient sends the requests at the end of the pipeline; without it the SDK's own does. */
  constructor(credential: TokenCredential, endpoint: string, httpClient?: HttpClient) {
    this.#credential = credential;
    this.#httpClient = httpClient;
    this.#endpoint = endpoint.replace(/\/+$/, "");
  }

  async readAccount(address: AccountAddress): Promise<ReadResult> {
    let raw: PipelineResponse | undefined;
    try {
      await this.#client(address.subscriptionId).accounts.get(address.resourceGroup, address.name, {
        abortSignal: AbortSignal.timeout(READ_ABORT_MS),
        onResponse: (response) => {
          raw = response as unknown as PipelineResponse;
        },
      });
      return { kind: "found", account: parseAccount(JSON.parse(raw?.bodyAsText ?? "null")) };
    } catch (error) {
      if (error instanceof SteelyardError || error instanceof SyntaxError) {
        return final("UnreadableAnswer", error.message);
      }
      const failed = errorOf(error);
      return failed.status === 404 ? { kind: "absent" } : { kind: "failed", error: failed };
    }
  }

  async listMembers(address: AccountAddress, kind: ArmKind): Promise<MembersResult> {
    return readMembers((path) => this.#readBelow(address, path), address, kind);
  }

  /** A path below the endpoint, or a link that ARM handed us. */
  async #readBelow(address: AccountAddress, path: string): Promise<Answered> {
    const url = attempt(() => (path.startsWith("/") ? `${this.#endpoint}${path}` : this.#ours(path)));
    return url.kind === "failed" ? url : this.#read(address, url.value);
  }

  async readResource(address: AccountAddress, target: ResourceId): Promise<ResourceResult> {
    const kind = memberKindOf(address.id, target);
    if (kind === undefined) return final("NoMember", `${target} is none of ${address.id}`);
    const answer = await this.#read(address, `${this.#endpoint}${resourcePath(address.id, target)}`);
    if (answer.kind === "failed") return answer.error.status === 404 ? { kind: "absent" } : answer;
    const read = attempt(() => parseResource(kind, answer.body));
    return read.kind === "failed" ? read : { kind: "found", resource: read.value };
  }

  async #read({ subscriptionId }: AccountAddress, url: string): Promise<Answered> {
    try {
      const { status, headers, bodyAsText } = await this.#send("GET", subscriptionId, url, READ_ABORT_MS);
      if (status >= 400) return { kind: "failed", error: armError(status, bodyAsText, headers.get("retry-after")) };
      const read = attempt(() => JSON.parse(bodyAsText ?? "null") as unknown);
      return read.kind === "failed" ? read : { kind: "answered", body: read.value };
    } catch (error) {
      return { kind: "failed", error: errorOf(error) };
    }
  }

  async write(address: AccountAddress, write: Write, abortMs: number): Promise<WriteAnswer> {
    const { method, path, body } = requestOf(address.id, write);
    try {
      const response = await this.#send(method, address.subscriptionId, `${this.#endpoint}${path}`, abortMs, body);
      const { status, headers } = response;
      if (status === 202 || status === 201) {
        const pollUrl = headers.get("azure-asyncoperation") ?? headers.get("location");
        if (pollUrl !== undefined)
          return {
            kind: "accepted",
            pollUrl: this.#ours(pollUrl),
            retryAfterMs: pollAfterMs(headers.get("retry-after")),
          };
      }
      if (status < 300) return { kind: "done" };
      // A 5xx or a timeout says nothing about whether the write was done.
      if (status >= 500 || status === 408) return { kind: "lost", reason: `ARM answered ${status}` };
      return { kind: "refused", error: armError(status, response.bodyAsText, headers.get("retry-after")) };
    } catch (error) {
      return { kind: "lost", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async poll(url: string): Promise<PollResult> {
    const subscription = subscriptionIn(url);
    try {
      const response = await this.#send("GET", subscription, this.#ours(url), READ_ABORT_MS);
      const { status, headers, bodyAsText } = response;
      if (status >= 400) return { kind: "failed", error: armError(status, bodyAsText, headers.get("retry-after")) };
      return pollState(status, bodyAsText, pollAfterMs(headers.get("retry-after")));
    } catch (error) {
      return { kind: "failed", error: errorOf(error) };
    }
  }

  async listAccounts(subscriptionId: string, continuation: string | undefined): Promise<PageResult> {
    try {
      const pages = this.#client(subscriptionId)
        .accounts.list({ abortSignal: AbortSignal.timeout(READ_ABORT_MS) })
        .byPage(continuation === undefined ? {} : { continuationToken: this.#ours(continuation) });
      const { value, done } = await pages.next();
      if (done === true) return { kind: "page", page: { accounts: [], continuation: undefined, waitMs: 0 } };
      const page = value as { id?: string }[] & { continuationToken?: string };
      const accounts = page.flatMap(({ id }) => addressesOf(id));
      return { kind: "page", page: { accounts, continuation: page.continuationToken, waitMs: 0 } };
    } catch (error) {
      if (error instanceof SteelyardError) return final("UnreadableAnswer", error.message);
      return { kind: "failed", error: errorOf(error) };
    }
  }

  async inventory(subscriptionIds: readonly string[], continuation: string | undefined): Promise<PageResult> {
    const url = `${this.#endpoint}/providers/Microsoft.ResourceGraph/resources?api-version=${GRAPH_API_VERSION}`;
    try {
      // The service is the tenant's; whichever client has the pipeline with our token will do.
      const body = inventoryRequest(subscriptionIds, continuation);
      const response = await this.#send("POST", subscriptionIds[0] ?? "", url, READ_ABORT_MS, body);
      const { status, headers, bodyAsText } = response;
      if (status >= 400) return { kind: "failed", error: armError(status, bodyAsText, headers.get("retry-after")) };
      return inventoryPage(bodyAsText, headers);
    } catch (error) {
      return { kind: "failed", error: errorOf(error) };
    }
  }

  async readBudget(address: AccountAddress): Promise<BudgetResult> {
    const url = `${this.#endpoint}${address.id}?api-version=${ACCOUNT_VERSION}`;
    try {
      const response = await this.#send("GET", address.subscriptionId, url, READ_ABORT_MS);
      const { status, headers, bodyAsText } = response;
      // Whatever ARM says of the account, it says with how many reads are left; only these say nothing.
      if (status !== 429 && status < 500) return { kind: "told", budget: budgetOf(headers) };
      return { kind: "failed", error: armError(status, bodyAsText, headers.get("retry-after")) };
    } catch (error) {
      return { kind: "failed", error: errorOf(error) };
    }
  }

  #client(subscriptionId: string): CognitiveServicesManagementClient {
    const known = this.#clients.get(subscriptionId);
    if (known !== undefined) return known;
    // No retries in here: the orchestrator waits on durable timers, and a retried write would leave its fence.
    const client = new Client(this.#credential, subscriptionId, {
      endpoint: this.#endpoint,
      credentialScopes: "https://management.azure.com/.default",
      retryOptions: { maxRetries: 0 },
      ...(this.#httpClient === undefined ? {} : { httpClient: this.#httpClient }),
    });
    this.#clients.set(subscriptionId, client);
    return client;
  }

  #send(
    method: HttpMethods,
    subscriptionId: string,
    url: string,
    abortMs: number,
    body?: Body,
  ): Promise<PipelineResponse> {
    const request = createPipelineRequest({
      method,
      url,
      abortSignal: AbortSignal.timeout(abortMs),
      headers: createHttpHeaders({ accept: "application/json", "content-type": "application/json" }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return this.#client(subscriptionId).sendRequest(request);
  }

  /** A URL that ARM handed us gets our token only when it leads back to ARM. */
  #ours(url: string): string {
    const origin = URL.canParse(url) ? new URL(url).origin : "no URL";
    if (origin !== new URL(this.#endpoint).origin) {
      throw new SteelyardError("Refused", `ARM named ${origin} to go on; expected ${this.#endpoint}`);
    }
    return url;
  }
}

/** An Azure-AsyncOperation answers 200 with a status; a Location answers 202 until it is done. */
function pollState(status: number, bodyText: string | null | undefined, waitMs: number): PollResult {
  if (status === 202) return { kind: "running", retryAfterMs: waitMs };
  const body =
    bodyText === null || bodyText === undefined || bodyText === "" ? {} : (JSON.parse(bodyText) as OperationBody);
  const state = body.status?.toLowerCase();
  if (state === "failed" || state === "canceled") {
    const { code = body.status ?? "Failed", message = "" } = body.error ?? {};
    return { kind: "ended", error: { code, message } };
  }
  if (state === undefined || state === "succeeded") return { kind: "ended", error: null };
  return { kind: "running", retryAfterMs: waitMs };
}

interface OperationBody {
  readonly status?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
}

function subscriptionIn(url: string): string {
  return /\/subscriptions\/([0-9a-f-]{36})/i.exec(url)?.[1] ?? "00000000-0000-0000-0000-000000000000";
}

function errorOf(error: unknown): ArmError {
  if (isRestError(error) && error.statusCode !== undefined) {
    return armError(error.statusCode, error.response?.bodyAsText, error.response?.headers.get("retry-after"));
  }
  const message = error instanceof Error ? error.message : String(error);
  return { class: "retry", code: "NoAnswer", message, status: 0, retryAfterMs: undefined };
}
