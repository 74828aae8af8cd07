/** Contoso's people, their teams and groups, and what its pipelines sign in as. */
import { oids, people as wellKnown, servicePrincipals as product } from "../people.ts";
import type { SeedGroup, SeedPerson, SeedServicePrincipal } from "../scenario.ts";
import { businessUnits } from "./organisation.ts";

const DOMAIN = "contoso.example";

/** People of each team; the first leads it and may approve. */
const members = {
  "retail-search": ["Ines Moreau", "Tomas Lindqvist", "Yuki Tanaka", "Paulo Ferreira"],
  "retail-shop": ["Nadia Haddad", "Owen Gallagher", "Mei Chen"],
  "finance-claims": ["Greta Hoffmann", "Samuel Okafor", "Lucia Romano", "Viktor Horvath"],
  "finance-advice": ["Henrik Dahl", "Amara Diallo", "Julia Nowak"],
  "logistics-planning": ["Marta Kowalska", "Diego Alvarez", "Freya Jensen"],
  "logistics-service": ["Ravi Menon", "Clara Dubois", "Emil Novak", "Sofia Lopes"],
  "research-knowledge": ["Elif Aydin", "Jonas Weber", "Hana Suzuki"],
  "research-lab": ["Noor van Dijk", "Andrei Popescu", "Leila Rahimi", "Kofi Mensah"],
  platform: ["Petra Svensson", "Marco Bianchi", "Anna Keller"],
  security: ["Isaac Cohen", "Rosa Marin"],
  finops: ["Tilda Berg", "Bruno Costa"],
  audit: ["Ulrike Brandt", "Peter Nagy"],
} as const;

export type Team = keyof typeof members;
export const teams = Object.keys(members) as Team[];

/** The team of the account owners that left: their object IDs still stand in tags. */
const gone = ["Lars Ekman", "Olga Petrova"] as const;

const id = (block: number, number: number): string =>
  `00000000-0000-4000-8000-${String(block).padStart(4, "0")}${String(number).padStart(8, "0")}`;

const mailOf = (name: string): string => `${name.toLowerCase().replaceAll(" ", ".")}@${DOMAIN}`;

const roleNames: Readonly<Record<string, readonly string[]>> = {
  lead: ["Steelyard.Reader", "Steelyard.Approver"],
  platform: ["Steelyard.Reader", "Steelyard.Operator"],
  security: ["Steelyard.Reader", "Steelyard.Approver"],
};

function rolesOf(team: Team, at: number): readonly string[] {
  return roleNames[team] ?? (at === 0 ? roleNames["lead"] : undefined) ?? ["Steelyard.Reader"];
}

const teamPeople: readonly SeedPerson[] = teams.flatMap((team, block) =>
  members[team].map((name, at) => ({
    oid: id(100 + block, at + 1),
    name,
    mail: mailOf(name),
    roles: rolesOf(team, at),
    team,
  })),
);

/** Accounts are kept for a while after somebody has left, disabled. */
export const leavers: readonly SeedPerson[] = gone.map((name, at) => ({
  oid: id(199, at + 1),
  name,
  mail: mailOf(name),
  roles: [],
  team: "retail-search",
  enabled: false,
}));

export const people: readonly SeedPerson[] = [...wellKnown, ...teamPeople, ...leavers];

/** People of a team, its lead first. */
export function peopleOf(team: string): readonly SeedPerson[] {
  return teamPeople.filter((person) => person.team === team);
}

const group = (number: number, name: string, groupMembers: readonly string[]): SeedGroup => ({
  id: id(300, number),
  name: `sg-${name}`,
  mail: `${name}@${DOMAIN}`,
  members: groupMembers,
});

const teamGroups = teams.map((team, at) =>
  group(
    at + 1,
    team,
    peopleOf(team).map(({ oid }) => oid),
  ),
);

/** Inside of a team's group: who is on call for search relevance, and who runs the trials. */
const nested = [
  group(
    31,
    "search-relevance",
    peopleOf("retail-search")
      .slice(1, 3)
      .map(({ oid }) => oid),
  ),
  group(
    32,
    "trials-oncall",
    peopleOf("research-lab")
      .slice(2)
      .map(({ oid }) => oid),
  ),
] as const;

const withNested = teamGroups.map((one): SeedGroup => {
  const inner = { "sg-retail-search": nested[0].id, "sg-research-lab": nested[1].id }[one.name];
  return inner === undefined ? one : { ...one, members: [...one.members, inner] };
});

export const nestedGroups: readonly SeedGroup[] = nested;

function teamGroup(team: string): SeedGroup {
  const found = withNested.find(({ name }) => name === `sg-${team}`);
  if (found === undefined) throw new Error(`Contoso has no team '${team}'`);
  return found;
}

/** The address that an account's tag `owner` holds. */
export function mailOfTeam(team: string): string {
  return teamGroup(team).mail;
}

const unitGroups = businessUnits.map((unit, at) =>
  group(
    41 + at,
    `${unit.id}-ai`,
    teams.filter((team) => team.startsWith(`${unit.id}-`)).map((team) => teamGroup(team).id),
  ),
);

/** Everybody who builds: groups of groups of groups. */
export const engineers = group(51, "ai-engineers", [
  ...unitGroups.map((unit) => unit.id),
  ...["platform", "security"].map((team) => teamGroup(team).id),
  ...wellKnown.map(({ oid }) => oid),
]);
/** Who looks and changes nothing. */
export const onlookers = group(
  52,
  "ai-onlookers",
  ["finops", "audit"].map((team) => teamGroup(team).id),
);
/** Who owns the landing zones: locks and roles are theirs to write. */
export const owners = group(53, "ai-landing-zone-owners", [oids.admin, teamGroup("platform").id]);

export const groups: readonly SeedGroup[] = [...withNested, ...nested, ...unitGroups, engineers, onlookers, owners];

const pipeline = (number: number, name: string): SeedServicePrincipal => ({
  oid: id(400, number),
  appid: id(401, number),
  name,
});

/** What deploys: one pipeline for each business unit, and the landing zones' templates, which write what they hold every few hours. */
export const pipelines = {
  retail: pipeline(1, "sp-github-retail"),
  finance: pipeline(2, "sp-github-finance"),
  logistics: pipeline(3, "sp-github-logistics"),
  research: pipeline(4, "sp-github-research"),
  terraform: pipeline(5, "sp-terraform-landing-zones"),
} as const;

export const servicePrincipals: readonly SeedServicePrincipal[] = [...product, ...Object.values(pipelines)];
