import { appRoles } from "../../shared/ports/tokens.ts";
import type { FieldRow } from "../../shared/view/resourceModel.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";
import { configOf } from "./pages/readings.ts";
import { readResource } from "./resourceReading.ts";

/** One resource, by its ID in Azure: what it should be, what it is, and what says so. */
route("target", { method: "GET", route: "targets/{*id}", roles: appRoles }, async ({ params }) => {
  const found = await readResource(`/${params["id"] ?? ""}`, await configOf(), edge.clock.now());
  const { resource, isAwaited, corrupt } = found;
  const { target, key, presence, unread, standing, readAt, fault, summary } = resource;
  return {
    jsonBody: {
      target,
      key,
      presence,
      state: presence === "there" ? standing : "unknown",
      readAt,
      awaited: isAwaited,
      ...(unread === null ? {} : { unread }),
      ...(fault === null ? {} : { fault }),
      environment: summary?.environment ?? null,
      fields: resource.sites.flatMap((site) =>
        site.fields.map((field) => ({ target: site.target, ...fieldView(field) })),
      ),
      judgements: resource.judgements
        .filter((judgement) => judgement.target === target)
        .map(({ standard: { id, version, title }, verdict, reason }) => ({
          standard: { id, version, title },
          verdict,
          reason,
        })),
      proposals: resource.open.map(({ id, state, standard, expiresAt }) => ({
        id,
        state,
        standard: standard.id,
        expiresAt,
      })),
      claims: resource.liveClaims.map(({ id, claimKind, state, from, until, by, reason }) => ({
        id,
        kind: claimKind,
        state,
        from,
        until,
        by,
        reason,
      })),
      body: resource.body,
      corrupt,
    },
  };
});

function fieldView({ path, shouldBe, is, standing, conflict, authorities, afterwards, difference }: FieldRow) {
  return {
    path,
    shouldBe,
    is,
    state: standing,
    authorities,
    ...(conflict === null ? {} : { conflict }),
    ...(afterwards === null ? {} : { afterwards }),
    ...(difference === null
      ? {}
      : {
          since: difference.finding.presentSince,
          changedBy: difference.finding.changedBy,
          condition: difference.finding.condition,
          proposal: difference.finding.proposal,
        }),
  };
}
