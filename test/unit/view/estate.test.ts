import { describe, expect, it } from "vitest";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { readFilter, type EstateFilter } from "../../../shared/view/estateFilter.ts";
import { estateList, pageAfter, type EstateList } from "../../../shared/view/estateList.ts";
import { byName, cellOf, differing, rowsOf, standings, type Summary } from "../../../shared/view/estateModel.ts";
import { estatePage } from "../../../shared/view/estatePage.ts";
import { estateStandard, labelOf } from "../../../shared/view/estateStandards.ts";
import { html } from "../../../shared/view/html.ts";
import { accountId, sampleDeployment, sampleStandards, sampleSummary } from "../../support/summaries.ts";

const filter = (query = ""): EstateFilter => readFilter(new URLSearchParams(query));
const list = (accounts: readonly Summary[], query = "", after: string | null = null, limit = 50): EstateList =>
  estateList(byName(accounts), sampleStandards, filter(query), { after, limit });
const names = ({ rows }: EstateList): string[] => rows.map(({ account, name }) => `${account.name}/${name}`);
const page = (accounts: readonly Summary[], query = ""): string =>
  estatePage({
    list: list(accounts, query),
    subscriptions: new Map(),
    views: ["accounts", "deployments"],
    after: null,
    drawer: null,
    emptyBecause: html`because`,
    stale: null,
  }).toString();
const sentence = (text: string): string => /<h1[^>]*>([^<]*)[^]*?<p>([^]*?)<\/p>/.exec(text)!.slice(1).join(" | ");

const states = ["blocked", "waits", "open", "unknown", "waived"] as const;
const below = (name: string, deployment: string) => `${accountId(name)}/deployments/${deployment}` as never;

/** Of every third account something differs, of every seventh a deployment. */
function estate(size: number): Summary[] {
  return Array.from({ length: size }, (_, index) => {
    const name = `oai-${index}`;
    const of = (standard: string) => ({ standard, state: states[index % states.length]! });
    return sampleSummary(name, {
      environment: ["prod", "test", "dev"][index % 3]!,
      archetype: index % 4 === 0 ? "online" : "corp",
      location: ["swedencentral", "westeurope", "eastus2"][index % 3]!,
      deviations: [
        ...(index % 3 === 0 ? [of("ACC-01"), of("TAG-01")] : []),
        ...(index % 7 === 0 ? [{ ...of("DEP-10"), target: below(name, "chat") }] : []),
      ],
    });
  });
}

describe("the sums of the estate", () => {
  it.each([0, 1, 41, 5_000])("agree for %i accounts: sentence, chips, heads of columns and cells", (size) => {
    for (const query of ["", "view=deployments", "environment=prod", "view=deployments&region=westeurope&q=chat"]) {
      const shown = list(estate(size), query, null, 1_000_000);
      const rows = standings.map((standing) => shown.rows.filter((row) => row.standing === standing).length);
      expect(standings.map((standing) => shown.counts[standing])).toEqual(rows);
      expect(shown.inScope).toBe(rows.reduce((sum, number) => sum + number, 0));
      expect(shown.listed).toBe(shown.inScope);
      for (const column of shown.columns) {
        const cells = shown.rows.map((row) => cellOf(row, column).state);
        for (const standing of standings.filter((name) => name !== "met"))
          expect(cells.filter((state) => state === standing)).toHaveLength(column.counts[standing]);
      }
    }
  });

  it("of the heads are those of all pages, not of the page that is shown", () => {
    const whole = list(estate(90));
    const first = list(estate(90), "", null, 5);
    expect(first.rows).toHaveLength(5);
    expect(first.columns).toEqual(whole.columns);
  });

  it("say each number once in words, and leave out what there is none of", () => {
    expect(sentence(page(estate(41)))).toBe(
      "41 accounts and 82 deployments in 3 regions, for 1 business unit | 41 accounts: 3 are blocked, 3 wait for people, 2 are open, 3 are unknown, 3 are waived, 27 are as they should be.",
    );
    expect(sentence(page([sampleSummary("a")]))).toBe(
      "1 account and 2 deployments in 1 region, for 1 business unit | The one account is as it should be.",
    );
    expect(sentence(page(estate(41), "environment=dev"))).toContain("All 13 accounts in dev are as they should be.");
    expect(sentence(page(estate(41), "standard=ACC-01"))).toContain("14 accounts that differ from ACC-01: ");
  });

  it("hold each row once, whatever page it stands on", () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const shown: EstateList = list(estate(41), "view=deployments", after, 7);
      seen.push(...names(shown));
      after = shown.next;
    } while (after !== null);
    expect(seen).toEqual(names(list(estate(41), "view=deployments", null, 1_000)));
    expect(new Set(seen).size).toBe(82);
  });
});

describe("the matrix", () => {
  it("has the worst first: accounts, their rows, and columns", () => {
    const accounts = [
      sampleSummary("b-met"),
      sampleSummary("a-met"),
      sampleSummary("waits", { deviations: [{ standard: "TAG-01", state: "waits" }] }),
      sampleSummary("blocked", {
        deviations: [
          { standard: "TAG-01", state: "open" },
          { standard: "ACC-12", state: "blocked", condition: "Refused" },
        ],
      }),
    ];
    const { rows, columns } = list(accounts);
    expect(rows.map(({ name }) => name)).toEqual(["blocked", "waits", "a-met", "b-met"]);
    expect(columns.map(({ id }) => id).slice(0, 3)).toEqual(["TAG-01", "ACC-12", "ACC-01"]);
    expect(differing(columns[0]!.counts)).toBe(2);
  });

  it("groups deployments by account, and counts numbers in names as numbers", () => {
    const accounts = [
      sampleSummary("quiet", { deployments: [sampleDeployment("x-10"), sampleDeployment("x-2")] }),
      sampleSummary("loud", { deviations: [{ standard: "DEP-10", state: "waits", target: below("loud", "mail") }] }),
    ];
    expect(names(list(accounts, "view=deployments"))).toEqual(["loud/mail", "loud/chat", "quiet/x-2", "quiet/x-10"]);
  });

  it("says what does not apply, and never that it is met", () => {
    const exempt = [{ standard: "ACC-12", target: accountId("a") }];
    const [row] = rowsOf([sampleSummary("a", { archetype: "online", exempt })], "accounts");
    const cells = Object.fromEntries(sampleStandards.map((column) => [column.id, cellOf(row!, column).state]));
    expect(cells).toMatchObject({ "NET-01": "apart", "NET-05": "met", "ACC-12": "apart", "ACC-01": "met" });
    expect(page([sampleSummary("a", { archetype: "online", exempt })])).toMatch(
      /6 of 6[^]*class="na"><span class="vh">does not apply/,
    );
  });

  it("counts settings and locks at an account as the account's own", () => {
    const target = `${accountId("a")}/providers/microsoft.authorization/locks/steelyard` as never;
    const { rows } = list([sampleSummary("a", { deviations: [{ standard: "ACC-12", state: "waits", target }] })]);
    expect(rows).toMatchObject([{ name: "a", standing: "waits" }]);
  });

  it("keeps what only a finding knows of: a deployment that is not in the list, a standard that is configured no more", () => {
    const accounts = [
      sampleSummary("a", {
        deploymentsUnread: true,
        deployments: [],
        deviations: [{ standard: "DEP-99", state: "unknown", target: below("a", "ghost") }],
      }),
    ];
    const shown = list(accounts, "view=deployments");
    expect(names(shown)).toEqual(["a/ghost"]);
    expect(shown.columns[0]).toMatchObject({ id: "DEP-99", label: "Not configured now" });
    expect(shown.totals).toMatchObject({ deployments: 1, unread: 1 });
    expect(sentence(page(accounts))).toContain("The deployments of 1 account could not be read.");
  });

  it("says of an account what is not known of its deployments, and of no other account anything", () => {
    const { rows, columns } = list([
      sampleSummary("a", { deviations: [{ standard: "DEP-10", state: "unknown" }] }),
      sampleSummary("b"),
    ]);
    const column = columns.find(({ id }) => id === "DEP-10")!;
    expect(column.label).toBe("Content filter");
    expect(rows.map((row) => cellOf(row, column).state)).toEqual(["unknown", "apart"]);
  });

  it("takes the worst of what one standard says of one target", () => {
    const lock = `${accountId("a")}/providers/microsoft.authorization/locks/l` as never;
    const deviations = [
      { standard: "ACC-12", state: "open" as const },
      { standard: "ACC-12", state: "blocked" as const, target: lock },
    ];
    const shown = list([sampleSummary("a", { deviations })]);
    expect(shown.columns[0]!.counts).toMatchObject({ blocked: 1, open: 0 });
  });
});

describe("the filter", () => {
  const accounts = [
    sampleSummary("oai-claims", {
      environment: "dev",
      businessUnit: null,
      deployments: [sampleDeployment("intake", { model: "gpt-5.2" })],
    }),
    sampleSummary("oai-search", { location: "westeurope", deviations: [{ standard: "ACC-01", state: "waits" }] }),
  ];

  it.each([
    ["", ["oai-search", "oai-claims"]],
    ["environment=dev", ["oai-claims"]],
    ["unit=(none)", ["oai-claims"]],
    ["region=westeurope", ["oai-search"]],
    ["q=GPT-5.2", ["oai-claims"]],
    ["q=oai swedencentral", ["oai-claims"]],
    ["state=waits", ["oai-search"]],
    ["state=met", ["oai-claims"]],
    ["standard=ACC-01", ["oai-search"]],
    ["standard=ACC-01&state=blocked", []],
    ["environment=", ["oai-search", "oai-claims"]],
    ["q=%20%20", ["oai-search", "oai-claims"]],
  ])("%s leaves %j", (query, expected) => {
    expect(list(accounts, query).rows.map(({ name }) => name)).toEqual(expected);
  });

  it("finds a deployment by its own name, not by its neighbour's", () => {
    expect(names(list([sampleSummary("a")], "view=deployments&q=mail"))).toEqual(["a/mail"]);
  });

  it.each(["view=roles", "state=fine", "colour=red", `q=${"x".repeat(101)}`])("refuses %s", (query) => {
    expect(() => filter(query)).toThrow(SteelyardError);
  });

  it("goes on after the row that a page ended with, though others came before it", () => {
    const first = pageAfter(["b", "c", "d"], String, { after: null, limit: 2 });
    expect(first.items).toEqual(["b", "c"]);
    expect(pageAfter(["a", "b", "c", "d", "e"], String, { after: first.next, limit: 2 }).items).toEqual(["d", "e"]);
    expect(pageAfter(["a", "b", "d"], String, { after: first.next, limit: 2 }).items).toEqual(["d"]);
    expect(() => pageAfter([], String, { after: "{}", limit: 2 })).toThrow(SteelyardError);
  });
});

describe("the page of the estate", () => {
  const long = (index: number): Summary => {
    const name = `${"n".repeat(58)}-${index}`;
    const at = (standard: string) => ({ standard, state: "blocked" as const, condition: "TemplateOwnsIt" });
    return sampleSummary(name, {
      businessUnit: "A business unit whose name somebody wrote out in full",
      deviations: sampleStandards.slice(0, 8).map(({ id }) => at(id)),
    });
  };

  it("stays below 100 kB with the longest names, when everything differs", () => {
    const text = page(Array.from({ length: 60 }, (_, index) => long(index)));
    expect(Buffer.byteLength(text)).toBeLessThan(95_000);
    expect(text).toContain("1 to 50 of 60 accounts");
  });

  it("shows what others wrote as text", () => {
    const text = page([
      sampleSummary("a", {
        businessUnit: `<img src=x onerror=alert(1)>\u202e`,
        environment: `"><script>`,
        deployments: [sampleDeployment("chat", { model: "<b>gpt</b>" })],
      }),
    ]);
    expect(text).not.toMatch(/<img|<script|<b>gpt|\u202e/);
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;\\u202e");
  });

  it("holds no style or script of its own", () => {
    expect(page(estate(41))).not.toMatch(/ style=| on[a-z]+=|<style|<script/);
  });

  it("says why there is nothing", () => {
    expect(page([])).toMatch(/No account is known yet[^]*because/);
    expect(page([sampleSummary("a")], "q=nothing")).toMatch(
      /No account with “nothing”\.[^]*No account matches[^]*Show all/,
    );
  });

  it("keeps what was chosen in every link, and lets each choice be taken back", () => {
    const text = page(estate(41), "view=deployments&environment=prod&state=met&q=chat");
    expect(text).toContain('href="/api/console/estate?view=deployments&amp;environment=prod&amp;q=chat"');
    expect(text).toMatch(/option value="prod"\s+selected/);
    expect(text).toMatch(/name="state" value="met"/);
  });
});

describe("the head of a column", () => {
  it.each([
    ["properties.publicNetworkAccess", "Public network access"],
    ["identity.type", "Identity type"],
    ["tags.costCenter", "Tag costCenter"],
    ["properties.raiPolicyName", "Rai policy name"],
    ["properties.networkAcls.ipRules", "Network acls ip rules"],
    [undefined, undefined],
  ])("calls %s %s", (path, label) => {
    expect(labelOf(path)).toBe(label);
  });

  it("is of what the standard is about", () => {
    const base = { id: "X-01", title: "Title", archetypes: [], remedy: undefined };
    const of = (resourceType: string) => estateStandard({ ...base, resourceType });
    expect(of("Microsoft.CognitiveServices/accounts")).toMatchObject({ view: "accounts", label: "Title" });
    expect(of("Microsoft.CognitiveServices/accounts/deployments").view).toBe("deployments");
    expect(of("Microsoft.CognitiveServices/accounts/raiPolicies").view).toBe("policies");
  });
});
