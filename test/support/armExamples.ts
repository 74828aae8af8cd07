/**
 * Microsoft's official example requests, sent to an ARM engine in process. The examples are read from beside the
 * repository; nothing of them is kept in it.
 *
 * An example is one request with a documented answer, out of the middle of a story. What it takes for granted is made
 * here: the subscriptions, resource groups, roles and models that it names, the account that it is about or below, and
 * the resource itself, unless the documented answer says that it isn't there (201 of a PUT, 204 of a DELETE). A resource
 * is made by the example of its own PUT. What hangs on a resource of another kind (a virtual machine, a database) is
 * hung on an account instead. The caller owns the tenant.
 */
import { readFileSync } from "node:fs";
import { ArmEngine } from "../../infra/local/arm/engine.ts";
import { isGuid, parentPath, parseTarget, type Target } from "../../infra/local/arm/target.ts";
import type { WireResponse } from "../../infra/local/platform/wire.ts";
import { noTls, owner } from "./armRig.ts";
import { engineContext } from "./engineContext.ts";
import { BODIES, estateOf, SUBSCRIPTION } from "./exampleEstate.ts";
import { examplesFile } from "./officialContract.ts";

export interface Example {
  /** `PROVIDER/NAME#STATUS`, with a number behind it where that isn't unique. */
  readonly name: string;
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  /** What the example documents. */
  readonly status: number;
}

const ROLE = "5b000000-0000-4000-8000-0000000000ef";

/** Examples of a version that the engine doesn't speak are sent in the one that the product speaks. */
const VERSIONS: Readonly<Record<string, string>> = { "2024-06-01-preview": "2025-09-01" };

/** Longer than any request takes: an operation that is begun is still running when it is answered. */
const SLOW_MS = 5000;

export function readExamples(): Example[] {
  const seen = new Map<string, number>();
  const lines = readFileSync(examplesFile, "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const { label, method, url, requestBody, status } = JSON.parse(onAccounts(withoutPlaceholders(line))) as {
        label: string;
        method: string;
        url: string;
        requestBody?: unknown;
        status: number;
      };
      const name = shortName(label);
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return {
        name: nth === 1 ? name : `${name} (${nth})`,
        method,
        url: inSpokenVersion(url),
        body: requestBody,
        status,
      };
    });
}

function shortName(label: string): string {
  const provider = /resource-manager\/([^/]+)\//.exec(label)?.[1] ?? "";
  return `${provider}/${label.slice(label.lastIndexOf("/") + 1).replace(".json#", "#")}`;
}

/** Subscriptions, scopes and role definitions that the examples only hint at, as Azure would have to be asked. */
function withoutPlaceholders(line: string): string {
  return line
    .replace("azure.com/providers/Microsoft.Subscription/subscriptions/", "azure.com/subscriptions/")
    .replace(/(azure\.com)\/scope\//, `$1/subscriptions/${SUBSCRIPTION}/`)
    .replaceAll("roleDefinitions/roleDefinitionId", `roleDefinitions/${ROLE}`)
    .replaceAll(/\/subscriptions(?:\/|%2F)([^/"?]+)/g, (whole, id: string) =>
      isGuid(id) ? whole : `/subscriptions/${SUBSCRIPTION}`,
    );
}

/** A resource of another provider between a resource group and an extension of it. */
const FOREIGN =
  /\/resourceGroups\/[^/"]+(\/providers\/(?!microsoft\.(?:cognitiveservices|authorization)\/)[^/"]+(?:\/[^/"]+){2,}?)\/providers\//i;

function onAccounts(line: string): string {
  const url = /"url":"([^"]*)"/.exec(line)?.[1] ?? "";
  const [, foreign] = FOREIGN.exec(url) ?? [];
  if (foreign === undefined) return line;
  return line.replaceAll(foreign, `/providers/Microsoft.CognitiveServices/accounts/${foreign.split("/").at(-1) ?? ""}`);
}

function inSpokenVersion(text: string): URL {
  const url = new URL(text);
  const version = url.searchParams.get("api-version") ?? "";
  const spoken = VERSIONS[version];
  if (spoken !== undefined) url.searchParams.set("api-version", spoken);
  return url;
}

export interface Sent {
  readonly example: Example;
  readonly response: WireResponse;
  /** As the contract's judge reads it. */
  readonly exchange: object;
}

/** Sends examples one after another, each to an estate of its own. */
export class ExampleSender {
  readonly #context = engineContext();
  readonly #examples: readonly Example[];
  readonly #arm: ArmEngine;

  constructor(examples: readonly Example[]) {
    this.#examples = examples;
    this.#arm = new ArmEngine(this.#context, {
      ports: { plain: 0, tls: 0 },
      tls: noTls,
      verify: async () => undefined,
      groupsOf: () => [],
      onChange: () => {},
      tokenBuckets: { writes: { size: 1e6, refillPerSecond: 1 }, deletes: { size: 1e6, refillPerSecond: 1 } },
      latency: { createAccountMs: 0 },
    });
  }

  send(example: Example): Sent {
    this.#arm.reset();
    this.#arm.setLatency(latency(0));
    const target = targetOf(example);
    if (target !== undefined) this.#prepare(example, target);
    if (example.status === 202) this.#arm.setLatency(latency(SLOW_MS));
    const response = this.#request(example.method, example.url, example.body);
    return {
      example,
      response,
      exchange: {
        label: example.name,
        method: example.method,
        url: example.url.href,
        requestBody: example.body,
        status: response.status,
        responseHeaders: response.headers,
        responseBody: response.body,
      },
    };
  }

  async close(): Promise<void> {
    await this.#arm.stop();
  }

  #prepare(example: Example, target: Target): void {
    const body = example.method === "PUT" ? example.body : this.#bodyFor(target);
    const isAccount = /^accounts$/i.test(target.types) && !target.collection;
    const isAbsent = isMadeBy(example) || (example.method === "DELETE" && example.status === 204);
    this.#arm.seed(estateOf(example, target, body, isAbsent));
    if (/\/deletedAccounts\/[^/]+$/i.test(target.path) && !isAbsent) this.#deleteAccount(target);
    if (isAccount) return;
    this.#makeAncestors(example, target);
    // What is validated must not have been done.
    if (target.action === "validate") return;
    if (isAbsent || target.collection || (target.action !== undefined && target.types === "")) return;
    if (body !== undefined) this.#request("PUT", withPath(example.url, target.path), body);
  }

  /** What a resource below an account's children lies in, for example the deployment of its SKUs. */
  #makeAncestors(example: Example, target: Target): void {
    if (!/^accounts\/[^/]+\/[^/]+/i.test(target.types)) return;
    const path = parentPath(target);
    const parent = parseTarget("PUT", path);
    this.#makeAncestors(example, parent);
    const body = this.#bodyFor(parent);
    if (body !== undefined) this.#request("PUT", withPath(example.url, path), body);
  }

  /** The body of a PUT of this type. */
  #bodyFor(target: Target): unknown {
    const type = `${target.namespace}/${target.types}`.toLowerCase();
    const known = BODIES[type];
    if (known !== undefined) return known(target);
    const put = this.#examples.find((example) => {
      const other = example.method === "PUT" ? targetOf(example) : undefined;
      return other !== undefined && `${other.namespace}/${other.types}`.toLowerCase() === type;
    });
    return put?.body;
  }

  #deleteAccount(target: Target): void {
    const [location = "", group = "", name = ""] = target.names;
    const id = `/subscriptions/${target.subscriptionId ?? ""}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
    const url = new URL(`https://management.azure.com${id}?api-version=2025-09-01`);
    this.#request("PUT", url, { location, kind: "OpenAI", sku: { name: "S0" }, properties: {} });
    this.#request("DELETE", url, undefined);
  }

  #request(method: string, url: URL, body: unknown): WireResponse {
    const bytes = Buffer.from(body === undefined || body === null ? "" : JSON.stringify(body));
    return this.#arm.handle({ method, url, headers: { "content-type": "application/json" }, body: bytes }, owner);
  }
}

function targetOf({ method, url }: Example): Target | undefined {
  try {
    return parseTarget(method, url.pathname);
  } catch {
    // The engine refuses the path with the same words when the example is sent.
    return undefined;
  }
}

function isMadeBy({ method, status }: Example): boolean {
  return method === "PUT" && status !== 200;
}

function withPath(url: URL, path: string): URL {
  const other = new URL(url);
  other.pathname = path;
  return other;
}

function latency(ms: number): Record<string, number> {
  const names = ["createAccountMs", "putAccountMs", "patchAccountMs", "deleteAccountMs", "putDeploymentMs"];
  names.push("patchDeploymentMs", "deleteDeploymentMs", "projectMs", "deleteRaiPolicyMs");
  return Object.fromEntries(names.map((name) => [name, ms]));
}
