/** The end of a pipeline that lets reads through and nothing else, whatever the client above it asks for. */
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { SteelyardError } from "../kernel/errors.ts";

/** @param inner sends the requests; without it the pipeline's own client does. */
export function readsOnly(inner: HttpClient = createDefaultHttpClient()): HttpClient {
  return {
    sendRequest(request) {
      if (request.method === "GET" || request.method === "HEAD") return inner.sendRequest(request);
      const { pathname } = new URL(request.url);
      return Promise.reject(new SteelyardError("Refused", `${request.method} ${pathname}: this process only reads`));
    },
  };
}
