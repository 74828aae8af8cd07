/**
 * The issuer's RSA keys and the secret behind the managed-identity headers, kept in the database so that a token that
 * was issued before a restart is good after it. Two signing keys are served at a time, as Entra does, so that a client
 * with cached keys survives one rotation; a token of an older key is refused.
 */
import { createHmac, randomBytes, type webcrypto } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

/** How many keys are served: the one that signs and the one before it. */
const SERVED_KEYS = 2;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
}

export class SigningKeys {
  readonly #database: DatabaseSync;
  #current: SigningKey | undefined;
  #public: JWK[] = [];
  #verifier = createLocalJWKSet({ keys: [] });
  #secret: Buffer;

  constructor(database: DatabaseSync) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS signingKeys (position INTEGER PRIMARY KEY AUTOINCREMENT, jwk TEXT NOT NULL);
       CREATE TABLE IF NOT EXISTS secret (bytes BLOB NOT NULL)`,
    );
    const kept = database.prepare("SELECT bytes FROM secret").get() as { bytes: Uint8Array } | undefined;
    this.#secret = kept === undefined ? randomBytes(32) : Buffer.from(kept.bytes);
    if (kept === undefined) database.prepare("INSERT INTO secret (bytes) VALUES (?)").run(this.#secret);
    this.#database = database;
  }

  /** Loads the keys, or makes the first one. */
  async load(): Promise<void> {
    const rows = this.#database
      .prepare("SELECT jwk FROM signingKeys ORDER BY position DESC LIMIT ?")
      .all(SERVED_KEYS) as { jwk: string }[];
    if (rows.length === 0) return this.rotate();
    const keys = rows.map(({ jwk }) => JSON.parse(jwk) as JWK);
    const [newest] = keys;
    if (newest?.kid === undefined) throw new Error("identity.sqlite holds a signing key without kid");
    const privateKey = await importJWK(newest, "RS256");
    if (!(privateKey instanceof CryptoKey)) throw new Error(`signing key ${newest.kid} in identity.sqlite is not RSA`);
    this.#current = { kid: newest.kid, privateKey };
    this.#public = keys.map(({ kty, n, e, kid }) => ({ kty, use: "sig", kid, n, e }) as JWK);
    this.#verifier = createLocalJWKSet({ keys: this.#public });
  }

  /** Makes a new signing key; the one before stays served, older ones are dropped. */
  async rotate(): Promise<void> {
    const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    this.#database.prepare("INSERT INTO signingKeys (jwk) VALUES (?)").run(JSON.stringify({ ...jwk, kid }));
    this.#database
      .prepare("DELETE FROM signingKeys WHERE position <= (SELECT max(position) FROM signingKeys) - ?")
      .run(SERVED_KEYS);
    await this.load();
  }

  get current(): SigningKey {
    if (this.#current === undefined) throw new Error("the identity engine is not started: it has no signing key yet");
    return this.#current;
  }

  /** Public parts, newest first. */
  get published(): readonly JWK[] {
    return this.#public;
  }

  get verifier(): ReturnType<typeof createLocalJWKSet> {
    return this.#verifier;
  }

  /** The `IDENTITY_HEADER` of one identity: the same after a restart, not to be guessed from another one's. */
  identityHeader(oid: string): string {
    return createHmac("sha256", this.#secret).update(oid.toLowerCase()).digest("hex");
  }
}
