/** The versions of the Microsoft.CognitiveServices API, and what an older one doesn't show of a deployment. */
import { defined } from "./json.ts";
import type { Deployment } from "./model.ts";

/** The first version that can pause deployments and set their service tier. */
export const PAUSE_VERSION = "2026-03-01";

/** Versions that are accepted. Bodies have the shape of 2025-09-01, the SDK's; {@link shownDeployment} says where not. */
export const cognitiveServicesVersions: readonly string[] = ["2024-10-01", "2025-06-01", "2025-09-01", PAUSE_VERSION];

/** Foundry's projects and connections came with 2025-06-01. */
export const projectVersions: readonly string[] = cognitiveServicesVersions.filter(
  (version) => version >= "2025-06-01",
);

/** Whether a request speaks a version in which deployments have a state and a service tier. */
export function knowsPause(apiVersion: string): boolean {
  return apiVersion >= PAUSE_VERSION;
}

/** The deployment as a version of the API shows it. */
export function shownDeployment(deployment: Deployment, apiVersion: string): Deployment {
  const { deploymentState, serviceTier, ...properties } = deployment.properties;
  if (knowsPause(apiVersion)) {
    const states = defined({ deploymentState: deploymentState ?? "Running", serviceTier });
    return { ...deployment, properties: { ...properties, ...states } };
  }
  if (deploymentState === undefined && serviceTier === undefined) return deployment;
  return { ...deployment, properties: properties };
}
