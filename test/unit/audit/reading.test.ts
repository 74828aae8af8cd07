import { createHttpHeaders, createPipelineRequest, type HttpClient } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { readSubscription, type ReadingContext } from "../../../shared/audit/reading.ts";
import { readsOnly } from "../../../shared/adapters/readsOnly.ts";
import { parseAccount } from "../../../shared/estate/account.ts";
import { accountOf, toResourceId, type AccountAddress } from "../../../shared/estate/resourceId.ts";
import type { ArmError, ArmReader } from "../../../shared/ports/arm.ts";

const subscription = "5b000000-0000-4000-8000-000000000001";
const addressOf = (name: string): AccountAddress => {
  const id = toResourceId(
    `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/${name}`,
  );
  const address = id === undefined ? undefined : accountOf(id);
  if (address === undefined) throw new Error(name);
  return address;
};
const error = (code: string, more: Partial<ArmError> = {}): ArmError => ({
  class: "giveUp",
  code,
  message: "no",
  status: 403,
  retryAfterMs: undefined,
  ...more,
});

interface Rig extends ReadingContext {
  readonly waits: number[];
  readonly lines: string[];
  asked: number;
}

function rig(names: readonly string[], over: Partial<ArmReader> = {}): Rig {
  const [waits, lines]: [number[], string[]] = [[], []];
  const arm: ArmReader = {
    listAccounts: () =>
      Promise.resolve({ kind: "page", page: { accounts: names.map(addressOf), continuation: undefined, waitMs: 0 } }),
    readAccount: ({ id, name }) =>
      Promise.resolve({
        kind: "found",
        account: parseAccount({
          id,
          name,
          type: "Microsoft.CognitiveServices/accounts",
          tags: { owner: "a@b.example" },
        }),
      }),
    listMembers: () => Promise.resolve({ kind: "listed", resources: [] }),
    readResource: () => Promise.resolve({ kind: "absent" }),
    readBudget: () => Promise.resolve({ kind: "told", budget: { own: 200, shared: undefined } }),
    ...over,
  };
  const context: Rig = {
    arm,
    directory: {
      principals: () => {
        context.asked += 1;
        return Promise.resolve({ kind: "failed", error: { code: "Denied", message: "", retryAfterMs: undefined } });
      },
    },
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    progress: (line) => lines.push(line),
    waits,
    lines,
    asked: 0,
  };
  return context;
}

describe("reading a subscription", () => {
  it("waits for its share of the read budget to flow in, however many accounts there are", async () => {
    const names = Array.from({ length: 30 }, (_, at) => `oai-${at}`);
    let [left, reads] = [20, 0];
    const context = rig(names, {
      readBudget: () => Promise.resolve({ kind: "told", budget: { own: left, shared: undefined } }),
      listMembers: () => {
        left -= 1;
        reads += 1;
        return Promise.resolve({ kind: "listed", resources: [] });
      },
    });
    const sleep = (ms: number): Promise<void> => {
      left = 20;
      return context.sleep(ms);
    };
    const { sights } = await readSubscription({ ...context, sleep }, subscription, new Set(["locks"]));
    expect([sights.length, reads]).toEqual([30, 30]);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(context.waits.length).toBeGreaterThan(2);
  });

  it("tries again what passes by itself, as long as Azure says, and gives up what does not", async () => {
    let tries = 0;
    const context = rig(["a", "b"], {
      readAccount: ({ id, name }) => {
        if (name === "b") return Promise.resolve({ kind: "failed", error: error("AuthorizationFailed") });
        tries += 1;
        return Promise.resolve(
          tries < 3
            ? { kind: "failed", error: error("TooManyRequests", { class: "retry", retryAfterMs: 7_000 }) }
            : { kind: "found", account: parseAccount({ id, name, type: "x" }) },
        );
      },
    });
    const { sights, unreadable } = await readSubscription(context, subscription, new Set());
    expect([sights.length, context.waits]).toEqual([1, [7_000, 7_000]]);
    expect(unreadable).toEqual([{ id: addressOf("b").id, reason: "AuthorizationFailed: no" }]);
  });

  it("keeps what it could read of an account where a list stays away", async () => {
    const away = { kind: "failed", error: error("ServerError", { class: "retry", status: 500 }) } as const;
    const context = rig(["a"], { listMembers: () => Promise.resolve(away) });
    const { sights } = await readSubscription(context, subscription, new Set(["locks"]));
    expect(sights[0]?.members.locks).toEqual({ unread: "ServerError" });
  });

  it("asks a directory that refuses once", async () => {
    const context = rig(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    const { sights } = await readSubscription(context, subscription, new Set(["principals"]));
    expect(new Set(sights.map(({ principals }) => JSON.stringify(principals)))).toEqual(
      new Set(['{"unread":"Denied"}']),
    );
    expect(context.asked).toBeLessThanOrEqual(4);
  });

  it("leaves out what went away meanwhile, and says what it may not list", async () => {
    const gone = rig(["a"], { readAccount: () => Promise.resolve({ kind: "absent" }) });
    expect(await readSubscription(gone, subscription, new Set())).toEqual({ sights: [], unreadable: [] });
    const refused = rig([], {
      listAccounts: () => Promise.resolve({ kind: "failed", error: error("AuthorizationFailed") }),
    });
    await expect(readSubscription(refused, subscription, new Set())).rejects.toThrow(
      `the accounts of subscription ${subscription} could not be listed: sign in as somebody with the role Reader there: AuthorizationFailed no`,
    );
  });
});

it("lets no request through that is no read, whoever sends it", async () => {
  const sent: string[] = [];
  const inner: HttpClient = {
    sendRequest: (request) => {
      sent.push(request.method);
      return Promise.resolve({ request, status: 200, headers: createHttpHeaders() });
    },
  };
  const client = readsOnly(inner);
  const url = "https://management.azure.com/subscriptions/x?api-version=1";
  await client.sendRequest(createPipelineRequest({ url, method: "GET" }));
  for (const method of ["PUT", "PATCH", "POST", "DELETE"] as const) {
    await expect(client.sendRequest(createPipelineRequest({ url, method }))).rejects.toThrow(
      `${method} /subscriptions/x: this process only reads`,
    );
  }
  expect(sent).toEqual(["GET"]);
});
