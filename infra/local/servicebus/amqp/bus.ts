import type { Verify } from "../../identity/caller.ts";
import type { EngineContext } from "../../platform/engine.ts";
import type { Broker } from "../broker.ts";
import type { Commit } from "../commit.ts";
import type { Guard } from "../guard.ts";

/** Who is at the other end of a link. */
export interface Peer {
  /** Object ID. */
  readonly caller: string;
  /** Its host process, where the token says. */
  readonly host: string | undefined;
  /** Cuts its connection. */
  readonly cut: () => void;
}

/** What every part of the AMQP front works with. */
export interface Bus {
  readonly broker: Broker;
  readonly commit: Commit;
  readonly guard: Guard;
  readonly verify: Verify;
  readonly effects: EngineContext["effects"];
  readonly log: EngineContext["log"];
}
