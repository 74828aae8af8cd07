/** What every implementation of the directory port must do. Run it on each: `directoryContract("in memory", open)`. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Directory } from "../../shared/ports/directory.ts";
import type { KnownPrincipal } from "../support/memoryDirectory.ts";

export interface OpenDirectory {
  readonly directory: Directory;
  /** Replaces whom it holds. A user goes by at most two addresses (mail, user principal name), a group by one. */
  hold(known: readonly KnownPrincipal[]): void;
  close(): Promise<void>;
}

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "a")}`;
const user = (number: number, addresses: readonly string[] = [], enabled = true): KnownPrincipal => ({
  oid: id(number),
  kind: "user",
  enabled,
  addresses,
});
const group = (number: number, address: string): KnownPrincipal => ({
  oid: id(number),
  kind: "group",
  enabled: true,
  addresses: [address],
});
const application = (number: number, enabled: boolean): KnownPrincipal => ({
  oid: id(number),
  kind: "servicePrincipal",
  enabled,
});
const shown = ({ oid, kind, enabled }: KnownPrincipal) => ({ oid, kind, enabled });

/** `open` is called once; every test replaces whom the directory holds. */
export function directoryContract(name: string, open: () => Promise<OpenDirectory>): void {
  describe(`directory contract: ${name}`, () => {
    let opened: OpenDirectory;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    beforeEach(() => opened.hold([]));

    const ask = async (...references: string[]): Promise<Readonly<Record<string, unknown>>> => {
      const result = await opened.directory.principals(references);
      if (result.kind === "failed") throw new Error(`${result.error.code}: ${result.error.message}`);
      return result.principals;
    };

    it("tells who goes by an object ID, of every kind, enabled or not", async () => {
      const known = [
        user(1),
        user(2, [], false),
        group(3, "g@contoso.com"),
        application(4, true),
        application(5, false),
      ];
      opened.hold(known);
      expect(await ask(...known.map(({ oid }) => oid), id(6))).toEqual({
        ...Object.fromEntries(known.map((one) => [one.oid, shown(one)])),
        [id(6)]: null,
      });
    });

    it("tells who goes by a mail address or user principal name", async () => {
      const ada = user(1, ["Ada@contoso.com", "ada.l@corp.contoso.com"]);
      const team = group(2, "payments@contoso.com");
      opened.hold([ada, team]);
      expect(await ask("ada@contoso.com", "ada.l@corp.contoso.com", "payments@contoso.com", "ben@contoso.com")).toEqual(
        {
          "ada@contoso.com": shown(ada),
          "ada.l@corp.contoso.com": shown(ada),
          "payments@contoso.com": shown(team),
          "ben@contoso.com": null,
        },
      );
    });

    it("does not care for case, and answers in lower case, each once", async () => {
      const ada = user(1, ["Ada@Contoso.com"]);
      opened.hold([ada]);
      expect(await ask("ADA@contoso.COM", "ada@contoso.com", id(1).toUpperCase())).toEqual({
        "ada@contoso.com": shown(ada),
        [id(1)]: shown(ada),
      });
    });

    it("takes addresses with any sign in them", async () => {
      const names = ["o'neil@contoso.com", "a+b&c=d@contoso.com", "ada_x.com#ext#@contoso.com", "50%,(x)@contoso.com"];
      const known = names.map((one, at) => user(at + 1, [one]));
      opened.hold(known);
      expect(await ask(...names)).toEqual(Object.fromEntries(known.map((one) => [one.addresses?.[0], shown(one)])));
    });

    it("knows nobody by what is neither ID nor address", async () => {
      const junk = [
        "",
        "payments team",
        "a@b@c",
        "@",
        "__proto__",
        "x".repeat(400),
        "') or ('1' eq '1",
        id(1).slice(1),
      ];
      opened.hold([user(1, ["ada@contoso.com"])]);
      const answer = await ask(...junk);
      expect(Object.keys(answer).toSorted()).toEqual(junk.toSorted());
      expect(Object.values(answer).every((one) => one === null)).toBe(true);
      expect(await ask()).toEqual({});
    });

    it("prefers who is enabled, then users, of several that go by one address", async () => {
      const shared = "owner@contoso.com";
      const [gone, team, ben] = [user(1, [shared], false), group(2, shared), user(3, [shared])];
      opened.hold([gone, team, ben]);
      expect(await ask(shared)).toEqual({ [shared]: shown(ben) });
      opened.hold([gone, team]);
      expect(await ask(shared)).toEqual({ [shared]: shown(team) });
      opened.hold([gone]);
      expect(await ask(shared)).toEqual({ [shared]: shown(gone) });
    });

    it("answers twenty addresses at once, and refuses more", async () => {
      const known = Array.from({ length: 20 }, (_, at) =>
        at % 2 === 0 ? user(at + 1, [`p${at}@contoso.com`]) : group(at + 1, `p${at}@contoso.com`),
      );
      opened.hold(known);
      const names = known.map((_, at) => `p${at}@contoso.com`);
      expect(await ask(...names)).toEqual(Object.fromEntries(known.map((one, at) => [names[at], shown(one)])));
      await expect(opened.directory.principals([...names, id(1)])).rejects.toMatchObject({ code: "BadInput" });
    });

    it("forgets nobody between two questions, and nobody's end", async () => {
      opened.hold([user(1, ["ada@contoso.com"])]);
      expect(await ask("ada@contoso.com")).toEqual({ "ada@contoso.com": shown(user(1)) });
      opened.hold([user(1, ["ada@contoso.com"], false)]);
      expect(await ask("ada@contoso.com")).toEqual({ "ada@contoso.com": shown(user(1, [], false)) });
      opened.hold([]);
      expect(await ask("ada@contoso.com", id(1))).toEqual({ "ada@contoso.com": null, [id(1)]: null });
    });
  });
}
