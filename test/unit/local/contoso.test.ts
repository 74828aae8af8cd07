/** What the generator of scenario `contoso` lays down, for several seeds. */
import { describe, expect, it, test } from "vitest";
import { ArmEngine } from "../../../infra/local/arm/engine.ts";
import type { CatalogueModel } from "../../../infra/local/arm/model.ts";
import { estateOf } from "../../../infra/local/platform/seed.ts";
import { baselineProperties, BASELINE } from "../../../infra/local/scenarios/contoso/deployments.ts";
import { approvedModels, ceilings } from "../../../infra/local/scenarios/contoso/models.ts";
import { enrolled, workspaceId } from "../../../infra/local/scenarios/contoso/organisation.ts";
import { scenarios } from "../../../infra/local/scenarios/index.ts";
import { coreRoles } from "../../../infra/local/scenarios/people.ts";
import type { Scenario, SeedResource } from "../../../infra/local/scenarios/scenario.ts";
import { noTls } from "../../support/armRig.ts";
import { engineContext } from "../../support/engineContext.ts";

const nowMs = Date.UTC(2026, 10, 20, 8);
const laid = (seed: number): Scenario => scenarios.contoso({ seed, nowMs, config: {} });

const twelve = ["ACC-01", "ACC-02", "ACC-12", "NET-01", "NET-02", "DEP-01", "DEP-05", "DEP-08"].concat([
  "RAI-01",
  "MON-01",
  "TAG-01",
  "TAG-03",
]);
const account = "Microsoft.CognitiveServices/accounts";

interface Body {
  readonly id: string;
  readonly sku: { readonly name: string; readonly capacity: number };
  readonly location: string;
  readonly properties: { readonly model: { readonly name: string; readonly version: string } };
}

function ofType(scenario: Scenario, type: string): (SeedResource & Body)[] {
  return scenario.resources.filter((resource) => resource.type === type) as (SeedResource & Body)[];
}

/** What ARM shows after the scenario was laid. */
function shown(scenario: Scenario): Record<string, unknown> {
  const arm = new ArmEngine(engineContext(), {
    ports: { plain: 0, tls: 0 },
    tls: noTls,
    verify: async () => undefined,
    groupsOf: () => [],
    onChange: () => {},
  });
  arm.seed(estateOf(scenario));
  return arm.state();
}

function valueAt(body: unknown, path: string): unknown {
  return (
    path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], body) ?? null
  );
}

describe.each([1, 2, 3, 7, 1000, 4_294_967_295])("seed %i", (seed) => {
  const scenario = laid(seed);
  const { breaches = [], lookalikes = [] } = scenario;
  const estate = shown(scenario);

  it("is a company of believable size", () => {
    expect(scenario.subscriptions.length).toBe(8);
    const accounts = ofType(scenario, account).filter(({ id }) => !id.includes("fabrikam"));
    expect(accounts.length).toBe(40);
    expect(new Set(accounts.map((one) => one["kind"]))).toEqual(new Set(["OpenAI", "AIServices"]));
    expect(new Set(accounts.map(({ id }) => id.split("/")[2])).size).toBe(6);
    expect(new Set(ofType(scenario, account).map(({ location }) => location)).size).toBeGreaterThanOrEqual(4);
    const deployments = ofType(scenario, `${account}/deployments`);
    expect(deployments.length).toBeGreaterThan(110);
    expect(deployments.length).toBeLessThan(145);
    expect(new Set(deployments.map(({ sku }) => sku.name))).toEqual(new Set(Object.keys(ceilings)));
    expect(scenario.people.length).toBeGreaterThan(40);
  });

  it("uses each ID once, and names that Azure takes", () => {
    const ids = [...scenario.resources, ...scenario.resourceGroups].map(({ id }) => id.toLowerCase());
    expect(new Set(ids).size).toBe(ids.length);
    const { people, groups, servicePrincipals } = scenario;
    const oids = [...people, ...servicePrincipals].map(({ oid }) => oid).concat(groups.map(({ id }) => id));
    expect(new Set(oids).size).toBe(oids.length);
    for (const { id } of ofType(scenario, account)) expect(id.split("/")[8]).toMatch(/^[a-z0-9][a-z0-9-]{1,63}$/);
    // Whoever is in a group is in the directory, and groups are in groups.
    const nested = groups.flatMap(({ members }) => members);
    expect(nested.filter((member) => !oids.includes(member))).toEqual([]);
    expect(nested.some((member) => groups.some(({ id }) => id === member))).toBe(true);
  });

  it("keeps to every quota", () => {
    const used = new Map<string, number>();
    const locations = new Map(ofType(scenario, account).map(({ id, location }) => [id, location]));
    for (const { id, sku, properties } of ofType(scenario, `${account}/deployments`)) {
      const { name, version } = properties.model;
      const model = scenario.models?.find((one: CatalogueModel) => one.name === name && one.version === version);
      const { usageName = "none" } = model?.skus.find((one) => one.name === sku.name) ?? {};
      const pool = [id.split("/")[2], locations.get(id.slice(0, id.indexOf("/deployments/"))), usageName].join(" ");
      used.set(pool, (used.get(pool) ?? 0) + sku.capacity);
    }
    const limits = new Map(
      scenario.quotas?.map(({ subscriptionId, location, usageName, limit }) => [
        [subscriptionId, location, usageName].join(" "),
        limit,
      ]),
    );
    const outside = [...used].filter(([pool]) => enrolled.some(({ id }) => pool.startsWith(id)));
    expect(outside.filter(([pool, capacity]) => capacity > (limits.get(pool) ?? 0))).toEqual([]);
  });

  it("breaks each of the twelve standards at several places", () => {
    for (const standard of twelve)
      expect(breaches.filter((breach) => breach.standard === standard).length, standard).toBeGreaterThanOrEqual(3);
    expect(new Set(breaches.map(({ standard }) => standard)).size).toBe(twelve.length);
    const each = breaches.map(({ standard, target }) => `${standard} ${target}`);
    expect(new Set(each).size).toBe(each.length);
  });

  it("has written down what is there, literally", () => {
    for (const { standard, target, at, fields } of breaches) {
      expect(Object.hasOwn(estate, target), `${standard} at ${target}`).toBe(true);
      for (const [path, value] of Object.entries(fields))
        expect([standard, at, path, valueAt(estate[at], path)]).toEqual([standard, at, path, value]);
    }
  });

  it("breaks nothing at what is right and looks wrong, nor outside of what is enrolled", () => {
    expect(lookalikes.length).toBeGreaterThanOrEqual(10);
    for (const { target } of lookalikes) {
      expect(Object.hasOwn(estate, target), target).toBe(true);
      const [owner = target] = /^.*\/accounts\/[^/]+/.exec(target) ?? [];
      expect(breaches.filter((breach) => breach.target.startsWith(owner))).toEqual([]);
    }
    const ids = enrolled.map(({ id }) => `/subscriptions/${id}/`);
    expect(breaches.filter(({ target }) => !ids.some((id) => target.startsWith(id)))).toEqual([]);
  });
});

test("the same seed gives the same bytes, another one another estate", () => {
  const bytes = (scenario: Scenario): string =>
    JSON.stringify([scenario, ...[0, 1, 2].map((number) => scenario.day?.acts(number))]);
  expect(bytes(laid(1))).toBe(bytes(laid(1)));
  expect(bytes(laid(2))).not.toBe(bytes(laid(1)));
});

test("steelyard.yaml enrols Contoso as it is, and names people whom it has", () => {
  const { config, people, servicePrincipals } = laid(1);
  expect(
    config.subscriptions.map(({ id, name, archetype, environment }) => ({ id, name, archetype, environment })),
  ).toEqual(enrolled.map(({ id, name, archetype, environment }) => ({ id, name, archetype, environment })));
  const active = people.filter(({ enabled = true }) => enabled).map(({ oid }) => oid);
  const approvers = people.filter(({ roles }) => roles.includes("Steelyard.Approver")).map(({ oid }) => oid);
  expect(config.teams.flatMap(({ owners }) => owners).filter((oid) => !active.includes(oid))).toEqual([]);
  expect(config.approvers.flatMap((entry) => entry.people).filter((oid) => !approvers.includes(oid))).toEqual([]);
  const applications = servicePrincipals.map(({ appid }) => appid);
  expect(config.pipelines.filter(({ application = "" }) => !applications.includes(application))).toEqual([]);
});

test("steelyard.yaml holds Contoso to the twelve standards with what it has approved, in audit", () => {
  const { standards } = laid(1).config;
  expect(standards.map(({ id }) => id).sort()).toEqual([...twelve].sort());
  expect(new Set(standards.map(({ mode }) => mode))).toEqual(new Set(["audit"]));
  const parametersOf = (id: string) => standards.find((standard) => standard.id === id)?.parameters;
  expect(parametersOf("DEP-01")).toEqual({
    models: approvedModels.map(({ format, name, version }) => `${format}/${name}/${version}`),
  });
  expect(parametersOf("MON-01")).toEqual({ workspaceId });
  expect(parametersOf("RAI-01")).toEqual({ policies: { [BASELINE]: baselineProperties() } });
  const { standardCeiling, provisionedCeiling, ceilings: own } = parametersOf("DEP-08") as Record<string, object>;
  const kinds = Object.keys(ceilings).map((sku) => [
    sku,
    sku.includes("Provisioned") ? provisionedCeiling : standardCeiling,
  ]);
  expect({ ...Object.fromEntries(kinds), ...own }).toEqual(ceilings);
});

test("the product may write what its remedies need in the subscriptions, and nothing but logs outside of them", () => {
  const { roleAssignments } = laid(1);
  const [known] = coreRoles("");
  const held = roleAssignments.filter(({ principalId }) => principalId === known?.principalId);
  const outside = held.filter(({ scope }) => !enrolled.some(({ id }) => scope === `/subscriptions/${id}`));
  expect(outside.map(({ scope }) => scope.split("/").at(-1))).toEqual(["log-contoso-central"]);
  for (const { id } of enrolled)
    expect(held.filter(({ scope }) => scope.endsWith(id)).length).toBe(coreRoles("").length);
});
