import { generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "@playwright/test";
import type { EngineStats } from "@tributary/sdk";
import { checkViewers, playOn, until, withScene, type Scene } from "../src/index.ts";

/** A page with the script tag, whose server mints its tokens. */
const page = (tracker: string, attributes: string) => `<!doctype html>
<meta charset="utf-8" />
<link rel="icon" href="data:," />
<video muted playsinline></video>
<script src="tributary.min.js" data-tracker="${tracker}" ${attributes}></script>
<script src="hls.min.js"></script>
<script>
  const hls = new Hls({ maxBufferLength: 20 });
  hls.loadSource("/roots/vod-ts/index.m3u8");
  hls.attachMedia(document.querySelector("video"));
  document.querySelector("video").play();
  window.look = () => ({
    time: document.querySelector("video").currentTime,
    stats: [...Tributary.engines].map((engine) => engine.stats())[0],
  });
</script>
`;

interface Look {
  readonly time: number;
  readonly stats: EngineStats | undefined;
}

const closed = { stream: "roots/vod-ts", tracker: { closed: true } } as const;

async function openPage({ browser, origin }: Scene): Promise<() => Promise<Look>> {
  const opened = await browser.newPage();
  await opened.goto(`${origin.url}/e2e/site.html`);
  const look = () => opened.evaluate(() => (window as unknown as { look: () => Look }).look());
  const describe = async () => JSON.stringify(await look());
  await until(async () => (await look()).time > 2, { what: "the page plays", describe });
  return look;
}

test("pages whose server mints tokens for their session keys are admitted, and share", async () => {
  await withScene(closed, async (scene) => {
    const { origin, tracker, setPage } = scene;
    const asked: { contentId: string; keyThumbprint: string }[] = [];
    origin.mount("/mint-token", async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const claims = JSON.parse(body) as (typeof asked)[number];
      asked.push(claims);
      response.end(tracker.publisher!.mint(claims));
    });
    setPage("site.html", page(tracker.url, 'data-token-url="/mint-token"'));
    await openPage(scene);
    const second = await openPage(scene);
    await until(async () => ((await second()).stats?.peerBytes ?? 0) > 1_000_000, {
      what: "the second page takes segments from the first",
      describe: async () => JSON.stringify(await second()),
    });
    expect(asked.map(({ contentId }) => contentId)).toEqual(
      Array(2).fill(`${origin.url}/roots/vod-ts/index.m3u8`),
    );
    expect(new Set(asked.map(({ keyThumbprint }) => keyThumbprint)).size).toBe(2);
    expect((await tracker.stats()).refusals).toEqual({});
  });
});

const CONTENT_ID = "e2e/tokens";
/** The same claims, signed by nobody that the tracker knows. */
function forged(token: string): string {
  const body = token.split(".").slice(0, 2).join(".");
  const { privateKey } = generateKeyPairSync("ed25519");
  return `${body}.${sign(null, Buffer.from(body), privateKey).toString("base64url")}`;
}
/** The same claims, signed by nobody at all. */
function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  return `${header}.${token.split(".")[1]}.`;
}

test("T1 tokens expired, replayed, forged, unsigned, of another title or site: each hears why and plays from the CDN", async () => {
  await withScene(closed, async (scene) => {
    const { mint } = scene.tracker.publisher!;
    const spent = mint({ contentId: CONTENT_ID });
    const honest = await scene.join({ engine: { contentId: CONTENT_ID, token: spent } });
    await honest.until(({ stats }) => stats?.tracker === "ready", { what: "it is admitted" });
    const tokens: readonly [string, RegExp][] = [
      [mint({ contentId: CONTENT_ID, lifetimeS: -90 }), /expired/],
      [spent, /used by another session/],
      [forged(mint({ contentId: CONTENT_ID })), /not signed by a key of publisher "acme"/],
      [unsigned(mint({ contentId: CONTENT_ID })), /"none", not with EdDSA/],
      [mint({ contentId: "another title" }), /another title/],
      [mint({ contentId: CONTENT_ID, origins: ["https://pirate.example"] }), /not for pages of http:/],
    ];
    for (const [token, words] of tokens) {
      const viewer = await scene.join({ engine: { contentId: CONTENT_ID, token } });
      await viewer.until(({ warnings }) => warnings.length > 0, { what: "it warns" });
      const alone = { origin: scene.origin, viewers: [viewer] };
      await playOn(alone, 2);
      const { reports, problems } = await checkViewers(alone);
      expect(problems).toEqual([]);
      expect(reports[0]!.warnings.map(({ code }) => code)).toEqual(["tracker-refused"]);
      expect(reports[0]!.warnings[0]!.message).toMatch(words);
      expect(reports[0]!.stats).toMatchObject({ peers: 0, peerBytes: 0, tracker: "lost" });
      await viewer.close();
    }
    const ofHonest = await honest.report();
    expect(ofHonest).toMatchObject({ warnings: [], stats: { tracker: "ready" } });
  });
});
