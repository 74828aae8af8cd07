/** Resource Graph: what queries can say, who sees which rows, pages, the quota, and that the copy lags behind. */
import { beforeEach, describe, expect, test } from "vitest";
import { A, accountId, armRig, owner, reader, S, stranger, subscription, type ArmRig } from "../support/armRig.ts";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { judged } from "../support/judgedRig.ts";

const accounts = "Resources | where type =~ 'Microsoft.CognitiveServices/accounts'";
let rig: ArmRig;
const watched = judged();
beforeEach(() => {
  rig = watched(armRig({ graphLag: { minMs: 10_000, maxMs: 10_000 }, latency: { createAccountMs: 0 } }));
});

type Told = ReturnType<ArmRig["ask"]>;
const pass = (ms: number): Promise<unknown> => rig.context.clock.step(rig.context.clock.now() + ms);
const ask = (query: string, options: object = {}, as: Caller = owner, more: object = {}): Told =>
  rig.ask("POST", "/providers/Microsoft.ResourceGraph/resources", {
    as,
    version: "2024-04-01",
    body: { query, subscriptions: [subscription], options, ...more },
  });
const rows = (query: string): unknown[] => ask(query).body.data;
const problem = (query: string): string => {
  const { status, body } = ask(query);
  expect([status, body.error?.code]).toEqual([400, "BadRequest"]);
  return `${body.error.details[1].code}: ${body.error.details[1].message}`;
};
const make = (name: string, tags: object): Told =>
  rig.ask("PUT", accountId(name), {
    body: { location: "swedencentral", kind: "AIServices", sku: { name: "S0" }, tags, properties: {} },
  });

describe("queries", () => {
  test("show accounts with the columns of every resource", () => {
    expect(rows(accounts)).toMatchObject([
      {
        id: A,
        name: "oai-ada",
        type: "microsoft.cognitiveservices/accounts",
        resourceGroup: "rg-ada",
        subscriptionId: subscription,
        location: "swedencentral",
        kind: "OpenAI",
        sku: { name: "S0" },
        tags: { env: "prod" },
        properties: { disableLocalAuth: true, networkAcls: { defaultAction: "Deny" } },
        plan: null,
        managedBy: "",
      },
    ]);
  });

  test.each([
    ["type == 'microsoft.cognitiveservices/accounts'", 1],
    ["type == 'Microsoft.CognitiveServices/accounts'", 0],
    ["type in~ ('Microsoft.CognitiveServices/accounts', 'a/b') and subscriptionId in ('" + subscription + "')", 1],
    ["name !in ('oai-ada')", 0],
    ["properties.networkAcls.ipRules[0].value == '203.0.113.7'", 1],
    ["tags['env'] =~ 'PROD' or name == 'nobody'", 1],
    ["not(tags.env == 'prod')", 0],
    ["isempty(tags.cost)", 1],
    ["isnotempty(tags.cost)", 0],
    ["tags.cost != 'x'", 1],
    ["tags.cost == 'x'", 0],
    ["properties.disableLocalAuth == true", 1],
    ["properties.disableLocalAuth == 'true'", 1],
    ["(name startswith 'OAI' or name has 'nobody') and name contains 'Ada'", 1],
    ["name has 'oai' and name !has 'oa'", 1],
    ["tolower(id) startswith '/subscriptions/' and id !startswith_cs '/SUBSCRIPTIONS'", 1],
    ["array_length(properties.networkAcls.ipRules) >= 1", 1],
    ["properties.disableLocalAuth and true // all of it", 1],
    ["name == @'oai-ada' and \"oai-ada\" == name", 1],
  ])("where %s", (condition, count) => {
    expect(rows(`resources | where ${condition}`)).toHaveLength(count);
  });

  test("project, extend, order and count as Kusto does", async () => {
    make("oai-b", { env: "dev" });
    make("oai-c", { env: "dev" });
    await pass(10_000);
    expect(rows(`${accounts} | project name, tags.env, lower = tolower(kind) | order by name asc`)).toEqual([
      { name: "oai-ada", tags_env: "prod", lower: "openai" },
      { name: "oai-b", tags_env: "dev", lower: "aiservices" },
      { name: "oai-c", tags_env: "dev", lower: "aiservices" },
    ]);
    expect(rows(`${accounts} | extend env = tostring(tags.env) | summarize count() by env | order by count_`)).toEqual([
      { env: "dev", count_: 2 },
      { env: "prod", count_: 1 },
    ]);
    expect(rows(`${accounts} | summarize n = count() by tostring(tags.env) | top 1 by n`)).toEqual([
      { tags_env: "dev", n: 2 },
    ]);
    expect(rows(`${accounts} | project name | sort by name | limit 2`)).toEqual([{ name: "oai-c" }, { name: "oai-b" }]);
    expect(rows(`${accounts} | count`)).toEqual([{ Count: 3 }]);
    expect(rows(`${accounts} | distinct kind | order by kind asc`)).toEqual([
      { kind: "AIServices" },
      { kind: "OpenAI" },
    ]);
    expect(
      ask(`${accounts} | project name, properties | order by name | take 1`, { resultFormat: "table" }).body.data,
    ).toMatchObject({
      columns: [
        { name: "name", type: "string" },
        { name: "properties", type: "object" },
      ],
      rows: [["oai-c", {}]],
    });
  });

  test("are refused by name where they say what isn't served", () => {
    expect(problem("Resources | join kind=inner (ResourceContainers) on subscriptionId")).toContain(
      "operator 'join' is not",
    );
    expect(problem("Resources | mv-expand properties.x")).toContain("operator 'mv-expand' is not supported");
    expect(problem("Nowhere")).toContain("table 'Nowhere' is not supported. Supported are: resources,");
    expect(problem("Resources | where Name == 'x'")).toContain("UnknownColumn: Failed to resolve the column 'Name'");
    expect(problem("Resources | where split(id, '/')[2] == 'x'")).toContain("function 'split' is not supported");
    expect(problem("Resources | where id matches regex 'x'")).toContain("operator 'matches' is not supported");
    expect(problem("Resources | where name")).toContain("TypeMismatch: Expected a condition");
    expect(problem("Resources | summarize dcount(id)")).toContain("aggregation 'dcount' is not supported");
    expect(problem("Resources | summarize count() by tags.env")).toContain("'tags_env' is of a 'dynamic' type");
    expect(problem("Resources | project tolower(name)")).toContain("Give the column a name");
    expect(problem("Resources | where name == 'x")).toContain("isn't closed");
    expect(problem("Resources | where properties.n > 3")).toContain("tolong");
  });

  test("are refused by place where they don't parse, and by name where the body holds more", () => {
    expect(problem("Resources where name == 'x'")).toContain("ParserFailure: Expected '|', found 'where'");
    expect(problem(`Resources | where ${"(".repeat(60)}true${")".repeat(60)}`)).toContain("nest deeper");
    expect(ask("Resources", {}, owner, { facets: [] }).body.error.code).toBe("InvalidRequestContent");
    expect(ask("Resources", { $top: 1001 }).body.error.details[0].message).toContain("options.$top is 1001");
  });

  test("show no deployments, but role assignments and containers in tables of their own", () => {
    expect(rows("Resources | where type contains 'deployments'")).toEqual([]);
    expect(rows("ResourceContainers | project type | order by type asc")).toEqual([
      { type: "microsoft.resources/subscriptions" },
      { type: "microsoft.resources/subscriptions/resourcegroups" },
      { type: "microsoft.resources/subscriptions/resourcegroups" },
    ]);
    const mine = `AuthorizationResources | where type =~ 'microsoft.authorization/roleassignments' and properties.principalId == '${reader.oid}' | project definition = tolower(properties.roleDefinitionId)`;
    const [{ definition }] = rows(mine) as [{ definition: string }];
    expect(rows(`authorizationresources | where tolower(id) == '${definition}' | project properties.roleName`)).toEqual(
      [{ properties_roleName: "Reader" }],
    );
  });
});

describe("rows", () => {
  test("are those that the caller may read", () => {
    expect(ask(accounts, {}, reader).body.totalRecords).toBe(1);
    const refused = ask(accounts, {}, stranger);
    expect([refused.status, refused.body.error.code]).toEqual([403, "AccessDenied"]);
    const everywhere = rig.ask("POST", "/providers/Microsoft.ResourceGraph/resources", {
      as: stranger,
      version: "2024-04-01",
      body: { query: accounts },
    });
    expect([everywhere.status, everywhere.body.data]).toEqual([200, []]);
    const scope = `${S}/resourceGroups/rg-Ada-2`;
    const role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
    const properties = { roleDefinitionId: role, principalId: stranger.oid, principalType: "User" };
    rig.ask("PUT", `${scope}/providers/Microsoft.Authorization/roleAssignments/${stranger.oid}`, {
      body: { properties },
    });
    expect(ask(accounts, {}, stranger).body.data).toEqual([]);
    expect(ask("ResourceContainers | project name", {}, stranger).body.data).toEqual([{ name: "rg-Ada-2" }]);
  });

  test("come in pages when they carry their ID", async () => {
    for (const name of ["b-1", "b-2", "b-3"]) make(name, {});
    await pass(10_000);
    const query = `${accounts} | project id, name | order by id asc`;
    const first = ask(query, { $top: 3 }).body;
    expect([first.totalRecords, first.count, first.resultTruncated]).toEqual([4, 3, "false"]);
    const second = ask(query, { $top: 3, $skipToken: first.$skipToken }).body;
    expect([second.count, second.$skipToken]).toEqual([1, undefined]);
    const names = [...first.data, ...second.data].map(({ name }: { name: string }) => name);
    expect(names).toEqual(["b-1", "b-2", "b-3", "oai-ada"]);
    expect(ask(query, { $skip: 3 }).body.data).toMatchObject([{ name: "oai-ada" }]);
    const blind = ask(`${accounts} | project name`, { $top: 3 }).body;
    expect([blind.count, blind.resultTruncated, blind.$skipToken]).toEqual([3, "true", undefined]);
    expect(ask(accounts, { $skipToken: first.$skipToken }).body.error.details[0].code).toBe("InvalidSkipToken");
  });

  test("follow writes after the lag, while ARM shows them at once", async () => {
    const tagged = `${accounts} | where tags.env == 'test' | project name`;
    rig.ask("PATCH", A, { body: { tags: { env: "test" } } });
    expect(rig.ask("GET", A).body.tags).toEqual({ env: "test" });
    expect(rows(tagged)).toEqual([]);
    await pass(5000);
    rig.ask("PATCH", A, { body: { tags: { env: "late" } } });
    rig.ask("PATCH", A, { body: { properties: { networkAcls: { defaultAction: "Perhaps" } } } });
    await pass(5000);
    expect(rows(tagged)).toEqual([{ name: "oai-ada" }]);
    await pass(5000);
    expect(rows(`${accounts} | project tags.env`)).toEqual([{ tags_env: "late" }]);
    rig.ask("DELETE", `${A}/deployments/chat`);
    expect(rig.ask("DELETE", A).status).toBe(200);
    expect(rows(`${accounts} | count`)).toEqual([{ Count: 1 }]);
    rig.arm.setGraphLag({ minMs: 0, maxMs: 0 });
    make("soon", {});
    expect(rows(`${accounts} | project name | order by name asc`)).toEqual([{ name: "oai-ada" }, { name: "soon" }]);
    await pass(10_000);
    expect(rows(`${accounts} | project name`)).toEqual([{ name: "soon" }]);
  });
});

test("fifteen queries of a user in five seconds, then 429 until the window ends", async () => {
  const first = ask(accounts);
  expect([first.headers["x-ms-user-quota-remaining"], first.headers["x-ms-user-quota-resets-after"]]).toEqual([
    "14",
    "00:00:05",
  ]);
  for (let index = 1; index < 15; index += 1) expect(ask(accounts).status).toBe(200);
  await pass(2000);
  const refused = ask(accounts);
  expect([refused.status, refused.body.error.code, refused.headers["retry-after"]]).toEqual([429, "RateLimiting", "3"]);
  expect(refused.headers["x-ms-user-quota-resets-after"]).toBe("00:00:03");
  expect(ask(accounts, {}, reader).status).toBe(200);
  await pass(3000);
  expect(ask(accounts).headers["x-ms-user-quota-remaining"]).toBe("14");
});

test("a query is no write: nothing is told, recorded as an effect, or stopped by a lock", () => {
  rig.ask("PUT", `${S}/providers/Microsoft.Authorization/locks/all`, { body: { properties: { level: "ReadOnly" } } });
  const before = [rig.changes.length, rig.context.effects.after(0).length];
  expect(ask(accounts).status).toBe(200);
  expect([rig.changes.length, rig.context.effects.after(0).length]).toEqual(before);
});
