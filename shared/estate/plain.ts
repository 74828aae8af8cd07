/**
 * Bodies of what stands beside accounts in one form: what Azure adds by itself (nulls, defaults, what it works out) is left
 * out, and IDs are in lower case. So what was asked for can be compared with what is there.
 */
import { z } from "zod";
import { objectOf, type Json } from "../kernel/canonicalJson.ts";
import { parse } from "../kernel/parse.ts";
import type { MemberKind, Resource } from "./sight.ts";

type Body = Resource["body"];

/** @throws SteelyardError `BadInput` that says where and what was found. */
export function plain(kind: MemberKind, body: Body): Body {
  switch (kind) {
    case "alertRules":
      return withProperties(body, alertOf(body));
    case "privateDnsZoneGroups":
      return withProperties(body, zoneGroupOf(body));
    default:
      return body;
  }
}

function withProperties(body: Body, properties: Body | undefined): Body {
  return properties === undefined ? body : { ...body, properties };
}

const alertSchema = z.looseObject({
  scopes: z.array(z.string()).nullish(),
  criteria: z.looseObject({ allOf: z.array(z.record(z.string(), z.json())).nullish() }).nullish(),
  actions: z.array(z.looseObject({ actionGroupId: z.string().nullish() })).nullish(),
});

/** Its criteria without dimensions that are none and validation that is not skipped. */
function alertOf(body: Body): Body {
  const properties = parse(alertSchema, body["properties"] ?? {}, "ARM alertRules at properties");
  const { scopes, criteria, actions } = properties;
  const allOf = criteria?.allOf?.map((criterion) => {
    const { dimensions, skipMetricValidation, ...others } = withoutNulls(criterion);
    const few = Array.isArray(dimensions) && dimensions.length > 0 ? { dimensions } : {};
    return { ...others, ...few, ...(skipMetricValidation === true ? { skipMetricValidation } : {}) };
  });
  return {
    ...withoutNulls(body["properties"]),
    ...(scopes == null ? {} : { scopes: scopes.map((scope) => scope.toLowerCase()) }),
    ...(criteria == null || allOf === undefined ? {} : { criteria: { ...withoutNulls(criteria as Json), allOf } }),
    ...(actions == null ? {} : { actions: actions.map((action) => actionOf(action as Body)) }),
  };
}

function actionOf(action: Body): Body {
  const { actionGroupId, webHookProperties, ...others } = withoutNulls(action);
  const id = typeof actionGroupId === "string" ? { actionGroupId: actionGroupId.toLowerCase() } : {};
  const isGiven = typeof webHookProperties === "object" && Object.keys(webHookProperties ?? {}).length > 0;
  return { ...others, ...id, ...(isGiven ? { webHookProperties } : {}) };
}

const zoneGroupSchema = z.looseObject({
  privateDnsZoneConfigs: z
    .array(
      z.looseObject({
        name: z.string().nullish(),
        properties: z.looseObject({ privateDnsZoneId: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

/** Its zones, without the records that Azure keeps in them. */
function zoneGroupOf(body: Body): Body | undefined {
  const { properties } = body;
  if (properties === undefined || properties === null) return undefined;
  const { privateDnsZoneConfigs } = parse(zoneGroupSchema, properties, "ARM privateDnsZoneGroups at properties");
  if (privateDnsZoneConfigs == null) return withoutNulls(properties);
  const zones = privateDnsZoneConfigs.map(({ name, properties: zone }): Json => ({
    name: name ?? "",
    properties: { privateDnsZoneId: (zone?.privateDnsZoneId ?? "").toLowerCase() },
  }));
  return { ...withoutNulls(properties), privateDnsZoneConfigs: zones };
}

function withoutNulls(value: Json | undefined): Body {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([, member]) => member !== null));
}
