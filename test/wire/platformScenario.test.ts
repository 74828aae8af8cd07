/** What the scenarios lay down. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { coreIdentity, edgeIdentity } from "../../infra/local/platform/constants.ts";
import { scenarios } from "../../infra/local/scenarios/index.ts";
import { oids, people, roles, subscriptions } from "../../infra/local/scenarios/people.ts";
import type { SeedResource } from "../../infra/local/scenarios/scenario.ts";

const options = { seed: 1, nowMs: Date.parse("2026-11-20T08:00:00Z"), config: {} };

interface AccountProperties {
  readonly publicNetworkAccess: string;
  readonly networkAcls: { readonly defaultAction: string };
}

function ofType(resources: readonly SeedResource[], type: string): SeedResource[] {
  return resources.filter((resource) => resource.type === `Microsoft.CognitiveServices/accounts${type}`);
}

function archetypeOf({ id }: SeedResource): string | undefined {
  return subscriptions.find((subscription) => id.startsWith(`/subscriptions/${subscription.id}/`))?.archetype;
}

function isOpen(account: SeedResource): boolean {
  return (account["properties"] as AccountProperties).publicNetworkAccess === "Enabled";
}

describe.each([1, 2, 3, 4, 5, 1000])("small, seed %i", (seed) => {
  const small = scenarios.small({ ...options, seed });
  const accounts = ofType(small.resources, "");

  test("has 40 accounts of different names, with one to three deployments each", () => {
    expect(new Set(accounts.map(({ name }) => name)).size).toBe(40);
    const deployments = ofType(small.resources, "/deployments");
    for (const { id } of accounts) {
      const count = deployments.filter((deployment) => deployment.id.startsWith(`${id}/`)).length;
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(3);
    }
  });

  test("has exactly three corp accounts that are open, every one of them with an approved private endpoint", () => {
    const corp = accounts.filter((account) => archetypeOf(account) === "corp");
    expect([corp.length, corp.filter(isOpen).length]).toEqual([30, 3]);
    const connections = ofType(small.resources, "/privateEndpointConnections");
    expect(connections.length).toBe(corp.length);
    for (const { id } of corp) expect(connections.some((connection) => connection.id.startsWith(`${id}/`))).toBe(true);
  });

  test("has online accounts that are open with a closed firewall", () => {
    const online = accounts.filter((account) => archetypeOf(account) === "online");
    expect([online.length, online.filter(isOpen).length]).toEqual([10, 10]);
    for (const account of online)
      expect((account["properties"] as AccountProperties).networkAcls.defaultAction).toBe("Deny");
  });
});

test("the same seed gives the same scenario", () => {
  expect(scenarios.small(options)).toEqual(scenarios.small(options));
  expect(scenarios.small({ ...options, seed: 2 }).resources).not.toEqual(scenarios.small(options).resources);
});

test("names are names that Azure takes", () => {
  for (const { name } of ofType(scenarios.small(options).resources, ""))
    expect(name).toMatch(/^[a-z0-9][a-z0-9-]{1,62}$/);
});

test("people may write by hand, the core what its remedies need, the edge nothing", () => {
  const { roleAssignments, roleDefinitions, resources } = scenarios.empty(options);
  expect(resources).toEqual([]);
  const held = (oid: string) =>
    roleAssignments.filter(({ principalId }) => principalId === oid).map(({ role }) => role);
  const [contributor, owner] = ["b24988ac-6180-42a0-ab88-20f7382dd24c", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"];
  for (const { oid } of people)
    expect(new Set(held(oid)), oid).toEqual(new Set(oid === oids.admin ? [contributor, owner] : [contributor]));
  expect(new Set(held(coreIdentity))).toEqual(
    new Set([
      roles.cognitiveServicesContributor,
      roles.reader,
      roles.tagContributor,
      roles.lockOperator,
      roles.surroundingsOperator,
    ]),
  );
  expect(roleDefinitions).toMatchObject([
    { id: roles.lockOperator, permissions: [{ actions: ["Microsoft.Authorization/locks/*"] }] },
    { id: roles.surroundingsOperator },
  ]);
  expect(held(edgeIdentity)).toEqual([]);
});

describe("configuration", () => {
  test("changes are laid over it: objects merged, all else replaced", () => {
    const { config } = scenarios.empty({
      ...options,
      config: { paused: true, standards: [{ id: "NET-01", mode: "enforce" }] },
    });
    expect(config.paused).toBe(true);
    expect(config.standards).toEqual([{ id: "NET-01", mode: "enforce", modes: {}, parameters: {} }]);
    expect(config.subscriptions.map(({ archetype }) => archetype)).toEqual(["corp", "corp", "online"]);
  });

  test("what is no configuration is refused", () => {
    expect(() => scenarios.empty({ ...options, config: { quorum: 9 } })).toThrow(z.ZodError);
    expect(() => scenarios.empty({ ...options, config: { quroum: 1 } })).toThrow(/quroum/);
  });
});
