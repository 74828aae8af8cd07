import { describe, expect, it } from "vitest";
import { readJson } from "../../../shared/audit/json.ts";
import { readResources } from "../../../shared/audit/shapes.ts";

const group = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg-a";
const type = "Microsoft.CognitiveServices/accounts";
const id = `${group}/providers/${type}/oai-a`;
const account = { id, name: "oai-a", type, kind: "OpenAI", properties: {} };
const deployment = { id: `${id}/deployments/chat`, name: "chat", type: `${type}/deployments`, properties: {} };

const read = (value: unknown, file = "f.json") =>
  readResources(readJson(typeof value === "string" ? value : JSON.stringify(value), file), { parameters: {} });
const keys = (value: unknown): string[] => read(value).resources.map(({ key }) => key);

describe("a file of resources", () => {
  const both = [id.toLowerCase(), `${id}/deployments/chat`.toLowerCase()];

  it.each<[string, unknown, string[]]>([
    ["a resource", account, both.slice(0, 1)],
    ["a resource that has a member `value`", { ...account, value: [] }, both.slice(0, 1)],
    ["a list", [account, deployment], both],
    ["a list response", { value: [account, deployment] }, both],
    ["list responses in a list", [{ value: [account] }, { value: [deployment] }], both],
    ["JSON on each line", `${JSON.stringify(account)}\n\n${JSON.stringify(deployment)}\n`, both],
    [
      "a what-if as REST answers it",
      { status: "Succeeded", properties: { changes: [{ after: account }] } },
      both.slice(0, 1),
    ],
    [
      "a what-if as the CLI prints it",
      { changes: [{ resourceId: deployment.id, changeType: "Modify", after: { ...deployment, id: undefined } }] },
      both.slice(1),
    ],
    ["rows of Resource Graph", { count: 1, data: [account] }, both.slice(0, 1)],
    [
      "a table of Resource Graph",
      { data: { columns: ["id", "name", "type"].map((name) => ({ name })), rows: [[id, "oai-a", type]] } },
      both.slice(0, 1),
    ],
    [
      "recorded exchanges, of which only what was read counts",
      [
        { method: "GET", url: `https://management.azure.com${id}?api-version=1`, status: 200, responseBody: account },
        { method: "PUT", url: `https://x${deployment.id}`, status: 201, responseBody: deployment },
        { method: "GET", url: `https://x${deployment.id}`, status: 404, responseBody: { error: {} } },
      ],
      both.slice(0, 1),
    ],
    ["without a type, told by the ID", { id: deployment.id }, both.slice(1)],
    ["a resource group", { id: group, name: "rg-a" }, [group.toLowerCase()]],
  ])("may be %s", (_name, value, wanted) => {
    expect(keys(value)).toEqual(wanted);
  });

  it.each<[unknown, string]>([
    [5, "f.json: found 5; expected a resource (with type, and id or name), a list of them"],
    [{}, "f.json: found an empty object; expected a resource"],
    [{ names: [], users: 1 }, "f.json: found an object with names, users; expected a resource"],
    [{ value: [account, "x"] }, 'f.json: /value/1: found "x"; expected a resource'],
    [
      { data: { columns: [{ name: "id" }], rows: [[id, 1]] } },
      "f.json: /data/rows/0: found 2 values; expected one for each of 1 columns",
    ],
    [{ resources: [{ name: "a" }] }, "f.json: /resources/0/type: found null; expected the type of a resource"],
    [{ resources: { a: { type, name: 5 } } }, "f.json: /resources/a/name: found 5; expected the name of a resource"],
    [{ resources: 7 }, "f.json: /resources: found number; expected a list of resources"],
    ["", "f.json:1:1: found nothing; expected JSON"],
    ['{\n  "a": x\n}', "f.json:2:8: found no JSON (Unexpected token 'x'); expected JSON, or JSON on each line"],
    ['{"a": 1,\n}', "f.json:2:1: found no JSON (Expected double-quoted property name); expected JSON"],
    ["param name string\n", "expected what `az bicep build` makes of a Bicep file"],
    [
      `${JSON.stringify(account)}\n{"id": }\n`,
      "f.json:2:8: found no JSON (Unexpected token '}'); expected a value on each line",
    ],
    [`${"[".repeat(400)}${"]".repeat(400)}`, "f.json: found more than 300 levels; expected fewer"],
    [`${"[".repeat(20)}${"]".repeat(20)}`, "found more than 5 lists within lists; expected fewer"],
  ])("%j is none", (value, message) => {
    expect(() => read(value)).toThrow(message);
  });

  it("says that it is a part", () => {
    const paged = read({ value: [account], nextLink: "https://management.azure.com/next" });
    expect(paged.notes).toEqual(["f.json: this is a part: there is a nextLink. Add the pages that follow."]);
    expect(paged.resources[0]?.ofPart).toBe(true);
    const rows = read({ data: [account], skip_token: "more" });
    expect([rows.notes.length, rows.resources[0]?.ofPart]).toEqual([1, true]);
  });

  it("knows an empty list by the address that it was read from", () => {
    const url = `https://management.azure.com/${id}/deployments?api-version=2025-06-01`;
    const { lists, resources } = read({ method: "GET", url, status: 200, responseBody: { value: [] } });
    const given = `${id}/deployments`;
    expect(lists).toEqual([{ path: given.toLowerCase(), given, isPart: false }]);
    expect(resources).toEqual([]);
  });

  it.each([
    ["locks?api-version=1&$filter=atScope()", false],
    ["locks?api-version=1&$filter=displayName%20eq%20'a'", true],
    ["roleAssignments?api-version=1&$filter=atScope()", true],
  ])("takes what %s answers for all: not %s", (address, isPart) => {
    const url = `https://management.azure.com${id}/providers/Microsoft.Authorization/${address}`;
    expect(read({ method: "GET", url, status: 200, responseBody: { value: [] } }).lists).toMatchObject([{ isPart }]);
  });
});
