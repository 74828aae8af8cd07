/** Authorization codes that were handed out and not redeemed yet. In memory: a sign-in under way is begun again. */
import { createHash, randomBytes } from "node:crypto";

/** What a code stands for, as the authorize request said it. */
export interface Grant {
  readonly oid: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly codeChallenge: string;
  readonly nonce: string | undefined;
}

export type Redemption =
  | { readonly kind: "good"; readonly grant: Grant }
  | { readonly kind: "unknown" | "expired" | "redeemed" };

/** Entra's codes are good for about ten minutes. */
const CODE_LIFE_MS = 10 * 60_000;
const CODES_MAX = 1_000;

export class Codes {
  readonly #codes = new Map<string, { grant: Grant; untilMs: number; redeemed: boolean }>();

  /** Makes a code. The oldest is forgotten above {@link CODES_MAX}. */
  issue(grant: Grant): string {
    const [oldest] = this.#codes.keys();
    if (this.#codes.size >= CODES_MAX && oldest !== undefined) this.#codes.delete(oldest);
    // Entra's codes begin with their format's version.
    const code = `1.${randomBytes(48).toString("base64url")}`;
    this.#codes.set(code, { grant, untilMs: Date.now() + CODE_LIFE_MS, redeemed: false });
    return code;
  }

  /** A code is good once, whatever becomes of the request that brings it. */
  redeem(code: string): Redemption {
    const found = this.#codes.get(code);
    if (found === undefined) return { kind: "unknown" };
    if (found.redeemed) return { kind: "redeemed" };
    if (found.untilMs <= Date.now()) return { kind: "expired" };
    found.redeemed = true;
    return { kind: "good", grant: found.grant };
  }

  clear(): void {
    this.#codes.clear();
  }
}

/** PKCE, RFC 7636 section 4.2, method S256. */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
