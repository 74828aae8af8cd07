/** How a command reaches the product and as whom. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import { SteelyardError } from "../kernel/errors.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Connection {
  /** Calls the API. @throws SteelyardError with what the API answered, or `Unavailable` when nobody answers. */
  call(method: Method, path: string, body?: object): Promise<unknown>;
  readonly url: string;
}

/** Written by whoever runs the product on this machine. */
const profileSchema = z.object({ url: z.url(), tokenUrl: z.url(), as: z.string() });

const root = join(import.meta.dirname, "../..");

type Environment = Readonly<Record<string, string | undefined>>;

/** How long one call may take. */
const CALL_MS = 60_000;

/**
 * `as`: object ID of the person to act as, only with the product on this machine.
 * @throws SteelyardError `BadInput`, `Unavailable`
 */
export async function connect(environment: Environment, as?: string): Promise<Connection> {
  const remote = environment["STEELYARD_URL"];
  if (remote !== undefined && as !== undefined) {
    throw new SteelyardError(
      "BadInput",
      `found --as with STEELYARD_URL; expected to be who you are signed in as there`,
    );
  }
  const { url, token } =
    remote === undefined
      ? await localProfile(environment, as)
      : { url: originOf(remote), token: await azureToken(environment) };
  return {
    url,
    async call(method, path, body) {
      const response = await send(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      throw new SteelyardError(
        response.status === 400 ? "BadInput" : response.status === 404 ? "NotFound" : "Refused",
        response.status === 400 ? inputFault(text) : `${method} ${path}: ${response.status} ${messageOf(text)}`,
      );
    },
  };
}

/** The address without a path, as calls need it. @throws SteelyardError `BadInput` for what is no such address */
function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    throw new SteelyardError(
      "BadInput",
      `STEELYARD_URL: found "${text}"; expected the address of the product without a path, such as https://steelyard.example`,
    );
  }
  return url.origin;
}

async function localProfile(environment: Environment, as: string | undefined): Promise<{ url: string; token: string }> {
  // As `npm start` reads it: a second product on this machine keeps its state elsewhere.
  const profilePath = resolve(root, environment["STEELYARD_DATA"] ?? ".steelyard", "connection.json");
  let text: string;
  try {
    text = await readFile(profilePath, "utf8");
  } catch (error) {
    const message = "nothing runs on this machine: start it with `npm start`, or set STEELYARD_URL";
    throw new SteelyardError("Unavailable", message, { cause: error });
  }
  const profile = parse(profileSchema, JSON.parse(text), profilePath);
  const response = await send(profile.tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: as ?? profile.as }),
  });
  if (!response.ok) {
    const message = `nobody here is ${as ?? profile.as}: ${messageOf(await response.text())}`;
    throw new SteelyardError("BadInput", message);
  }
  const { token } = parse(z.object({ token: z.string() }), await response.json(), profile.tokenUrl);
  return { url: profile.url, token };
}

async function azureToken(environment: Environment): Promise<string> {
  const given = environment["STEELYARD_TOKEN"];
  if (given !== undefined) return given;
  const audience = environment["STEELYARD_AUDIENCE"];
  if (audience === undefined) {
    throw new SteelyardError(
      "BadInput",
      "found no STEELYARD_AUDIENCE; expected the application ID of the product's API (or a STEELYARD_TOKEN)",
    );
  }
  // Takes longer to load than all the rest; most calls do without it.
  const { DefaultAzureCredential } = await import("@azure/identity");
  const token = await new DefaultAzureCredential().getToken(`api://${audience}/.default`);
  return token.token;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS) });
  } catch (error) {
    const { origin, hostname } = new URL(url);
    const hint =
      hostname === "127.0.0.1" ? ": start the product with `npm start`, or wait until it says that it is ready" : "";
    throw new SteelyardError("Unavailable", `nobody answers at ${origin}${hint}`, { cause: error });
  }
}

/** What is wrong with what was given: the request that carried it tells a person nothing more. */
function inputFault(text: string): string {
  return messageOf(text).replace(/^BadInput /, "");
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { error?: { code?: string; message?: string } };
    const { code = "", message = "" } = body.error ?? {};
    // Entra's own messages begin with their code.
    return message.startsWith(code) ? message : `${code} ${message}`.trim();
  } catch {
    // Not our API's answer; its first characters tell more than nothing.
    return text.slice(0, 200);
  }
}
