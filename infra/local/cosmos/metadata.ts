/** Bodies of the account, databases, containers and partition key ranges, as far as `@azure/cosmos` reads them. */
import type { Catalogue, Container } from "./catalogue.ts";

/** Not `localhost`: the client ignores the regions of an account of that name. */
const ACCOUNT = "steelyard-local";
const REGION = "Local";
const created = { _ts: 0, _etag: '"00000000-0000-0000-0000-000000000000"' };

/** @param origin address by which the client reached the account: the one region has the same */
export function accountBody(origin: string): object {
  const locations = [{ name: REGION, databaseAccountEndpoint: `${origin}/` }];
  return {
    _self: "",
    id: ACCOUNT,
    _rid: `${ACCOUNT}.documents.azure.com`,
    media: "//media/",
    addresses: "//addresses/",
    _dbs: "//dbs/",
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    enablePerPartitionFailoverBehavior: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 1 },
    userConsistencyPolicy: { defaultConsistencyLevel: "Session" },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: "{}",
  };
}

export function databaseBody(catalogue: Catalogue, name: string): object {
  const rid = catalogue.inDatabase(name)[0]?.databaseRid ?? "";
  return { id: name, _rid: rid, _self: `dbs/${rid}/`, ...created, _colls: "colls/", _users: "users/" };
}

export function containerBody(container: Container): object {
  const { definition, rid, databaseRid } = container;
  return {
    id: definition.container,
    indexingPolicy: {
      indexingMode: "consistent",
      automatic: true,
      includedPaths: [{ path: "/*" }],
      excludedPaths: [{ path: '/"_etag"/?' }],
      compositeIndexes: definition.indexes?.composite ?? [],
    },
    partitionKey: { paths: [definition.partitionKey], kind: "Hash", version: 2 },
    ...(definition.defaultTtlS === undefined ? {} : { defaultTtl: definition.defaultTtlS }),
    _rid: rid,
    _self: `dbs/${databaseRid}/colls/${rid}/`,
    ...created,
    _docs: "docs/",
    _sprocs: "sprocs/",
    _triggers: "triggers/",
    _udfs: "udfs/",
    _conflicts: "conflicts/",
  };
}

/**
 * One range for all keys. With more, the client would merge ORDER BY and aggregates of the ranges itself and expect each
 * range's answer in an intermediate form; with one, the answer is final.
 */
export function rangesBody(container: Container): object {
  const range = {
    _rid: container.rid,
    id: "0",
    minInclusive: "",
    maxExclusive: "FF",
    ridPrefix: 0,
    throughputFraction: 1,
    status: "online",
    parents: [],
    ...created,
  };
  return { _rid: container.rid, PartitionKeyRanges: [range], _count: 1 };
}

/** The plan of every query: send the text as it is to the one range, nothing to do on the way back. */
export const passThroughPlan = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: "None",
    top: null,
    offset: null,
    limit: null,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: "",
    hasSelectValue: false,
    hasNonStreamingOrderBy: false,
    dCountInfo: null,
  },
  queryRanges: [{ min: "", max: "FF", isMinInclusive: true, isMaxInclusive: false }],
} as const;
