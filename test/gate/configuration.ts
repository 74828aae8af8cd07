/** The configuration under which a drawn resource stands. */
import type { ConfigInput } from "../../shared/config/schema.ts";
import { compile } from "../../shared/reconcile/configuration.ts";
import { sampleAccountId } from "../../shared/standards/cases.ts";
import { Impossible, type Drawn } from "./draw.ts";

/** The standard alone, in the highest mode that its remedy allows, where the sample lies. */
export function configOf({ definition, sample }: Drawn): ConfigInput {
  const { environment, archetype = definition.archetypes[0] ?? "corp", subscriptionEnvironment, parameters } = sample;
  const inForm = (name: unknown): name is string => typeof name === "string" && /^[a-z][a-z0-9-]{0,29}$/.test(name);
  if (!["corp", "online"].includes(archetype)) throw new Impossible(`archetype ${archetype}`);
  const own = inForm(subscriptionEnvironment) ? subscriptionEnvironment : undefined;
  const here = own ?? (inForm(environment) ? environment : "prod");
  return {
    version: 1,
    // Without a tag the first name is where all is that a subscription says nothing of.
    environments: { names: [...new Set([here, "prod", "test", "dev"])] },
    subscriptions: [
      {
        id: sampleAccountId.split("/")[2] ?? "",
        name: "gate",
        archetype,
        level: "enforce",
        ...(own === undefined ? {} : { environment: own }),
      },
    ],
    standards: [{ id: definition.id, mode: "enforce", parameters }],
    budgets: [{ writesPerHour: 1_000 }],
  };
}

/** Stands of one standard differ in little: to compile it is a tenth of what a stand costs. */
const compiled = new Map<string, ReturnType<typeof compile>>();
const COMPILED_MAX = 500;

export function compiledOf(config: ConfigInput): ReturnType<typeof compile> {
  const text = JSON.stringify(config);
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const value = compile(config);
  compiled.set(text, value);
  return value;
}
