/** What an effect of Azure Policy comes to here: the mode in which the policy is proposed. */

/** `off`: it is not applied, as in Azure. Nothing is ever imported as enforced. */
export type ImportMode = "audit" | "approve" | "off";

/** By name in lower case. */
const doing = ["modify", "append", "deployifnotexists"];
const telling = ["audit", "deny", "auditifnotexists"];

const known = ["Audit", "AuditIfNotExists", "Deny", "Modify", "Append", "DeployIfNotExists", "Disabled"];

const elsewhere: ReadonlyMap<string, string> = new Map([
  ["denyaction", "it refuses requests to delete, which leave nothing behind that could be looked at"],
  ["manual", "people attest to it, nothing of a resource tells"],
  ["mutate", "it changes what a cluster admits"],
  ["addtonetworkgroup", "it fills groups of Azure Virtual Network Manager"],
  ["enforcesetting", "it configures the service itself, which shows nothing of it to others"],
]);

/** Why an effect cannot run here; undefined when it can. */
export function refusedEffect(effect: string): string | undefined {
  const lower = effect.toLowerCase();
  if (lower === "disabled" || doing.includes(lower) || telling.includes(lower)) return undefined;
  const reason = elsewhere.get(lower);
  if (reason !== undefined) return `Its effect is ${effect}: ${reason}.`;
  return `Its effect is ${JSON.stringify(effect.slice(0, 50))}; expected one of ${known.join(", ")}.`;
}

export function isExistence(effect: string): boolean {
  return ["auditifnotexists", "deployifnotexists"].includes(effect.toLowerCase());
}

/** Whether it changes something in Azure besides reporting. */
export function isDoing(effect: string): boolean {
  return doing.includes(effect.toLowerCase());
}

/** `isTried`: its assignment is DoNotEnforce, under which Azure only reports. */
export function modeOfEffect(effect: string, hasRemedy: boolean, isTried: boolean): ImportMode {
  if (effect.toLowerCase() === "disabled") return "off";
  return isDoing(effect) && hasRemedy && !isTried ? "approve" : "audit";
}
