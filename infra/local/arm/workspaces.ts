/** Microsoft.OperationalInsights/workspaces: somewhere that diagnostic settings can point to. Nothing is logged. */
import type { TrackedResource } from "./areas.ts";
import { uuid, type Call, type Core, type ResourceType } from "./call.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { boolean, map, number, object, oneOf, readOnly, text } from "./schema.ts";
import { trackedType } from "./tracked.ts";

const body = object(
  "Workspace",
  {
    id: readOnly,
    name: readOnly,
    type: readOnly,
    etag: readOnly,
    systemData: readOnly,
    location: text,
    tags: map("IDictionary`2", text),
    properties: object("WorkspaceProperties", {
      customerId: readOnly,
      provisioningState: readOnly,
      createdDate: readOnly,
      modifiedDate: readOnly,
      sku: object("WorkspaceSku", {
        name: oneOf("PerGB2018", "CapacityReservation"),
        capacityReservationLevel: number,
      }),
      retentionInDays: { kind: "number", integer: true, min: 7 },
      workspaceCapping: object("WorkspaceCapping", { dailyQuotaGb: number }),
      publicNetworkAccessForIngestion: oneOf("Enabled", "Disabled"),
      publicNetworkAccessForQuery: oneOf("Enabled", "Disabled"),
      features: object("WorkspaceFeatures", {
        disableLocalAuth: boolean,
        enableLogAccessUsingOnlyResourcePermissions: boolean,
      }),
    }),
  },
  { required: ["location"] },
);

/** The service's default, days. */
const RETENTION_DAYS = 30;

export const workspaces: ResourceType = trackedType({
  name: "Microsoft.OperationalInsights/workspaces",
  apiVersions: ["2022-10-01", "2023-09-01", "2025-02-01"],
  body,
  created: 201,
  paged: false,
  built: (core: Core, call: Call, asked: JsonObject, before: TrackedResource | undefined): JsonObject => {
    const now = new Date(call.nowMs).toISOString();
    const kept = (name: string, fresh: Json): Json => before?.properties[name] ?? fresh;
    return {
      retentionInDays: RETENTION_DAYS,
      sku: { name: "PerGB2018" },
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      ...asked,
      features: {
        enableLogAccessUsingOnlyResourcePermissions: true,
        ...(isObject(asked["features"]) ? asked["features"] : {}),
      },
      customerId: kept("customerId", uuid(core.random)),
      provisioningState: "Succeeded",
      createdDate: kept("createdDate", now),
      modifiedDate: now,
    };
  },
});
