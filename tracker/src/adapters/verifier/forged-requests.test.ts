import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { VerifyResult } from "../../core/index.ts";
import { mediaBytes } from "../../testing/media-origin.ts";
import type { Resolve } from "./guarded-http.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { nameDigestOf } from "./named-resource.ts";
import { createOriginPolicy, isPublicOrigin, type OriginPolicy } from "./origin-policy.ts";
import { createVerifier } from "./verifier.ts";

const media = mediaBytes(1_000);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Stands for a CDN where it listens on 127.0.0.1, and for something inside on 127.0.0.2. */
async function serve(host: string, port = 0, headers: Record<string, string> = {}) {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(headers["location"] === undefined ? 200 : 302, { connection: "close", ...headers });
    response.end(media);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return { requests, port: (server.address() as AddressInfo).port };
}

/** As the real policy, but 127.0.0.1 is the public internet. */
const policy: OriginPolicy = {
  originAllowed: () => true,
  addressAllowed: (_, address) => address === "127.0.0.1",
};

function createFetch(resolve: Resolve, of: OriginPolicy = policy) {
  let answer = (_: VerifyResult) => {};
  const verifier = createVerifier(of, (_, result) => answer(result), resolve);
  closers.push(() => verifier.close());
  return (url: string) =>
    new Promise<VerifyResult>((done) => {
      answer = done;
      const source = { url, rangeStart: 0, rangeLength: 0 };
      const segment = { track: 1, sequence: 1, part: -1, fingerprint: fingerprintOf(source) };
      verifier.submit({ swarm: "s", segment, name: nameDigestOf(source), source });
    });
}

const answering =
  (...answers: string[][]): Resolve =>
  (_hostname, _options, answer) =>
    answer(
      null,
      (answers.length > 1 ? answers.shift()! : answers[0]!).map((address) => ({ address, family: 4 })),
    );

const refused = { ok: false, reason: expect.stringContaining("no public address") as string };

it("checks a name each time it connects: one that moves inside later leads nowhere", async () => {
  const outside = await serve("127.0.0.1");
  const inside = await serve("127.0.0.2", outside.port);
  const fetch = createFetch(answering(["127.0.0.1"], ["127.0.0.2"]));
  const url = `http://cdn.example:${outside.port}/1.ts`;
  expect(await fetch(url)).toMatchObject({ ok: true, sizeBytes: media.length });
  expect(await fetch(url)).toEqual(refused);
  expect([outside.requests.length, inside.requests.length]).toEqual([1, 0]);
});

it("connects only to the allowed ones of a name's addresses", async () => {
  const outside = await serve("127.0.0.1");
  const inside = await serve("127.0.0.2", outside.port);
  const fetch = createFetch(answering(["127.0.0.2", "127.0.0.1"]));
  expect(await fetch(`http://cdn.example:${outside.port}/1.ts`)).toMatchObject({ ok: true });
  expect([outside.requests.length, inside.requests.length]).toEqual([1, 0]);
});

it("checks the name again after a redirect inside the origin", async () => {
  const outside = await serve("127.0.0.1", 0, { location: "/2.ts" });
  const inside = await serve("127.0.0.2", outside.port);
  const fetch = createFetch(answering(["127.0.0.1"], ["127.0.0.2"]));
  expect(await fetch(`http://cdn.example:${outside.port}/1.ts`)).toEqual(refused);
  expect([outside.requests.length, inside.requests.length]).toEqual([1, 0]);
});

it.each([
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "192.168.0.1",
  "100.64.0.1",
  "0.0.0.0",
  "255.255.255.255",
])("does not follow a listed name to %s", async (address) => {
  const listed = createOriginPolicy({
    open: false,
    host: "0.0.0.0",
    trustProxy: false,
    origins: ["http://cdn.example"],
  });
  expect(await createFetch(answering([address]), listed)("http://cdn.example/1.ts")).toEqual(refused);
});

it.each([
  "http://2130706433",
  "http://0x7f.1",
  "http://0177.0.0.1",
  "http://127.1",
  "http://[::1]",
  "http://[::ffff:127.0.0.1]",
  "http://[::ffff:a9fe:a9fe]",
  "http://[fd00::1]",
  "http://[fe80::1]",
  "http://[64:ff9b::a00:1]",
  "http://localhost",
  "http://tracker.localhost",
  "http://169.254.169.254",
])("a publisher cannot register %s as its origin", (origin) => {
  expect(isPublicOrigin(new URL(origin).origin)).toBe(false);
});
