import { createSecretKey, sign } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { expect, it } from "vitest";
import { createPublisher, publishersInMemory } from "../../testing/publishers.ts";
import { checkToken, type TokenBearer } from "./token-check.ts";

const nowMs = 1_700_000_000_000;
const audience = "this-tracker";
const acme = createPublisher("acme");
const other = createPublisher("other");
const viewer: TokenBearer = { keyThumbprint: "viewer-key", pageOrigin: "https://www.acme.example" };
const thief: TokenBearer = { ...viewer, keyThumbprint: "thief-key" };
const sound = { audience, contentId: "film", expiresAtMs: nowMs + 120_000 };

function createDoor() {
  const registry = publishersInMemory(acme.publisher, other.publisher);
  return (token: string, bearer = viewer, atMs = nowMs) =>
    checkToken(token, bearer, audience, registry, atMs);
}

it("admits the bearer of a sound token to its title", async () => {
  const verdict = await createDoor()(await acme.mint(sound));
  expect(verdict).toEqual({ ok: true, publisher: acme.publisher, contentId: "film" });
});

it("takes a token again from the same key until it expires, and from no other key", async () => {
  const check = createDoor();
  const token = await acme.mint(sound);
  expect(await check(token)).toMatchObject({ ok: true });
  expect(await check(token)).toMatchObject({ ok: true });
  expect(await check(token, thief)).toEqual({
    ok: false,
    code: "token-replayed",
    reason: "the token was used by another session already",
  });
  expect(await check(token)).toMatchObject({ ok: true });
  // Token ids are each publisher's own.
  expect(await check(await other.mint({ ...sound, tokenId: "1" }))).toMatchObject({ ok: true });
  expect(await check(await acme.mint({ ...sound, tokenId: "1" }), thief)).toMatchObject({ ok: true });
});

it("lets only the key that a token is bound to use it, even first", async () => {
  const check = createDoor();
  const token = await acme.mint({ ...sound, keyThumbprint: viewer.keyThumbprint });
  expect(await check(token, thief)).toMatchObject({ code: "token-replayed", reason: /another session key/ });
  expect(await check(token)).toMatchObject({ ok: true });
});

it("holds browsers to the pages that a token is for, and takes programs without an Origin", async () => {
  const check = createDoor();
  const token = await acme.mint({ ...sound, pageOrigins: ["https://www.acme.example"] });
  expect(await check(token)).toMatchObject({ ok: true });
  expect(await check(token, { ...viewer, pageOrigin: "https://pirate.example" })).toMatchObject({
    code: "not-admitted",
    reason: expect.stringContaining("https://pirate.example"),
  });
  expect(await check(token, { ...viewer, pageOrigin: "" })).toMatchObject({ ok: true });
});

it("forgives clocks that differ by half a minute, and no more", async () => {
  const check = createDoor();
  const expired = (ms: number) => acme.mint({ ...sound, expiresAtMs: nowMs - ms });
  expect(await check(await expired(20_000))).toMatchObject({ ok: true });
  expect(await check(await expired(60_000))).toEqual({
    ok: false,
    code: "token-expired",
    reason: "the token expired 60 s ago",
  });
  expect(await check(await acme.mint({ ...sound, expiresAtMs: nowMs + 320_000 }))).toMatchObject({
    ok: true,
  });
  expect(await check(await acme.mint({ ...sound, expiresAtMs: nowMs + 400_000 }))).toMatchObject({
    code: "token-invalid",
    reason: expect.stringMatching(/another 400 s; 300 s is the most/),
  });
});

it("takes either key while a publisher replaces one", async () => {
  const next = createPublisher("acme");
  const keys = [...acme.publisher.keys, ...next.publisher.keys];
  const registry = publishersInMemory({ ...acme.publisher, keys });
  for (const server of [acme, next])
    expect(await checkToken(await server.mint(sound), viewer, audience, registry, nowMs)).toMatchObject({
      ok: true,
    });
});

const claims = { content: "film", iss: "acme", aud: audience, jti: "j", exp: (nowMs + 120_000) / 1000 };
const signed = (changes: object) =>
  new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: "EdDSA", kid: acme.keyId })
    .sign(acme.privateKey);
const withoutClaim = (name: keyof typeof claims) => signed({ [name]: undefined });

/** For headers that no library would sign. */
const withHeader = (header: object) => assembled(JSON.stringify(header), JSON.stringify(claims));

/** For numbers that JavaScript would not write: what comes last of one name counts. */
const withClaims = (more: string) =>
  assembled(
    JSON.stringify({ alg: "EdDSA", kid: acme.keyId }),
    `${JSON.stringify(claims).slice(0, -1)},${more.slice(1)}`,
  );

function assembled(...parts: readonly [header: string, claims: string]): string {
  const body = parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
  return `${body}.${sign(null, Buffer.from(body), acme.privateKey).toString("base64url")}`;
}

const refusals: [string, () => Promise<string> | string, RegExp][] = [
  ["what is no JWT", () => "let-me-in", /not a JWT/],
  ["an unsigned token", () => new UnsecuredJWT(claims).encode(), /"none", not with EdDSA/],
  [
    "a token under a shared secret",
    () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .sign(createSecretKey(Buffer.from(acme.publisher.keys[0]!.publicKey))),
    /"HS256", not with EdDSA/,
  ],
  ["one of nobody", () => withoutClaim("iss"), /no publisher/],
  [
    "one of a publisher that is not registered",
    () => createPublisher("foe").mint(sound),
    /"foe" is not registered/,
  ],
  [
    "one signed by another publisher",
    () => other.mint({ ...sound, publisher: "acme" }),
    /not signed by a key/,
  ],
  ["one signed by a key unknown here", () => createPublisher("acme").mint(sound), /not signed by a key/],
  ["one for another tracker", () => acme.mint({ ...sound, audience: "elsewhere" }), /another tracker/],
  ["one without a tracker", () => withoutClaim("aud"), /aud/],
  ["one that never expires", () => withoutClaim("exp"), /exp is missing/],
  ["one that expires in 10^300 s", () => signed({ exp: 1e300 }), /another 1e\+300 s; 300 s is the most/],
  ["one that expires beyond all numbers", () => withClaims('{"exp":1e999}'), /another Infinity s/],
  ["one that expires in 2^53 + 1 s", () => withClaims('{"exp":9007199254740993}'), /300 s is the most/],
  ["one whose end is a text", () => signed({ exp: "9007199254740993" }), /exp is wrong/],
  ["one whose end is null", () => signed({ exp: null }), /exp is wrong/],
  ["one whose end is a list", () => signed({ exp: [claims.exp] }), /exp is wrong/],
  ["one without a number", () => withoutClaim("jti"), /jti is missing/],
  ["one with an endless number", () => signed({ jti: "x".repeat(129) }), /jti is not/],
  ["one without a title", () => withoutClaim("content"), /content is no/],
  ["one for a title that is no text", () => signed({ content: 7 }), /content is no/],
  ["one of tomorrow", () => signed({ nbf: nowMs / 1000 + 3_600 }), /not valid yet/],
  ["a key binding without a thumbprint", () => signed({ cnf: {} }), /cnf/],
  ["a key binding that is null", () => signed({ cnf: null }), /cnf/],
  ["page origins that are no list", () => signed({ origins: "https://a.example" }), /origins is no list/],
  ["a critical extension", () => withHeader({ alg: "EdDSA", crit: ["x"], x: 1 }), /cannot be read/],
];

it.each(refusals)("refuses %s", async (_, token, reason) => {
  const verdict = await createDoor()(await token());
  expect(verdict).toMatchObject({ ok: false, code: "token-invalid", reason: expect.stringMatching(reason) });
});

it.each([0, -1, -1e300, -(2 ** 53) - 2])("takes one that ended in the second %d for expired", async (exp) => {
  expect(await createDoor()(await signed({ exp }))).toMatchObject({ ok: false, code: "token-expired" });
});

it("takes a token that ends in the middle of a second", async () => {
  expect(await createDoor()(await signed({ exp: claims.exp + 0.0625 }))).toMatchObject({ ok: true });
});

it("refuses a token whose every bit but one is right", async () => {
  const check = createDoor();
  const token = await acme.mint(sound);
  const signature = Buffer.from(token.split(".")[2]!, "base64url");
  for (const at of [0, 17, 40, 63]) {
    const flipped = Buffer.from(signature);
    flipped[at]! ^= 1;
    const forged = [...token.split(".").slice(0, 2), flipped.toString("base64url")].join(".");
    expect(await check(forged)).toMatchObject({ code: "token-invalid" });
  }
});
