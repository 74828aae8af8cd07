/** The product's own ARM adapter, SDK and pipeline included, in front of an engine in process. */
import { createHttpHeaders, type PipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { AzureArm } from "../../shared/adapters/azureArm.ts";
import { accountOf, toResourceId, type AccountAddress } from "../../shared/estate/resourceId.ts";
import type { ArmRig } from "./armRig.ts";

export const origin = "https://management.azure.com";

/** Every request that the adapter sends goes to the engine as from `caller`, and is noted. */
export function adapterOf(
  { arm }: Pick<ArmRig, "arm">,
  caller: Caller,
): { readonly arm: AzureArm; readonly sent: { readonly method: string; readonly path: string }[] } {
  const sent: { readonly method: string; readonly path: string }[] = [];
  const sendRequest = async (request: PipelineRequest): Promise<PipelineResponse> => {
    const { method, body } = request;
    const url = new URL(request.url);
    sent.push({ method, path: decodeURIComponent(url.pathname) });
    const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value]));
    const answer = arm.handle(
      { method, url, headers, body: Buffer.from(typeof body === "string" ? body : "") },
      caller,
      { stale: false },
    );
    const told = Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]);
    const bodyAsText = answer.body === undefined ? "" : JSON.stringify(answer.body);
    return { request, status: answer.status, headers: createHttpHeaders(Object.fromEntries(told)), bodyAsText };
  };
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: 4_102_444_800_000 }) };
  return { arm: new AzureArm(credential, origin, { sendRequest }), sent };
}

export function addressOf(id: string): AccountAddress {
  const address = accountOf(toResourceId(id)!);
  if (address === undefined) throw new Error(`"${id}" is no account`);
  return address;
}
