/** Who may do what at Contoso, in Azure's roles. */
import { coreIdentity } from "../../platform/constants.ts";
import { coreRoles, roles } from "../people.ts";
import type { SeedRoleAssignment } from "../scenario.ts";
import { engineers, groups, onlookers, owners, pipelines } from "./directory.ts";
import { enrolled, workspaceId } from "./organisation.ts";
import type { Site } from "./site.ts";

/** Uses models by their data plane; the engine has none. */
const OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd";
const LOG_ANALYTICS_CONTRIBUTOR = "92aaf0da-9dab-42b6-94a3-d43ce8d16293";

/**
 * Engineers and pipelines may change anything by hand, in every subscription; who owns the landing zones also writes locks
 * and roles; finance and audit look. The core's identity and pipelines may send logs to the central workspace.
 */
export function contosoRoles(sites: readonly Site[]): SeedRoleAssignment[] {
  const subscriptionsHeld = enrolled.flatMap(({ id }) => {
    const scope = `/subscriptions/${id}`;
    const group = (principalId: string, role: string): SeedRoleAssignment => ({
      scope,
      principalId,
      principalType: "Group",
      role,
    });
    return [
      group(engineers.id, roles.contributor),
      group(owners.id, roles.owner),
      group(onlookers.id, roles.reader),
      ...Object.values(pipelines).map(({ oid }): SeedRoleAssignment => ({
        scope,
        principalId: oid,
        principalType: "ServicePrincipal",
        role: roles.contributor,
      })),
      ...coreRoles(scope),
    ];
  });
  return [
    ...subscriptionsHeld,
    {
      scope: workspaceId,
      principalId: coreIdentity,
      principalType: "ServicePrincipal",
      role: LOG_ANALYTICS_CONTRIBUTOR,
    },
    ...sites.map(({ group, useCase }): SeedRoleAssignment => {
      const principalId = groups.find(({ name }) => name === `sg-${useCase.team}`)?.id ?? engineers.id;
      return { scope: group.id, principalId, principalType: "Group", role: OPENAI_USER };
    }),
  ];
}
