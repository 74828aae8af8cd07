/** Orchestrations: which accounts wait for a pass, and how the last one over an account went. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { parse } from "../../../shared/kernel/parse.ts";
import { appRoles } from "../../../shared/ports/tokens.ts";
import type { StoredDocument } from "../../../shared/ports/store.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { readPass } from "../../../shared/reconcile/passStatus.ts";
import { ledgerFilterSchema } from "../../../shared/view/ledgerFilter.ts";
import { targetName } from "../../../shared/view/ledgerModel.ts";
import { passesPage, passPage, passPath, type PassKey } from "../../../shared/view/passPages.ts";
import { edge } from "../../edgeContext.ts";
import { badgeOf } from "./badge.ts";
import { findEntries } from "./ledgerReadings.ts";
import { action, page } from "./page.ts";
import { reading, staleBanner } from "./readings.ts";

/** What of a writer document is shown. */
const writerSchema = z.object({
  pk: z.string(),
  key: z.string(),
  wanted: z.number(),
  served: z.number(),
  fence: z.unknown(),
  lookedAt: z.string().nullable(),
});

const ROWS = 50;
const LATELY = 25;

function keyOf(document: unknown): (PassKey & { readonly id: string }) | undefined {
  const { data } = writerSchema.safeParse(document);
  if (data?.key.startsWith("/subscriptions/") !== true) return undefined;
  const { pk, key, wanted, served, fence, lookedAt } = data;
  const isWriting = (fence ?? null) !== null;
  return {
    pk,
    id: key,
    name: targetName(key, undefined).name,
    behind: Math.max(0, wanted - served),
    isWriting,
    lookedAt,
  };
}

page("consolePasses", "console/orchestrations", async ({ viewer, nowMs }) => {
  const read = await reading("passes", nowMs, async () => {
    const writers = { container: "state" as const, kinds: ["writer"] };
    const [behind, lately] = await Promise.all([
      edge.store.query<StoredDocument>({
        ...writers,
        where: [{ path: "wanted", op: ">", otherPath: "served" }],
        pageSize: ROWS,
      }),
      edge.store.query<StoredDocument>({
        ...writers,
        where: [{ path: "lookedAt", op: ">", value: "" }],
        orderBy: { path: "lookedAt", descending: true },
        pageSize: LATELY,
      }),
    ]);
    const known = (items: readonly unknown[]): PassKey[] => items.map(keyOf).filter((key) => key !== undefined);
    return { waiting: known(behind.items), isMore: behind.continuation !== undefined, lately: known(lately.items) };
  });
  return {
    title: "Orchestrations",
    current: "orchestrations",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: passesPage({ ...read.value, stale: staleBanner(read, nowMs), nowMs }),
  };
});

const pkSchema = z.string().regex(/^[0-9a-f]{32}$/, { error: "expected the name of a chain: 32 hexadecimal digits" });
const ENTRIES = 12;

async function writerAt(pk: string): Promise<PassKey & { readonly id: string }> {
  const found = keyOf((await edge.store.read<StoredDocument>("state", pk, "writer"))?.document);
  if (found === undefined) throw new Declined("notFound", `nothing is known of an account ${pk}`);
  return found;
}

page("consolePass", "console/orchestrations/{pk}", async ({ viewer, params, query, nowMs }) => {
  const pk = parse(pkSchema, params["pk"], "account");
  const read = await reading(`pass ${pk}`, nowMs, async () => {
    const key = await writerAt(pk);
    const filter = ledgerFilterSchema.parse({ kind: "all", q: key.id });
    const [pass, found] = await Promise.all([
      readPass(edge.store, pk),
      findEntries(filter, null, nowMs, () => undefined, ENTRIES),
    ]);
    return { key, pass, rows: found.rows };
  });
  const { key, pass, rows } = read.value;
  return {
    title: `The last pass over ${key.name}`,
    current: "orchestrations",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: passPage({
      key,
      id: key.id,
      pass: pass ?? null,
      rows,
      viewer,
      isAwaited: query.get("asked") === "1" && pass === undefined,
      stale: staleBanner(read, nowMs),
      nowMs,
    }),
  };
});

/** Core answers within moments; who asks waits so long for it, and after that looks again. */
const WAITS = 15;
const WAIT_MS = 200;

action("consolePassRead", "console/orchestrations/{pk}/read", appRoles, async ({ params }) => {
  const pk = parse(pkSchema, params["pk"], "account");
  const { id } = await writerAt(pk);
  const tagOf = async (): Promise<string | undefined> => (await edge.store.read("state", pk, "pass"))?.etag;
  const before = await tagOf();
  await edge.deadLetters.send("wake", { key: id, tell: true }, `tell-${randomUUID()}`);
  for (let wait = 0; wait < WAITS; wait += 1) {
    await sleep(WAIT_MS);
    if ((await tagOf()) !== before) return { to: passPath(pk) };
  }
  return { to: `${passPath(pk)}?asked=1` };
});
