import { z } from "zod";
import type { Route, RouteResponse } from "./route.ts";

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
});

/** The OpenAPI 3.1 description of the routes under `prefix`. */
export function describeRoutes(prefix: string, routes: readonly Route[], serverUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = `${prefix}/${route.path}`.replace(/\/$/, "");
    (paths[path] ??= {})[route.method.toLowerCase()] = describe(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Steelyard local platform: control surface",
      version: "1.0.0",
      description:
        "Clock, barrier, reset, faults, effects and views of the local engines. It exists on a developer's machine only.",
    },
    servers: [{ url: serverUrl }],
    paths,
  };
}

function describe(route: Route): object {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const parameters = [
    ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
    ...Object.entries(route.query.shape).map(([name, schema]) => ({
      name,
      in: "query",
      required: false,
      schema: jsonSchema(schema as z.ZodType),
    })),
  ];
  const responses: Record<string, RouteResponse> = { ...route.responses };
  responses["400"] ??= { description: "what was found, where, and what was expected", schema: errorSchema };
  return {
    operationId: `${route.method.toLowerCase()}-${route.path.replaceAll(/[{}]/g, "").replaceAll("/", "-") || "index"}`,
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: jsonSchema(route.body) } } } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, describeResponse(response)]),
    ),
  };
}

function describeResponse({ description, schema, type }: RouteResponse): object {
  if (schema === undefined && type === undefined) return { description };
  return {
    description,
    content: { [type ?? "application/json"]: { schema: schema === undefined ? {} : jsonSchema(schema) } },
  };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}
