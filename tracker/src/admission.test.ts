import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { encodeBase64Url } from "@tributary/protocol";
import { startTracker, type Tracker, type TrackerOptions } from "./index.ts";
import { thumbprintOf } from "./adapters/admission/token-check.ts";
import { joinMessage } from "./testing/core-rig.ts";
import { createPublisher } from "./testing/publishers.ts";
import { SOCKET_KINDS } from "./testing/socket-kinds.ts";
import { connectTracker, type TrackerClient } from "./testing/tracker-client.ts";

describe.each(SOCKET_KINDS)("a tracker of registered publishers over %s", (sockets) => {
  const acme = createPublisher("acme");
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function start(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
    const tracker = await startTracker({
      dataDir: null,
      open: false,
      host: "127.0.0.1",
      sockets,
      ...options,
    });
    cleanUps.push(() => tracker.close());
    await tracker.publishers.add(acme.publisher);
    return tracker;
  }

  async function connect(tracker: Tracker, headers: Record<string, string> = {}): Promise<TrackerClient> {
    const client = await connectTracker(tracker.url, headers);
    cleanUps.push(() => client.socket.terminate());
    return client;
  }

  /** The tracker says in NONCE whom tokens must be for. */
  async function audienceFor(client: TrackerClient): Promise<string> {
    const nonce = await client.next("nonce");
    client.inbox.push(nonce);
    return encodeBase64Url(nonce.trackerId);
  }

  const inTwoMinutes = () => Date.now() + 120_000;

  async function tokenFor(client: TrackerClient, changes: object = {}): Promise<string> {
    const audience = await audienceFor(client);
    return acme.mint({ audience, contentId: "film", expiresAtMs: inTwoMinutes(), ...changes });
  }

  async function expectRefusal(client: TrackerClient, code: string, words: RegExp) {
    expect(await client.next("error")).toMatchObject({
      code,
      fatal: true,
      message: expect.stringMatching(words),
    });
    await client.closed;
  }

  it("admits a viewer with its publisher's token to the title", async () => {
    const client = await connect(await start());
    await client.hello({ token: await tokenFor(client) });
    await client.next("welcome");
    client.send(joinMessage("film"));
    expect(await client.next("swarm")).toMatchObject({ viewerCount: 1 });
  });

  it("refuses whoever brings no token, whatever Origin it claims", async () => {
    const client = await connect(await start(), { origin: "https://www.acme.example" });
    await client.hello();
    await expectRefusal(client, "not-admitted", /no token.*--open/);
  });

  it("T1 refuses a token that is for another title", async () => {
    const client = await connect(await start());
    await client.hello({ token: await tokenFor(client, { contentId: "another film" }) });
    await client.next("welcome");
    client.send(joinMessage("film"));
    await expectRefusal(client, "wrong-content", /another title/);
  });

  it("refuses an expired token", async () => {
    const client = await connect(await start());
    await client.hello({ token: await tokenFor(client, { expiresAtMs: Date.now() - 60_000 }) });
    await expectRefusal(client, "token-expired", /expired 6\d s ago/);
  });

  it("T1 refuses a token that another session brought before", async () => {
    const tracker = await start();
    const [viewer, thief] = [await connect(tracker), await connect(tracker)];
    const token = await tokenFor(viewer);
    await viewer.hello({ token });
    await viewer.next("welcome");
    await thief.hello({ token });
    await expectRefusal(thief, "token-replayed", /another session/);
  });

  it("T1 refuses a stolen token that is bound to its viewer's key, also before the viewer came", async () => {
    const tracker = await start();
    const [viewer, thief] = [await connect(tracker), await connect(tracker)];
    const keyThumbprint = thumbprintOf(encodeBase64Url(viewer.sessionKey));
    const token = await tokenFor(viewer, { keyThumbprint });
    await thief.hello({ token });
    await expectRefusal(thief, "token-replayed", /another session key/);
    await viewer.hello({ token });
    await viewer.next("welcome");
  });

  it("T1 refuses a stolen token with the viewer's public key, but without its private one", async () => {
    const tracker = await start();
    const [viewer, thief] = [await connect(tracker), await connect(tracker)];
    const token = await tokenFor(viewer);
    await thief.hello({ token, sessionKey: viewer.sessionKey });
    await expectRefusal(thief, "bad-signature", /does not fit/);
    await viewer.hello({ token });
    await viewer.next("welcome");
  });

  it("refuses a token of a publisher that is not registered", async () => {
    const client = await connect(await start());
    const audience = await audienceFor(client);
    const foe = createPublisher("foe");
    await client.hello({
      token: await foe.mint({ audience, contentId: "film", expiresAtMs: inTwoMinutes() }),
    });
    await expectRefusal(client, "token-invalid", /"foe" is not registered/);
  });

  it("holds browsers to the token's pages", async () => {
    const tracker = await start();
    const pageOrigins = ["https://www.acme.example"];
    for (const [origin, isWelcome] of [
      ["https://www.acme.example", true],
      ["https://pirate.example", false],
    ] as const) {
      const client = await connect(tracker, { origin });
      await client.hello({ token: await tokenFor(client, { pageOrigins }) });
      if (isWelcome) await client.next("welcome");
      else await expectRefusal(client, "not-admitted", /not for pages of https:\/\/pirate\.example/);
    }
  });

  it("refuses a session that signs nothing, even with a token", async () => {
    const client = await connect(await start());
    await client.hello({ token: await tokenFor(client), signature: new Uint8Array(0) });
    await expectRefusal(client, "bad-signature", /not signed/);
  });

  describe("a viewer that comes back", () => {
    async function admitted(tracker: Tracker, changes: object = {}) {
      const client = await connect(tracker);
      const token = await tokenFor(client, changes);
      await client.hello({ token });
      const { resumeTicket } = await client.next("welcome");
      return { client, token, resumeTicket };
    }

    it("needs no fresh token, also after the tracker was restarted", async () => {
      const dir = mkdtempSync(join(tmpdir(), "tributary-admission-"));
      cleanUps.push(() => rmSync(dir, { recursive: true }));
      const first = await start({ dataDir: dir });
      const { client, resumeTicket } = await admitted(first);
      await first.close();
      const again = await connect(await start({ dataDir: dir }));
      await again.hello({ resumeTicket }, client);
      expect((await again.next("welcome")).resumeTicket).toEqual(resumeTicket);
      again.send(joinMessage("film"));
      expect(await again.next("swarm")).toMatchObject({ viewerCount: 1 });
    });

    it("is held to the title of the token that it showed first", async () => {
      const tracker = await start();
      const { client, resumeTicket } = await admitted(tracker);
      const again = await connect(tracker);
      await again.hello({ resumeTicket }, client);
      await again.next("welcome");
      again.send(joinMessage("another film"));
      await expectRefusal(again, "wrong-content", /another title/);
    });

    it("is refused with a ticket of another's key, of another tracker, or changed by a bit", async () => {
      const [tracker, elsewhere] = [await start(), await start()];
      const { client, resumeTicket } = await admitted(tracker);
      const thief = await connect(tracker);
      await thief.hello({ resumeTicket });
      await expectRefusal(thief, "wrong-key", /another session key/);
      const lost = await connect(elsewhere);
      await lost.hello({ resumeTicket }, client);
      await expectRefusal(lost, "token-invalid", /another tracker/);
      const forged = resumeTicket.slice();
      forged[50]! ^= 1;
      const forger = await connect(tracker);
      await forger.hello({ resumeTicket: forged }, client);
      await expectRefusal(forger, "bad-signature", /not signed by this tracker/);
      const cut = await connect(tracker);
      await cut.hello({ resumeTicket: resumeTicket.slice(0, 100) }, client);
      await expectRefusal(cut, "wrong-length", /resume-ticket/);
    });

    it("is refused once its publisher is gone, and may show a fresh token where the ticket is no good", async () => {
      const tracker = await start();
      const { client, token, resumeTicket } = await admitted(tracker);
      const forged = resumeTicket.slice();
      forged[50]! ^= 1;
      const again = await connect(tracker);
      await again.hello({ resumeTicket: forged, token }, client);
      await again.next("welcome");
      await tracker.publishers.remove("acme");
      const late = await connect(tracker);
      await late.hello({ resumeTicket }, client);
      await expectRefusal(late, "token-invalid", /not registered any more/);
    });
  });

  it("where it is open, admits also those whose token is no good", async () => {
    const client = await connect(await start({ open: true }));
    await client.hello({ token: await tokenFor(client, { expiresAtMs: 1_000 }) });
    await client.next("welcome");
  });
});
