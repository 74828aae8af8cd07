/**
 * The configuration: read, changed, planned. Whoever changes it says from which version (`If-Match: "v7"` or `version`);
 * what widens the product's reach waits for a second person.
 */
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { configKey } from "../../shared/config/schema.ts";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { readCurrent, readVersion } from "../../shared/reconcile/configurationStore.ts";
import { listVersions, propose, submit } from "../../shared/reconcile/configurationWriter.ts";
import { Declined } from "../../shared/reconcile/desk.ts";
import { edge } from "../edgeContext.ts";
import { route, type Call } from "./api.ts";
import { planParts } from "./plans.ts";
import { planAnswer, reasonSchema, submissionAnswer } from "./submissions.ts";

/** A configuration of thousands of subscriptions, as JSON. */
const CONFIG_CHARACTERS_MAX = 1_000_000;

const etagOf = (version: number): string => `"v${version}"`;

/** The version as it was applied, and by whom. @throws Declined when there is none */
async function versionAnswer(version: number): Promise<HttpResponseInit> {
  const found = version === 0 ? undefined : await readVersion(edge.store, version);
  if (found === undefined) throw new Declined("notFound", `there is no version ${version} of the configuration`);
  const { config, appliedAt, appliedBy, agreedBy, reason, changed } = found;
  return {
    headers: { ETag: etagOf(version) },
    jsonBody: { version, key: configKey, config, appliedAt, appliedBy, agreedBy, reason, changed },
  };
}

/** The configuration that holds now. */
route("configuration", { method: "GET", route: "config", roles: appRoles }, async () => {
  const { version } = await readCurrent(edge.store);
  if (version === 0) throw new Declined("notFound", "no configuration was applied yet");
  return versionAnswer(version);
});

const versionsSchema = z.strictObject({ before: z.coerce.number().int().min(1).optional() });

/** What versions there are, the newest first. */
route("versions", { method: "GET", route: "config/versions", roles: appRoles }, async ({ query }) => {
  const { before } = parse(versionsSchema, Object.fromEntries(query), "query");
  return { jsonBody: { value: await listVersions(edge.store, before) } };
});

route("version", { method: "GET", route: "config/versions/{version}", roles: appRoles }, async ({ params }) =>
  versionAnswer(parse(z.coerce.number().int().min(1), params["version"], "version")),
);

const changeSchema = z.strictObject({
  config: z.looseObject({ version: z.int().min(0).optional() }),
  version: z.int().min(0).optional(),
  reason: reasonSchema.optional(),
});

/** The version that a change says it is based on. @throws SteelyardError `BadInput` when it says none, or several */
function baseOf(call: Call, { config, version }: z.output<typeof changeSchema>): number {
  const header = call.header("if-match");
  const matched = header === null ? undefined : /^"v(\d{1,9})"$/.exec(header.trim())?.[1];
  if (header !== null && matched === undefined) {
    throw new SteelyardError("BadInput", `If-Match: found ${header}; expected the ETag of GET config, such as "v7"`);
  }
  const said = [matched === undefined ? undefined : Number(matched), version, config.version];
  const bases = [...new Set(said.filter((base) => base !== undefined))];
  const [base, other] = bases;
  if (base === undefined) {
    const message = "found no If-Match and no version; expected the version that the change is based on";
    throw new SteelyardError("BadInput", `request body at version: ${message}`);
  }
  if (other !== undefined) {
    throw new SteelyardError("BadInput", `request body at version: found ${base} and ${other}; expected one version`);
  }
  return base;
}

const planSchema = z.strictObject({ plan: z.enum(["true", "false"]).default("false"), ...planParts });

/** Applies a configuration, or has it wait for a second person; with `?plan=true` only says what it would do. */
route("configure", { method: "PUT", route: "config", roles: ["Steelyard.Admin"], peopleOnly: true }, async (call) => {
  const { plan, ...part } = parse(planSchema, Object.fromEntries(call.query), "query");
  const body = await call.body(changeSchema, CONFIG_CHARACTERS_MAX);
  const base = baseOf(call, body);
  const make = (): object => body.config;
  if (plan === "true") return planAnswer(await propose(edge.store, { base, make }), part);
  const by = call.principal.oid;
  return submissionAnswer(await submit(edge, { by, reason: body.reason ?? null, base, make }));
});

const wantedSchema = changeSchema.omit({ reason: true }).extend(planParts);

/** What a configuration would do; the version that it is based on may be left out. Writes nothing. */
route("planConfiguration", { method: "POST", route: "config/plan", roles: appRoles }, async (call) => {
  const { config, version, ...part } = await call.body(wantedSchema, CONFIG_CHARACTERS_MAX);
  return planAnswer(await propose(edge.store, { base: version ?? config.version, make: () => config }), part);
});
