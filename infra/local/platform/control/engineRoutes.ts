/** Routes that show or feed the engines: faults, effects, ARM, Event Grid, the directory, tokens. */
import { z } from "zod";
import { EventGridError } from "../../eventgrid/events.ts";
import { DirectoryError } from "../../identity/directory.ts";
import { serveDirectory } from "../../identity/directoryApi.ts";
import { TokenRefused } from "../../identity/issuer.ts";
import { faultSchema, possibleFaultSchema } from "../faults.ts";
import type { Platform } from "../platform.ts";
import { Refusal, refusal, route, type Route } from "./route.ts";

const after = z.coerce.number().int().min(0).default(0);

export function engineRoutes(platform: Platform): Route[] {
  return [...faultRoutes(platform), ...viewRoutes(platform), ...directoryRoutes(platform), tokenRoute(platform)];
}

function faultRoutes({ faults }: Platform): Route[] {
  const listed = {
    200: {
      description: "the faults in force and how often each has hit",
      schema: z.array(faultSchema.extend({ hits: z.int() })),
    },
  };
  return [
    route({
      method: "GET",
      path: "faults",
      summary: "The faults in force",
      responses: listed,
      handle: () => ({ status: 200, body: faults.list() }),
    }),
    route({
      method: "PUT",
      path: "faults",
      summary: "Replace all faults",
      body: z.array(possibleFaultSchema).max(1000),
      responses: listed,
      handle: ({ body }) => {
        faults.set(body);
        return { status: 200, body: faults.list() };
      },
    }),
    route({
      method: "DELETE",
      path: "faults",
      summary: "End all faults",
      responses: listed,
      handle: () => {
        faults.clear();
        return { status: 200, body: [] };
      },
    }),
  ];
}

const publishedSchema = z.object({
  accepted: z.int().meta({ description: "events taken" }),
  matched: z.int().meta({ description: "event subscriptions that want at least one of them" }),
  deliveries: z.int().meta({ description: "messages that this makes: one per event and subscription" }),
});

const effectSchema = z.object({
  seq: z.int(),
  at: z.string(),
  engine: z.string(),
  caller: z.string(),
  method: z.string(),
  target: z.string(),
  status: z.int(),
});

function viewRoutes({ effects, engines }: Platform): Route[] {
  return [
    route({
      method: "GET",
      path: "effects",
      summary: "Every write that reached an engine, oldest first",
      query: z.strictObject({ after: after.meta({ description: "sequence number to begin after" }) }),
      responses: { 200: { description: "effects", schema: z.array(effectSchema) } },
      handle: ({ query }) => ({ status: 200, body: effects.after(query.after) }),
    }),
    route({
      method: "GET",
      path: "arm/exchanges",
      summary: "Exchanges with ARM as JSON lines; the last 100,000",
      query: z.strictObject({ after, caller: z.string().optional().meta({ description: "object ID" }) }),
      responses: { 200: { description: "one exchange per line", type: "application/x-ndjson" } },
      handle: ({ query }) => ({
        status: 200,
        headers: { "content-type": "application/x-ndjson; charset=utf-8" },
        body: engines.arm
          .exchanges({ after: query.after, ...(query.caller === undefined ? {} : { caller: query.caller }) })
          .map((exchange) => `${JSON.stringify(exchange)}\n`)
          .join(""),
      }),
    }),
    route({
      method: "GET",
      path: "arm/state",
      summary: "The estate, by lower-case resource ID",
      responses: { 200: { description: "resources", schema: z.record(z.string(), z.unknown()) } },
      handle: () => ({ status: 200, body: engines.arm.state() }),
    }),
    route({
      method: "POST",
      path: "eventgrid/publish",
      summary: "Deliver an event, or a list, as the system topic would",
      body: z.union([z.looseObject({}), z.array(z.looseObject({})).min(1).max(5000)]),
      responses: { 202: { description: "accepted for delivery", schema: publishedSchema } },
      handle: ({ body }) => {
        try {
          return { status: 202, body: engines.eventgrid.publish(body) };
        } catch (error) {
          if (error instanceof EventGridError) throw new Refusal(400, "InvalidEvent", error.message);
          throw error;
        }
      },
    }),
  ];
}

const directoryCalls = [
  ["GET", "directory", "Everybody and everything"],
  ["PUT", "directory", "Replace the collections that the body names"],
  ["GET", "directory/{collection}", "people, groups or servicePrincipals"],
  ["GET", "directory/{collection}/{id}", "One of them"],
  ["PUT", "directory/{collection}/{id}", "Make one, or change the fields that the body names"],
  ["DELETE", "directory/{collection}/{id}", "Remove one"],
  ["GET", "directory/{collection}/{id}/{relation}", "people/{oid}/groups: also through other groups"],
  ["PUT", "directory/{collection}/{id}/{relation}/{member}", "groups/{id}/members/{oid}: make somebody a member"],
  ["DELETE", "directory/{collection}/{id}/{relation}/{member}", "groups/{id}/members/{oid}: a member no more"],
] as const;

function directoryRoutes({ engines }: Platform): Route[] {
  const { directory } = engines.identity;
  return directoryCalls.map(([method, path, summary]) =>
    route({
      method,
      path,
      summary,
      ...(method === "PUT" ? { body: z.unknown().meta({ description: "see GET" }) } : {}),
      responses: { 200: { description: "as it is now" }, 404: { description: "the directory does not hold it" } },
      handle: ({ params, body }) => {
        const steps = [params["collection"], params["id"], params["relation"], params["member"]];
        const below = steps.filter((step) => step !== undefined).join("/");
        try {
          return serveDirectory(directory, method, below, body);
        } catch (error) {
          if (!(error instanceof DirectoryError)) throw error;
          return refusal(error.status, "DirectoryError", error.message);
        }
      },
    }),
  );
}

function tokenRoute({ engines }: Platform): Route {
  return route({
    method: "POST",
    path: "token",
    summary: "An access token for the product's API as that person",
    body: z.strictObject({ as: z.string().min(1).meta({ description: "object ID of a person" }) }),
    responses: { 200: { description: "the token", schema: z.object({ token: z.string() }) } },
    handle: async ({ body }) => {
      try {
        return { status: 200, body: { token: await engines.identity.issue({ as: body.as }) } };
      } catch (error) {
        if (error instanceof TokenRefused) throw new Refusal(400, error.code, error.message);
        throw error;
      }
    },
  });
}
