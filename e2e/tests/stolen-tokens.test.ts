import { expect, test } from "@playwright/test";
import { encodeHex } from "@tributary/protocol";
import { type HostileScene, withHostileScene } from "../src/hostile/scene.ts";
import { peerBytesOf } from "../src/index.ts";

const CONTENT_ID = "e2e/roots/vod-ts";

/** A viewer with a token of its own. */
async function joinWithToken({ tracker, join }: HostileScene) {
  const token = tracker.publisher!.mint({ contentId: CONTENT_ID });
  const viewer = await join({ engine: { tracker: tracker.url, contentId: CONTENT_ID, token } });
  await viewer.until(({ stats }) => stats?.tracker === "ready", { what: "it is admitted" });
  return { viewer, token };
}

test("T1 stolen token and public key: the thief is refused and told why, its victim plays and shares on", async () => {
  const options = {
    stream: "roots/vod-ts",
    tracker: { closed: true },
    hls: { maxBufferLength: 60 },
  } as const;
  await withHostileScene(options, async (scene) => {
    const { viewer, token } = await joinWithToken(scene);
    const shown = scene.sentBy(viewer).hello();
    expect(shown.token).toBe(token);
    const sessionKey = encodeHex(shown.sessionKey);

    const attempts = [
      [{ token, sessionKey: null }, "token-replayed", /used by another session/],
      [{ token, sessionKey }, "bad-signature", /does not fit/],
      [{ token: "", sessionKey }, "bad-signature", /does not fit/],
      [{ token: "", sessionKey: null }, "not-admitted", /no token/],
      [{ token: token.slice(0, -4), sessionKey: null }, "token-invalid", /token/],
    ] as const;
    for (const [loot, code, words] of attempts) {
      const { errors, ...rest } = await scene.knock(loot);
      expect(rest).toEqual({ welcomed: false, peersNamed: null });
      expect(errors).toEqual([
        expect.objectContaining({ code, fatal: true, message: expect.stringMatching(words) }),
      ]);
    }

    const second = (await joinWithToken(scene)).viewer;
    await second.until((report) => peerBytesOf(report) > 200_000, { what: "it takes from the first" });
    const { reports, problems } = await scene.check();
    expect(problems).toEqual([]);
    for (const { warnings, stats } of reports) {
      expect(warnings).toEqual([]);
      expect(stats).toMatchObject({ tracker: "ready", peers: 1 });
    }
    expect((await scene.tracker.stats()).sessions.joined).toBe(2);
  });
});
