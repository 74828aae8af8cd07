import type { Verify } from "../../identity/caller.ts";
import type { EngineContext } from "../../platform/engine.ts";
import type { Broker } from "../broker.ts";
import type { Commit } from "../commit.ts";
import type { Guard } from "../guard.ts";

/** What every part of the AMQP front works with. */
export interface Bus {
  readonly broker: Broker;
  readonly commit: Commit;
  readonly guard: Guard;
  readonly verify: Verify;
  readonly effects: EngineContext["effects"];
  readonly log: EngineContext["log"];
}
