/**
 * Microsoft.CognitiveServices/accounts/projects: Foundry projects. They need an account of kind AIServices that allows
 * project management; the first becomes its default. An account with projects can't be deleted.
 */
import { checkState } from "./accounts.ts";
import { identityAfter } from "./accountBody.ts";
import { page, touched, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { childId, childOf, childrenOf, freeAccount } from "./children.ts";
import * as schemas from "./cognitiveSchemas.ts";
import { ArmRefusal } from "./errors.ts";
import { defined, isObject, type Json, type JsonObject } from "./json.ts";
import type { Account, Project, Tags } from "./model.ts";
import { accountEtag } from "./operations.ts";
import { normalLocation } from "./quotas.ts";
import { removeProject } from "./removal.ts";
import { read } from "./schema.ts";
import { checkTags } from "./tagLimits.ts";
import { projectVersions } from "./versions.ts";

const TYPE = "Microsoft.CognitiveServices/accounts/projects";

export const projects: ResourceType = {
  name: TYPE,
  apiVersions: projectVersions,
  item: { GET: getProject, PUT: putProject, PATCH: patchProject, DELETE: deleteProject },
  collection: { GET: (core, call) => page(core, call, childrenOf(core, call, "project")) },
};

function getProject(core: Core, call: Call): Answer {
  const project = childOf(core, call, "project", call.target.lowerPath, TYPE);
  return { status: 200, headers: { etag: project.etag }, body: project };
}

function putProject(core: Core, call: Call): Answer {
  checkName(call.target.names[1] ?? "");
  const asked = read(schemas.project, call.body, "PUT");
  const account = freeAccount(core, call, TYPE);
  checkManaged(account);
  const before = core.state.get("project", call.target.lowerPath);
  checkState(asked["properties"] as JsonObject | undefined, before?.properties.provisioningState);
  const location = asked["location"];
  if (typeof location === "string" && normalLocation(location) !== normalLocation(account.location)) {
    // Code and wording from memory (MEM).
    throw new ArmRefusal(
      400,
      "InvalidResourceProperties",
      `The location '${location}' of the project differs from '${account.location}', that of its account.`,
    );
  }
  const project = assemble(core, call, account, before, {
    tags: asked["tags"] as Tags | undefined,
    identity: identityAfter(core, undefined, before?.identity, asked["identity"] as JsonObject | undefined),
    properties: isObject(asked["properties"]) ? asked["properties"] : {},
  });
  return written(core, call, account, before, project, before === undefined ? 201 : 200);
}

/** Each member of `properties` that is named is replaced, null takes it away; tags are replaced as a whole. */
function patchProject(core: Core, call: Call): Answer {
  const before = childOf(core, call, "project", call.target.lowerPath, TYPE);
  const asked = read(schemas.project, call.body, "PATCH");
  const account = freeAccount(core, call, TYPE);
  checkState(asked["properties"] as JsonObject | undefined, before.properties.provisioningState);
  const { displayName, description } = before.properties;
  const properties: Record<string, Json | undefined> = { displayName, description };
  for (const [name, value] of Object.entries(isObject(asked["properties"]) ? asked["properties"] : {})) {
    properties[name] = value === null ? undefined : value;
  }
  const identity = asked["identity"] as JsonObject | null | undefined;
  const project = assemble(core, call, account, before, {
    tags: asked["tags"] === undefined ? before.tags : ((asked["tags"] ?? undefined) as Tags | undefined),
    identity:
      identity === undefined ? before.identity : identityAfter(core, before.identity, before.identity, identity),
    properties,
  });
  return written(core, call, account, before, project, core.operations.latency.projectMs > 0 ? 202 : 200);
}

function deleteProject(core: Core, call: Call): Answer {
  const id = call.target.lowerPath;
  const project = core.state.get("project", id);
  if (project === undefined) return { status: 204 };
  const account = freeAccount(core, call, TYPE);
  const durationMs = core.operations.latency.projectMs;
  if (durationMs <= 0) {
    removeProject(core.state, id);
    core.operations.busy(account.id.toLowerCase(), call.nowMs);
    return { status: 200 };
  }
  core.state.put("project", id, { ...project, properties: { ...project.properties, provisioningState: "Deleting" } });
  return { status: 202, headers: begin(core, call, account, "delete", project), accepted: true };
}

function written(
  core: Core,
  call: Call,
  account: Account,
  before: Project | undefined,
  project: Project,
  status: number,
): Answer {
  const id = project.id.toLowerCase();
  noteInAccount(core, account, project);
  if (core.operations.latency.projectMs <= 0) {
    core.state.put("project", id, project);
    core.operations.busy(account.id.toLowerCase(), call.nowMs);
    return { status, headers: { etag: project.etag }, body: project };
  }
  const provisioningState = before === undefined ? "Creating" : "Accepted";
  const pending = { ...project, properties: { ...project.properties, provisioningState } };
  core.state.put("project", id, pending);
  const headers = begin(core, call, account, "write", before);
  return { status, headers: { etag: project.etag, ...headers }, body: pending, accepted: true };
}

function begin(
  core: Core,
  call: Call,
  account: Account,
  kind: "write" | "delete",
  before: Project | undefined,
): Record<string, string> {
  return core.operations.begin(call, {
    kind,
    on: "project",
    resourceId: call.target.lowerPath,
    accountId: account.id.toLowerCase(),
    location: account.location,
    durationMs: core.operations.latency.projectMs,
    before,
  });
}

/** The account tells which projects it has; the service keeps that, whatever a PUT of the account says. */
function noteInAccount(core: Core, account: Account, project: Project): void {
  const [, name = ""] = project.name.split("/");
  const known = account.properties["associatedProjects"];
  const names = Array.isArray(known) ? known : [];
  if (names.includes(name)) return;
  const { properties } = account;
  core.state.put("account", account.id.toLowerCase(), {
    ...account,
    properties: {
      ...properties,
      defaultProject: properties["defaultProject"] ?? name,
      associatedProjects: [...names, name],
    },
  });
}

interface Parts {
  readonly tags: Tags | undefined;
  readonly identity: JsonObject | undefined;
  readonly properties: JsonObject;
}

function assemble(core: Core, call: Call, account: Account, before: Project | undefined, parts: Parts): Project {
  const [, given = ""] = call.target.names;
  const name = before?.name ?? `${account.name}/${given}`;
  const short = name.slice(name.indexOf("/") + 1);
  const subdomain = account.properties["customSubDomainName"];
  const host = typeof subdomain === "string" ? subdomain : account.name;
  const isDefault = (account.properties["defaultProject"] ?? short) === short;
  if (parts.tags !== undefined) checkTags(parts.tags);
  return defined({
    id: before?.id ?? childId(account, call),
    name,
    type: TYPE,
    etag: accountEtag(core.random, call.nowMs),
    location: account.location,
    identity: parts.identity,
    tags: parts.tags,
    properties: defined({
      ...parts.properties,
      endpoints: { "AI Foundry API": `https://${host.toLowerCase()}.services.ai.azure.com/api/projects/${short}` },
      isDefault,
      provisioningState: "Succeeded",
    }),
    systemData: touched(call, before?.systemData),
  }) as Project;
}

/** Wording from memory (MEM). */
function checkManaged(account: Account): void {
  if (account.kind === "AIServices" && account.properties["allowProjectManagement"] === true) return;
  throw new ArmRefusal(
    400,
    "BadRequest",
    "Project can only be created under AIServices Kind account with allowProjectManagement set to true.",
  );
}

/** The contract's pattern of project names. */
function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$/.test(name)) return;
  throw new ArmRefusal(
    400,
    "InvalidResourceName",
    `The project name '${name}' is invalid: expected 2 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit.`,
  );
}
