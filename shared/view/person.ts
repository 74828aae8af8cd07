/** Who looks at a page, and what that person may do there. */
import type { Proposal } from "../desired/documents.ts";

export interface Viewer {
  readonly oid: string;
  readonly roles: ReadonlySet<string>;
  /** Goes with every form; see functions/console/pages/session.ts. */
  readonly csrf: string;
}

/** Whether a button is there, and if not, why: said beside where it would be. */
export type Permission = { readonly may: true } | { readonly may: false; readonly why: string };

export const may: Permission = { may: true };

export function mayNot(why: string): Permission {
  return { may: false, why };
}

/** What stands above a person's roles: whether anything can be decided now, and whom the configuration names. */
export interface Desk {
  /** Why nothing can be decided at this moment, whoever asks; undefined when it can. */
  readonly readOnly?: string | undefined;
  /** Whether the configuration lets the viewer decide on it. */
  readonly isNamed: (proposal: Proposal) => boolean;
}

/** The highest role in a word, for the bar and for reasons. */
export function roleWord({ roles }: Pick<Viewer, "roles">): string {
  for (const role of ["Admin", "Operator", "Approver", "Reader"]) {
    if (roles.has(`Steelyard.${role}`)) return role.toLowerCase();
  }
  return "no role";
}
