/** Names and addresses that the local engines, the scenarios and the launcher share. */

/** Local ports, as distances from the base port (7070 unless STEELYARD_PORT_BASE says otherwise). */
export const portOffsets = {
  control: 0,
  edge: 1,
  core: 2,
  /** ARM without TLS, for curl. */
  arm: 3,
  /** ARM with TLS, for the SDKs. */
  armTls: 4,
  cosmos: 5,
  servicebus: 6,
  eventgrid: 7,
  /** Managed-identity endpoint (plain HTTP, as in App Service). */
  managedIdentity: 8,
  /** OpenID issuer: discovery and keys, TLS. */
  issuer: 9,
  /** Microsoft Graph, TLS. */
  graph: 10,
  /** Second and further instances of core listen from here on. */
  coreMore: 20,
} as const;

export const tenantId = "7e57e57e-0000-4000-8000-00000000c0de";

/** Object IDs of the product's identities: service principals of its two function apps. */
export const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";
export const edgeIdentity = "c0de0000-0000-4000-8000-0000000000ed";

/** Application ID of the product's API; audience of the tokens that it accepts. */
export const apiApplicationId = "a91a91a9-0000-4000-8000-000000000a91";

/** Where the console takes sign-ins back; registered as a redirect URI of a public client. Any port. */
export const consoleRedirectUri = "http://localhost/api/console/signin/callback";

/** App roles of the product's API, as they stand in a token's `roles` claim. */
export const appRoles = ["Steelyard.Reader", "Steelyard.Approver", "Steelyard.Operator", "Steelyard.Admin"] as const;
