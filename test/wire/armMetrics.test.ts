/** Metrics: numbers that a scenario gave, added up, split and cut as Azure Monitor does it; never others. */
import { beforeEach, expect, test } from "vitest";
import { startMs } from "../support/engineContext.ts";
import { A, accountId, armRig, guid, owner, reader, S, type Ask, type ArmRig, type Told } from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";

let rig: ArmRig;
const watched = judged();
beforeEach(() => {
  rig = watched(armRig({ latency: { createAccountMs: 0 } }));
});

const ask = (method: string, path: string, body?: unknown, more: Ask = {}): Told =>
  rig.ask(method, path, body === undefined ? more : { body, ...more });
const pass = (ms: number): Promise<unknown> => rig.context.clock.step(rig.context.clock.now() + ms);
const guard = (told: Told): unknown => [told.status, told.body.code, told.body.message];

const metrics = `${A}/providers/Microsoft.Insights/metrics`;
const minute = 60_000;
const at = (index: number): number => startMs - 60 * minute + index * minute;
const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const window = `timespan=${iso(at(0))}/${iso(at(10))}`;
const series = (deployment: string, status: string, totals: number[]) => ({
  dimensions: { ModelDeploymentName: deployment, StatusCode: status },
  samples: totals.map((total, index) => ({ atMs: at(index), total, count: 2 })),
});
const lay = (): void =>
  rig.arm.metrics.set(A, "AzureOpenAIRequests", [
    series("chat", "200", [1, 2, 3]),
    series("chat", "429", [10]),
    series("embed", "200", [5]),
  ]);
const get = (query: string): Told => ask("GET", metrics, undefined, { query });

test("without a source have no series, and invent none", () => {
  expect(get(`${window}&metricnames=TotalCalls,Latency`).body.value).toMatchObject([
    { name: { value: "TotalCalls" }, unit: "Count", timeseries: [] },
    { name: { value: "Latency" }, unit: "MilliSeconds", timeseries: [] },
  ]);
});

test("add up, or split by the dimensions of the filter", () => {
  lay();
  const five = get(`${window}&metricnames=azureopenairequests&interval=PT5M&aggregation=total,count`).body;
  expect(five).toMatchObject({ interval: "PT5M", resourceregion: "swedencentral" });
  expect(five.value[0].timeseries).toEqual([
    {
      metadatavalues: [],
      data: [{ timeStamp: iso(at(0)), total: 21, count: 10 }, { timeStamp: iso(at(5)) }],
    },
  ]);
  const split = get(
    `${window}&metricnames=AzureOpenAIRequests&interval=FULL&aggregation=total&$filter=${encodeURIComponent("ModelDeploymentName eq '*' and (StatusCode eq '200' or StatusCode eq '503')")}&orderby=total desc`,
  ).body.value[0].timeseries;
  expect(split).toEqual([
    {
      metadatavalues: [
        { name: { value: "modeldeploymentname", localizedValue: "modeldeploymentname" }, value: "chat" },
        { name: { value: "statuscode", localizedValue: "statuscode" }, value: "200" },
      ],
      data: [{ timeStamp: iso(at(0)), total: 6 }],
    },
    { metadatavalues: expect.anything(), data: [{ timeStamp: iso(at(0)), total: 5 }] },
  ]);
  const many = Array.from({ length: 12 }, (_, index) => series(`d${index}`, "200", [index]));
  rig.arm.metrics.set(A, "AzureOpenAIRequests", many);
  const filter = `$filter=${encodeURIComponent("ModelDeploymentName eq '*'")}`;
  expect(get(`${window}&metricnames=AzureOpenAIRequests&${filter}`).body.value[0].timeseries).toHaveLength(10);
  expect(get(`${window}&metricnames=AzureOpenAIRequests&${filter}&top=20`).body.value[0].timeseries).toHaveLength(12);
});

test("show a minute some time after it is over", async () => {
  rig.arm.metrics.source = (_id, metric) =>
    metric === "TotalCalls" ? [{ dimensions: {}, samples: [{ atMs: startMs, total: 7 }] }] : undefined;
  const query = `timespan=${iso(startMs)}/${iso(startMs + 5 * minute)}&metricnames=TotalCalls`;
  await pass(3 * minute - 1);
  expect(get(query).body.value[0].timeseries).toEqual([]);
  await pass(1);
  expect(get(query).body.value[0].timeseries[0].data[0]).toEqual({ timeStamp: iso(startMs), total: 7 });
});

test("refuse what they don't know, by name and without an envelope", () => {
  expect(guard(get(`${window}&metricnames=Nonsense`))).toEqual([
    400,
    "BadRequest",
    expect.stringMatching(
      /^Failed to find metric configuration for provider: Microsoft.CognitiveServices, resource Type: accounts, metric: Nonsense, Valid metrics: AzureOpenAIRequests,/,
    ),
  ]);
  expect(get(`${window}&interval=PT7M`).body.message).toContain("PT7M");
  expect(get(`${window}&aggregation=median`).body.message).toContain("median");
  expect(get(`${window}&$filter=Color eq 'red'`).body.message).toContain("dimension 'color'");
  expect(get(`${window}&$filter=Region ne 'x'`).body.message).toContain("Region ne 'x'");
  expect(get("timespan=yesterday/today").body.message).toContain("'today'");
  expect(get(`timespan=${iso(startMs - 94 * 24 * 60 * minute)}/${iso(startMs)}`).body.message).toContain("93 days");
  expect(ask("GET", `${A}/providers/Microsoft.Insights/metricDefinitions`).body.value[0]).toMatchObject({
    name: { value: "AzureOpenAIRequests" },
    primaryAggregationType: "Total",
  });
});

test("of up to 50 resources of one region come in a batch", () => {
  lay();
  const batch = (resourceids: string[], query = "", as = owner): Told =>
    ask(
      "POST",
      `${S}/metrics:getBatch`,
      { resourceids },
      {
        as,
        query: `starttime=${iso(at(0))}&endtime=${iso(at(10))}&interval=PT5M&metricnamespace=Microsoft.CognitiveServices/accounts&metricnames=AzureOpenAIRequests${query}`,
      },
    );
  const { status, body } = batch([A], `&filter=${encodeURIComponent("StatusCode eq '429'")}`);
  expect(status).toBe(200);
  expect(body.values).toMatchObject([
    { resourceid: A, resourceregion: "swedencentral", value: [{ timeseries: [{ data: [{ total: 10 }, {}] }] }] },
  ]);
  expect(batch(Array.from({ length: 51 }, () => A)).status).toBe(400);
  ask("PUT", accountId("oai-w"), { location: "westeurope", kind: "OpenAI", sku: { name: "S0" }, properties: {} });
  expect(batch([A, accountId("oai-w")]).body.error.message).toContain("found swedencentral,westeurope");
  expect(batch([A], "", reader).status).toBe(200);
  expect(batch([A], "", { ...reader, oid: guid(99) }).status).toBe(403);
  expect(rig.context.effects.after(0)).toHaveLength(1);
});
