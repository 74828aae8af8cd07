/** A standard as people read it: what it asks and why, how it is tested, what its remedy does, where it holds how. */
import { modeOf, settingsOf, type Config, type Mode } from "../config/schema.ts";
import { canonicalJson } from "../kernel/canonicalJson.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "../standards/catalogue.ts";
import { standardSchema, type StandardDefinition } from "../standards/schema.ts";
import { cellOf, noCounts, rowsOf, type Counts, type Standing, type Summary } from "./estateModel.ts";
import { estateStandard } from "./estateStandards.ts";

export interface StandardModel {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly severity: StandardDefinition["severity"];
  readonly safety: "S" | "R" | "X";
  /** `accounts`, `deployments`, `policies`. */
  readonly about: string;
  readonly archetypes: readonly string[];
  readonly description: string | null;
  /** `It fails when` goes on with it. */
  readonly test: string | null;
  readonly rule: string;
  readonly sources: readonly string[];
  readonly remedy: {
    readonly kind: string;
    readonly fields: readonly { readonly path: string; readonly value: string }[];
    readonly preconditions: readonly string[];
  } | null;
  /** What a person has to do, where there is no remedy. */
  readonly byHand: string | null;
  readonly parameters: readonly {
    readonly name: string;
    readonly description: string | null;
    readonly isRequired: boolean;
    /** As the configuration gives it; null where it gives none. */
    readonly given: string | null;
    readonly normal: string | null;
  }[];
  /** Whether the configuration names it. */
  readonly isConfigured: boolean;
  readonly modes: readonly { readonly environment: string; readonly mode: Mode }[];
  /** Targets that it concerns, by how they stand; null where the estate is not known. */
  readonly counts: Counts | null;
}

let parsed: readonly StandardDefinition[] | undefined;

/** All that come with the product, in the order in which people are told of them. */
export function catalogue(): readonly StandardDefinition[] {
  parsed ??= definitions.map((item) => parse(standardSchema, item, `standard ${item.id}`));
  return parsed;
}

/** What a configuration holds, compiled. */
interface Held {
  readonly config: Pick<Config, "policies">;
  readonly standards: readonly { readonly definition: StandardDefinition }[];
}

/** The catalogue, and behind it the policies that a configuration brings. */
export function shown(held: Held | undefined): readonly StandardDefinition[] {
  const ids = new Set(held?.config.policies.map(({ id }) => id));
  const policies = held?.standards.map(({ definition }) => definition).filter(({ id }) => ids.has(id)) ?? [];
  return [...catalogue(), ...policies];
}

/** @param accounts undefined where the estate is not known */
export function standardModel(
  definition: StandardDefinition,
  config: Config | undefined,
  accounts: readonly Summary[] | undefined,
): StandardModel {
  const { id, version, title, severity, remedy, archetypes, sources, rule, test, description } = definition;
  const setting = config === undefined ? undefined : settingsOf(config).find((one) => one.id === id);
  const environments = config?.environments.names ?? [];
  const { view } = estateStandard(definition);
  return {
    id,
    version,
    title,
    severity,
    safety: remedy?.safety ?? "X",
    about: view,
    archetypes,
    description: description ?? null,
    test: test ?? null,
    rule: JSON.stringify(rule.if, undefined, 2),
    sources,
    remedy: remedyOf(definition),
    byHand: definition.byHand ?? null,
    parameters: Object.entries(definition.parameters).map(([name, schema]) => {
      const given: unknown = setting?.parameters[name];
      const { description: what, default: normal } = schema as { description?: string; default?: unknown };
      return {
        name,
        description: what ?? null,
        isRequired: normal === undefined,
        given: given === undefined ? null : canonicalJson(given),
        normal: normal === undefined ? null : canonicalJson(normal),
      };
    }),
    isConfigured: setting !== undefined,
    modes: environments.map((environment) => ({
      environment,
      mode: setting === undefined ? ("audit" as const) : modeOf(setting, environment),
    })),
    counts: setting === undefined || accounts === undefined ? null : countsOf(definition, accounts),
  };
}

const opWords: Readonly<Record<NonNullable<StandardDefinition["remedy"]>["assertions"][number]["op"], string>> = {
  set: "",
  max: "at most ",
  include: "with ",
  exclude: "without ",
};

function remedyOf({ remedy }: StandardDefinition): StandardModel["remedy"] {
  if (remedy === undefined) return null;
  const { kind, assertions, preconditions } = remedy;
  const fields = assertions.map(({ path, op, value, select }) => ({
    path: path.replace(/^properties\./, ""),
    value: `${opWords[op]}${canonicalJson(value ?? select ?? null)}`,
  }));
  return { kind, fields, preconditions: preconditions.map(({ message }) => message) };
}

/** How the targets stand that it concerns; counted from the rows of the estate, as everywhere. */
function countsOf(definition: StandardDefinition, accounts: readonly Summary[]): Counts {
  const column = { ...estateStandard(definition), counts: noCounts() };
  const counts: Record<Standing, number> = noCounts();
  for (const row of rowsOf(accounts, column.view)) {
    const { state } = cellOf(row, column);
    if (state !== "apart") counts[state] += 1;
  }
  return counts;
}

export const safetyWords: Readonly<Record<StandardModel["safety"], string>> = {
  S: "safe to write unasked",
  R: "can cut traffic, so people are always asked",
  X: "has no remedy, so it is only reported",
};

export const modeWords: Readonly<Record<Mode, string>> = { audit: "Audit", approve: "Approve", enforce: "Enforce" };

export const modeMeanings: Readonly<Record<Mode, string>> = {
  audit: "found and told, nothing else",
  approve: "people are asked; what they agree to is written",
  enforce: "written unasked where its remedy is safe",
};
