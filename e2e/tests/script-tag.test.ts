import { expect, test } from "@playwright/test";
import { until, withScene } from "../src/index.ts";

/** A page that knows nothing of us; SCRIPT_TAG is all that is added. */
const PAGE = `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<video muted playsinline></video>
SCRIPT_TAG
<script src="hls.min.js"></script>
<script>
  const hls = new Hls({ maxBufferLength: 20 });
  const failures = [];
  hls.on(Hls.Events.ERROR, (event, data) => failures.push(data.details));
  hls.loadSource("/roots/vod-ts/index.m3u8");
  hls.attachMedia(document.querySelector("video"));
  document.querySelector("video").play();
  window.look = () => ({
    isHls: hls instanceof Hls,
    time: document.querySelector("video").currentTime,
    failures,
    explain: window.Tributary ? Tributary.explain() : "",
    stats: window.Tributary ? [...Tributary.engines].map((engine) => engine.stats()) : [],
  });
</script>
`;

interface Look {
  readonly isHls: boolean;
  readonly time: number;
  readonly failures: readonly string[];
  readonly explain: string;
  readonly stats: readonly { readonly peerBytes: number; readonly peers: number }[];
}

for (const place of ["before", "after"] as const) {
  test(`a script tag ${place} hls.js, and the page's own code is unchanged`, async () => {
    await withScene({ stream: "roots/vod-ts" }, async ({ browser, origin, tracker, setPage }) => {
      // The default content id names the origin, so both must come from one.
      const tag = `<script src="tributary.min.js" data-tracker="${tracker.url}"></script>`;
      const html =
        place === "before"
          ? PAGE.replace("SCRIPT_TAG", tag)
          : PAGE.replace("SCRIPT_TAG\n", "").replace(
              'hls.min.js"></script>',
              `hls.min.js"></script>\n${tag}`,
            );
      setPage("site.html", html);
      const looks: (() => Promise<Look>)[] = [];
      for (let i = 0; i < 2; i += 1) {
        const page = await browser.newPage();
        await page.goto(`${origin.url}/e2e/site.html`);
        const look = (): Promise<Look> =>
          page.evaluate(() => (window as unknown as { look: () => Look }).look());
        looks.push(look);
        await until(async () => (await look()).time > 2, {
          what: "the page plays",
          describe: async () => JSON.stringify(await look()),
        });
      }
      const second = looks[1]!;
      await until(async () => (await second()).stats.some(({ peerBytes }) => peerBytes > 1_000_000), {
        what: "the second page takes segments from the first",
        describe: async () => JSON.stringify(await second()),
      });
      const { isHls, failures } = await second();
      expect(isHls).toBe(true);
      expect(failures.filter((details) => details !== "bufferSeekOverHole")).toEqual([]);
    });
  });
}

test("a script tag included twice: one engine for each player, and explain() knows it", async () => {
  await withScene({ stream: "roots/vod-ts" }, async ({ browser, origin, tracker, setPage }) => {
    const tag = `<script src="tributary.min.js" data-tracker="${tracker.url}"></script>`;
    setPage("site.html", PAGE.replace("SCRIPT_TAG", tag + tag));
    const page = await browser.newPage();
    await page.goto(`${origin.url}/e2e/site.html`);
    const look = (): Promise<Look> => page.evaluate(() => (window as unknown as { look: () => Look }).look());
    await until(async () => (await look()).time > 0.5, { what: "the page plays" });
    const { stats, explain } = await look();
    expect(stats).toHaveLength(1);
    expect(explain).not.toContain("No player");
  });
});

test("a tracker's address that is none: the console says so, because the page cannot hear events", async () => {
  await withScene({ stream: "roots/vod-ts" }, async ({ browser, origin, setPage }) => {
    const tag = `<script src="tributary.min.js" data-tracker="tracker.example.com"></script>`;
    setPage("site.html", PAGE.replace("SCRIPT_TAG", tag));
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(`${message.type()} ${message.text()}`));
    await page.goto(`${origin.url}/e2e/site.html`);
    await until(
      () =>
        said.some(
          (line) =>
            line.startsWith("warning tributary: tracker-unreachable") && line.includes("tracker.example.com"),
        ),
      {
        what: "the console names what is wrong with the address",
        describe: () => said.join("\n"),
      },
    );
  });
});

test("a misspelt data-traker: the tag does nothing, and the console did not say so", async () => {
  await withScene({ stream: "roots/vod-ts" }, async ({ browser, origin, tracker, setPage }) => {
    const tag = `<script src="tributary.min.js" data-traker="${tracker.url}"></script>`;
    setPage("site.html", PAGE.replace("SCRIPT_TAG", tag));
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(`${message.type()} ${message.text()}`));
    await page.goto(`${origin.url}/e2e/site.html`);
    await until(async () => (await page.evaluate(() => document.querySelector("video")!.currentTime)) > 1, {
      what: "the page plays",
    });
    expect(said).toEqual(["warning tributary: no data-tracker, so everything comes from the CDN"]);
  });
});
