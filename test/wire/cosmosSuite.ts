/** What the parts of the Cosmos DB conformance suite share. */
import type { Container, CosmosClient, CosmosClientOptions, ErrorResponse, PartitionKey } from "@azure/cosmos";
import { expect } from "vitest";

export interface CosmosUnderTest {
  readonly client: CosmosClient;
  /** As `conformanceContainers` in test/support/cosmosAccount.ts describes it. */
  readonly database: string;
  readonly container: string;
  /** Another client of the same caller; the suite disposes of it. */
  readonly connect: (options: Partial<CosmosClientOptions>) => CosmosClient;
  /** Lets that much of the service's time pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** Has the next requests refused with 429. Only the local engine can be told to. */
  readonly throttle?: (requests: number) => void;
}

export interface Suite {
  readonly target: () => CosmosUnderTest;
  readonly items: () => Container;
  /** A partition key value of its own for each test, so that an account may be used again and again. */
  readonly partition: (label?: string) => string;
  /** Says that the suite has written there, in a partition that {@link partition} did not name. */
  readonly wrote: (id: string, key: PartitionKey | undefined) => void;
  /** `read()` does not throw for 404. */
  readonly readStatus: (id: string, tenant: string) => Promise<number>;
}

/** The answer that a request failed with; what a batch failed with is the cause of what it throws. */
export async function failure(work: Promise<unknown>): Promise<ErrorResponse> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return ((error as Error).cause ?? error) as ErrorResponse;
}

export const codeOf = async (work: Promise<unknown>): Promise<unknown> => (await failure(work)).code;
