/**
 * Microsoft's own example requests against the engine: each is accepted as the contract documents it, or refused for a
 * reason that test/support/refusedExamples.ts states. Both lists are exact in both directions. Without the examples and
 * the judge beside the repository, nothing runs.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { servedOperations, type ServedOperation } from "../../infra/local/arm/registry.ts";
import { uncovered, uncoveredBy } from "../contract/armUncovered.ts";
import { ExampleSender, readExamples, type Sent } from "../support/armExamples.ts";
import { contractIsThere, loadContract, type Official } from "../support/officialContract.ts";
import { refusedExamples } from "../support/refusedExamples.ts";

describe.skipIf(!contractIsThere)("the official contract", () => {
  let official: Official;
  let sent: Sent[];
  beforeAll(async () => {
    official = await loadContract();
    const examples = readExamples();
    const sender = new ExampleSender(examples);
    sent = examples.map((example) => sender.send(example));
    await sender.close();
  });
  afterAll(() => {
    sent = [];
  });

  const refused = (): Sent[] => sent.filter(({ response }) => response.status >= 400);

  test("has its examples refused only for the reasons that are listed, with the errors that are listed", () => {
    const found = refused().map(({ example, response }) => `${example.name}: ${errorOf(response.body).code}`);
    const listed = refusedExamples.flatMap(({ code, examples }) => examples.map((name) => `${name}: ${code}`));
    expect(new Set(listed).size).toBe(listed.length);
    expect(found.toSorted()).toEqual(listed.toSorted());
    expect(sent.length).toBeGreaterThan(300);
  });

  test("has what isn't served refused by name", () => {
    const vague = refused().filter(({ example, response }) => {
      const { code, message } = errorOf(response.body);
      if (!["InvalidResourceNamespace", "InvalidResourceType", "MethodNotAllowed"].includes(code)) return false;
      const segments = decodeURIComponent(example.url.pathname).toLowerCase().split("/");
      const [namespace = ""] = segments.slice(segments.lastIndexOf("providers") + 1);
      return (
        !message.toLowerCase().includes(`'${namespace}`) &&
        !message.includes("'Microsoft.Resources/") &&
        !message.includes("scope '")
      );
    });
    expect(vague.map(({ example }) => example.name)).toEqual([]);
    expect(refused().filter(({ response }) => response.status >= 500)).toEqual([]);
  });

  test("documents every answer to the others", () => {
    const faults = sent
      .filter(({ response }) => response.status < 400)
      .filter(({ example }) => uncoveredBy(example.method, example.url) === undefined)
      .flatMap(({ example, exchange }) => official.judge(exchange).map((fault) => `${example.name}: ${fault}`));
    expect(faults).toEqual([]);
  });

  test("says what they answer: created, there already, gone", () => {
    // A 202 depends on how long the operation takes, which is the service's to choose.
    const other = sent
      .filter(({ example, response }) => response.status < 400 && example.status !== 202)
      .filter(({ example, response }) => response.status !== example.status)
      .map(({ example, response }) => `${example.name}: ${response.status}`);
    expect(other).toEqual([]);
  });

  test("has every operation that is served, or it is listed with why", () => {
    const unknown: string[] = [];
    const needless = new Set(uncovered);
    for (const operation of servedOperations()) {
      if (isPoll(operation)) continue;
      for (const version of operation.apiVersions) {
        const urls = addressesOf(operation, version);
        const found = urls.map((url) => ({
          known: official.knows(operation.method, url),
          entry: uncoveredBy(operation.method, url),
        }));
        if (!found.some(({ known, entry }) => known || entry !== undefined)) {
          unknown.push(`${nameOf(operation)} ${version}`);
        }
        for (const { known, entry } of found) {
          if (entry !== undefined && known)
            unknown.push(`${nameOf(operation)} ${version} is listed, and in the contract`);
          if (entry !== undefined && !known) needless.delete(entry);
        }
      }
    }
    expect(unknown).toEqual([]);
    expect([...needless]).toEqual([]);
  });
});

function errorOf(body: unknown): { code: string; message: string } {
  const {
    error,
    code = "",
    message = "",
  } = body as { error?: { code: string; message: string }; code?: string; message?: string };
  return error ?? { code, message };
}

/** The contract has no polls; the judge knows them by ARM's common rules. */
function isPoll({ type }: ServedOperation): boolean {
  return /\/operation(s|Results|Statuses)$/i.test(type);
}

function nameOf({ method, type, of, action }: ServedOperation): string {
  return [method, type, of, action].filter((part) => part !== undefined).join(" ");
}

const S = "/subscriptions/5b000000-0000-4000-8000-0000000000ee";
const G = `${S}/resourceGroups/group`;
const scopes = ["", S, G, `${G}/providers/Microsoft.CognitiveServices/accounts/account`];

/** Types of which there is one, by its name. */
const NAMES: Readonly<Record<string, string>> = { tags: "default", quotaTiers: "default", eventtypes: "management" };

/** Where an operation may be asked for, at every kind of scope. */
function addressesOf({ type, of, action }: ServedOperation, version: string): URL[] {
  const [namespace = "", ...types] = type.split("/");
  const tail = action === undefined ? "" : `/${action}`;
  const query = `?api-version=${version}`;
  const url = (path: string): URL => new URL(`https://management.azure.com${path}${tail}${query}`);
  if (type === "Microsoft.Resources/subscriptions") return [url(of === "collection" ? "/subscriptions" : S)];
  if (type === "Microsoft.Resources/subscriptions/resourceGroups") {
    return [url(of === "collection" ? `${S}/resourceGroups` : G)];
  }
  if (type === "Microsoft.Insights/metrics:getBatch") return [url(`${S}/metrics:getBatch`)];
  const names = types.map((one, index) => {
    if (index === types.length - 1 && of === "collection") return one;
    return `${one}/${NAMES[one] ?? "name"}`;
  });
  return scopes.map((scope) => url(`${scope}/providers/${namespace}/${names.join("/")}`));
}
