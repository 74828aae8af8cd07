/** How a person gets an access token for the product's API with a browser, without a secret of ours. */
import type { Principal } from "./tokens.ts";

/** What the browser that began a sign-in keeps until it comes back. None of it is for anybody else's eyes. */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  /** PKCE: shows to the issuer that whoever redeems the code is who asked for it. */
  readonly verifier: string;
}

export interface Away {
  readonly kind: "unavailable";
  readonly reason: string;
}

export type Begun = { readonly kind: "begun"; readonly url: string; readonly attempt: SignInAttempt } | Away;

export type SignedIn =
  | { readonly kind: "signedIn"; readonly token: string; readonly principal: Principal; readonly expiresInS: number }
  /** The issuer or we refused; `code` is the issuer's, where it gave one. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string }
  | Away;

export interface SignIn {
  /** Where to send the browser. @param chooseAccount asks who it is even if the issuer believes to know. */
  begin(redirectUri: string, chooseAccount: boolean): Promise<Begun>;
  /** Redeems the code that the browser came back with. */
  finish(redirectUri: string, code: string, attempt: SignInAttempt): Promise<SignedIn>;
}
