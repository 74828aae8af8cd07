/** The product's directory through Microsoft Graph over TLS: what permissions it needs, and what it says when Graph is away. */
import { DefaultAzureCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { coreIdentity, edgeIdentity } from "../../infra/local/platform/constants.ts";
import type { Fault } from "../../infra/local/platform/faults.ts";
import { GraphDirectory } from "../../shared/adapters/graphDirectory.ts";
import { DirectoryBed } from "../support/directoryBed.ts";

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "a")}`;
const ada = { oid: id(1), kind: "user", enabled: true, addresses: ["ada@contoso.com"] } as const;
const team = { oid: id(2), kind: "group", enabled: true, addresses: ["payments@contoso.com"] } as const;
const build = { oid: id(3), kind: "servicePrincipal", enabled: true } as const;
const everybody = [ada.oid, "ada@contoso.com", "payments@contoso.com", build.oid];

let bed: DirectoryBed;
beforeAll(async () => {
  bed = await DirectoryBed.start();
});
afterAll(() => bed.stop());
beforeEach(() => {
  bed.hold([ada, team, build]);
  bed.allow(["Directory.Read.All"]);
});
afterEach(() => {
  bed.faults();
  vi.unstubAllEnvs();
});

const directory = (abortMs = 5_000) => new GraphDirectory(bed.credential(), bed.endpoint, { abortMs });
const failed = (code: string, retryAfterMs?: number) => ({
  kind: "failed",
  error: { code, message: expect.any(String), retryAfterMs },
});

test("the managed identity's token from the endpoint of App Service opens it", async () => {
  const environment = bed.identity.identityEnv(coreIdentity, "core-1");
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const told = await new GraphDirectory(new DefaultAzureCredential(), bed.endpoint).principals(everybody);
  const { addresses: _, ...person } = ada;
  expect(told).toEqual({
    kind: "told",
    principals: {
      [ada.oid]: person,
      "ada@contoso.com": person,
      "payments@contoso.com": { oid: team.oid, kind: "group", enabled: true },
      [build.oid]: build,
    },
  });
});

describe("permissions", () => {
  test.each([
    [["Directory.Read.All"], everybody, "told"],
    [["User.Read.All", "GroupMember.Read.All", "Application.Read.All"], everybody, "told"],
    [[], everybody, "Authorization_RequestDenied"],
    [["User.Read.All"], ["ada@contoso.com"], "Authorization_RequestDenied"],
    [["User.Read.All"], [ada.oid], "told"],
    [["User.Read.All"], [ada.oid, build.oid], "LimitedInformation"],
    [["GroupMember.Read.All"], [ada.oid], "LimitedInformation"],
  ])("with %j, asked for %j: %s", async (graph, references, outcome) => {
    bed.allow(graph);
    const result = await directory().principals(references);
    expect(result).toMatchObject(outcome === "told" ? { kind: "told" } : failed(outcome));
  });

  test("are an application's: no person has them, and nobody with a token for something else", async () => {
    const as = (oid: string, audience?: string) =>
      new GraphDirectory(bed.credential(oid, audience), bed.endpoint).principals([ada.oid]);
    bed.identity.directory.putPerson(ada.oid, { roles: ["Directory.Read.All"] });
    expect(await as(ada.oid)).toMatchObject(failed("Authorization_RequestDenied"));
    expect(await as(coreIdentity, "https://management.azure.com")).toMatchObject(
      failed("InvalidAuthenticationToken", 30_000),
    );
    bed.identity.directory.putServicePrincipal(edgeIdentity, { appid: edgeIdentity, name: "edge" });
    expect(await as(edgeIdentity)).toMatchObject(failed("Authorization_RequestDenied"));
  });
});

describe("faults of the directory", () => {
  test.each<[Partial<Fault> & Pick<Fault, "kind">, ReturnType<typeof failed>]>([
    [{ kind: "status", status: 429, retryAfter: 9 }, failed("TooManyRequests", 9_000)],
    [{ kind: "status", status: 503 }, failed("serviceNotAvailable", 30_000)],
    [{ kind: "status", status: 403 }, failed("Authorization_RequestDenied")],
    [{ kind: "status", status: 429, retryAfter: 4, match: { path: "/groups$" } }, failed("TooManyRequests", 4_000)],
    [{ kind: "status", status: 500, code: "UnknownError", phase: "afterEffect" }, failed("UnknownError", 30_000)],
    [{ kind: "drop" }, failed("NoAnswer", 30_000)],
    [{ kind: "drop", phase: "afterEffect" }, failed("NoAnswer", 30_000)],
    [{ kind: "delay", retryAfter: 3_600 }, failed("NoAnswer", 30_000)],
  ])("%j is no answer about anybody", async (fault, expected) => {
    bed.faults({ ...fault, count: 1 });
    const some = directory(fault.kind === "delay" ? 1_500 : 5_000);
    expect(await some.principals(everybody)).toEqual(expected);
    expect(bed.context.faults.list()).toMatchObject([{ hits: 1 }]);
    expect(await directory().principals(everybody)).toMatchObject({ kind: "told" });
  });

  test("kill the process that asked, by name", async () => {
    const environment = bed.identity.identityEnv(coreIdentity, "core-1");
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const crash = vi.spyOn(bed.context, "crash");
    bed.faults({ kind: "crash", match: { path: "^/v1.0/" } });
    const answer = await new GraphDirectory(new DefaultAzureCredential(), bed.endpoint).principals([ada.oid]);
    expect(answer).toMatchObject(failed("NoAnswer", 30_000));
    expect(crash.mock.calls).toEqual([["core", "core-1"]]);
  });
});
