/** What people do to accounts by hand: some of it twice. */
import { pipelines } from "../directory.ts";
import { colleague, breach, hours, isBroken, isOnline, isProd, minutes, patch, take, type Story } from "./telling.ts";

const NETWORK = "properties.publicNetworkAccess";

/** A colleague opens a private account and, whenever it was closed meanwhile, opens it again. */
export const reopening: Story = (telling) => {
  const site = take(telling, (one) => !isOnline(one) && !isBroken(telling.world, "NET-01", one.account));
  if (site === undefined) return [];
  const { account } = site;
  const { oid, name } = colleague(site, telling.random);
  return [0, minutes(20), minutes(45), hours(2), hours(5)].map((afterMs, at) => ({
    id: `reopening-${at}`,
    afterMs,
    by: oid,
    title: `${name} opens ${account.name} to the internet${at === 0 ? "" : ", again"}`,
    step: patch(account, { properties: { publicNetworkAccess: "Enabled" } }, { path: NETWORK, is: "Enabled" }),
    breach: breach("NET-01", account, { [NETWORK]: "Enabled" }),
  }));
};

/** Templates of old hold the field and write it with every run. */
export const template: Story = (telling) => {
  const site = take(telling, (one) => !isOnline(one) && !isBroken(telling.world, "NET-01", one.account));
  if (site === undefined) return [];
  const { account } = site;
  return Array.from({ length: 7 }, (_, at) => ({
    id: `template-${at}`,
    afterMs: hours(3) * at,
    by: pipelines.terraform.oid,
    title: `terraform applies ${account.name} as its template has it: open`,
    step: patch(account, {
      properties: { publicNetworkAccess: "Enabled" },
      tags: { ...account.tags, managedBy: "terraform" },
    }),
    breach: breach("NET-01", account, { [NETWORK]: "Enabled" }),
  }));
};

/** Keys are turned on for a script and read, now and in the evening. */
export const keys: Story = (telling) => {
  const site = take(telling, (one) => !isBroken(telling.world, "ACC-01", one.account));
  if (site === undefined) return [];
  const { account } = site;
  const { oid, name } = colleague(site, telling.random);
  const listKeys = { kind: "arm", method: "POST", id: `${account.id}/listKeys`, apiVersion: "2025-09-01" } as const;
  return [
    {
      id: "keys-on",
      afterMs: 0,
      by: oid,
      title: `${name} turns keys on at ${account.name}`,
      step: patch(account, { properties: { disableLocalAuth: false } }),
      breach: breach("ACC-01", account, { "properties.disableLocalAuth": false }),
    },
    ...[minutes(3), hours(9)].map((afterMs, at) => ({
      id: `keys-read-${at}`,
      afterMs,
      by: oid,
      title: `${name} reads the keys of ${account.name}`,
      step: listKeys,
    })),
  ];
};

/** The firewall is opened for a demonstration, and closed after it by who opened it. */
export const demonstration: Story = (telling) => {
  const site = take(telling, (one) => isOnline(one) && !isProd(one) && !isBroken(telling.world, "NET-02", one.account));
  if (site === undefined) return [];
  const { account } = site;
  const { oid, name } = colleague(site, telling.random);
  const rules = account.properties["networkAcls"] as object;
  return [
    {
      id: "demonstration-begins",
      afterMs: 0,
      by: oid,
      title: `${name} opens the firewall of ${account.name} for a demonstration`,
      step: patch(account, { properties: { networkAcls: { ...rules, defaultAction: "Allow" } } }),
      breach: breach("NET-02", account, { "properties.networkAcls.defaultAction": "Allow" }),
    },
    {
      id: "demonstration-ends",
      afterMs: hours(3),
      by: oid,
      title: `${name} closes the firewall of ${account.name}`,
      step: patch(account, { properties: { networkAcls: { ...rules, defaultAction: "Deny" } } }),
    },
  ];
};

/** An identity that seems to be used by nothing is taken away. */
export const tidying: Story = (telling) => {
  const site = take(telling, (one) => one.account.identity?.type === "SystemAssigned" && !isProd(one));
  if (site === undefined) return [];
  const { account } = site;
  const { oid, name } = colleague(site, telling.random);
  return [
    {
      id: "tidying",
      afterMs: 0,
      by: oid,
      title: `${name} takes the identity of ${account.name} away`,
      step: patch(account, { identity: { type: "None" } }),
      breach: breach("ACC-02", account, { "identity.type": "None" }),
    },
  ];
};
