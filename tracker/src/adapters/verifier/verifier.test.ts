import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { PIECE_BYTES, pieceCountOf, rootPreimage } from "@tributary/protocol";
import type { VerifierSource, VerifyResult } from "../../core/index.ts";
import { mediaBytes, startMediaOrigin, type MediaOrigin } from "../../testing/media-origin.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { nameDigestOf, urlOfName } from "./named-resource.ts";
import { createOriginPolicy, type OriginPolicy } from "./origin-policy.ts";
import { createPieceHasher } from "./piece-hasher.ts";
import { createVerifier, type Verifier } from "./verifier.ts";

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();

/** As the protocol defines it, from all of the bytes at once. */
function rootOf(bytes: Uint8Array): Uint8Array {
  const hashes = Array.from({ length: pieceCountOf(bytes.length) }, (_, piece) =>
    sha256(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
  );
  return new Uint8Array(sha256(rootPreimage(bytes.length, Buffer.concat(hashes))));
}

it.each([1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 5])(
  "computes the root of %i bytes, however they arrive",
  (length) => {
    const bytes = mediaBytes(length);
    for (const step of [length, 1_000, PIECE_BYTES, 70_001]) {
      const hasher = createPieceHasher();
      for (let at = 0; at < length; at += step) hasher.add(bytes.subarray(at, at + step));
      expect(hasher.finish()).toEqual({ sizeBytes: length, root: rootOf(bytes) });
    }
  },
);

it("binds path and byte range, not host or query", () => {
  const whole = { url: "https://a.example/v/1.ts?t=1", rangeStart: 0, rangeLength: 0 };
  const name = nameDigestOf(whole);
  expect(name).toEqual(new Uint8Array(sha256(Buffer.from("0+0@/v/1.ts"))));
  expect(nameDigestOf({ ...whole, url: "https://b.example/v/1.ts" })).toEqual(name);
  expect(nameDigestOf({ ...whole, url: "https://a.example/v/2.ts" })).not.toEqual(name);
  const range = nameDigestOf({ ...whole, rangeStart: 10, rangeLength: 20 });
  expect(range).toEqual(new Uint8Array(sha256(Buffer.from("10+20@/v/1.ts"))));
});

it.each([
  ["https://a.example/v/1.ts?t=1#x", "https://a.example/v/1.ts?t=1"],
  ["https://a.example\\lie/v/1.ts", "https://a.example/v/1.ts"],
  ["https://a.example\\..\\lie\\..\\x/v/1.ts", "https://a.example/v/1.ts"],
  ["https://me@a.example/v/1.ts", "https://a.example/v/1.ts"],
  ["https://a.example//b.example/1.ts", "https://a.example//b.example/1.ts"],
  ["https:///b.example/v/1.ts", "https://b.example/b.example/v/1.ts"],
])("fetches what the name of %s names, whatever else the text may mean", (url, fetched) => {
  expect(urlOfName({ url, rangeStart: 0, rangeLength: 0 }).href).toBe(fetched);
});

it.each(["https:\\\\a.example\\v\\1.ts", " https://a.example/v/1.ts", "https:a.example/1.ts"])(
  "does not fetch %j, which has no name",
  (url) => {
    expect(() => urlOfName({ url, rangeStart: 0, rangeLength: 0 })).toThrow("not a URL with a host");
  },
);

describe("the verifier", () => {
  const media = mediaBytes(200_000);
  const origins: MediaOrigin[] = [];
  const verifiers: Verifier[] = [];
  const openToLoopback = createOriginPolicy({
    open: true,
    host: "127.0.0.1",
    trustProxy: false,
    origins: [],
  });

  afterEach(async () => {
    for (const verifier of verifiers.splice(0)) verifier.close();
    for (const origin of origins.splice(0)) await origin.close();
  });

  async function serve(answer: Parameters<typeof startMediaOrigin>[0]) {
    const origin = await startMediaOrigin(answer);
    origins.push(origin);
    return origin;
  }

  function create(policy: OriginPolicy = openToLoopback) {
    const waiting = new Map<VerifierSource, (result: VerifyResult) => void>();
    const verifier = createVerifier(policy, ({ source }, result) => waiting.get(source)?.(result));
    verifiers.push(verifier);
    const verify = (source: VerifierSource, fingerprint = fingerprintOf(source), swarm = "s") =>
      new Promise<VerifyResult>((resolve) => {
        waiting.set(source, resolve);
        const segment = { track: 1, sequence: 1, part: -1, fingerprint };
        verifier.submit({ swarm, segment, name: nameDigestOf(source), source });
      });
    return { verifier, verify };
  }

  const whole = (origin: MediaOrigin, path = "/seg.ts"): VerifierSource => ({
    url: origin.origin + path,
    rangeStart: 0,
    rangeLength: 0,
  });
  const sendMedia = (_: string, response: ServerResponse) => void response.end(media);

  it("fetches once and computes size and root", async () => {
    const origin = await serve(sendMedia);
    const { verifier, verify } = create();
    expect(await verify(whole(origin))).toEqual({ ok: true, sizeBytes: media.length, root: rootOf(media) });
    expect(origin.requests).toEqual([{ path: "/seg.ts", range: undefined }]);
    expect(verifier.stats()).toMatchObject({ copies: 1, bytes: media.length, failures: 0, running: 0 });
  });

  it.each([
    ["that honours Range", true],
    ["that ignores Range", false],
  ])("takes a byte range from a host %s", async (_, honours) => {
    const origin = await serve((_path, response) => {
      if (!honours) return void response.end(media);
      response.writeHead(206, { "content-range": `bytes 70000-169999/${media.length}` });
      response.end(media.subarray(70_000, 170_000));
    });
    const result = await create().verify({ ...whole(origin), rangeStart: 70_000, rangeLength: 100_000 });
    expect(result).toEqual({ ok: true, sizeBytes: 100_000, root: rootOf(media.subarray(70_000, 170_000)) });
    expect(origin.requests[0]?.range).toBe("bytes=70000-169999");
  });

  it("does not ask for a URL that does not belong to the segment", async () => {
    const origin = await serve(sendMedia);
    expect(await create().verify(whole(origin), 1)).toMatchObject({ ok: false });
    expect(origin.requests).toEqual([]);
  });

  const wrongAnswers: [string, (response: ServerResponse) => void, RegExp][] = [
    ["404", (response) => void response.writeHead(404).end("no"), /404/],
    ["nothing", (response) => void response.end(), /empty/],
    [
      "compressed bytes",
      (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
      /gzip/,
    ],
    ["a part that nobody asked for", (response) => void response.writeHead(206).end("x"), /part/],
    [
      "a cut connection",
      (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("abc", () => response.destroy());
      },
      /abort|reset|hang up/i,
    ],
    [
      "a redirect elsewhere",
      (response) => void response.writeHead(302, { location: "http://127.0.0.2:1/x" }).end(),
      /another host/,
    ],
    [
      "a redirect to a file",
      (response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
      /another host/,
    ],
    [
      "redirects without end",
      (response) => void response.writeHead(302, { location: "/again" }).end(),
      /redirects/,
    ],
  ];
  it.each(wrongAnswers)("fails on %s, and says so", async (_, answer, reason) => {
    const origin = await serve((_path, response) => answer(response));
    const { verifier, verify } = create();
    expect(await verify(whole(origin))).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    expect(verifier.stats().lastFailures[0]).toMatch(new RegExp(`^${origin.origin}: `));
  });

  it("follows a redirect inside the origin", async () => {
    const origin = await serve((path, response) => {
      if (path === "/real.ts") response.end(media);
      else response.writeHead(301, { location: "/real.ts" }).end();
    });
    expect(await create().verify(whole(origin))).toMatchObject({ ok: true, sizeBytes: media.length });
  });

  it("stops reading at 64 MiB", async () => {
    const block = new Uint8Array(1024 * 1024);
    const origin = await serve((_path, response) => {
      const more = () => {
        while (response.writable && response.write(block));
      };
      response.on("drain", more);
      more();
    });
    expect(await create().verify(whole(origin))).toMatchObject({ ok: false, reason: "longer than 64 MiB" });
  });

  it("never connects where a name leads to a forbidden address", async () => {
    const origin = await serve(sendMedia);
    const listedByName: OriginPolicy = {
      originAllowed: () => true,
      addressAllowed: (_url, address) => !address.startsWith("127.") && address !== "::1",
    };
    const { verify } = create(listedByName);
    const byName = { ...whole(origin), url: whole(origin).url.replace("127.0.0.1", "localhost") };
    expect(await verify(byName)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("no public address"),
    });
    expect(await verify(whole(origin))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("not a public"),
    });
    expect(origin.requests).toEqual([]);
  });

  it("runs a few at a time, queues the rest and refuses what one swarm asks beyond its share", async () => {
    const held: ServerResponse[] = [];
    let arrived = () => {};
    const origin = await serve((_path, response) => {
      held.push(response);
      arrived();
    });
    const { verifier, verify } = create();
    const all = Array.from({ length: 140 }, (_, index) => verify(whole(origin, `/${index}.ts`)));
    const fromAnother = verify(whole(origin, "/another.ts"), undefined, "another swarm");
    while (held.length < 6) await new Promise<void>((resolve) => (arrived = resolve));
    expect(verifier.stats().running).toBe(6);
    arrived = () => held.splice(0).forEach((response) => response.end("x"));
    arrived();
    const results = await Promise.all([...all, fromAnother]);
    expect(results.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(128);
    expect(results.filter(({ ok }) => !ok).length).toBeGreaterThan(0);
    expect(results.at(-1)?.ok).toBe(true);
    expect(verifier.stats()).toMatchObject({ running: 0, queued: 0 });
  });
});
