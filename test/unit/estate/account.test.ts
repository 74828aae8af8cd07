import { expect, it } from "vitest";
import { withoutNames } from "../../../shared/estate/account.ts";

it("is stored without names and addresses of people, wherever they stand", () => {
  const description = "Approved by ada@contoso.example, who asked";
  const status = { status: "Approved", description };
  const oid = "00000000-0000-4000-8000-00000000000a";
  const stored = withoutNames({
    name: "a",
    tags: { env: "prod", owner: "ada@contoso.example", contact: "Ada <ada_ext#EXT#@contoso.example>" },
    systemData: { createdBy: "ada@contoso.example", lastModifiedBy: oid, createdAt: "2026-01-01T00:00:00Z" },
    properties: { privateEndpointConnections: [{ properties: { privateLinkServiceConnectionState: status } }], n: 1 },
  });
  expect(stored).toEqual({
    name: "a",
    tags: { env: "prod", owner: "(address)", contact: "Ada <(address)>" },
    systemData: { lastModifiedBy: oid, createdAt: "2026-01-01T00:00:00Z" },
    properties: {
      privateEndpointConnections: [
        {
          properties: {
            privateLinkServiceConnectionState: { status: "Approved", description: "Approved by (address), who asked" },
          },
        },
      ],
      n: 1,
    },
  });
  expect(withoutNames({ tags: { long: "a".repeat(100_000) } })).toEqual({ tags: { long: "a".repeat(100_000) } });
});
