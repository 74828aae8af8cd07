/** What a person wants of the configuration, as it goes from form to plan to form: one thing at a time. */
import { z } from "zod";
import {
  enrolmentLevels,
  modeOf,
  modes,
  settingsOf,
  standardId,
  type Config,
  type PolicySetting,
  type StandardSetting,
} from "../config/schema.ts";
import { enrolled, withdrawn } from "../config/enrolment.ts";

const subscription = z.guid({ error: "expected the id of a subscription, a GUID" }).toLowerCase();
const environment = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/);

const intentSchema = z.discriminatedUnion(
  "do",
  [
    z.object({
      do: z.literal("mode"),
      standard: standardId,
      modes: z.record(environment, z.enum(modes)),
    }),
    z.object({ do: z.literal("pause") }),
    z.object({ do: z.literal("resume") }),
    z.object({ do: z.literal("level"), subscription, level: z.enum(enrolmentLevels) }),
    z.object({ do: z.literal("withdraw"), subscription }),
  ],
  { error: "expected one of mode, pause, resume, level, withdraw" },
);

export type Intent = z.output<typeof intentSchema>;

const MODE = "mode.";

/** What the parameters of an address or a form say; undefined when it is nothing that can be wanted. */
export function intentOf(params: URLSearchParams): Intent | undefined {
  const entries = [...params];
  const given = entries
    .filter(([name]) => name.startsWith(MODE))
    .map(([name, mode]) => [name.slice(MODE.length), mode]);
  const plain = Object.fromEntries(entries.filter(([name]) => !name.startsWith(MODE)));
  return intentSchema.safeParse({ ...plain, modes: Object.fromEntries(given) }).data;
}

/** The same as fields of a form. */
export function fieldsOf(intent: Intent): readonly (readonly [name: string, value: string])[] {
  const { do: what, ...rest } = intent;
  const fields: [string, string][] = [["do", what]];
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === "string") fields.push([name, value]);
    else for (const [where, mode] of Object.entries(value)) fields.push([`${MODE}${where}`, mode]);
  }
  return fields;
}

/** The configuration as it is wanted. */
export function wanted(intent: Intent, config: Config): object {
  switch (intent.do) {
    case "mode":
      return withModes(config, intent.standard, intent.modes);
    case "pause":
      return { ...config, paused: true };
    case "resume":
      return { ...config, paused: false };
    case "level":
      return enrolled(config, intent.subscription, { level: intent.level });
    case "withdraw":
      return withdrawn(config, intent.subscription);
  }
}

type Setting = StandardSetting | PolicySetting;

/** A mode that is the standard's own one is not said again for the environment. */
function withModes(config: Config, id: string, given: Readonly<Record<string, Setting["mode"]>>): object {
  const known = settingsOf(config).find((setting) => setting.id === id);
  const setting: Setting = known ?? { id, mode: "audit", modes: {}, parameters: {} };
  const elsewhere = Object.fromEntries(
    config.environments.names
      .map((name) => [name, given[name] ?? modeOf(setting, name)] as const)
      .filter(([, mode]) => mode !== setting.mode),
  );
  // Names that are no environment are kept, so that the writer refuses them by name.
  const strange = Object.entries(given).filter(([name]) => !config.environments.names.includes(name));
  const next: Setting = { ...setting, modes: { ...elsewhere, ...Object.fromEntries(strange) } };
  const isAll = Object.values(next.modes);
  const [only] = isAll;
  // The same everywhere: one word for all of it, as a person would write it.
  const same =
    only !== undefined && isAll.length === config.environments.names.length && isAll.every((mode) => mode === only);
  const plain: Setting = same ? { ...next, mode: only, modes: {} } : next;
  if (known === undefined) return { ...config, standards: [...config.standards, plain] };
  const list = "definition" in known ? "policies" : "standards";
  return { ...config, [list]: config[list].map((item) => (item.id === id ? plain : item)) };
}

/** What it is called: the head of its plan, and of its form. */
export function intentTitle(intent: Intent, config: Config): string {
  switch (intent.do) {
    case "mode":
      return `Change the mode of ${intent.standard}`;
    case "pause":
      return "Pause all writes";
    case "resume":
      return "End the pause";
    case "level":
      return `Change the level of ${nameOf(config, intent.subscription)} to ${intent.level}`;
    case "withdraw":
      return `Withdraw ${nameOf(config, intent.subscription)}`;
  }
}

function nameOf({ subscriptions }: Config, id: string): string {
  return subscriptions.find((item) => item.id === id)?.name ?? id;
}
