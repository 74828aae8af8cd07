/** The console beside documents that cannot be read: whoever looks sees all the others, and that there are such. */
import { beforeEach, expect, it, vi } from "vitest";
import type { Proposal } from "../../../shared/desired/documents.ts";
import type { StoredDocument } from "../../../shared/ports/store.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { proposalNowMs as nowMs, sampleProposal } from "../../support/proposals.ts";
import { finding } from "../../support/digestBench.ts";

type Handler = (request: unknown) => Promise<{ status?: number; body?: string }>;

const { handlers, edge } = vi.hoisted(() => ({
  handlers: new Map<string, Handler>(),
  edge: { origin: "http://localhost:7071", log: () => {} } as Record<string, unknown>,
}));
vi.mock("@azure/functions", () => ({
  app: { http: (name: string, { handler }: { handler: Handler }) => void handlers.set(name, handler) },
}));
vi.mock("../../../functions/edgeContext.ts", () => ({ edge }));
vi.mock("../../../functions/console/pages/session.ts", () => ({
  sessionOf: async () => ({
    kind: "good",
    viewer: { oid: "00000000-0000-4000-8000-00000000000b", roles: new Set(["Steelyard.Approver"]), csrf: "token" },
  }),
}));

let store: MemoryStore;
const good = sampleProposal();
const { pk, key } = good;

beforeEach(async () => {
  // A process keeps what it has read; each of these is a process that begins.
  vi.resetModules();
  await import("../../../functions/console/pages/overview.http.ts");
  await import("../../../functions/console/pages/approvals.http.ts");
  await import("../../../functions/console/pages/findings.http.ts");
  store = new MemoryStore();
  edge["store"] = store;
  edge["clock"] = { now: () => nowMs };
  edge["configuration"] = { read: async () => undefined };
  put(good);
  put({ ...finding("NET-01", "prod", { proposal: good.id }), id: "finding-NET-01", pk });
});

function put(document: StoredDocument): void {
  store.writeNow("state", document.pk, [{ kind: "upsert", document }]);
}

async function show(name: string): Promise<string> {
  const headers = new Headers({ host: "localhost:7071", "x-steelyard-part": "main" });
  const { status, body = "" } = await handlers.get(name)!({
    url: edge["origin"],
    headers,
    params: {},
    query: new URLSearchParams(),
  });
  expect([status, body.slice(0, 80)]).toEqual([200, expect.any(String)]);
  return body;
}

const junk = (more: object): StoredDocument => ({ id: "x-junk", pk, key, live: true, ...more }) as StoredDocument;
const soon = "2026-11-18T15:00:00.000Z";
const [overview, approvals, findings] = ["consoleOverview", "consoleApprovals", "consoleFindings"];

it.each<[string, object, string[]]>([
  ["a proposal", { kind: "proposal", state: "open", group: null, expiresAt: soon }, [overview, approvals]],
  [
    "one of a request",
    { kind: "proposal", state: "open", group: "NET-01.prod.v7", presentSince: soon },
    [overview, approvals],
  ],
  ["a finding", { ...finding("NET-02", "prod"), id: "x-junk", pk, reason: null }, [findings]],
  ["an outcome", { kind: "entry", type: "outcome", key: null, cursor: "2026-11-18T14" }, [overview]],
])(
  "%s that cannot be read is left out of each page, and told where it is missing",
  async (_what, document, concerned) => {
    put(junk(document));
    for (const name of [overview, approvals, findings]) {
      const page = await show(name);
      expect(page).toContain(name === findings ? "NET-01" : "oai-payments-prod-weu");
      expect(page.includes("1 record could not be read")).toBe(concerned.includes(name));
    }
  },
);

it("a finding whose proposal cannot be read does not say that nobody was asked", async () => {
  put({ ...good, standard: null } as unknown as Proposal);
  const page = await show(findings);
  expect(page).toContain("What was asked about it cannot be read");
  expect(page).not.toMatch(/only audited|Told only/);
});
