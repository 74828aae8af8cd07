import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../shared/audit/verdict.ts";
import { invocationOf, readLine } from "../../../shared/cli/command.ts";
import { auditCommand } from "../../../shared/cli/commands/audit.ts";
import { judgeCommand } from "../../../shared/cli/commands/judge.ts";
import { printed } from "../../support/printed.ts";

const config = resolve(import.meta.dirname, "../../../steelyard.yaml");
const { folder, text, file } = printed();

function run(...args: string[]): Promise<number> {
  const line = readLine(["judge", ...args], [judgeCommand]);
  return judgeCommand.run(invocationOf(judgeCommand, line, () => Promise.reject(new Error("not here"))));
}

async function judged(resources: unknown, ...args: string[]): Promise<Verdict[]> {
  text.out = "";
  await run("--resources", file("resources.json", resources), "--json", ...args);
  return JSON.parse(text.out) as Verdict[];
}

/** `standard verdict`, of what is not asked about. */
const brief = (verdicts: Verdict[], ...standards: string[]): string[] =>
  verdicts.filter(({ standard }) => standards.includes(standard)).map((one) => `${one.standard} ${one.verdict}`);

const reasonOf = (verdicts: Verdict[], id: string): string =>
  verdicts.find(({ standard }) => standard === id)?.reason ?? "none";

const group = "/subscriptions/c0500000-0000-4000-8000-000000000001/resourceGroups/RG-A";
const type = "Microsoft.CognitiveServices/accounts";
const id = `${group}/providers/${type}/oai-a`;
const account = {
  id,
  name: "oai-a",
  type,
  kind: "OpenAI",
  location: "westeurope",
  sku: { name: "S0" },
  tags: { env: "prod" },
  properties: { publicNetworkAccess: "Enabled", disableLocalAuth: true },
};
const deployment = (name: string, capacity: number) => ({
  id: `${id}/deployments/${name}`,
  name,
  type: `${type}/deployments`,
  sku: { name: "Standard", capacity },
  properties: { model: { format: "OpenAI", name: "gpt-5", version: "2025-08-07" } },
});

/** As text: an object with a member `then` looks like a promise. */
const rule = (condition: object): string => `{"if": ${JSON.stringify(condition)}, "then": {"effect": "Deny"}}`;

describe("judge", () => {
  it("tells of each resource and standard what is wrong, by the ID as it was given, and what puts it right", async () => {
    const all = await judged([account, deployment("small", 10), deployment("large", 5000)], "--config", config);
    expect(brief(all, "NET-01", "ACC-01", "NET-02")).toEqual(["ACC-01 pass", "NET-01 fail", "NET-02 notApplicable"]);
    expect(all.find(({ standard }) => standard === "NET-01")).toEqual({
      resource: id,
      standard: "NET-01",
      verdict: "fail",
      effect: "audit",
      reason: 'properties.publicNetworkAccess is "Enabled", must be "Disabled".',
      paths: ["properties.publicNetworkAccess"],
      remedy: {
        kind: "patch",
        safety: "R",
        description: expect.stringContaining("It disables public network access"),
        target: id,
        changes: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
        unmet: "The account has no approved private endpoint: closing public access would cut off everybody.",
      },
    });
    const capacity = all.filter(({ standard }) => standard === "DEP-08");
    expect(capacity.map(({ resource, verdict }) => [resource, verdict])).toEqual([
      [`${id}/deployments/large`, "fail"],
      [`${id}/deployments/small`, "pass"],
    ]);
  });

  it("ends with 0 where nothing failed, 1 where something did, 2 where nothing can be judged", async () => {
    const good = file("good.json", {
      ...account,
      properties: { ...account.properties, publicNetworkAccess: "Disabled" },
    });
    const net = file("net.json", {});
    expect(await run("--resources", good, "--config", config, "--parameters", net)).toBe(1);
    expect(text.out).toContain("fail     ACC-02");
    const resources = file("bad.json", account);
    await expect(run("--resources", file("none.json", "{}"))).rejects.toThrow("none.json: found an empty object");
    await expect(run("--resources", join(folder, "absent.json"))).rejects.toThrow("there is no such file");
    await expect(run("--resources", resources, "--archetype", "x")).rejects.toThrow(
      '--archetype: found "x"; expected one',
    );
    await expect(run("--resources", resources, "--subscription", "x")).rejects.toThrow(
      "expected the ID of a subscription",
    );
    await expect(run("--resources", resources, "--parameters", file("p.json", { "NET-99": {} }))).rejects.toThrow(
      "p.json: /NET-99: found NET-99; expected one of",
    );
  });

  it("tells once what has no parameters, and in one line what the file does not hold", async () => {
    const other = { ...account, id: id.replace("oai-a", "oai-b"), name: "oai-b" };
    const resources = file("two.json", [account, other]);
    await run("--resources", resources, "--archetype", "corp", "--environment", "prod");
    expect(text.out.match(/no verdict for want of parameters \(.*\)\./g)).toHaveLength(1);
    expect(text.out).toMatch(/want of parameters \(ACC-07 fqdns, .*, DEP-08 standardCeiling provisionedCeiling, /);
    expect(text.out).not.toContain("has no value");
    expect(
      text.out.match(/unknown {2}Not in the file: the locks \(ACC-12\), .*the metric alerts \(MON-04\)/g),
    ).toHaveLength(2);
    expect(text.out).not.toContain("could not be read");
  });

  it("says unknown, and why, where the file holds no list, and otherwise where it is complete", async () => {
    const open = await judged(account, "--config", config);
    expect(brief(open, "ACC-12", "DEP-08", "MON-01")).toEqual(["ACC-12 unknown", "DEP-08 unknown", "MON-01 unknown"]);
    expect(reasonOf(open, "DEP-08")).toBe("The deployments could not be read: not in the file.");
    const whole = await judged(account, "--config", config, "--complete");
    expect(brief(whole, "ACC-12", "DEP-08", "MON-01")).toEqual(["ACC-12 fail", "MON-01 fail"]);
    const lock = {
      id: `${group}/providers/Microsoft.Authorization/locks/keep`,
      name: "keep",
      type: "Microsoft.Authorization/locks",
      properties: { level: "CanNotDelete" },
    };
    expect(brief(await judged([account, lock], "--config", config), "ACC-12")).toEqual(["ACC-12 pass"]);
  });

  it("takes a part of a list for no list where the whole is asked for", async () => {
    const setting = {
      id: `${id}/providers/microsoft.insights/diagnosticSettings/a`,
      name: "a",
      type: "Microsoft.Insights/diagnosticSettings",
      properties: { workspaceId: "/x", logs: [] },
    };
    const page = { value: [setting], nextLink: "https://x/2" };
    const all = await judged([account, page], "--config", config);
    expect(reasonOf(all, "MON-01")).toBe("The diagnostic settings could not be read: the file holds a part of them.");
    expect(text.err).toContain("this is a part: there is a nextLink");
    expect(brief(await judged([account, setting], "--config", config), "MON-01")).toEqual(["MON-01 fail"]);
    const deployments = { value: [deployment("large", 5000)], nextLink: "https://x/2" };
    expect(brief(await judged([account, deployments], "--config", config), "DEP-08")).toEqual(["DEP-08 fail"]);
  });

  it("names the parameter without a value, and takes it from a file", async () => {
    const resources = [account, deployment("large", 5000)];
    const all = await judged(resources);
    expect(reasonOf(all, "DEP-08")).toBe(
      "Its parameters standardCeiling and provisionedCeiling have no value: give them with --config (standards, DEP-08, parameters) or --parameters.",
    );
    const given = file("given.json", { "DEP-08": { standardCeiling: 9000, provisionedCeiling: 1 } });
    expect(brief(await judged(resources, "--parameters", given), "DEP-08")).toEqual(["DEP-08 pass"]);
  });

  it("takes archetype and environment from options, configuration and tags, and does not guess them", async () => {
    const other = { ...account, id: id.replace("c0500000", "d0500000"), tags: {} };
    const all = await judged([other, { ...deployment("d", 5), id: `${other.id}/deployments/d` }], "--config", config);
    expect(reasonOf(all, "NET-01")).toBe(
      "The archetype of subscription d0500000-0000-4000-8000-000000000001 is not known: give --archetype corp or online, or a --config that names the subscription.",
    );
    expect(brief(await judged(other, "--archetype", "corp"), "NET-01", "NET-02")).toEqual([
      "NET-01 fail",
      "NET-02 notApplicable",
    ]);
    const byEnvironment = file("environments.json", {
      "DEP-08": { standardCeiling: { prod: 1, dev: 100 }, provisionedCeiling: 1 },
    });
    const capacity = async (resource: object, ...more: string[]) =>
      brief(await judged([resource, deployment("d", 5)], "--parameters", byEnvironment, ...more), "DEP-08");
    expect(await capacity(account)).toEqual(["DEP-08 fail"]);
    expect(await capacity({ ...account, tags: {} })).toEqual(["DEP-08 unknown"]);
    expect(await capacity({ ...account, tags: {} }, "--environment", "DEV")).toEqual(["DEP-08 pass"]);
  });

  it("says unknown of what an account that is not there, not whole or no account would tell", async () => {
    const alone = await judged(deployment("large", 5000), "--config", config);
    expect(reasonOf(alone, "ACC-01")).toBe("The account itself is not in the file.");
    expect(brief(alone, "DEP-08")).toEqual(["DEP-08 fail"]);
    const listed = await judged({ ...account, properties: null }, "--config", config);
    expect(reasonOf(listed, "NET-01")).toBe("properties is not in the file.");
    const row = await judged({ data: [{ id, name: "oai-a", type, properties: {} }] }, "--config", config);
    expect([reasonOf(row, "ACC-02"), reasonOf(row, "ACC-01")]).toEqual([
      "identity is not in the file.",
      "properties.disableLocalAuth is absent, must be true.",
    ]);
    const wrong = await judged({ ...account, tags: { a: 5 } }, "--config", config);
    expect(reasonOf(wrong, "NET-01")).toMatch(
      /^The account cannot be read: .*resources.json at tags.a: found 5; expected/,
    );
  });

  it("judges a template by what it declares, and says unknown of what only its deployment knows", async () => {
    const resource = (properties: object) => ({
      resources: [{ type, apiVersion: "2025-09-01", name: "[parameters('name')]", kind: "OpenAI", properties }],
    });
    const corp = ["--archetype", "corp"];
    expect(brief(await judged(resource({ publicNetworkAccess: "Disabled" }), ...corp), "NET-01")).toEqual([
      "NET-01 pass",
    ]);
    const silent = await judged(resource({}), ...corp);
    expect(brief(silent, "NET-01", "ACC-01")).toEqual(["ACC-01 fail", "NET-01 fail"]);
    // The template declares no connections, which does not say that there are none.
    expect(silent.find(({ standard }) => standard === "NET-01")?.remedy?.unmet).toMatch(
      /^As far as the template tells: The account has no approved private endpoint/,
    );
    const open = await judged(resource({ publicNetworkAccess: "[parameters('pna')]" }), ...corp);
    expect(open[0]?.resource).toBe(`${type} [parameters('name')] at /resources/0`);
    expect(reasonOf(open, "NET-01")).toBe(
      "properties.publicNetworkAccess is an expression that only the deployment works out: [parameters('pna')].",
    );
    const values = file("values.json", { parameters: { pna: { value: "Disabled" }, name: { value: "oai" } } });
    const template = {
      ...resource({ publicNetworkAccess: "[parameters('pna')]" }),
      parameters: { pna: { type: "string" }, name: { type: "string" } },
    };
    const known = await judged(
      template,
      ...corp,
      "--template-parameters",
      values,
      "--subscription",
      group.split("/")[2] ?? "",
    );
    expect(known[0]?.resource).toContain("/subscriptions/c0500000-0000-4000-8000-000000000001/providers/");
    expect(brief(known, "NET-01")).toEqual(["NET-01 pass"]);
  });

  it("plans by the gate of the configuration, or by the remedy's class without one", async () => {
    const endpoint = { properties: { privateLinkServiceConnectionState: { status: "Approved" } } };
    const resource = { ...account, properties: { ...account.properties, privateEndpointConnections: [endpoint] } };
    const planOf = async (...args: string[]) =>
      (await judged(resource, "--plan", ...args)).find(({ standard }) => standard === "NET-01")?.plan;
    expect(await planOf("--archetype", "corp")).toEqual({
      will: "ask",
      because: ["Its remedy can cut traffic or is hard to take back: it is never done without a person."],
      request: { method: "PATCH", target: id, body: { properties: { publicNetworkAccess: "Disabled" } } },
      changes: [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }],
    });
    const told = await planOf("--config", config);
    expect(told).toMatchObject({
      will: "none",
      because: ["Its mode there is audit.", expect.stringContaining("never")],
      request: null,
    });
    const raised = file(
      "raised.yaml",
      readFileSync(config, "utf8").replace(/(id: NET-01\n\s+mode: )audit/, "$1enforce"),
    );
    expect((await planOf("--config", raised))?.because[0]).toBe(
      "Its mode there is enforce; its remedy goes as far as approve.",
    );
    const plan = (await judged(account, "--plan", "--archetype", "corp")).find(
      ({ standard }) => standard === "NET-01",
    )?.plan;
    expect(plan?.because.at(-1)).toContain("closing public access would cut off everybody");
    await run("--resources", file("resources.json", resource), "--plan", "--archetype", "corp");
    expect(text.out).toContain(`people are asked, by PATCH ${id}`);
  });

  it("judges standards of one's own, and says where in their file they are wrong", async () => {
    const own = {
      id: "OWN-01",
      version: 1,
      title: "Kinds are known",
      severity: "low",
      resourceType: type,
      archetypes: ["corp", "online"],
      parameters: { kinds: { type: "array", items: { type: "string" }, description: "Kinds." } },
      rule: { if: { field: "kind", notIn: "[parameters('kinds')]" } },
      cases: [],
      sources: [],
    };
    mkdirSync(join(folder, "own/deeper"), { recursive: true });
    file("own/deeper/one.json", JSON.stringify(own, null, 2));
    const given = file("own.json", { "OWN-01": { kinds: ["AIServices"] } });
    const all = await judged(account, "--standards", join(folder, "own"), "--parameters", given);
    expect(all).toEqual([
      expect.objectContaining({ standard: "OWN-01", verdict: "fail", paths: ["kind"], remedy: null }),
    ]);
    const both = await judged(account, "--standards", join(folder, "own"), "--catalogue");
    expect(brief(both, "OWN-01", "ACC-01")).toEqual(["ACC-01 pass", "OWN-01 unknown"]);
    const bad = { ...own, severity: "dire", rule: { if: { field: "kind", resembles: "x" } } };
    const path = file("bad.json", JSON.stringify(bad, null, 2));
    await expect(judged(account, "--standards", path)).rejects.toThrow(
      `${path}:5:15: /severity: found "dire"; expected one of low, medium, high`,
    );
    const rule = file("rule.json", JSON.stringify({ ...bad, severity: "low" }, null, 2));
    await expect(judged(account, "--standards", rule)).rejects.toThrow(
      /rule\.json:\d+:\d+: \/rule\/if\/resembles: found resembles; expected an operator/,
    );
    const empty = file(
      "empty.json",
      Array.from({ length: 3000 }, () => ({})),
    );
    await expect(judged(account, "--standards", empty)).rejects.toThrow(/ more$/);
    const many = file(
      "many.json",
      Array.from({ length: 5001 }, () => 0),
    );
    await expect(judged(account, "--standards", many)).rejects.toThrow("found 5001 standards; expected at most 5000");
  });

  it("judges policies that the configuration took over, with their effect, and leaves open what a template does", async () => {
    const alias = `${type}/publicNetworkAccess`;
    const condition = {
      allOf: [
        { field: "type", equals: type },
        { field: alias, notEquals: "Disabled" },
      ],
    };
    const policy = {
      id: "AZP-closed",
      mode: "audit",
      definition: { name: "closed", properties: { mode: "All", policyRule: JSON.parse(rule(condition)) as object } },
    };
    const [subscription = ""] = /[0-9a-f-]{36}/.exec(id) ?? [];
    const subscriptions = [{ id: subscription, name: "ai", archetype: "corp", level: "audit" }];
    const yaml = file("own.yaml", JSON.stringify({ subscriptions, standards: [], policies: [policy] }));
    expect(await judged(account, "--config", yaml)).toMatchObject([
      { standard: "AZP-closed", verdict: "fail", effect: "Deny", paths: ["properties.publicNetworkAccess"] },
    ]);
    const open = { resources: [{ type, name: "a", properties: { publicNetworkAccess: "[reference('x').y]" } }] };
    expect(await judged(open, "--config", yaml)).toMatchObject([{ standard: "AZP-closed", verdict: "unknown" }]);
    expect(await judged({ ...account, properties: null }, "--config", yaml)).toMatchObject([{ verdict: "unknown" }]);
  });

  it("says where nothing in the file is of its business", async () => {
    expect(await judged({ id: `${group}/providers/Microsoft.Web/sites/a`, type: "Microsoft.Web/sites" })).toEqual([]);
    expect(text.err).toContain("Nothing is judged: of 1 resource none is or is at an account.");
  });
});

it("audit takes the ID of a subscription, and a format that there is", async () => {
  const auditOf = (...args: string[]): Promise<number> => {
    const line = readLine(["audit", ...args], [auditCommand]);
    return auditCommand.run(invocationOf(auditCommand, line, () => Promise.reject(new Error("not here"))));
  };
  const id = ["--subscription", "c0500000-0000-4000-8000-000000000001"];
  await expect(auditOf()).rejects.toThrow("found no --subscription; expected the subscription to read");
  await expect(auditOf("--subscription", "contoso")).rejects.toThrow(
    '--subscription: found "contoso"; expected the ID',
  );
  await expect(auditOf(...id, "--format", "pdf")).rejects.toThrow('--format: found "pdf"; expected one of text, json');
  await expect(auditOf(...id, "--format", "csv", "--json")).rejects.toThrow("found --json and --format csv");
});
