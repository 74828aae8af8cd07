/** The people, identities and subscriptions that every scenario has. */
import { coreIdentity, edgeIdentity } from "../platform/constants.ts";
import type { SeedEstate } from "../arm/seed.ts";
import type { SeedPerson, SeedRoleAssignment, SeedServicePrincipal, SeedSubscription } from "./scenario.ts";

/** Object IDs that are easy to type and to tell apart in a log. */
export const oids = {
  reader: "00000000-0000-4000-8000-00000000000a",
  approver: "00000000-0000-4000-8000-00000000000b",
  secondApprover: "00000000-0000-4000-8000-00000000000c",
  operator: "00000000-0000-4000-8000-00000000000d",
  admin: "00000000-0000-4000-8000-00000000000e",
  secondAdmin: "00000000-0000-4000-8000-00000000000f",
} as const;

export const people: readonly SeedPerson[] = [
  { oid: oids.reader, name: "Rhea Reader", roles: ["Steelyard.Reader"], team: "payments" },
  { oid: oids.approver, name: "Aino Approver", roles: ["Steelyard.Reader", "Steelyard.Approver"], team: "platform" },
  {
    oid: oids.secondApprover,
    name: "Bram Approver",
    roles: ["Steelyard.Reader", "Steelyard.Approver"],
    team: "security",
  },
  { oid: oids.operator, name: "Oona Operator", roles: ["Steelyard.Reader", "Steelyard.Operator"], team: "platform" },
  {
    oid: oids.admin,
    name: "Adil Admin",
    roles: ["Steelyard.Reader", "Steelyard.Approver", "Steelyard.Operator", "Steelyard.Admin"],
    team: "platform",
  },
  // Whom the other one needs where two have to agree; an admin and nothing else.
  { oid: oids.secondAdmin, name: "Bea Admin", roles: ["Steelyard.Reader", "Steelyard.Admin"], team: "security" },
];

export const servicePrincipals: readonly SeedServicePrincipal[] = [
  {
    oid: coreIdentity,
    appid: "c0de0000-0000-4000-8000-0000000a0c02",
    name: "id-steelyard-core",
    graph: ["Directory.Read.All"],
  },
  { oid: edgeIdentity, appid: "c0de0000-0000-4000-8000-0000000a00ed", name: "id-steelyard-edge" },
];

export const subscriptions: readonly SeedSubscription[] = [
  { id: "5b000000-0000-4000-8000-000000000001", name: "ai-corp-1", archetype: "corp" },
  { id: "5b000000-0000-4000-8000-000000000002", name: "ai-corp-2", archetype: "corp" },
  { id: "5b000000-0000-4000-8000-000000000003", name: "ai-online-1", archetype: "online" },
];

/** Role definitions of Azure, by name. */
export const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  cognitiveServicesContributor: "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
  tagContributor: "4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
  /** {@link lockOperator} */
  lockOperator: "10c0de00-0000-4000-8000-00000000010c",
  /** {@link customRoles} */
  surroundingsOperator: "50440000-0000-4000-8000-0000000050e4",
} as const;

/** The custom role by which the core's identity writes locks, and nothing else. */
export function lockOperator(
  at: readonly { readonly id: string }[],
): NonNullable<SeedEstate["roleDefinitions"]>[number] {
  return {
    id: roles.lockOperator,
    roleName: "Steelyard Lock Operator",
    permissions: [{ actions: ["Microsoft.Authorization/locks/*"] }],
    assignableScopes: at.map(({ id }) => `/subscriptions/${id}`),
  };
}

/** The custom roles of the core's identity: locks, and what stands beside accounts and is about them. */
export function customRoles(
  at: readonly { readonly id: string }[],
): readonly NonNullable<SeedEstate["roleDefinitions"]>[number][] {
  return [
    lockOperator(at),
    {
      id: roles.surroundingsOperator,
      roleName: "Steelyard Surroundings Operator",
      permissions: [
        {
          actions: [
            "Microsoft.Insights/metricAlerts/*",
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/*",
            "Microsoft.Network/privateDnsZones/join/action",
          ],
        },
      ],
      assignableScopes: at.map(({ id }) => `/subscriptions/${id}`),
    },
  ];
}

/** What the core's identity holds on a subscription: accounts with what is below and beside them, tags and locks; it reads the rest. */
export function coreRoles(scope: string): SeedRoleAssignment[] {
  const { cognitiveServicesContributor, reader, tagContributor } = roles;
  const held = [cognitiveServicesContributor, reader, tagContributor, roles.lockOperator, roles.surroundingsOperator];
  return held.map((role) => ({ scope, principalId: coreIdentity, principalType: "ServicePrincipal", role }));
}

/**
 * People may change anything by hand, and the admin owns the subscriptions: who holds which right there is the owner's to
 * say. The core's identity may write what its remedies need and read the rest; the edge's identity holds nothing on the
 * estate.
 */
export function roleAssignments(): SeedRoleAssignment[] {
  return subscriptions.flatMap(({ id }) => {
    const scope = `/subscriptions/${id}`;
    return [
      ...people.map(({ oid }) => ({
        scope,
        principalId: oid,
        principalType: "User" as const,
        role: roles.contributor,
      })),
      { scope, principalId: oids.admin, principalType: "User" as const, role: roles.owner },
      ...coreRoles(scope),
    ];
  });
}
