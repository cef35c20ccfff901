import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeBase64Url } from "@tributary/protocol";
import { rawPublicKeyOf } from "../adapters/crypto/ed25519.ts";
import { startTracker, type Tracker } from "../index.ts";
import { SOCKET_KINDS } from "../testing/socket-kinds.ts";

const adminSecret = "correct horse battery staple";
const publicKey = () => generateKeyPairSync("ed25519").publicKey;
const publicKeyText = () => encodeBase64Url(rawPublicKeyOf(publicKey()));

interface Shown {
  readonly error?: string;
  readonly name: string;
  readonly keys: readonly { readonly id: string }[];
  readonly origins: readonly string[];
}

describe.each(SOCKET_KINDS)("publishers over HTTP on %s", (sockets) => {
  let tracker: Tracker;
  beforeAll(async () => {
    tracker = await startTracker({ dataDir: null, open: false, host: "127.0.0.1", sockets, adminSecret });
  });
  afterAll(() => tracker.close());

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    authorization = `Bearer ${adminSecret}`,
  ): Promise<{ status: number; body: Shown }> {
    const url = `${tracker.url.replace("ws:", "http:")}/admin/publishers${path}`;
    const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(url, { method, headers: { authorization }, body: text });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    return { status: response.status, body: (await response.json()) as Shown };
  }

  it.each([
    "",
    "Bearer ",
    "Bearer wrong",
    `Basic ${adminSecret}`,
    adminSecret,
    `Bearer ${adminSecret} `.repeat(2),
  ])("answer nobody who says %j", async (authorization) => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status, body } = await ask(method, "/acme", method === "PUT" ? {} : undefined, authorization);
      expect(status).toBe(401);
      expect(body.error).not.toContain(adminSecret);
    }
  });

  it("are added, shown, changed and removed", async () => {
    const origins = ["https://cdn.acme.example"];
    const key = publicKeyText();
    expect(await ask("PUT", "/acme", { publicKey: key, origins })).toMatchObject({
      status: 201,
      body: { name: "acme", origins, keys: [{ publicKey: key }] },
    });
    expect((await ask("PUT", "/acme", { publicKey: key })).status).toBe(409);
    expect((await ask("GET", "")).body).toMatchObject({ publishers: [{ name: "acme" }] });
    expect(await tracker.publishers.byName("acme")).toMatchObject({ origins });

    const pem = publicKey().export({ format: "pem", type: "spki" });
    const { body } = await ask("POST", "/acme/keys", { publicKey: pem });
    expect(body.keys).toHaveLength(2);
    expect((await ask("DELETE", `/acme/keys/${body.keys[0]!.id}`)).body.keys).toEqual([body.keys[1]]);
    expect((await ask("DELETE", `/acme/keys/${body.keys[1]!.id}`)).status).toBe(409);
    const moved = ["https://media.acme.example:8443"];
    expect((await ask("PUT", "/acme/origins", { origins: moved })).body.origins).toEqual(moved);

    expect((await ask("DELETE", "/acme")).status).toBe(200);
    for (const [method, path] of [
      ["GET", "/acme"],
      ["DELETE", "/acme"],
    ] as const)
      expect((await ask(method, path)).status).toBe(404);
    expect((await ask("POST", "/acme/keys", { publicKey: key })).status).toBe(404);
  });

  const privateKey = generateKeyPairSync("ed25519").privateKey;
  const wrong: [string, string, string, unknown, RegExp][] = [
    ["a body that is no JSON", "PUT", "/acme", "{", /JSON object/],
    ["a body that is a list", "PUT", "/acme", [], /JSON object/],
    ["no key", "PUT", "/acme", {}, /public key/],
    ["a key of another kind", "PUT", "/acme", { publicKey: rsaPem() }, /Ed25519/],
    ["a key of small order", "PUT", "/acme", { publicKey: encodeBase64Url(new Uint8Array(32)) }, /Ed25519/],
    [
      "a private key",
      "PUT",
      "/acme",
      { publicKey: privateKey.export({ format: "pem", type: "pkcs8" }) },
      /private key; keep it/,
    ],
    [
      "a private JWK",
      "PUT",
      "/acme",
      { publicKey: JSON.stringify(privateKey.export({ format: "jwk" })) },
      /private key; keep it/,
    ],
    ["a name with capitals", "PUT", "/Acme", { publicKey: publicKeyText() }, /name/],
    ["a name with a slash in disguise", "PUT", "/a%2fb", { publicKey: publicKeyText() }, /name/],
    ["a name that is no URL", "GET", "/%zz", undefined, /URL-encoded/],
    [
      "an origin with a path",
      "PUT",
      "/acme",
      { publicKey: publicKeyText(), origins: ["https://a.example/x"] },
      /origin/,
    ],
    [
      "too many origins",
      "PUT",
      "/acme",
      { publicKey: publicKeyText(), origins: Array(33).fill("https://a.example") },
      /32/,
    ],
    ...["http://10.1.2.3", "http://localhost:9", "http://[::1]", "http://169.254.169.254"].map(
      (origin): [string, string, string, unknown, RegExp] => [
        `the origin ${origin}`,
        "PUT",
        "/acme",
        { publicKey: publicKeyText(), origins: [origin] },
        /public internet/,
      ],
    ),
  ];
  it.each(wrong)("refuse %s with one clear error", async (_, method, path, body, words) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(words);
    expect(await tracker.publishers.list()).toEqual([]);
  });

  it("have no other pages and methods", async () => {
    expect((await ask("GET", "/acme/keys/1/more")).status).toBe(404);
    expect((await ask("GET", "/acme/secrets")).status).toBe(404);
    expect((await ask("PATCH", "/acme", {})).status).toBe(405);
    expect((await ask("POST", "", {})).status).toBe(405);
    expect((await ask("PUT", "/acme", "x".repeat(70_000))).status).toBe(413);
  });
});

it("are not served at all without a secret, and a short secret is refused", async () => {
  const tracker = await startTracker({ dataDir: null, open: true });
  const response = await fetch(`${tracker.url.replace("ws:", "http:")}/admin/publishers`);
  expect(response.status).toBe(404);
  await tracker.close();
  await expect(startTracker({ dataDir: null, open: true, adminSecret: "too short" })).rejects.toThrow(
    TypeError,
  );
});

function rsaPem() {
  const pair = generateKeyPairSync("rsa", { modulusLength: 1024 });
  return pair.publicKey.export({ format: "pem", type: "spki" });
}
