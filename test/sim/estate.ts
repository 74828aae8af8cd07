/**
 * The estate of the simulation: the local ARM engine, called in process, with three subscriptions, a handful of accounts
 * and the people who change them by hand. Every request passes through {@link Estate.request}, which tells what it
 * changed.
 */
import { ArmEngine, type ResourceChange } from "../../infra/local/arm/engine.ts";
import type { Caller } from "../../infra/local/identity/caller.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import type { WireResponse } from "../../infra/local/platform/wire.ts";
import { FaultBook } from "../../infra/local/platform/faults.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export const armOrigin = "https://management.azure.com";
const ACCOUNT_VERSION = "2025-09-01";
const LOCK_VERSION = "2020-05-01";

export const self: Caller = {
  oid: "c0de0000-0000-4000-8000-00000000c02e",
  type: "ServicePrincipal",
  appid: "c0de0000-0000-4000-8000-0000000a0c02",
  roles: [],
};

/** Values of the property that the simulated standard is about. */
export const projects: readonly string[] = ["common", "common", "alpha", "beta", "gamma"];

/** People with the right to change accounts and locks. */
export const colleagues: readonly Caller[] = ["c1", "c2", "c3"].map((tail) => ({
  oid: `00000000-0000-4000-8000-0000000000${tail}`,
  type: "User",
  roles: [],
}));

const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
};

/** What the product may do in a subscription. */
export type Right = "write" | "read";

/** Name of the role assignment that gives the product a right; unique in the whole tenant. */
function assignmentName(subscriptionId: string, right: Right): string {
  return `${right === "write" ? "11111111" : "22222222"}${subscriptionId.slice(8)}`;
}

export const subscriptionIds = {
  corp: "5b000000-0000-4000-8000-000000000001",
  corp2: "5b000000-0000-4000-8000-000000000002",
  online: "5b000000-0000-4000-8000-000000000003",
} as const;

export interface AccountState {
  readonly id: string;
  readonly type: string;
  readonly systemData: { readonly lastModifiedBy: string; readonly lastModifiedByType: string };
  readonly properties: { readonly provisioningState: string; readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

/** The state of one account changed, by whomever: a write, the end of an operation, a deletion. */
export interface AccountChange {
  readonly key: string;
  readonly before: AccountState | undefined;
  readonly after: AccountState | undefined;
}

export class Estate {
  readonly engine: ArmEngine;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #known = new Map<string, AccountState>();
  /** Business time of the last change of each account. */
  readonly changedMs = new Map<string, number>();
  /** Resource IDs of the accounts that were seeded, as ARM spells them. */
  readonly accounts: string[] = [];
  onChange: (change: AccountChange) => void = () => {};
  onEvent: (change: ResourceChange) => void = () => {};

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
    const context: EngineContext = {
      clock: scheduler.agenda,
      faults: new FaultBook(),
      effects: { record: () => {} } as unknown as EngineContext["effects"],
      random: () => random.next(),
      dataDir: ":memory:",
      crash: () => {},
      log: () => {},
    };
    this.engine = new ArmEngine(context, {
      ports: { plain: 0, tls: 0 },
      tls: { key: "", cert: "" },
      verify: async () => undefined,
      groupsOf: () => [],
      onChange: (change) => this.onEvent(change),
      pageSize: 3,
    });
  }

  /** Serves a request now; `patchMs` is how long an account update takes if this is one. */
  request(caller: Caller, method: string, path: string, body?: unknown, patchMs = 0, stale = false): WireResponse {
    this.engine.setLatency({ patchAccountMs: patchMs });
    const url = new URL(path.startsWith("https://") ? path : `${armOrigin}${path}`);
    if (!url.searchParams.has("api-version")) {
      url.searchParams.set("api-version", path.includes("/locks") ? LOCK_VERSION : ACCOUNT_VERSION);
    }
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const headers = { "content-type": "application/json" };
    const response = this.engine.handle({ method, url, headers, body: bytes }, caller, { stale });
    this.notice();
    return response;
  }

  /** Tells of every account that is not as it was; also to be called when an operation may have ended by itself. */
  notice(): void {
    const state = this.engine.state();
    const keys = new Set([...this.#known.keys(), ...this.accounts.map((id) => id.toLowerCase())]);
    for (const key of keys) {
      const before = this.#known.get(key);
      const after = state[key] as AccountState | undefined;
      if (before === after) continue;
      if (after === undefined) this.#known.delete(key);
      else this.#known.set(key, after);
      this.changedMs.set(key, this.#scheduler.nowMs);
      this.onChange({ key, before, after });
    }
  }

  state(key: string): AccountState | undefined {
    return this.#known.get(key);
  }

  /** Gives the product a right, or takes it away; somebody who owns the subscription does. */
  setRight(subscriptionId: string, right: Right, isGiven: boolean): number {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleAssignments/${assignmentName(subscriptionId, right)}`;
    const role = right === "write" ? roles.contributor : roles.reader;
    const roleDefinitionId = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    const properties = { roleDefinitionId, principalId: self.oid, principalType: "ServicePrincipal" };
    const url = `${path}?api-version=2022-04-01`;
    const owner = colleagues[0] as Caller;
    return isGiven ? this.request(owner, "PUT", url, { properties }).status : this.request(owner, "DELETE", url).status;
  }

  locks(): string[] {
    return Object.keys(this.engine.state()).filter((id) => id.includes("/providers/microsoft.authorization/locks/"));
  }

  async close(): Promise<void> {
    await this.engine.stop();
  }

  /** Lays `count` accounts into the three subscriptions. */
  seed(count: number): void {
    const random = this.#random;
    const subscriptions = Object.entries(subscriptionIds).map(([name, id]) => ({ id, name }));
    const groups = subscriptions.map(({ id }) => `/subscriptions/${id}/resourceGroups/rg-Ai`);
    const resources: { id: string; type: string; [name: string]: unknown }[] = [];
    for (let number = 1; number <= count; number += 1) {
      const group = groups[(number - 1) % groups.length] ?? "";
      const name = `oai-${number}`;
      const id = `${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
      this.accounts.push(id);
      const request = accountRequest(name, random.chance(0.6), random.pick(projects));
      resources.push({ id, name, type: "Microsoft.CognitiveServices/accounts", ...request });
      if (random.chance(0.85)) resources.push(endpointBody(group, id, name));
    }
    const assign = (principalId: string, principalType: string, role: string, right?: Right): object[] =>
      subscriptions.map(({ id }) => ({
        scope: `/subscriptions/${id}`,
        principalId,
        principalType,
        role,
        ...(right === undefined ? {} : { name: assignmentName(id, right) }),
      }));
    this.engine.seed({
      subscriptions,
      resourceGroups: groups.map((id) => ({ id })),
      resources,
      quotas: [],
      models: [],
      roleAssignments: [
        ...assign(self.oid, "ServicePrincipal", roles.contributor, "write"),
        ...assign(self.oid, "ServicePrincipal", roles.reader, "read"),
        ...colleagues.flatMap(({ oid }) => assign(oid, "User", roles.owner)),
      ] as never,
    });
    this.notice();
  }
}

/** What somebody who creates an account asks for. */
export function accountRequest(name: string, isOpen: boolean, project: string): object {
  return {
    location: "swedencentral",
    kind: "OpenAI",
    sku: { name: "S0" },
    tags: { owner: "team" },
    properties: {
      customSubDomainName: name,
      publicNetworkAccess: isOpen ? "Enabled" : "Disabled",
      defaultProject: project,
      networkAcls: { defaultAction: "Deny", virtualNetworkRules: [], ipRules: [{ value: "203.0.113.0/24" }] },
    },
  };
}

function endpointBody(group: string, accountId: string, name: string): { id: string; type: string } {
  const body = {
    id: `${accountId}/privateEndpointConnections/pe-${name}`,
    name: `pe-${name}`,
    type: "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
    properties: {
      privateEndpoint: { id: `${group}/providers/Microsoft.Network/privateEndpoints/pe-${name}` },
      groupIds: ["account"],
      privateLinkServiceConnectionState: { status: "Approved", description: "", actionsRequired: "None" },
    },
  };
  return body;
}
