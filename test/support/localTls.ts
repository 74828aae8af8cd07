/** A certificate in a temporary folder that unmodified clients in this process trust. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ensureCertificate, type LocalCertificate } from "../../infra/local/identity/certificate.ts";

export interface LocalTls extends LocalCertificate {
  /** Removes the folder and the trust. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a certificate and adds its authority to what this process trusts. Call it before the first TLS connection:
 * clients read the default authorities when they connect.
 */
export async function localTls(): Promise<LocalTls> {
  const dir = await mkdtemp(join(tmpdir(), "steelyard-tls-"));
  const certificate = await ensureCertificate(dir);
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, await readFile(certificate.caFile, "utf8")]);
  return {
    ...certificate,
    [Symbol.asyncDispose]: async () => {
      setDefaultCACertificates(before);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
