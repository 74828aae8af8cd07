import { describe, expect, it } from "vitest";
import { parseRoute, RouteTable } from "../../infra/local/host/httpRoutes.ts";

function table(prefix: string, routes: Record<string, string[]>): RouteTable<string> {
  return new RouteTable(
    prefix,
    Object.entries(routes).map(([route, methods]) => ({ template: parseRoute(route), methods, target: route })),
  );
}

describe("routes of HTTP functions", () => {
  const routes = table("api", {
    "items/{id}": ["GET", "PUT"],
    "items/mine": ["GET"],
    "items/{id}/parts/{part?}": ["GET"],
    "{*rest}": ["GET"],
    items: ["GET", "POST"],
    "files/{name}": ["DELETE"],
    "files/{*path}": ["GET"],
  });

  it.each([
    ["GET", "/api/items", "items", {}],
    ["GET", "/api/items/", "items", {}],
    ["GET", "/API/Items/7", "items/{id}", { id: "7" }],
    ["GET", "/api/items/MINE", "items/mine", {}],
    ["PUT", "/api/items/mine", "items/{id}", { id: "mine" }],
    ["GET", "/api/items/7/parts", "items/{id}/parts/{part?}", { id: "7" }],
    ["GET", "/api/items/7/parts/x", "items/{id}/parts/{part?}", { id: "7", part: "x" }],
    ["GET", "/api/items/a%20b", "items/{id}", { id: "a b" }],
    ["GET", "/api/items/a%2Fb%20c", "items/{id}", { id: "a%2Fb c" }],
    ["GET", "/api/items/%C3%A9", "items/{id}", { id: "é" }],
    ["GET", "/api/files", "files/{*path}", { path: "" }],
    ["GET", "/api/files/a/b/c.txt", "files/{*path}", { path: "a/b/c.txt" }],
    ["GET", "/api/files//subscriptions/1/", "files/{*path}", { path: "/subscriptions/1/" }],
    ["GET", "/api/anything/else", "{*rest}", { rest: "anything/else" }],
    ["GET", "/api", "{*rest}", { rest: "" }],
    ["DELETE", "/api/files/x", "files/{name}", { name: "x" }],
  ])("%s %s runs %s", (method, path, target, params) => {
    expect(routes.match(method, path)).toEqual({ target, params });
  });

  it.each([
    ["POST", "/api/items/7"],
    ["DELETE", "/api/files"],
    ["DELETE", "/api/files/"],
    ["POST", "/items"],
    ["POST", "/"],
    ["DELETE", "/apis/files/x"],
  ])("%s %s is no route (404)", (method, path) => {
    expect(routes.match(method, path)).toBeUndefined();
  });

  it("prefers the literal whatever comes first, segment by segment", () => {
    const order = table("", { "{a}/{b}": ["GET"], "{a}/x": ["GET"], "y/{b}": ["GET"], "{*all}": ["GET"] });
    expect(order.match("GET", "/y/x")?.target).toBe("y/{b}");
    expect(order.match("GET", "/z/x")?.target).toBe("{a}/x");
    expect(order.match("GET", "/z/z")?.target).toBe("{a}/{b}");
    expect(order.match("GET", "/z")?.target).toBe("{*all}");
  });

  it("matches an empty segment with no parameter", () => {
    const order = table("api", { "a/{b}/c": ["GET"], "o/{p?}": ["GET"] });
    expect(order.match("GET", "/api/a//c")).toBeUndefined();
    expect(order.match("GET", "/api/o//")).toBeUndefined();
  });

  it("takes a prefix of several segments, and none", () => {
    expect(table("api/v1", { x: ["GET"] }).match("GET", "/api/v1/x")?.target).toBe("x");
    expect(table("", { x: ["GET"] }).match("GET", "/x")?.target).toBe("x");
  });

  it("throws on a path that is not percent-encoding", () => {
    expect(() => routes.match("GET", "/api/items/%zz")).toThrow(URIError);
  });

  it("refuses two routes that differ only in names and share a method", () => {
    expect(() => table("api", { "a/{x}": ["GET", "PUT"], "a/{y}": ["PUT"] })).toThrow(
      /"a\/{x}" and "a\/{y}" both take PUT/,
    );
    expect(() => table("api", { "a/{x}": ["GET"], "a/{y}": ["PUT"] })).not.toThrow();
  });

  it.each([
    ["/items", /must not begin with \//],
    ["~/items", /must not begin with ~/],
    ["a//b", /empty segment/],
    ["a/{id:int}", /\{id:int\} is not implemented/],
    ["a/{id=5}", /is not implemented/],
    ["a/{id}.json", /is not implemented/],
    ["a/{*rest?}", /is not implemented/],
    ["a/{*rest}/b", /can only stand last/],
    ["a/{b?}/c", /can only stand last/],
    ["a/{b}/{b}", /names b twice/],
    ["a/{", /is not implemented/],
  ])("refuses the template %s", (template, message) => {
    expect(() => parseRoute(template)).toThrow(message);
  });
});
