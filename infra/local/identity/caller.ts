/** Who calls an engine, as its verified token (or, on plain ARM, a header) says. */
export interface Caller {
  /** Object ID in the directory, lower case. */
  readonly oid: string;
  readonly type: "User" | "ServicePrincipal";
  /** Application ID, of a service principal. */
  readonly appid?: string;
  /** The host process that the token was issued to (`core-1`); what a `crash` fault kills. */
  readonly host?: string;
  /** App roles of the token's audience. */
  readonly roles: readonly string[];
}

/**
 * Verifies the bearer token of an Authorization header for an audience; undefined when there is none or it is not
 * good (bad signature, other issuer, other audience, expired).
 */
export type Verify = (authorization: string | undefined, audience: string) => Promise<Caller | undefined>;
