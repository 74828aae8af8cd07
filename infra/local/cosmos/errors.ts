/** An answer other than success, in the terms that `@azure/cosmos` looks at: status, substatus, body `{code, message}`. */
export class CosmosError extends Error {
  readonly status: number;
  /** The word in the body: `NotFound`, `Conflict`, `PreconditionFailed`, ... */
  readonly code: string;
  /** Header `x-ms-substatus`; tells apart errors of the same status. */
  readonly substatus: number | undefined;

  constructor(status: number, code: string, message: string, substatus?: number) {
    super(message);
    this.name = "CosmosError";
    this.status = status;
    this.code = code;
    this.substatus = substatus;
  }
}

/** Values of `x-ms-substatus`. */
export const substatuses = {
  /** 400: the partition key in the header is not the item's. */
  partitionKeyMismatch: 1001,
  /** 404: the database or container is absent, not the item. */
  ownerNotFound: 1003,
  /** 410: no such partition key range. */
  rangeGone: 1002,
  /** 403: a token of Microsoft Entra ID cannot do this in the data plane at all. */
  controlPlane: 5300,
  /** 403: the principal has no role assignment that allows this. */
  noPermission: 5302,
  /** 429: the container's throughput is used up. */
  requestRateTooLarge: 3200,
} as const;

export function badRequest(message: string, substatus?: number): CosmosError {
  return new CosmosError(400, "BadRequest", message, substatus);
}

/** The service can do it, this engine can't; the answer says so by name instead of guessing. */
export function notSupported(what: string): CosmosError {
  return new CosmosError(501, "NotImplemented", `${what}: not supported by the local Cosmos DB engine`);
}

export function itemNotFound(): CosmosError {
  return new CosmosError(
    404,
    "NotFound",
    "Entity with the specified id does not exist in the system. More info: https://aka.ms/cosmosdb-tsg-not-found",
  );
}

export function ownerNotFound(what: string): CosmosError {
  return new CosmosError(
    404,
    "NotFound",
    `Owner resource does not exist: ${what}. Databases and containers are declared in the engine's options, as Bicep does in Azure`,
    substatuses.ownerNotFound,
  );
}

export function conflict(): CosmosError {
  return new CosmosError(409, "Conflict", "Entity with the specified id already exists in the system.");
}

export function preconditionFailed(): CosmosError {
  return new CosmosError(
    412,
    "PreconditionFailed",
    "Operation cannot be performed because one of the specified precondition is not met. Learn more: https://aka.ms/CosmosDB/sql/errors/precondition-failed",
  );
}

export function tooLarge(found: number, limit: number, what: string): CosmosError {
  return new CosmosError(
    413,
    "RequestEntityTooLarge",
    `Request size is too large: ${what} of ${found} bytes exceeds ${limit}`,
  );
}
