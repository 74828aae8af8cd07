/**
 * POST .../deployments/{d}/pause and /resume (2026-03-01 and newer): a reversible quarantine. A paused deployment answers
 * no inference requests (423 there) and keeps its capacity, so that it can be resumed at any time. Only deployments that
 * are paid by token can be paused; both are idempotent and done at once.
 */
import { touched, uuid, type Answer, type Call, type Core } from "./call.ts";
import { childOf, freeAccount } from "./children.ts";
import { ArmRefusal } from "./errors.ts";
import type { Deployment } from "./model.ts";
import { shownDeployment } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/deployments";

const PAUSABLE_SKUS = ["Standard", "DataZoneStandard", "GlobalStandard"];

export function pause(core: Core, call: Call): Answer {
  return put(core, call, "Paused");
}

export function resume(core: Core, call: Call): Answer {
  return put(core, call, "Running");
}

function put(core: Core, call: Call, deploymentState: "Paused" | "Running"): Answer {
  const id = call.target.lowerPath;
  const before = childOf(core, call, "deployment", id, TYPE);
  const account = freeAccount(core, call, TYPE);
  if (!PAUSABLE_SKUS.includes(before.sku.name)) {
    // That it is refused is documented; code and wording are from memory (MEM).
    throw new ArmRefusal(
      400,
      "InvalidResourceProperties",
      `The SKU '${before.sku.name}' of account deployment does not support pause and resume. Supported are ${PAUSABLE_SKUS.join(", ")}.`,
    );
  }
  if ((before.properties["deploymentState"] ?? "Running") === deploymentState) return answered(before, call);
  const after: Deployment = {
    ...before,
    etag: `"${uuid(core.random)}"`,
    properties: { ...before.properties, deploymentState },
    systemData: touched(call, before.systemData),
  };
  core.state.put("deployment", id, after);
  core.operations.busy(account.id.toLowerCase(), call.nowMs);
  return answered(after, call);
}

function answered(deployment: Deployment, call: Call): Answer {
  return { status: 200, headers: { etag: deployment.etag }, body: shownDeployment(deployment, call.apiVersion) };
}
