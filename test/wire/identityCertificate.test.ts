import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureCertificate } from "../../infra/local/identity/certificate.ts";
import { listen } from "../../infra/local/platform/wire.ts";
import { localTls } from "../support/localTls.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "steelyard-certificate-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const DAY_MS = 86_400_000;

test("a certificate is made once and kept, readable by its owner only", async () => {
  const folder = join(dir, "kept");
  const first = await ensureCertificate(folder);
  const second = await ensureCertificate(folder);
  expect(second).toEqual(first);
  expect((await readdir(folder)).sort()).toEqual(["ca.pem", "server.key", "server.pem"]);
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});

test("it is for this machine's own names, valid two years, signed by an authority that can't sign others", async () => {
  const { cert, caFile } = await ensureCertificate(join(dir, "names"));
  const server = new X509Certificate(cert);
  const authority = new X509Certificate(await readFile(caFile));
  expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  expect(server.verify(authority.publicKey)).toBe(true);
  expect([server.ca, authority.ca]).toEqual([false, true]);
  expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect((Date.parse(server.validTo) - Date.now()) / DAY_MS).toBeCloseTo(730, 1);
});

test("it is renewed when fewer than seven days are left, and when a file is damaged", async () => {
  const folder = join(dir, "renewed");
  const first = await ensureCertificate(folder);
  expect(await ensureCertificate(folder, Date.now() + 722 * DAY_MS)).toEqual(first);
  const renewed = await ensureCertificate(folder, Date.now() + 724 * DAY_MS);
  expect(renewed.cert).not.toBe(first.cert);

  const repairedFrom = await ensureCertificate(folder);
  await writeFile(join(folder, "server.key"), first.key);
  const repaired = await ensureCertificate(folder);
  expect(repaired.cert).not.toBe(repairedFrom.cert);
  expect(
    new X509Certificate(repaired.cert).verify(new X509Certificate(await readFile(repaired.caFile)).publicKey),
  ).toBe(true);
});

test("an unmodified client trusts it by name and by address", async () => {
  const tls = await localTls();
  const server = await listen({ port: 0, tls, handler: () => ({ status: 200, body: "good day" }) });
  for (const host of ["localhost", "127.0.0.1"]) {
    const response = await fetch(`https://${host}:${server.port}/`, { headers: { connection: "close" } });
    expect(await response.text()).toBe("good day");
  }
  await server.close();
  await tls[Symbol.asyncDispose]();
});
