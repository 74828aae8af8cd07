/** Who calls the product's API: the verifier of access tokens. */

/** App roles, as they stand in the token's `roles` claim. */
export const appRoles = ["Steelyard.Reader", "Steelyard.Approver", "Steelyard.Operator", "Steelyard.Admin"] as const;
export type AppRole = (typeof appRoles)[number];

/** A person or workload behind a verified token. Nothing but the object ID is kept. */
export interface Principal {
  readonly oid: string;
  /** An application acts for itself, with a role of its own; nobody is behind it who could agree to anything. */
  readonly kind: "person" | "application";
  readonly roles: ReadonlySet<string>;
}

export type Verification =
  | { readonly kind: "good"; readonly principal: Principal }
  /** No token, or not one of ours: 401. */
  | { readonly kind: "bad"; readonly reason: string }
  /** It could not be checked: 503, never let in. */
  | { readonly kind: "unavailable"; readonly reason: string };

export interface Tokens {
  /** Verifies the bearer token of an Authorization header. */
  verify(authorization: string | null): Promise<Verification>;
}
