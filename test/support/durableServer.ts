/** The management API of a durable backend over HTTP, as a host serves it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { DurableBackend } from "../../infra/local/durable/backend.ts";
import { DurableHttp } from "../../infra/local/host/durableHttp.ts";

export interface DurableServer extends AsyncDisposable {
  readonly base: string;
  readonly key: string;
}

export async function durableServer(backend: Pick<DurableBackend, "handle">): Promise<DurableServer> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const http = new DurableHttp(port, "conformance", async (request) => backend.handle(request));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
    const body = await read(request);
    const answer = await http.answer(request.method ?? "GET", url, body === "" ? null : body, request.headers);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  server.on("request", (request, response) => void serve(request, response));
  const binding = JSON.parse(http.clientBinding) as { baseUrl: string; requiredQueryStringParameters: string };
  return {
    base: binding.baseUrl,
    key: binding.requiredQueryStringParameters.replace("code=", ""),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
