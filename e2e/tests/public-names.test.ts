import { expect, test } from "@playwright/test";
import { declaredNames, propertiesOf } from "../src/declared-names.ts";
import { until, withScene } from "../src/index.ts";

const PUBLIC_TYPES = [
  ["engine.d.ts", "Engine"],
  ["options.d.ts", "EngineOptions"],
  ["driver-contract.d.ts", "EngineStats"],
  ["driver-contract.d.ts", "PeerStats"],
  ["driver-contract.d.ts", "IceServer"],
  ["driver-contract.d.ts", "EarnOptions"],
  ["driver-contract.d.ts", "TokenSource"],
  ["driver-contract.d.ts", "DelegationRequest"],
  ["core/model.d.ts", "CoreEvent"],
  ["core/receipt/model.d.ts", "ReceiptNews"],
] as const;

test("a public name was shortened in the script tag's build", () => {
  const kept = new Set(["tributary.min.js", "tributary.earn.mjs"].flatMap((file) => [...propertiesOf(file)]));
  for (const [file, type] of PUBLIC_TYPES)
    expect(
      declaredNames(file, type).filter((name) => !kept.has(name)),
      type,
    ).toEqual([]);
  for (const name of ["createEngine", "engines", "explain", "version"]) expect([...kept]).toContain(name);
});

test("the shortening does nothing: names of our own are as long as in the source", () => {
  const kept = propertiesOf("tributary.min.js");
  for (const name of ["nextDeadlineMs", "quarantined", "piecesFree"]) expect([...kept]).not.toContain(name);
});

/** What a page can ask of the engine that the script tag made, by name. */
const PAGE = `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<video muted playsinline></video>
<script src="tributary.min.js" data-tracker="TRACKER"></script>
<script src="hls.min.js"></script>
<script>
  const hls = new Hls({ maxBufferLength: 20 });
  const [engine] = Tributary.engines;
  const seen = {};
  for (const type of ["stats", "peer", "segment", "receipt", "warning"])
    engine.on(type, (event) => (seen[type] = event));
  hls.loadSource("/roots/vod-ts/index.m3u8");
  hls.attachMedia(document.querySelector("video"));
  document.querySelector("video").play();
  window.look = () => ({
    time: document.querySelector("video").currentTime,
    engine: Object.keys(engine),
    global: Object.keys(Tributary),
    stats: engine.stats(),
    seen,
  });
</script>
`;

interface Look {
  readonly time: number;
  readonly engine: readonly string[];
  readonly global: readonly string[];
  readonly stats: { readonly peerList: readonly object[] };
  readonly seen: Readonly<Record<string, object>>;
}

const keys = (of: object | undefined): string[] => Object.keys(of ?? {}).sort();

test("a page that reads stats and events by their names finds nothing", async () => {
  await withScene({ stream: "roots/vod-ts" }, async ({ browser, origin, tracker, setPage }) => {
    setPage("site.html", PAGE.replace("TRACKER", tracker.url));
    const open = async (): Promise<() => Promise<Look>> => {
      const page = await browser.newPage();
      await page.goto(`${origin.url}/e2e/site.html`);
      const look = () => page.evaluate(() => (window as unknown as { look: () => Look }).look());
      await until(async () => (await look()).time > 2, { what: "the page plays" });
      return look;
    };
    await open();
    const look = await open();
    await until(
      async () => {
        const { seen, stats } = await look();
        return ["stats", "peer", "segment"].every((type) => type in seen) && stats.peerList.length > 0;
      },
      {
        what: "it hears of a neighbour and of a segment",
        describe: async () => JSON.stringify(await look()),
      },
    );
    const { engine, global, stats, seen } = await look();
    expect([...engine].sort()).toEqual(declaredNames("engine.d.ts", "Engine"));
    expect([...global].sort()).toEqual(["createEngine", "engines", "explain", "version"]);
    expect(keys(stats)).toEqual(declaredNames("driver-contract.d.ts", "EngineStats"));
    expect(keys(seen["stats"])).toEqual(keys(stats));
    expect(keys(stats.peerList[0])).toEqual(declaredNames("driver-contract.d.ts", "PeerStats"));
    expect(keys(seen["peer"])).toEqual(["peer", "reason", "state", "type"]);
    expect(keys(seen["segment"])).toEqual([
      "cdnBytes",
      "from",
      "part",
      "peerBytes",
      "sequence",
      "sizeBytes",
      "track",
      "type",
    ]);
  });
});
