/** Resources at and around an account, parsed from ARM's JSON. */
import { z } from "zod";
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { instant, objectId } from "./account.ts";
import { modelId } from "./model.ts";
import { plain } from "./plain.ts";
import { RESOURCE_ID_CHARACTERS_MAX, toResourceId, type ResourceId } from "./resourceId.ts";
import type { MemberKind, Resource } from "./sight.ts";

type Body = Resource["body"];

const bodySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  // Azure Monitor answers with null for what other providers leave out.
  systemData: z
    .looseObject({
      lastModifiedBy: z.string().nullish(),
      lastModifiedAt: z.string().nullish(),
      createdAt: z.string().nullish(),
    })
    .nullish(),
  properties: z.looseObject({ provisioningState: z.string().nullish() }).nullish(),
  /** Ours: what Azure did not show of it (armLists.ts). */
  unread: z.string().optional(),
});

/** @throws SteelyardError `BadInput` that says where and what was found. */
export function parseResource(kind: MemberKind, input: unknown): Resource {
  if (kind === "models") return parseModel(input);
  const body = parse(bodySchema, input, `ARM ${kind}`);
  const id = toResourceId(body.id) ?? tenantId(kind, body.id);
  if (id === undefined)
    throw new SteelyardError("BadInput", `ARM ${kind} at id: found "${body.id}"; expected the ID of a resource`);
  const { systemData, properties, unread } = body;
  return {
    id,
    name: body.name,
    provisioningState: properties?.provisioningState ?? "Succeeded",
    lastModifiedBy: objectId(systemData?.lastModifiedBy ?? undefined),
    lastModifiedAt: instant(systemData?.lastModifiedAt ?? undefined),
    createdAt: instant(systemData?.createdAt ?? undefined),
    ...(unread === undefined ? {} : { unread }),
    body: kind === "diagnosticSettings" ? plainSetting(input as Body) : plain(kind, input as Body),
  };
}

/** Assignments and exemptions of Azure Policy are also made at management groups, above all subscriptions. */
function tenantId(kind: MemberKind, text: string): ResourceId | undefined {
  const isOfTenant = (kind === "policyAssignments" || kind === "policyExemptions") && text.startsWith("/providers/");
  return isOfTenant && text.length <= RESOURCE_ID_CHARACTERS_MAX ? (text.toLowerCase() as ResourceId) : undefined;
}

const modelSchema = z.looseObject({ format: z.string(), name: z.string(), version: z.string() });

/** An entry of a catalogue is no resource: it has no ID, no state and no age of its own. */
function parseModel(input: unknown): Resource {
  const { name } = parse(modelSchema, input, "ARM models");
  const body = input as Body;
  const none = { lastModifiedBy: undefined, lastModifiedAt: undefined, createdAt: undefined };
  return { id: modelId(body), name, provisioningState: "Succeeded", ...none, body };
}

const logsSchema = z.array(
  z.looseObject({ category: z.string().nullish(), categoryGroup: z.string().nullish(), enabled: z.boolean() }),
);
const settingSchema = z.looseObject({ workspaceId: z.string().nullish(), logs: logsSchema.nullish() });

/** Names of settings that stand for what an Azure Policy would deploy: such policies ask for groups that are off, too. */
export const policySetting = "steelyardazp";

/**
 * A diagnostic setting with its logs in one form: those that are on, sorted, without what Azure adds by itself (retention
 * that is off, nulls, logs that are off), and the workspace in lower case. So what was asked for can be compared with what
 * is there. `answered` is ours: the properties as they came, which policies are evaluated on.
 */
function plainSetting(body: Body): Body {
  const properties = parse(settingSchema, body["properties"] ?? {}, "ARM diagnosticSettings at properties");
  const { name } = body;
  const keepsGroups = typeof name === "string" && name.toLowerCase().startsWith(policySetting);
  const logs = plainLogs(properties.logs ?? [], keepsGroups);
  const workspace = properties.workspaceId == null ? {} : { workspaceId: properties.workspaceId.toLowerCase() };
  const given = Object.entries(body["properties"] ?? {}).filter(([, value]) => value !== null);
  const { logs: _, ...others } = Object.fromEntries<Json>(given);
  const plain = { ...others, ...workspace, ...(logs.length === 0 ? {} : { logs }) };
  return { ...body, properties: plain, answered: body["answered"] ?? body["properties"] ?? {} };
}

/** Logs in the one form in which they are compared; `keepsGroups`: groups of categories that are off stay. */
export function plainLogs(input: unknown, keepsGroups: boolean): readonly Json[] {
  return parse(logsSchema, input, "logs of a diagnostic setting")
    .filter(({ enabled, categoryGroup }) => enabled || (keepsGroups && categoryGroup != null))
    .map(({ category, categoryGroup, enabled }): Json =>
      categoryGroup == null ? { category: category ?? "", enabled } : { categoryGroup, enabled },
    )
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
