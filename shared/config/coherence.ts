/**
 * What a configuration says that contradicts itself, or that there is nothing for: checked wherever one enters, after its
 * shape. An error is refused; a warning is told and applied.
 */
import { isPlain } from "../kernel/text.ts";
import { concerns, modeOf, quorumOf, settingsOf, type Config } from "./schema.ts";

export interface Fault {
  readonly severity: "error" | "warning";
  /** Where in the document, for a line and column. */
  readonly path: readonly (string | number)[];
  /** What was found, and what was expected. */
  readonly message: string;
}

/** What there is to be configured. */
export interface StandardFacts {
  readonly id: string;
  /** As in the standard's remedy; `X` without one. */
  readonly safety: "S" | "R" | "X";
  readonly parameters: readonly string[];
  /** Its remedy asks somebody in every mode. */
  readonly asks?: boolean;
  /** It is one of the configuration's own policies, not of the catalogue. */
  readonly isPolicy?: boolean;
  /** What is wrong with the values of its parameters, given the environments that there are; `path` is below them. */
  readonly faults?: (
    parameters: Config["standards"][number]["parameters"],
    environments: readonly string[],
  ) => readonly Pick<Fault, "path" | "message">[];
}

/** Faults of one configuration; more say nothing more. */
const FAULTS_MAX = 50;

export function faultsOf(config: Config, standards: readonly StandardFacts[]): Fault[] {
  const faults: Fault[] = [];
  for (const check of [texts, repeated, references, catalogue, policies, consent]) {
    for (const fault of check(config, standards)) {
      if (faults.length >= FAULTS_MAX) return faults;
      faults.push(fault);
    }
  }
  return faults;
}

/** `at.path: found ...; expected ...` for a document without lines. */
export function textOfFault({ path, message }: Pick<Fault, "path" | "message">): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`;
}

/** `standards[0].mode` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

type Path = readonly (string | number)[];

function* texts(value: unknown, _: unknown, path: Path = []): Generator<Fault> {
  if (typeof value === "string" && !isPlain(value)) {
    const message = "found control characters or marks that turn the direction of text; expected plain text";
    yield { severity: "error", path, message };
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (!isPlain(name)) yield { severity: "error", path, message: "found a name with control characters" };
    yield* texts(member, _, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

function* repeated(config: Config): Generator<Fault> {
  const lists = {
    subscriptions: config.subscriptions.map(({ id }) => id),
    standards: config.standards.map(({ id }) => id),
    policies: config.policies.map(({ id }) => id),
    teams: config.teams.map(({ id }) => id),
  };
  for (const [list, ids] of Object.entries(lists)) {
    for (const [at, id] of ids.entries()) {
      const first = ids.indexOf(id);
      if (first === at) continue;
      yield {
        severity: "error",
        path: [list, at, "id"],
        message: `found ${id}, which is at ${list}[${first}] already; expected it once`,
      };
    }
  }
  const { names } = config.environments;
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) === at) continue;
    yield { severity: "error", path: ["environments", "names", at], message: `found ${name} twice; expected it once` };
  }
}

function* references(config: Config, standards: readonly StandardFacts[]): Generator<Fault> {
  const { names } = config.environments;
  for (const [path, environment] of environmentsIn(config)) {
    if (names.includes(environment)) continue;
    const message = `found ${environment}; expected one of environments.names: ${names.join(", ")}`;
    yield { severity: "error", path, message };
  }
  const teams = config.teams.map(({ id }) => id);
  for (const [at, { team }] of config.subscriptions.entries()) {
    if (team === undefined || teams.includes(team)) continue;
    const expected = teams.length === 0 ? "no team is named under teams" : `expected one of ${teams.join(", ")}`;
    yield { severity: "error", path: ["subscriptions", at, "team"], message: `found ${team}; ${expected}` };
  }
  const known = standards.map(({ id }) => id);
  const enrolled = new Set(config.subscriptions.map(({ id }) => id));
  for (const [list, at, scope] of scopesIn(config)) {
    for (const [index, standard] of (scope.standards ?? []).entries()) {
      if (known.includes(standard)) continue;
      const message = `found ${standard}; expected one of ${akin(standard, known).join(", ")}`;
      yield { severity: "error", path: [list, at, "standards", index], message };
    }
    for (const [index, subscription] of (scope.subscriptions ?? []).entries()) {
      if (enrolled.has(subscription)) continue;
      const message = `found ${subscription}, which is not enrolled: it holds nowhere`;
      yield { severity: "warning", path: [list, at, "subscriptions", index], message };
    }
  }
}

interface Scoped {
  readonly environments?: readonly string[] | undefined;
  readonly subscriptions?: readonly string[] | undefined;
  readonly standards?: readonly string[] | undefined;
}

function* scopesIn(config: Config): Generator<[list: string, at: number, scope: Scoped]> {
  for (const list of ["approvers", "budgets", "freezes", "fields"] as const) {
    for (const [at, scope] of config[list].entries()) yield [list, at, scope];
  }
}

function* environmentsIn(config: Config): Generator<[path: Path, environment: string]> {
  for (const [at, { environment }] of config.subscriptions.entries()) {
    if (environment !== undefined) yield [["subscriptions", at, "environment"], environment];
  }
  for (const list of ["standards", "policies"] as const) {
    for (const [at, { modes }] of config[list].entries()) {
      for (const environment of Object.keys(modes)) yield [[list, at, "modes", environment], environment];
    }
  }
  for (const environment of Object.keys(config.quorums)) yield [["quorums", environment], environment];
  for (const [list, at, { environments = [] }] of scopesIn(config)) {
    for (const [index, environment] of environments.entries()) {
      yield [[list, at, "environments", index], environment];
    }
  }
}

function* policies(config: Config, standards: readonly StandardFacts[]): Generator<Fault> {
  for (const [at, setting] of config.policies.entries()) {
    const path = ["policies", at];
    const facts = standards.find(({ id, isPolicy }) => isPolicy === true && id === setting.id);
    for (const fault of facts?.faults?.(setting.parameters, config.environments.names) ?? []) {
      yield { severity: "error", path: [...path, ...fault.path], message: fault.message };
    }
    const place = enforcedAt(setting);
    if (facts === undefined || place === undefined || facts.safety === "S") continue;
    yield {
      severity: facts.safety === "X" ? "error" : "warning",
      path: [...path, ...place],
      message: `found enforce for ${setting.id}; ${facts.safety === "X" ? "expected audit or approve: " : ""}${whenEnforced(facts)}`,
    };
  }
}

/** Where a setting says enforce. */
function enforcedAt({ mode, modes }: Pick<Config["standards"][number], "mode" | "modes">): string[] | undefined {
  if (mode === "enforce") return ["mode"];
  const [environment] = Object.entries(modes).find(([, one]) => one === "enforce") ?? [];
  return environment === undefined ? undefined : ["modes", environment];
}

/** Of many standards those of the same family, if there are any: NET-01 and the like for NET-99. */
function akin(id: string, known: readonly string[]): readonly string[] {
  const family = known.filter((one) => one.startsWith(id.slice(0, id.indexOf("-") + 1)));
  return (family.length === 0 ? known : family).toSorted();
}

function* catalogue(config: Config, all: readonly StandardFacts[]): Generator<Fault> {
  const standards = all.filter(({ isPolicy }) => isPolicy !== true);
  for (const [at, setting] of config.standards.entries()) {
    const path = ["standards", at];
    const facts = standards.find(({ id }) => id === setting.id);
    if (facts === undefined) {
      const known = standards.map(({ id }) => id);
      const message = `found ${setting.id}; expected one of ${akin(setting.id, known).join(", ")}`;
      yield { severity: "error", path: [...path, "id"], message };
      continue;
    }
    for (const name of Object.keys(setting.parameters)) {
      if (facts.parameters.includes(name)) continue;
      const expected = facts.parameters.length === 0 ? "none: it has no parameters" : facts.parameters.join(", ");
      const message = `found ${name}; expected ${expected}`;
      yield { severity: "error", path: [...path, "parameters", name], message };
    }
    for (const fault of facts.faults?.(setting.parameters, config.environments.names) ?? []) {
      yield { severity: "error", path: [...path, "parameters", ...fault.path], message: fault.message };
    }
    const place = enforcedAt(setting);
    if ((facts.safety === "S" && facts.asks !== true) || place === undefined) continue;
    yield {
      severity: "warning",
      path: [...path, ...place],
      message: `found enforce for ${setting.id}; ${whenEnforced(facts)}`,
    };
  }
}

/** What enforce comes to where the remedy does not let it be done unasked. */
function whenEnforced({ asks, safety }: StandardFacts): string {
  if (asks === true) return "whoever its remedy names has to agree, so people are asked all the same";
  return safety === "R"
    ? "its remedy can cut traffic, so people are asked all the same, but for what puts back a value that was read back before"
    : "it has no remedy, so it is only reported";
}

/** Whether those who may decide are enough, and are asked in time. */
function* consent(config: Config): Generator<Fault> {
  for (const environment of config.environments.names) {
    const needed = quorumOf(config, environment);
    const path = Object.hasOwn(config.quorums, environment) ? ["quorums", environment] : ["quorum"];
    for (const setting of settingsOf(config)) {
      if (modeOf(setting, environment) === "audit") continue;
      const named = approversOf(config, environment, setting.id);
      if (named === undefined || named.size >= needed) continue;
      const count = named.size === 1 ? "1 approver is" : `${named.size} approvers are`;
      const message = `found ${needed} for ${environment}, and ${count} named there for ${setting.id}; expected at most ${named.size}, or ${needed - named.size} more under approvers`;
      yield { severity: "error", path, message };
      break;
    }
  }
  const { escalation, proposalHours } = config;
  if (escalation !== undefined && escalation.afterHours >= proposalHours) {
    const message = `found ${escalation.afterHours}; expected less than proposalHours, which is ${proposalHours}: a proposal would expire before anybody else is asked`;
    yield { severity: "error", path: ["escalation", "afterHours"], message };
  }
}

/** People who are named for a standard in an environment; undefined when nobody is, and so everybody with the role may. */
function approversOf(config: Config, environment: string, standard: string): Set<string> | undefined {
  const place = { environment, subscriptionId: "", standard };
  const entries = config.approvers.filter((entry) => concerns(entry, place));
  return entries.length === 0 ? undefined : new Set(entries.flatMap(({ people }) => people));
}
