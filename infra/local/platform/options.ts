import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { eventful, scenarioNames, type ScenarioName } from "../scenarios/index.ts";
import { CORES_MAX } from "./ports.ts";
import type { App } from "./supervisor.ts";

export interface Options {
  readonly cores: number;
  /** Lay this scenario at the start; undefined goes on with what is on disk. */
  readonly scenario: ScenarioName | undefined;
  /** Whether colleagues act by themselves in what is laid. */
  readonly day: "on" | "off";
  /** Changes to the scenario's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  readonly portBase: number;
  /** Business time stands still from the start. */
  readonly manual: boolean;
  /** Files to run instead of the built apps. */
  readonly appFiles: Readonly<Partial<Record<App, string>>>;
  readonly help: boolean;
}

/** A mistake in the command line or the environment; the message says which. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export const usage = `Usage: npm start -- [options]

  --core N             run N instances of core (1 to ${CORES_MAX}; default 1)
  --scenario NAME      lay a fresh estate: ${scenarioNames.join(", ")}; without it, go on with what is on disk
  --day on|off         whether colleagues act by themselves (${eventful.join(", ")}: on)
  --config JSON        lay the scenario's configuration (steelyard.yaml) with these changes
  --manual             let business time stand still; POST /_platform/clock moves it
  --data DIR           folder of all state (default .steelyard; also STEELYARD_DATA)
  --port-base PORT     first of the ports (default 7070; also STEELYARD_PORT_BASE)
  --app APP=FILE       run FILE as core or edge instead of the built app
  --help               say this
`;

/** The highest distance of a port from the base. */
const PORTS_SPAN = 64;

/** @throws UsageError naming what was found and expected */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv, root: string): Options {
  const { values } = parse(args);
  const scenario = scenarioNames.find((name) => name === values.scenario);
  if (values.scenario !== undefined && scenario === undefined)
    throw new UsageError(`--scenario: found '${values.scenario}', expected one of ${scenarioNames.join(", ")}`);
  return {
    cores: integer("--core", values.core ?? "1", 1, CORES_MAX),
    scenario,
    day: dayOf(values.day, scenario),
    config: configChanges(values.config, scenario),
    dataDir: resolve(root, values.data ?? env["STEELYARD_DATA"] ?? ".steelyard"),
    portBase: integer(
      values["port-base"] === undefined && env["STEELYARD_PORT_BASE"] !== undefined
        ? "STEELYARD_PORT_BASE"
        : "--port-base",
      values["port-base"] ?? env["STEELYARD_PORT_BASE"] ?? "7070",
      1024,
      65_535 - PORTS_SPAN,
    ),
    manual: values.manual ?? false,
    appFiles: Object.fromEntries((values.app ?? []).map((text) => appFile(text, root))),
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        core: { type: "string" },
        scenario: { type: "string" },
        config: { type: "string" },
        day: { type: "string" },
        data: { type: "string" },
        "port-base": { type: "string" },
        manual: { type: "boolean" },
        app: { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${name}: found '${text}', expected a whole number from ${min} to ${max}`);
  return value;
}

function dayOf(text: string | undefined, scenario: ScenarioName | undefined): "on" | "off" {
  const has = scenario !== undefined && eventful.includes(scenario);
  if (text === undefined) return has ? "on" : "off";
  if (text === "off" || (text === "on" && has)) return text;
  const expected = text === "on" ? `it with --scenario ${eventful.join(" or ")}` : "on or off";
  throw new UsageError(`--day: found '${text}', expected ${expected}`);
}

function configChanges(text: string | undefined, scenario: ScenarioName | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  if (scenario === undefined)
    throw new UsageError(`--config: found it without --scenario; expected both, since it is of what is laid anew`);
  let changes: unknown;
  try {
    changes = JSON.parse(text);
  } catch {
    // Told below: text that is no JSON is no object either.
  }
  if (typeof changes === "object" && changes !== null && !Array.isArray(changes)) return { ...changes };
  throw new UsageError(`--config: found '${text}', expected a JSON object, such as {"quorum":2}`);
}

function appFile(text: string, root: string): [App, string] {
  const [app, file] = text.split("=", 2);
  if ((app !== "core" && app !== "edge") || file === undefined || file === "")
    throw new UsageError(`--app: found '${text}', expected core=FILE or edge=FILE`);
  return [app, resolve(root, file)];
}
