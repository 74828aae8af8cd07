/**
 * What a host process is told through its environment. As in Azure, `process.env` *is* the app settings, so the names
 * under STEELYARD_HOST_, which are the host's own, are taken out of it before the app is loaded.
 */
import { resolve } from "node:path";
import { z } from "zod";

const PREFIX = "STEELYARD_HOST_";

const clockSchema = z.strictObject({ mode: z.enum(["real", "manual"]), nowMs: z.number(), offsetMs: z.number() });

const settingsSchema = z.strictObject({
  /** Which of the two function apps. */
  APP: z.enum(["core", "edge"]),
  INSTANCE: z.coerce.number().int().min(0),
  /** The built file that registers the app's functions. */
  APP_FILE: z.string().min(1),
  /** 0 takes a free one. */
  PORT: z.coerce.number().int().min(0).max(65_535),
  CLOCK: z.string().transform((text) => clockSchema.parse(JSON.parse(text))),
  /** The app's host.json. */
  JSON: z.string().min(1),
});

export type ClockState = z.infer<typeof clockSchema>;

export interface HostSettings {
  readonly app: "core" | "edge";
  readonly instance: number;
  readonly appFile: string;
  readonly port: number;
  readonly clock: ClockState;
  readonly hostJsonFile: string;
}

/** The environment as app settings: names to values. */
export type AppSettings = Readonly<Record<string, string | undefined>>;

/** Settings that change what the real host does and that this one does not implement. */
const refusedSettings: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /^AzureFunctionsJobHost__/i, instead: "write it into host.json" },
  { pattern: /^AzureWebJobs\..+\.Disabled$/i, instead: "leave the function out" },
  { pattern: /^WEBSITE_TIME_ZONE$/i, instead: "schedules are UTC" },
];

/**
 * Reads the host's own settings and removes them from `environment`.
 * @throws Error naming each setting that is missing, wrong or not implemented.
 */
export function takeHostSettings(environment: NodeJS.ProcessEnv): HostSettings {
  const own: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(environment)) {
    const refused = refusedSettings.find(({ pattern }) => pattern.test(name));
    if (refused !== undefined) {
      throw new Error(`app setting ${name} is not implemented by the local host: ${refused.instead}`);
    }
    if (!name.startsWith(PREFIX)) continue;
    own[name.slice(PREFIX.length)] = value;
    delete environment[name];
  }
  const parsed = settingsSchema.safeParse(own);
  if (!parsed.success) {
    throw new Error(`the host's settings (${PREFIX}...) are wrong:\n${z.prettifyError(parsed.error)}`);
  }
  const { APP, INSTANCE, APP_FILE, PORT, CLOCK, JSON: hostJson } = parsed.data;
  return {
    app: APP,
    instance: INSTANCE,
    appFile: resolve(APP_FILE),
    port: PORT,
    clock: CLOCK,
    hostJsonFile: resolve(hostJson),
  };
}

/** The environment variables by which {@link takeHostSettings} gets `settings` back. */
export function hostEnvironment(settings: HostSettings): Record<string, string> {
  return {
    [`${PREFIX}APP`]: settings.app,
    [`${PREFIX}INSTANCE`]: String(settings.instance),
    [`${PREFIX}APP_FILE`]: settings.appFile,
    [`${PREFIX}PORT`]: String(settings.port),
    [`${PREFIX}CLOCK`]: JSON.stringify(settings.clock),
    [`${PREFIX}JSON`]: settings.hostJsonFile,
  };
}

/**
 * Replaces each `%NAME%` by the app setting NAME, as the host does in binding properties and host.json.
 * @param where Names the place for the error when the setting is missing.
 */
export function resolveSettings(text: string, settings: AppSettings, where: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined || value === "")
      throw new Error(`${where}: app setting ${name} is not set (found "${text}")`);
    return value;
  });
}
