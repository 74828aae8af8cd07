/** The composition root of what only reads: Azure as whoever is signed in sees it, with no store, no bus and no write. */
import { DefaultAzureCredential } from "@azure/identity";
import { z } from "zod";
import { AzureArm } from "../adapters/azureArm.ts";
import { GraphDirectory } from "../adapters/graphDirectory.ts";
import { readsOnly } from "../adapters/readsOnly.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { describeIssues } from "../kernel/parse.ts";
import type { ArmReader } from "../ports/arm.ts";
import type { Directory } from "../ports/directory.ts";

export interface ReaderContext {
  readonly arm: ArmReader;
  readonly directory: Directory;
}

const url = z.url({ protocol: /^https$/, error: "expected an https URL" });

const settings = z.object({
  STEELYARD_ARM_ENDPOINT: url.default("https://management.azure.com"),
  STEELYARD_GRAPH_ENDPOINT: url.default("https://graph.microsoft.com"),
});

/** @throws SteelyardError `BadSetting` */
export function buildReader(environment: Readonly<Record<string, string | undefined>>): ReaderContext {
  const result = settings.safeParse(environment);
  if (!result.success) throw new SteelyardError("BadSetting", describeIssues(result.error, environment, "setting"));
  const { STEELYARD_ARM_ENDPOINT, STEELYARD_GRAPH_ENDPOINT } = result.data;
  const credential = new DefaultAzureCredential();
  return {
    arm: new AzureArm(credential, STEELYARD_ARM_ENDPOINT, readsOnly()),
    directory: new GraphDirectory(credential, STEELYARD_GRAPH_ENDPOINT),
  };
}
