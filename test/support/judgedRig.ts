/**
 * Holds what an ARM rig answered in a test to Microsoft's contract: successes in every detail, refusals to the shape of
 * their error. Does nothing where the contract isn't there.
 */
import { afterAll, beforeAll, expect } from "vitest";
import type { ArmExchange } from "../../infra/local/arm/engine.ts";
import { uncoveredBy } from "../contract/armUncovered.ts";
import type { ArmRig } from "./armRig.ts";
import { contractIsThere, loadContract, type Official } from "./officialContract.ts";

/**
 * Registers the judgement of every rig that the returned function has been given.
 * @param except exchanges that are no question of the contract, such as a deliberate breach of it
 */
export function judged(except: (exchange: ArmExchange) => boolean = () => false): (rig: ArmRig) => ArmRig {
  const rigs: ArmRig[] = [];
  let official: Official | undefined;
  beforeAll(async () => {
    if (contractIsThere) official = await loadContract();
  });
  afterAll(() => {
    if (official === undefined) return;
    const contract = official;
    const faults = rigs
      .flatMap((rig) => rig.arm.exchanges())
      .filter((exchange) => uncoveredBy(exchange.method, new URL(exchange.url)) === undefined && !except(exchange))
      // ARM itself refuses access, in its own shape, whatever the provider's errors look like.
      .filter(({ status }) => status !== 403)
      .flatMap((exchange) =>
        contract
          .judge(exchange)
          // What is refused may be refused for what is wrong with it.
          .filter((fault) => exchange.status < 400 || / response/.test(fault))
          .map((fault) => `${exchange.status} ${exchange.method} ${exchange.url}: ${fault}`),
      );
    expect(new Set(faults)).toEqual(new Set());
  });
  return (rig) => {
    rigs.push(rig);
    return rig;
  };
}
