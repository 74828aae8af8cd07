/**
 * Identity: the directory, the OpenID issuer and the managed-identity endpoint.
 *
 * - Issuer over TLS: discovery and keys at the paths that Entra uses, so that the product's own token check works on it
 *   unchanged, and a sign-in page for people (signIn/). Two signing keys are served; {@link IdentityEngine.rotateKey}
 *   makes a new one.
 * - Managed identity as App Service offers it (2019-08-01): plain HTTP on the loopback, guarded by a secret header that
 *   belongs to one identity. `DefaultAzureCredential` and `ManagedIdentityCredential` of @azure/identity use it
 *   unmodified with the environment of {@link IdentityEngine.identityEnv}.
 * - {@link IdentityEngine.verify} is what the other engines check callers with.
 *
 * Keys and directory lie in `identity.sqlite`. `reset` empties the directory and keeps the keys: tokens are transport.
 * The issuer's port takes plain HTTP too: only the sign-in page is meant for that.
 * Faults: `issuer` (point: method, path) and `identity` (point: method, path, caller = the identity of the header).
 */
import { timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { tenantId } from "../platform/constants.ts";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
import type { Fault } from "../platform/faults.ts";
import { openDatabase } from "../platform/sqlite.ts";
import { listen, type Listener, type Tls, type WireRequest, type WireResponse, withFaults } from "../platform/wire.ts";
import type { Verify } from "./caller.ts";
import { Directory } from "./directory.ts";
import { Issuer, TokenRefused, type TokenRequest } from "./issuer.ts";
import { serveOpenId } from "./openId.ts";
import { SignIn } from "./signIn/signIn.ts";
import { SigningKeys } from "./signingKeys.ts";

export interface IdentityOptions {
  /** 0 takes a free port. */
  readonly ports: { readonly managedIdentity: number; readonly issuer: number };
  readonly tls: Tls;
}

/** Path of the endpoint in App Service. */
const IDENTITY_PATH = "/msi/token";
const IDENTITY_API_VERSION = "2019-08-01";
const knownParameters = new Set(["api-version", "resource", "client_id", "principal_id"]);

export class IdentityEngine implements Engine {
  readonly name = "identity";
  readonly directory: Directory;
  /** Checks the bearer token of a request for an audience; a trailing slash makes no difference. */
  readonly verify: Verify;
  readonly #context: EngineContext;
  readonly #options: IdentityOptions;
  readonly #database: DatabaseSync;
  readonly #keys: SigningKeys;
  readonly #issuer: Issuer;
  readonly #signIn: SignIn;
  #listeners: { managedIdentity: Listener; issuer: Listener } | undefined;

  constructor(context: EngineContext, options: IdentityOptions) {
    this.#context = context;
    this.#options = options;
    const file = context.dataDir === ":memory:" ? ":memory:" : join(context.dataDir, "identity.sqlite");
    this.#database = openDatabase(file);
    this.directory = new Directory(this.#database);
    this.#keys = new SigningKeys(this.#database);
    this.#issuer = new Issuer(this.directory, this.#keys, () => this.issuerId);
    this.#signIn = new SignIn(this.directory, this.#issuer);
    this.verify = (authorization, audience) => this.#issuer.verify(authorization, audience);
  }

  async start(): Promise<void> {
    await this.#keys.load();
    const { ports, tls } = this.#options;
    const [managedIdentity, issuer] = await Promise.all([
      listen({ port: ports.managedIdentity, handler: this.#managedIdentityHandler() }),
      listen({ port: ports.issuer, tls, plainToo: true, handler: this.#issuerHandler() }),
    ]);
    this.#listeners = { managedIdentity, issuer };
  }

  async stop(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) await Promise.all([listeners.managedIdentity.close(), listeners.issuer.close()]);
    this.#database.close();
  }

  reset(): void {
    this.directory.clear();
    this.#signIn.reset();
  }

  /** Always empty: a token request begins and ends within its own exchange. */
  waitingOn(): WaitingOn[] {
    return [];
  }

  /** The ports that are open. Throws before {@link start}. */
  get ports(): { managedIdentity: number; issuer: number } {
    if (this.#listeners === undefined) throw new Error("the identity engine is not started: its ports are not open");
    return { managedIdentity: this.#listeners.managedIdentity.port, issuer: this.#listeners.issuer.port };
  }

  /** `iss` of the tokens; discovery is at this address + `/.well-known/openid-configuration`. */
  get issuerId(): string {
    return `https://localhost:${this.ports.issuer}/${tenantId}/v2.0`;
  }

  /** An access token. Throws {@link TokenRefused} for a principal that is unknown or disabled. */
  async issue(request: TokenRequest): Promise<string> {
    return (await this.#issuer.issue(request)).token;
  }

  /** Signs with a new key from now on; tokens of the key before stay good, older ones do not. */
  rotateKey(): Promise<void> {
    return this.#keys.rotate();
  }

  /**
   * What a host process of that service principal needs in its environment to get its tokens. With the name of the process
   * (`core-1`) a request that comes with one of them is known to be its own.
   */
  identityEnv(oid: string, host?: string): Record<string, string> {
    return {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${this.ports.managedIdentity}${IDENTITY_PATH}`,
      IDENTITY_HEADER: this.#headerOf(oid, host),
    };
  }

  #issuerHandler() {
    return withFaults(this.#context, {
      where: "issuer",
      point: ({ method, url }) => ({ method, path: url.pathname }),
      refuse: (fault) =>
        refuse(fault, { error: fault.code ?? "temporarily_unavailable", error_description: faultText(fault) }),
      handler: (request) => this.#serveIssuer(request),
    });
  }

  #serveIssuer(request: WireRequest): WireResponse | Promise<WireResponse> {
    switch (request.url.pathname.toLowerCase()) {
      case `/${tenantId}/oauth2/v2.0/authorize`:
        return this.#signIn.authorize(request);
      case `/${tenantId}/oauth2/v2.0/token`:
        return this.#signIn.token(request);
      default:
        return serveOpenId(request, { issuer: this.issuerId, keys: this.#keys.published });
    }
  }

  #managedIdentityHandler() {
    return withFaults(this.#context, {
      where: "identity",
      point: (request) => {
        const { oid, host } = this.#identityOf(request) ?? {};
        return {
          method: request.method,
          path: request.url.pathname,
          host,
          ...(oid === undefined ? {} : { caller: oid }),
        };
      },
      refuse: (fault) => refuse(fault, { statusCode: fault.status ?? 500, message: faultText(fault) }),
      handler: (request) => this.#serveManagedIdentity(request),
    });
  }

  /** Whose secret the request carries: the service principal and, if the secret was made for one, the host process. */
  #identityOf(request: WireRequest): { oid: string; host: string | undefined } | undefined {
    const secret = Buffer.from(request.headers["x-identity-header"] ?? "");
    const host = /^([a-z]+(?:-\d+)?)\./.exec(secret.toString())?.[1];
    const found = this.directory.servicePrincipals().find(({ oid }) => {
      const expected = Buffer.from(this.#headerOf(oid, host));
      return expected.length === secret.length && timingSafeEqual(expected, secret);
    });
    return found === undefined ? undefined : { oid: found.oid, host };
  }

  /** The name of the process stands in the header; the secret behind it is bound to it. */
  #headerOf(oid: string, host: string | undefined): string {
    return host === undefined
      ? this.#keys.identityHeader(oid)
      : `${host}.${this.#keys.identityHeader(`${oid}/${host}`)}`;
  }

  async #serveManagedIdentity(request: WireRequest): Promise<WireResponse> {
    const { method, url } = request;
    const query = url.searchParams;
    if (url.pathname.replace(/\/$/, "") !== IDENTITY_PATH) return failure(404, `no such path: ${url.pathname}`);
    if (method !== "GET") return failure(405, `${IDENTITY_PATH} takes GET, not ${method}`);
    const { oid, host } = this.#identityOf(request) ?? {};
    const principal = oid === undefined ? undefined : this.directory.principal(oid);
    if (principal?.kind !== "servicePrincipal")
      return failure(401, "the header X-IDENTITY-HEADER is missing or belongs to no identity of this app");
    for (const name of query.keys())
      if (!knownParameters.has(name)) return failure(400, `the parameter ${name} is not served locally`);
    if (query.get("api-version") !== IDENTITY_API_VERSION)
      return failure(400, `api-version: expected ${IDENTITY_API_VERSION}, found ${query.get("api-version")}`);
    const resource = query.get("resource");
    if (resource === null || !/^(https:\/\/|api:\/\/|[0-9a-f-]{36}$)/i.test(resource))
      return failure(400, `resource: expected a URI or an application ID, found ${resource}`);
    const asked = query.get("client_id") ?? query.get("principal_id") ?? principal.appid;
    if (![principal.appid, principal.oid].includes(asked.toLowerCase()))
      return failure(400, `no user-assigned identity ${asked} belongs to this app; its own is ${principal.appid}`);
    return this.#tokenAnswer(principal.oid, principal.appid, resource, host);
  }

  async #tokenAnswer(oid: string, appid: string, resource: string, host: string | undefined): Promise<WireResponse> {
    try {
      const { token, expiresOnS } = await this.#issuer.issue({ as: oid, audience: resource, host });
      const body = {
        access_token: token,
        client_id: appid,
        expires_on: String(expiresOnS),
        resource,
        token_type: "Bearer",
      };
      return { status: 200, body };
    } catch (error) {
      if (error instanceof TokenRefused) return failure(400, error.message);
      throw error;
    }
  }
}

function failure(statusCode: number, message: string): WireResponse {
  return { status: statusCode, body: { statusCode, message } };
}

function faultText(fault: Fault): string {
  return `the fault "${fault.kind}" at "${fault.where}" was asked for`;
}

function refuse(fault: Fault, body: object): WireResponse {
  const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  return { status: fault.status ?? 500, headers, body };
}
