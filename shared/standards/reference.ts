/** The page that tells people what each standard asks: written from the definitions, so that it says what they do. */
import type { Source } from "../estate/sight.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "./catalogue.ts";
import { standardSchema, type Remedy, type StandardDefinition } from "./schema.ts";
import { judged } from "./subjects.ts";

const head = `# Standards

What Steelyard can hold an estate to. A configuration names the standards that it wants, each with its mode and its parameters;
[the configuration by example](../configuration.md) shows where, [concepts](../concepts.md) explains the words. A parameter that
is no object may be given one value for all environments, or one for each: \`{ prod: 100, dev: 20 }\`.

A standard fails where its test says so. Where something that it reads could not be read, it neither passes nor fails: it is
unknown. *Safety* of a remedy: **S** is safe to do unasked; **R** can cut traffic or change what a resource answers, and is never
done without a person, but to put back what was there before.

*Written by \`node infra/standards.ts\` from \`shared/standards/catalogue/\`.*
`;

/** Markdown. */
export function standardsReference(): string {
  const all = definitions.map((item) => parse(standardSchema, item, `standard ${item.id}`));
  const rows = all.map(({ id, title, severity, remedy }) => {
    const link = `[${id}](#${id.toLowerCase()})`;
    return `| ${link} | ${title} | ${severity} | ${remedy === undefined ? "none" : safetyOf(remedy)} |`;
  });
  const table = ["| | | severity | remedy |", "|---|---|---|---|", ...rows].join("\n");
  return `${[head.trimEnd(), table, ...all.map(sectionOf)].join("\n\n")}\n`;
}

function sectionOf(definition: StandardDefinition): string {
  const { id, version, title, severity, description = "", test = "", remedy, sources } = definition;
  const { byHand = "People are told." } = definition;
  const parts = [
    `## ${id}`,
    `**${title}.** Severity ${severity}, version ${version}. ${concerned(definition)}`,
    description,
    `**It fails where:** ${test}`,
    ...parametersOf(definition),
    remedy === undefined ? `**Remedy:** none. ${byHand}` : remedyOf(remedy),
    `**From:** ${sources.join("; ")}.`,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const read: Readonly<Record<Source, string>> = {
  deployments: "their deployments",
  raiPolicies: "their content filter policies",
  models: "what Azure's catalogue says of their models",
  projects: "their projects",
  connections: "their connections and those of their projects",
  defender: "whether Defender watches them",
  diagnosticSettings: "their diagnostic settings",
  alertRules: "the metric alerts that watch them",
  privateEndpoints: "their private endpoints",
  privateDnsZoneGroups: "the DNS zone groups of their private endpoints",
  roleAssignments: "role assignments at them and below them",
  policyAssignments: "Azure Policy's assignments at them, above and below them",
  useCaseAccounts: "the other accounts of their use case, as they were seen last",
  policyExemptions: "Azure Policy's exemptions at them, above and below them",
  locks: "locks on them and above them",
  resourceGroup: "their resource group",
  principals: "the directory",
};

function concerned({ resourceType, archetypes, reads }: StandardDefinition): string {
  const where = archetypes.length > 1 ? "in all subscriptions" : `in subscriptions of archetype ${archetypes.join()}`;
  const more = reads.length === 0 ? "" : `; it also reads ${reads.map((source) => read[source]).join(" and ")}`;
  return `It judges ${judged[resourceType].named} ${where}${more}.`;
}

function parametersOf({ parameters }: StandardDefinition): string[] {
  const rows = Object.entries(parameters).map(([name, { type, description, default: preset, ...rest }]) => {
    const allowed = rest.enum === undefined ? (type === "array" ? "list" : type) : rest.enum.map(shown).join(", ");
    const bounds = [rest.minimum, rest.maximum].some((bound) => bound !== undefined)
      ? `, ${rest.minimum ?? ""} to ${rest.maximum ?? ""}`
      : "";
    return `| \`${name}\` | ${description} | ${allowed}${bounds} | ${preset === undefined ? "required" : shown(preset)} |`;
  });
  return rows.length === 0 ? [] : [["| parameter | | may be | default |", "|---|---|---|---|", ...rows].join("\n")];
}

function shown(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

const requests: Readonly<Record<Remedy["kind"], string>> = {
  patch: "a PATCH",
  put: "a PUT of what was just read",
  subresource: "a PUT of a resource of its own",
  pause: "a pause of the deployment",
  tag: "a change of the tag",
  ask: "a change of the tag, once whom it names or an approver agrees,",
};

function remedyOf(remedy: Remedy): string {
  const target = remedy.target === undefined ? "" : `, \`${remedy.target.slice(1)}\``;
  const paths = [...new Set(remedy.assertions.map(({ path }) => `\`${path}\``))].join(", ");
  const how = `By ${requests[remedy.kind]}${target}, which changes nothing but ${paths}. Safety: ${safetyOf(remedy)}.`;
  return `**Remedy:** ${remedy.description ?? ""} ${how}`;
}

function safetyOf({ kind, safety, safeYoungerThanHours: hours }: Remedy): string {
  if (kind === "ask") return `${safety}, asks in every mode`;
  return hours === undefined ? safety : `${safety}; S on what is younger than ${hours} hours`;
}
