/** `steelyard audit` as people run it: a process that signs in, reads Contoso over TLS, and has no way to write. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ArmEngine } from "../../infra/local/arm/engine.ts";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { possibleFaultSchema, type Fault } from "../../infra/local/platform/faults.ts";
import { estateOf } from "../../infra/local/platform/seed.ts";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import { GraphEngine } from "../../infra/local/identity/graph/engine.ts";
import { scenarios } from "../../infra/local/scenarios/index.ts";
import type { AuditReport } from "../../shared/audit/audited.ts";
import { invocationOf, readLine } from "../../shared/cli/command.ts";
import { auditCommand } from "../../shared/cli/commands/audit.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { engineContext } from "../support/engineContext.ts";
import { localTls, type LocalTls } from "../support/localTls.ts";

const root = resolve(import.meta.dirname, "../..");
const yaml = join(root, "steelyard.yaml");
const nowMs = Date.now();
const scenario = scenarios.contoso({ seed: 1, nowMs, config: {} });
const { breaches = [], subscriptions } = scenario;
/** Standards and subscriptions of the configuration that comes with the clone. */
const configured = parse(readFileSync(yaml, "utf8")) as {
  readonly standards: readonly { readonly id: string }[];
  readonly subscriptions: readonly { readonly id: string }[];
};
const reader = "c0de0000-0000-4000-8000-0000000000aa";
const folder = mkdtempSync(join(tmpdir(), "steelyard-audit-"));

let tls: LocalTls;
let identity: IdentityEngine;
let graph: GraphEngine;
let arm: ArmEngine;
const context = engineContext({ clock: new Agenda({ mode: "real" }) });

beforeAll(async () => {
  tls = await localTls();
  identity = new IdentityEngine(context, { ports: { managedIdentity: 0, issuer: 0 }, tls });
  const { directory } = identity;
  graph = new GraphEngine(context, { port: 0, tls, verify: identity.verify, directory });
  arm = new ArmEngine(context, {
    ports: { plain: 0, tls: 0 },
    tls,
    verify: identity.verify,
    groupsOf: (oid) => directory.groupsOf(oid),
    onChange: () => {},
  });
  await Promise.all([identity.start(), graph.start(), arm.start()]);
  const { people, groups, servicePrincipals } = scenario;
  directory.replace({ people, groups, servicePrincipals });
  const roleAssignments = subscriptions.map(({ id }) => ({
    scope: `/subscriptions/${id}`,
    principalId: reader,
    principalType: "ServicePrincipal" as const,
    role: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  }));
  arm.seed(estateOf({ ...scenario, roleAssignments: [...scenario.roleAssignments, ...roleAssignments] }));
});
afterAll(async () => {
  await Promise.all([arm.stop(), graph.stop(), identity.stop()]);
  await tls[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  permit(["Directory.Read.All"]);
  context.faults.set([]);
});

/** What of Microsoft Graph the auditor may read. */
function permit(permissions: readonly string[]): void {
  identity.directory.putServicePrincipal(reader, { appid: reader, name: "auditor", graph: permissions });
}

function faults(...all: (Pick<Fault, "kind"> & Partial<Fault>)[]): void {
  context.faults.set(all.map((fault) => possibleFaultSchema.parse({ where: "arm", ...fault })));
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Signed in as the reader, on a machine that trusts the local certificate. */
const signedIn = (): Record<string, string> => ({
  ...identity.identityEnv(reader),
  STEELYARD_ARM_ENDPOINT: `https://localhost:${arm.ports.tls}`,
  STEELYARD_GRAPH_ENDPOINT: `https://localhost:${graph.port}`,
});

/** The command in a process of its own, as people run it. */
function auditProcess(...args: string[]): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...signedIn(), NODE_EXTRA_CA_CERTS: tls.caFile };
  const child = spawn(process.execPath, [join(root, "shared/cli/main.ts"), "audit", ...args], { cwd: root, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done) => child.on("close", (code) => done({ code, stdout, stderr })));
}

/** The same in this process, without the second that loading takes. */
async function audit(...args: string[]): Promise<Ended> {
  for (const [name, value] of Object.entries(signedIn())) vi.stubEnv(name, value);
  let [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    const line = readLine(["audit", ...args], [auditCommand]);
    const call = invocationOf(auditCommand, line, () => Promise.reject(new Error("it needs no product")));
    return { code: await auditCommand.run(call), stdout, stderr };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return { code: 2, stdout, stderr: error.message };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

async function reportOf(subscription: string, run = audit): Promise<AuditReport> {
  const { stdout, stderr, code } = await run("--subscription", subscription, "--config", yaml, "--json");
  expect(code, stderr).toBeLessThan(2);
  return JSON.parse(stdout) as AuditReport;
}

const [first = ""] = configured.subscriptions.map(({ id }) => id);

describe("audit", () => {
  it("finds in each subscription what was laid against the configured standards, nothing else, and writes nothing", async () => {
    const ids = new Set(configured.standards.map(({ id }) => id));
    const laid = breaches.filter(({ standard }) => ids.has(standard));
    expect(laid.length).toBeGreaterThan(30);
    const found: string[] = [];
    const unknown: string[] = [];
    for (const { id } of configured.subscriptions) {
      const { verdicts, unreadable } = await reportOf(id);
      expect(unreadable).toEqual([]);
      for (const { standard, resource, verdict, reason } of verdicts) {
        if (verdict === "fail") found.push(`${standard} ${resource.toLowerCase()}`);
        if (verdict === "unknown") unknown.push(`${standard} ${resource}: ${reason}`);
      }
    }
    expect(unknown).toEqual([]);
    expect(found.sort()).toEqual(laid.map(({ standard, target }) => `${standard} ${target}`).sort());
    const writes = context.effects.after(0).filter(({ engine, method }) => engine === "arm" || method !== "POST");
    expect(writes).toEqual([]);
  }, 120_000);

  it("says unknown where a source or the directory is refused, and names the accounts that it cannot read", async () => {
    permit([]);
    const account = scenario.resources.find(
      ({ id, type }) => id.includes(first) && type === "Microsoft.CognitiveServices/accounts",
    );
    const name = account?.name ?? "";
    faults(
      { kind: "status", status: 403, code: "AuthorizationFailed", match: { path: "Microsoft.Authorization/locks" } },
      {
        kind: "status",
        status: 403,
        code: "AuthorizationFailed",
        match: { method: "GET", path: `accounts/${name}$` },
      },
    );
    // A token that was taken before would still say what its bearer was permitted then.
    const { verdicts, unreadable } = await reportOf(first, auditProcess);
    expect(unreadable).toEqual([
      { id: expect.stringContaining(name), reason: expect.stringContaining("AuthorizationFailed") },
    ]);
    const owners = verdicts.filter(({ standard }) => standard === "TAG-01");
    expect(owners.length).toBeGreaterThan(0);
    expect(new Set(owners.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
    const locks = verdicts.filter(({ standard, verdict }) => standard === "ACC-12" && verdict !== "notApplicable");
    expect(new Set(locks.map(({ reason }) => reason))).toEqual(
      new Set(["The locks could not be read: AuthorizationFailed."]),
    );
  }, 60_000);

  it("waits where Azure throttles and goes on, in a process of its own as people run it", async () => {
    faults({ kind: "status", status: 429, code: "TooManyRequests", retryAfter: 1, count: 3, match: { method: "GET" } });
    const { code, stdout, stderr } = await auditProcess("--subscription", first, "--config", yaml);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/\d+ failed, 0 unknown/)]);
    expect(stderr).toMatch(/read (\d+) of \1 accounts/);
  }, 60_000);

  it("saves the report as one page and as CSV", async () => {
    const files = ["html", "csv"].map((ending) => join(folder, `report.${ending}`));
    for (const file of files) {
      const { code, stdout, stderr } = await audit("--subscription", first, "--config", yaml, "--out", file);
      expect([code, stdout], stderr).toEqual([1, ""]);
    }
    const [page = "", csv = ""] = files.map((file) => readFileSync(file, "utf8"));
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|src="|https?:\/\/(?!www\.w3\.org)/);
    expect(csv.split("\r\n")[0]).toBe("resource,standard,title,severity,verdict,effect,reason,paths,safety,changes");
  }, 60_000);

  it("says who has to do what where it may not list the accounts", async () => {
    const { code, stdout, stderr } = await audit("--subscription", "d0500000-0000-4000-8000-000000000001");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/the accounts of subscription d0500000-\S+ could not be listed/);
  }, 30_000);
});
