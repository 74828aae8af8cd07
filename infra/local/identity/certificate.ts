/**
 * The certificate that every local engine serves TLS with.
 *
 * The Azure SDKs refuse bearer tokens without TLS, so at first start a private certificate authority signs one server
 * certificate for this machine's own names. Clients trust the authority through `NODE_EXTRA_CA_CERTS`. The authority's
 * private key never reaches the disk: whoever comes to trust the file trusts exactly one certificate, for localhost.
 * When fewer than {@link RENEW_BEFORE_DAYS} days are left, or the files don't fit together, both are made anew.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface LocalCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** Path of the authority's certificate; the value of `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
}

/** Below the 825 days that Apple's verifier accepts from a private authority. */
const VALID_DAYS = 730;
const RENEW_BEFORE_DAYS = 7;
const DAY_MS = 86_400_000;
/** A client whose clock is behind ours must not find the certificate "not yet valid". */
const BACKDATE_MS = 3_600_000;

const names = [
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
  { type: "ip", value: "::1" },
] as const;

const files = { ca: "ca.pem", cert: "server.pem", key: "server.key" } as const;

/**
 * Reads the certificate kept under `dir`, or makes it. Files are readable by their owner only.
 *
 * @param nowMs machine time, milliseconds: TLS is transport, business time doesn't reach it
 */
export async function ensureCertificate(dir: string, nowMs: number = Date.now()): Promise<LocalCertificate> {
  const caFile = join(dir, files.ca);
  const kept = await readKept(dir);
  if (kept !== undefined && isUsable(kept, nowMs)) return { key: kept.key, cert: kept.cert, caFile };
  const made = await makeCertificate(nowMs);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await Promise.all([
    replaceFile(caFile, made.ca),
    replaceFile(join(dir, files.cert), made.cert),
    replaceFile(join(dir, files.key), made.key),
  ]);
  return { key: made.key, cert: made.cert, caFile };
}

interface Pems {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

async function readKept(dir: string): Promise<Pems | undefined> {
  const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
  try {
    const [ca, cert, key] = await Promise.all([read(files.ca), read(files.cert), read(files.key)]);
    return { ca, cert, key };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isUsable(pems: Pems, nowMs: number): boolean {
  let ca: X509Certificate;
  let cert: X509Certificate;
  let belongs: boolean;
  try {
    ca = new X509Certificate(pems.ca);
    cert = new X509Certificate(pems.cert);
    belongs = cert.checkPrivateKey(createPrivateKey(pems.key)) && cert.verify(ca.publicKey);
  } catch {
    // Not PEM any more (a full disk, an editor): as good as absent.
    return false;
  }
  const namesMatch = names.every(({ type, value }) => (type === "dns" ? cert.checkHost(value) : cert.checkIP(value)));
  const endsMs = Math.min(Date.parse(ca.validTo), Date.parse(cert.validTo));
  return belongs && namesMatch && Date.parse(cert.validFrom) <= nowMs && endsMs - nowMs >= RENEW_BEFORE_DAYS * DAY_MS;
}

/** A reader never sees half a file. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

async function makeCertificate(nowMs: number): Promise<Pems> {
  const x509 = await loadX509();
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const signing = { name: "ECDSA", hash: "SHA-256" };
  const [caKeys, keys] = await Promise.all([
    crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]),
    crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]),
  ]);
  const period = { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + VALID_DAYS * DAY_MS) };
  const { KeyUsageFlags: usage } = x509;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Steelyard local authority",
    ...period,
    keys: caKeys,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: ca.subject,
    ...period,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usage.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([...names]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    ca: `${ca.toString("pem")}\n`,
    cert: `${cert.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}

/**
 * Loads the library only when a certificate has to be made. Its dependency tsyringe refuses to load unless the
 * decorator-metadata polyfill is there; the library itself stores no metadata, so a stand-in that holds none does, for
 * as long as the modules load.
 */
async function loadX509() {
  if ("getMetadata" in Reflect) return import("@peculiar/x509");
  const standIn = { getMetadata: () => undefined, getOwnMetadata: () => undefined };
  Object.assign(Reflect, standIn);
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const name of Object.keys(standIn)) Reflect.deleteProperty(Reflect, name);
  }
}
