/** What a test knows of the scenario's people and accounts, and how it plays them. */
import { oids } from "../../infra/local/scenarios/people.ts";
import type { TestPlatform } from "./platform.ts";

export { oids };

export const apiVersion = "2025-09-01";

export interface AccountState {
  readonly id: string;
  readonly properties: Record<string, unknown>;
  readonly systemData: { readonly lastModifiedBy: string };
}

/** Accounts of the two corp subscriptions, by lower-case ID. */
export async function corpAccounts(platform: TestPlatform): Promise<Map<string, AccountState>> {
  const { body } = await platform.control("GET", "arm/state");
  const found = Object.entries(body as Record<string, AccountState>).filter(([id]) =>
    /^\/subscriptions\/5b000000-0000-4000-8000-00000000000[12]\/[^?]*\/accounts\/[^/]+$/.test(id),
  );
  return new Map(found);
}

export async function accessOf(platform: TestPlatform, id: string): Promise<unknown> {
  const { body } = await platform.control("GET", "arm/state");
  return body[id.toLowerCase()].properties.publicNetworkAccess;
}

/** A corp account that is as it should be. */
export async function privateAccount(platform: TestPlatform, index = 0): Promise<string> {
  const closed = [...(await corpAccounts(platform))].filter(
    ([, { properties }]) => properties["publicNetworkAccess"] === "Disabled",
  );
  return closed[index]![1].id;
}

/** A colleague opens an account to the internet by hand. */
export function open(
  platform: TestPlatform,
  account: string,
  as: string = oids.reader,
): ReturnType<TestPlatform["armAs"]> {
  const body = { properties: { publicNetworkAccess: "Enabled" } };
  return platform.armAs(as, "PATCH", `${account}?api-version=${apiVersion}`, body);
}

export interface ProposalView {
  readonly id: string;
  readonly state: string;
  readonly target: string;
  readonly hash: string;
  readonly standard: { readonly id: string };
  readonly fields: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
}

export async function proposalsOf(platform: TestPlatform, account: string, state = "open"): Promise<ProposalView[]> {
  const target = encodeURIComponent(account.toLowerCase());
  const { status, body } = await platform.api("GET", `proposals?state=${state}&target=${target}`);
  if (status !== 200) throw new Error(`proposals: ${status} ${JSON.stringify(body)}`);
  return body.value;
}

export function decide(
  platform: TestPlatform,
  proposal: string,
  verdict: "approve" | "reject" = "approve",
  as: string = oids.approver,
): ReturnType<TestPlatform["api"]> {
  return platform.api("POST", `proposals/${proposal}/decisions`, { verdict }, as);
}

export interface EntryView {
  readonly seq: number;
  readonly key: string;
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a ledger entry's body; tests assert its shape
  readonly body: any;
  readonly cursor: string;
}

/** The whole ledger, or that of one target. */
export async function ledger(platform: TestPlatform, account?: string): Promise<EntryView[]> {
  const target = account === undefined ? "" : `&target=${encodeURIComponent(account.toLowerCase())}`;
  const entries: EntryView[] = [];
  let after = "";
  for (;;) {
    const { status, body } = await platform.api("GET", `ledger?after=${encodeURIComponent(after)}${target}`);
    if (status !== 200) throw new Error(`ledger: ${status} ${JSON.stringify(body)}`);
    entries.push(...body.value);
    if (body.value.length === 0) return entries;
    after = body.next;
  }
}

/** Whether an exchange with ARM is a POST that only asks: a query of Resource Graph. */
export function isQuery(url: string): boolean {
  return /\/providers\/Microsoft\.ResourceGraph\/resources\?/i.test(url);
}
