import { standardId } from "../../../shared/config/schema.ts";
import type { Finding } from "../../../shared/desired/documents.ts";
import { sift } from "../../../shared/desired/rows.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { may, mayNot, roleWord, type Permission, type Viewer } from "../../../shared/view/person.ts";
import { shown, standardModel } from "../../../shared/view/standardModel.ts";
import { standardPage } from "../../../shared/view/standardPage.ts";
import { standardsPage } from "../../../shared/view/standardsPage.ts";
import { edge } from "../../edgeContext.ts";
import { estatePicture } from "../estatePicture.ts";
import { badgeOf } from "./badge.ts";
import { page } from "./page.ts";
import { configOf, reading, staleBanner } from "./readings.ts";

/** The standards, how far each may go, and how the estate stands to them. */
page("consoleStandards", "console/standards", async ({ viewer, nowMs }) => {
  const read = await reading("standards", nowMs, async () => {
    const [config, { accounts }] = await Promise.all([configOf(), estatePicture(nowMs)]);
    return shown(config).map((definition) => standardModel(definition, config?.config, accounts));
  });
  return {
    title: "Standards",
    current: "standards",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: standardsPage({ standards: read.value, stale: staleBanner(read, nowMs) }),
  };
});

const FINDINGS_ROWS = 25;

page("consoleStandard", "console/standards/{id}", async ({ viewer, params, nowMs }) => {
  const id = parse(standardId, params["id"], "standard");
  // One of the catalogue is shown even while the configuration cannot be read.
  const known = shown(undefined).find((one) => one.id === id) ?? shown(await configOf()).find((one) => one.id === id);
  if (known === undefined) throw new Declined("notFound", `there is no standard ${id}`);
  const read = await reading(`standard ${id}`, nowMs, async () => {
    const [config, { accounts }, found] = await Promise.all([
      configOf(),
      estatePicture(nowMs),
      edge.store.query<Finding>({
        container: "state",
        kinds: ["finding"],
        where: [
          { path: "live", op: "=", value: true },
          { path: "standard.id", op: "=", value: id },
        ],
        orderBy: { path: "since" },
        pageSize: FINDINGS_ROWS,
      }),
    ]);
    const { sound, corrupt } = sift(found.items);
    const isMore = found.continuation !== undefined;
    const definition = shown(config).find((one) => one.id === id) ?? known;
    return { standard: standardModel(definition, config?.config, accounts), sound, corrupt: corrupt.length, isMore };
  });
  const { standard, sound, corrupt, isMore } = read.value;
  return {
    title: id,
    current: "standards",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    isStale: read.isStale,
    main: standardPage({
      standard,
      findings: sound,
      isMore,
      change: mayChange(viewer),
      stale: staleBanner(read, nowMs, corrupt),
      nowMs,
    }),
  };
});

function mayChange(viewer: Viewer): Permission {
  return viewer.roles.has("Steelyard.Admin")
    ? may
    : mayNot(`You are signed in as ${roleWord(viewer)}. To change a mode takes the role Steelyard.Admin.`);
}
