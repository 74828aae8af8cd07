/**
 * The Durable Functions management API and the durable client binding that points to it.
 *
 * Two bases with one handler, as in the Durable Task extension: /runtime/webhooks/durabletask is public and asks for the
 * system key; /durabletask is for the client library inside the app (rpcBaseUrl) and asks for none. Both are forwarded
 * to the platform, which plays the Durable Task Scheduler. The key is made anew by each host process, and an app
 * without durable bindings (edge) serves neither base, so nothing that faces people can reach an orchestration by them.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { LinkClosed, type PlatformCalls } from "./link.ts";

type DurableRequest = PlatformCalls["durable.http"]["request"];
type DurableResponse = PlatformCalls["durable.http"]["response"];

const PUBLIC_BASE = "/runtime/webhooks/durabletask";
const RPC_BASE = "/durabletask";
/** The one header that the API reads: where a list of instances goes on. */
const CONTINUATION = "x-ms-continuation-token";

/** Query parameters for the host itself: key, hub and connection (of which there is one each). Not forwarded. */
const hostParameters = new Set(["code", "taskHub", "connection"]);

export class DurableHttp {
  /** JSON of the durable client binding. */
  readonly clientBinding: string;
  readonly #key = randomBytes(24).toString("base64url");
  readonly #forward: (request: DurableRequest) => Promise<DurableResponse>;

  /**
   * @param port The host's own port.
   * @param forward Asks the platform.
   */
  constructor(port: number, taskHubName: string, forward: (request: DurableRequest) => Promise<DurableResponse>) {
    this.#forward = forward;
    this.clientBinding = JSON.stringify(clientBinding(`http://127.0.0.1:${port}`, taskHubName, this.#key));
  }

  /** Whether a path belongs to the management API. */
  serves(path: string): boolean {
    return relativeTo(PUBLIC_BASE, path) !== undefined || relativeTo(RPC_BASE, path) !== undefined;
  }

  /** Answers a request that {@link DurableHttp.serves}: 401 without the key, 503 when the platform is away. */
  async answer(
    method: string,
    url: URL,
    body: string | null,
    headers: Readonly<Record<string, string | string[] | undefined>> = {},
  ): Promise<DurableResponse> {
    const publicPath = relativeTo(PUBLIC_BASE, url.pathname);
    if (publicPath !== undefined && !this.#isKey(url.searchParams.get("code"))) {
      return { status: 401, headers: {}, body: "" };
    }
    const path = publicPath ?? relativeTo(RPC_BASE, url.pathname) ?? "";
    const query = [...url.searchParams].filter(([name]) => !hostParameters.has(name));
    const token = headers[CONTINUATION];
    const forwarded = typeof token === "string" ? { headers: { [CONTINUATION]: token } } : {};
    try {
      return await this.#forward({ method, path, query, body, ...forwarded });
    } catch (error) {
      if (error instanceof LinkClosed) return { status: 503, headers: { "retry-after": "1" }, body: "" };
      throw error;
    }
  }

  #isKey(code: string | null): boolean {
    const found = Buffer.from(code ?? "");
    const expected = Buffer.from(this.#key);
    return found.length === expected.length && timingSafeEqual(found, expected);
  }
}

/** What follows `base/` in a path; undefined when it lies elsewhere. */
function relativeTo(base: string, path: string): string | undefined {
  return path.toLowerCase().startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

/** The value that the Durable Task extension binds; names and places as durable-functions 3.x reads them. */
function clientBinding(origin: string, taskHubName: string, key: string): object {
  const base = `${origin}${PUBLIC_BASE}`;
  const query = `taskHub=${encodeURIComponent(taskHubName)}&connection=Storage&code=${key}`;
  const instance = `${base}/instances/INSTANCEID`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]?code=${key}`;
  return {
    taskHubName,
    creationUrls: {
      createNewInstancePostUri: create,
      createAndWaitOnNewInstancePostUri: `${create}&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
    },
    managementUrls: {
      id: "INSTANCEID",
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
      purgeHistoryDeleteUri: `${instance}?${query}`,
      restartPostUri: `${instance}/restart?${query}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
      resumePostUri: `${instance}/resume?reason={text}&${query}`,
    },
    baseUrl: base,
    requiredQueryStringParameters: `code=${key}`,
    // The client resolves against it: without the last slash it would cut the last part off.
    rpcBaseUrl: `${origin}${RPC_BASE}/`,
  };
}
