/** A pipeline deploys a new account, and forgets something. */
import { baselineProperties, BASELINE } from "../deployments.ts";
import { mailOfTeam, pipelines } from "../directory.ts";
import { approved } from "../models.ts";
import { regions, workspaceId } from "../organisation.ts";
import { pick } from "../random.ts";
import { endpoint, setting, type Draft, type Site } from "../site.ts";
import { breach, DIAGNOSTICS, isOnline, isProd, minutes, put, take, type Story } from "./telling.ts";

/** New accounts are named after the day of the week: the same ones are deployed again a week later. */
const WEEK = 7;

/** Later than the account is there (a second), sooner than anybody gets impatient. */
const stepMs = minutes(0.4);

export const newAccount: Story = (telling) => {
  const site = take(telling, (one) => !isProd(one) && !isOnline(one));
  if (site === undefined) return [];
  const forgets = telling.number % 2 === 0 ? "the logs" : "to turn keys off";
  const region = pick(regions.slice(0, 2), telling.random);
  const account = accountLike(site, region.name, `oai-${site.useCase.unit}-weekday${telling.number % WEEK}`, forgets);
  const where = { ...site, region, account };
  const { properties } = setting(account, "central-logs", "allLogs", workspaceId);
  const filter = { id: `${account.id}/raiPolicies/${BASELINE}` };
  const model = { id: `${account.id}/deployments/gpt-5-mini` };
  const logs = { id: `${account.id}/providers/Microsoft.Insights/diagnosticSettings/central-logs` };
  const deployment = {
    sku: { name: "GlobalStandard", capacity: 20 },
    properties: {
      model: approved("gpt-5-mini"),
      versionUpgradeOption: "OnceCurrentVersionExpired",
      raiPolicyName: BASELINE,
    },
  };
  const net = endpoint(where);
  const at = `${account.id}/providers/Microsoft.Insights/diagnosticSettings/steelyard`;
  const [first, found] =
    forgets === "the logs"
      ? [{}, breach("MON-01", account, { "properties.workspaceId": null }, at)]
      : [{ breach: breach("ACC-01", account, { "properties.disableLocalAuth": false }) }, undefined];
  const steps = [
    { title: `deploys ${account.name}`, step: put(account, bodyOf(account)), ...first },
    { title: `connects ${account.name} privately`, step: put(net, bodyOf(net), "2024-01-01") },
    { title: `gives ${account.name} its filter`, step: put(filter, { properties: baselineProperties() }) },
    { title: `deploys gpt-5-mini at ${account.name}`, step: put(model, deployment) },
    found === undefined
      ? { title: `sends the logs of ${account.name}`, step: put(logs, { properties }, DIAGNOSTICS) }
      : { title: `tests ${account.name}`, step: put(model, deployment), breach: found },
  ];
  return steps.map((step, number) => ({
    id: `new-account-${number}`,
    afterMs: number * stepMs,
    by: pipelines[site.useCase.unit].oid,
    ...step,
    title: `the pipeline ${step.title}`,
  }));
};

function accountLike(site: Site, location: string, prefix: string, forgets: string): Draft {
  const { useCase, environment, group } = site;
  const name = `${prefix}-${useCase.id}`;
  return {
    id: `${group.id}/providers/Microsoft.CognitiveServices/accounts/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts",
    location,
    kind: "OpenAI",
    sku: { name: "S0" },
    tags: { ...site.account.tags, env: environment, owner: mailOfTeam(useCase.team) },
    identity: { type: "SystemAssigned" },
    properties: {
      customSubDomainName: name,
      disableLocalAuth: forgets === "the logs",
      publicNetworkAccess: "Disabled",
      networkAcls: { defaultAction: "Deny", ipRules: [], virtualNetworkRules: [] },
    },
  };
}

/** What a PUT of it sends. */
function bodyOf(draft: Draft): object {
  const named = new Set(["id", "name", "type"]);
  return Object.fromEntries(Object.entries(draft).filter(([name]) => !named.has(name)));
}
