/** What happens around accounts: tags, logs, locks, and the people who own them. */
import { oids } from "../../people.ts";
import { mailOfTeam, peopleOf } from "../directory.ts";
import { pick } from "../random.ts";
import { lock, type Site } from "../site.ts";
import { lockAt, settingAt } from "../world.ts";
import {
  colleague,
  breach,
  DIAGNOSTICS,
  hours,
  isBroken,
  isProd,
  LOCKS,
  minutes,
  put,
  remove,
  tag,
  take,
  type Story,
  type Telling,
} from "./telling.ts";

/** Who owns the landing zones: nobody else may write locks. */
function landingZoneOwner({ random }: Telling): { readonly oid: string; readonly name: string } {
  return pick([...peopleOf("platform"), { oid: oids.admin, name: "Adil Admin" }], random);
}

/** A tag is lost: who owns it one day, where it belongs the next. */
export const lostTag: Story = (telling) => {
  const { number, world } = telling;
  const [standard, name] = number % 2 === 0 ? (["TAG-01", "owner"] as const) : (["TAG-03", "env"] as const);
  const site = take(telling, ({ account, subscription }) => {
    // Without its tag an account of a subscription for several environments would be one of production.
    const fits = standard === "TAG-01" || subscription.environment !== undefined;
    return fits && !isBroken(world, standard, account);
  });
  if (site === undefined) return [];
  const { account } = site;
  const by = colleague(site, telling.random);
  return [
    {
      id: "lost-tag",
      afterMs: 0,
      by: by.oid,
      title: `${by.name} deletes the tag ${name} of ${account.name}`,
      step: tag(account, "Delete", { [name]: "" }),
      breach: breach(standard, account, { [`tags.${name}`]: null }),
    },
  ];
};

/** Somebody takes an account over and leaves the company; the team takes it back in the afternoon. */
export const leaving: Story = (telling) => {
  const site = take(telling, ({ account }) => !isBroken(telling.world, "TAG-01", account));
  const people = site === undefined ? [] : peopleOf(site.useCase.team);
  const [lead] = people;
  if (site === undefined || lead === undefined) return [];
  const { account, useCase } = site;
  const leaver = pick(people.slice(1), telling.random);
  const found = { breach: breach("TAG-01", account, { "tags.owner": leaver.oid }) };
  const directory = (id: string, afterMs: number, enabled: boolean, title: string, more = {}) => ({
    id,
    afterMs,
    by: oids.admin,
    title,
    step: { kind: "directory" as const, oid: leaver.oid, enabled },
    ...more,
  });
  return [
    {
      id: "leaving-0",
      afterMs: 0,
      by: leaver.oid,
      title: `${leaver.name} takes ${account.name} over`,
      step: tag(account, "Merge", { owner: leaver.oid }),
    },
    directory("leaving-1", minutes(12), false, `${leaver.name} leaves Contoso`, found),
    {
      id: "leaving-2",
      afterMs: hours(6),
      by: lead.oid,
      title: `${lead.name} takes ${account.name} back for the team`,
      step: tag(account, "Merge", { owner: mailOfTeam(useCase.team) }),
    },
    directory("leaving-3", hours(16), true, `${leaver.name} comes back to Contoso`),
  ];
};

/** Logs cost money. Where a lock lies on the account, not even its settings can be deleted. */
export const saving: Story = (telling) => {
  const site = take(
    telling,
    (one) => one.settings.length > 0 && one.locks.length === 0 && !isBroken(telling.world, "MON-01", one.account),
  );
  const setting = site?.settings[0];
  if (site === undefined || setting === undefined) return [];
  const { oid, name } = colleague(site, telling.random);
  return [
    {
      id: "saving",
      afterMs: 0,
      by: oid,
      title: `${name} deletes the diagnostic setting of ${site.account.name}`,
      step: remove(setting, DIAGNOSTICS),
      breach: breach("MON-01", site.account, { "properties.workspaceId": null }, settingAt(site)),
    },
  ];
};

const isLocked = (site: Site): boolean => isProd(site) && site.locks.length > 0;

/** A lock stood in the way, was taken away and forgotten. */
export const unlocking: Story = (telling) => {
  const site = take(telling, isLocked);
  const [held] = site?.locks ?? [];
  if (site === undefined || held === undefined) return [];
  const { oid, name } = landingZoneOwner(telling);
  return [
    {
      id: "unlocking",
      afterMs: 0,
      by: oid,
      title: `${name} takes the lock of ${site.account.name} away`,
      step: remove(held, LOCKS),
      breach: breach("ACC-12", site.account, { "properties.level": null }, lockAt(site)),
    },
  ];
};

/** A change freeze, at the one account that would have to be changed. */
export const freezing: Story = (telling) => {
  const { breaches } = telling.world;
  const site = take(telling, ({ account }) =>
    breaches.some(({ standard, at }) => at === account.id.toLowerCase() && standard !== "TAG-01"),
  );
  if (site === undefined) return [];
  const { oid, name } = landingZoneOwner(telling);
  const made = lock(site.account, "change-freeze", "ReadOnly");
  return [
    {
      id: "freezing-begins",
      afterMs: 0,
      by: oid,
      title: `${name} freezes ${site.account.name} with a ReadOnly lock`,
      step: put(made, { properties: { level: "ReadOnly", notes: "change freeze until tonight" } }, LOCKS),
    },
    {
      id: "freezing-ends",
      afterMs: hours(7),
      by: oid,
      title: `${name} ends the freeze of ${site.account.name}`,
      step: remove(made, LOCKS),
    },
  ];
};
