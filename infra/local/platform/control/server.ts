/** The control surface on its port: the routes under `/_platform`, their description, and a page of text at `/`. */
import { faultyDirectory } from "../../identity/directoryApi.ts";
import { listen, type Listener, type WireRequest, type WireResponse } from "../wire.ts";
import type { Platform } from "../platform.ts";
import { clockRoutes } from "./clockRoutes.ts";
import { engineRoutes } from "./engineRoutes.ts";
import { lifecycleRoutes } from "./lifecycleRoutes.ts";
import { describeRoutes } from "./openapi.ts";
import { dispatcher, route, type Route } from "./route.ts";

export const PREFIX = "/_platform";

/** Every route of the control surface. */
export function controlRoutes(platform: Platform): Route[] {
  const { control } = platform.options.ports;
  const routes: Route[] = [...lifecycleRoutes(platform), ...clockRoutes(platform), ...engineRoutes(platform)];
  const index: Route = route({
    method: "GET",
    path: "",
    summary: "This description",
    responses: { 200: { description: "OpenAPI 3.1" } },
    handle: (): WireResponse => ({
      status: 200,
      body: describeRoutes(PREFIX, [index, ...routes], `http://127.0.0.1:${control}`),
    }),
  });
  return [index, ...routes];
}

/** Opens the control port. */
export function serveControl(platform: Platform): Promise<Listener> {
  const routes = controlRoutes(platform);
  const dispatch = dispatcher(PREFIX, routes);
  const directory = faultyDirectory(platform, `${PREFIX}/directory`, dispatch);
  return listen({
    port: platform.options.ports.control,
    handler: (request: WireRequest): WireResponse | Promise<WireResponse> => {
      const { pathname } = request.url;
      if (pathname === "/") return { status: 200, headers: plain, body: indexPage(routes) };
      return pathname.startsWith(`${PREFIX}/directory`) ? directory(request) : dispatch(request);
    },
  });
}

const plain = { "content-type": "text/plain; charset=utf-8" };

function indexPage(routes: readonly Route[]): string {
  const lines = routes.map(
    ({ method, path, summary }) => `${method.padEnd(7)}${`${PREFIX}/${path}`.replace(/\/$/, "").padEnd(62)}${summary}`,
  );
  return `Steelyard local platform: control surface\n\n${lines.join("\n")}\n`;
}
