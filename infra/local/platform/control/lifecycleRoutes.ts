import { z } from "zod";
import { eventful, scenarioNames } from "../../scenarios/index.ts";
import { residentBytes } from "../memory.ts";
import { LATEST_MS } from "../clockControl.ts";
import type { Platform } from "../platform.ts";
import { endpointsOf } from "../ports.ts";
import type { Host } from "../supervisor.ts";
import { Refusal, route, type Route } from "./route.ts";

const hostSchema = z.object({
  name: z.string(),
  state: z.enum(["stopped", "starting", "ready", "waiting"]),
  port: z.int(),
  starts: z.int(),
  lastExit: z.string().optional(),
  lastLines: z.array(z.string()).optional(),
});

const healthSchema = z.object({
  status: z.enum(["ready", "starting"]),
  endpoints: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  startedInMs: z.int().optional().meta({ description: "from the start of the platform to its first readiness" }),
  scenario: z.object({ name: z.string(), seed: z.int() }).optional(),
  hosts: z.array(hostSchema),
  processes: z.array(z.object({ name: z.string(), pid: z.int(), rssBytes: z.int().optional() })),
});

const resetShape = z.strictObject({
  scenario: z.enum(scenarioNames).default("small"),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  clock: z.enum(["real", "manual"]).default("real"),
  now: z.iso
    .datetime({ offset: true, error: "expected a date and time in ISO 8601, such as 2026-11-20T08:00:00Z" })
    .refine((text) => Date.parse(text) >= 0 && Date.parse(text) <= LATEST_MS, {
      error: "expected a moment from 1970-01-01 to 9000-01-01",
    })
    .optional()
    .meta({ description: "business time to begin with; without it the machine's" }),
  day: z
    .enum(["on", "off"])
    .default("off")
    .meta({ description: "whether colleagues and pipelines act by themselves; only contoso has some" }),
  config: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: "changes to the scenario's configuration: objects are merged, all else is replaced" }),
});

const resetSchema = resetShape.refine(({ day, scenario }) => day === "off" || eventful.includes(scenario), {
  error: `found "on"; expected off: only ${eventful.join(", ")} has a day`,
  path: ["day"],
});

export function lifecycleRoutes(platform: Platform): Route[] {
  return [
    route({
      method: "GET",
      path: "health",
      summary: "Whether everything is up, and where",
      responses: {
        200: { description: "ready", schema: healthSchema },
        503: { description: "something is not up (yet): see hosts", schema: healthSchema },
      },
      handle: () => ({ status: platform.ready ? 200 : 503, body: health(platform) }),
    }),
    route({
      method: "POST",
      path: "reset",
      summary: "Lay a scenario: a fresh estate, stores, histories, faults and clock; hosts restarted",
      body: resetSchema,
      responses: { 200: { description: "ready", schema: healthSchema } },
      handle: async ({ body }) => {
        try {
          await platform.reset({ ...body, nowMs: body.now === undefined ? undefined : Date.parse(body.now) });
        } catch (error) {
          if (error instanceof z.ZodError)
            throw new Refusal(400, "InvalidRequest", `config: ${z.prettifyError(error)}`);
          throw error;
        }
        return { status: 200, body: health(platform) };
      },
    }),
    route({
      method: "POST",
      path: "host/kill",
      summary: "kill -9 of a host process",
      body: z.strictObject({ process: z.enum(["core", "edge"]), instance: z.int().min(0).default(0) }),
      responses: {
        200: { description: "it is gone", schema: z.object({ killed: z.boolean() }) },
        404: { description: "no such instance" },
      },
      handle: async ({ body: { process, instance } }) => {
        const known = platform.supervisor.hosts.filter((host) => host.app === process);
        if (!known.some((host) => host.instance === instance))
          throw new Refusal(
            404,
            "HostNotFound",
            `${process} has ${known.length} instances, counted from 0; found ${instance}`,
          );
        return { status: 200, body: { killed: await platform.supervisor.kill(process, instance) } };
      },
    }),
  ];
}

function health(platform: Platform): z.input<typeof healthSchema> {
  const { scenario, startedInMs } = platform;
  return {
    status: platform.ready ? "ready" : "starting",
    endpoints: endpointsOf(platform.options.ports),
    ...(startedInMs === undefined ? {} : { startedInMs }),
    ...(scenario === undefined ? {} : { scenario: { ...scenario } }),
    hosts: platform.supervisor.hosts.map(describeHost),
    processes: [
      { name: "platform", pid: process.pid, rssBytes: process.memoryUsage.rss() },
      ...platform.supervisor.hosts.flatMap(({ name, pid }) => {
        if (pid === undefined) return [];
        const rssBytes = residentBytes(pid);
        return [{ name, pid, ...(rssBytes === undefined ? {} : { rssBytes }) }];
      }),
    ],
  };
}

function describeHost({ name, state, port, starts, lastExit, lines }: Host): z.input<typeof hostSchema> {
  return {
    name,
    state,
    port,
    starts,
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(state === "ready" ? {} : { lastLines: [...lines] }),
  };
}
