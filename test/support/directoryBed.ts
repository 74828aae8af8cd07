/** The local directory behind its Graph, over TLS, and credentials of whom it holds. */
import type { TokenCredential } from "@azure/identity";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import { GraphEngine } from "../../infra/local/identity/graph/engine.ts";
import { GRAPH_AUDIENCE } from "../../infra/local/identity/issuer.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import type { Fault } from "../../infra/local/platform/faults.ts";
import { possibleFaultSchema } from "../../infra/local/platform/faults.ts";
import type { KnownPrincipal } from "./memoryDirectory.ts";
import { engineContext } from "./engineContext.ts";
import { localTls, type LocalTls } from "./localTls.ts";

/** Serves `coreIdentity`, which may read the directory, unless a test takes that away. */
export class DirectoryBed {
  readonly context = engineContext();
  readonly identity: IdentityEngine;
  readonly graph: GraphEngine;
  readonly #tls: LocalTls;

  private constructor(tls: LocalTls) {
    this.#tls = tls;
    this.identity = new IdentityEngine(this.context, { ports: { managedIdentity: 0, issuer: 0 }, tls });
    const { verify, directory } = this.identity;
    this.graph = new GraphEngine(this.context, { port: 0, tls, verify, directory });
  }

  static async start(): Promise<DirectoryBed> {
    const bed = new DirectoryBed(await localTls());
    await bed.identity.start();
    await bed.graph.start();
    bed.allow(["Directory.Read.All"]);
    return bed;
  }

  async stop(): Promise<void> {
    await this.graph.stop();
    await this.identity.stop();
    await this.#tls[Symbol.asyncDispose]();
  }

  get endpoint(): string {
    return `https://localhost:${this.graph.port}`;
  }

  /** Replaces the application permissions of core's identity. */
  allow(graph: readonly string[]): void {
    this.identity.directory.putServicePrincipal(coreIdentity, { appid: coreIdentity, name: "core", graph });
  }

  /** Replaces everybody but core's identity. */
  hold(known: readonly KnownPrincipal[]): void {
    const core = this.identity.directory.servicePrincipals().filter(({ oid }) => oid === coreIdentity);
    const of = (kind: KnownPrincipal["kind"]) => known.filter((one) => one.kind === kind);
    this.identity.directory.replace({
      people: of("user").map(({ oid, enabled, addresses: [mail, userPrincipalName] = [] }) => {
        return { oid, name: "somebody", enabled, mail, userPrincipalName };
      }),
      groups: of("group").map(({ oid, addresses: [mail] = [] }) => ({ id: oid, name: "a group", mail })),
      servicePrincipals: [
        ...core,
        ...of("servicePrincipal").map(({ oid, enabled }) => ({ oid, appid: oid, name: "an application", enabled })),
      ],
    });
  }

  /** A token for Graph as the managed identity's endpoint would give it; anew at each request. */
  credential(oid: string = coreIdentity, audience: string = GRAPH_AUDIENCE): TokenCredential {
    return {
      getToken: async () => {
        const token = await this.identity.issue({ as: oid, audience });
        return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
  }

  faults(...faults: (Pick<Fault, "kind"> & Partial<Fault>)[]): void {
    this.context.faults.set(faults.map((fault) => possibleFaultSchema.parse({ where: "directory", ...fault })));
  }
}
