import { request } from "node:http";
import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rootOf } from "../roots/root-of.ts";
import { type Origin, startOrigin, STREAM_NAMES } from "./index.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);
const SEGMENT = readFileSync(new URL("ts-360/seg-0.ts", FIXTURES));

let origin: Origin;
beforeEach(async () => void (origin = await startOrigin()));
afterEach(() => origin.close());

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(origin.url + path, init);
const text = async (path: string): Promise<string> => (await get(path)).text();
const bytes = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe("streams", () => {
  it.each(STREAM_NAMES)(
    "%s: every segment of every playlist is there, and its root is right",
    async (name) => {
      const multivariant = await text(`/roots/${name}/index.m3u8`);
      const playlists = [...multivariant.matchAll(/^[^#\n]+\.m3u8$|URI="([^"]+\.m3u8)"/gm)];
      expect(playlists.length).toBeGreaterThan(0);
      for (const [line, attribute] of playlists) {
        const base = new URL(`/roots/${name}/${attribute ?? line}`, origin.url);
        const lines = (await text(base.pathname)).split("\n");
        const uris = lines.flatMap((uri, i) => (uri === "" || uri.startsWith("#") ? [] : [i]));
        expect(uris.length).toBeGreaterThanOrEqual(6);
        for (const i of uris) {
          const range = lines
            .slice(i - 2, i)
            .join("\n")
            .match(/BYTERANGE:(\d+)@(\d+)/);
          const headers = range
            ? { Range: `bytes=${range[2]}-${Number(range[1]) + Number(range[2]) - 1}` }
            : {};
          const response = await fetch(new URL(lines[i] ?? "", base), { headers });
          expect(response.status).toBe(range ? 206 : 200);
          expect(lines[i - 1]).toBe(`#EXT-X-TRIBUTARY-ROOT:${rootOf(await bytes(response))}`);
        }
      }
      expect(await text(`/${name}/${playlists[0]?.[1] ?? playlists[0]?.[0]}`)).not.toContain("TRIBUTARY");
    },
  );

  it("encrypts with the key that it serves", async () => {
    const key = await bytes(await get("/vod-aes/aes.key"));
    const decipher = createDecipheriv("aes-128-cbc", key, Buffer.alloc(16));
    const cipherText = await bytes(await get("/vod-aes/seg-0.ts"));
    expect(SEGMENT.equals(Buffer.concat([decipher.update(cipherText), decipher.final()]))).toBe(true);
  });

  it("does not know other paths", async () => {
    for (const path of [
      "/",
      "/nothing/index.m3u8",
      "/vod-ts/seg-99.ts",
      "/live-ts/seg-99.ts",
      "/constructor/x",
    ])
      expect((await get(path)).status).toBe(404);
  });
});

describe("requests", () => {
  it("may ask for a range", async () => {
    const response = await get("/vod-ts/seg-0.ts", { headers: { Range: "bytes=10-19" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(`bytes 10-19/${SEGMENT.length}`);
    expect(await bytes(response)).toEqual(SEGMENT.subarray(10, 20));
    const past = await get("/vod-ts/seg-0.ts", { headers: { Range: `bytes=${SEGMENT.length}-` } });
    expect(past.status).toBe(416);
  });

  it("may come from any page, and nothing is cached", async () => {
    const response = await get("/vod-ts/index.m3u8");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const headers = { Origin: "http://page", "Access-Control-Request-Headers": "x-own" };
    const preflight = await get("/vod-ts/seg-0.ts", { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toBe("x-own");
  });

  it("are counted by path and viewer", async () => {
    const port = await origin.openPort("alice");
    await bytes(await fetch(`${port.url}/vod-ts/seg-0.ts`));
    await bytes(await get("/vod-ts/seg-0.ts?v=bob", { headers: { Range: "bytes=0-99" } }));
    await bytes(await get("/vod-ts/media.m3u8?v=bob"));
    const counts = origin.bytes();
    expect(counts.mediaBytes).toBe(SEGMENT.length + 100);
    expect(counts.byPath.get("/vod-ts/seg-0.ts")).toEqual({ requests: 2, bytes: SEGMENT.length + 100 });
    expect(counts.byClient.get("alice")).toEqual({ requests: 1, bytes: SEGMENT.length });
    expect(counts.byClient.get("bob")).toEqual({ requests: 1, bytes: 100 });
    expect(SEGMENT.equals((await origin.read("/vod-ts/seg-0.ts")) ?? Buffer.of())).toBe(true);
    expect(await origin.read("/vod-ts/nothing")).toBeNull();
    expect(origin.bytes()).toEqual(counts);
    origin.resetCounts();
    expect(origin.bytes().mediaBytes).toBe(0);
  });
});

describe("faults", () => {
  it("answer with a status, as often as they say", async () => {
    origin.faults.add({ match: "seg-0", status: 500, times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await get("/vod-ts/seg-0.ts")).status);
    expect(statuses).toEqual([500, 500, 200]);
    expect(origin.log().map(({ status }) => status)).toEqual(statuses);
    expect(origin.bytes().mediaBytes).toBe(SEGMENT.length);
  });

  it("flip a bit", async () => {
    origin.faults.add({ match: "seg-0", corrupt: true });
    const received = await bytes(await get("/vod-ts/seg-0.ts"));
    expect(received.filter((byte, i) => byte !== SEGMENT[i])).toHaveLength(1);
    origin.faults.clear();
    expect(SEGMENT.equals(await bytes(await get("/vod-ts/seg-0.ts")))).toBe(true);
  });

  it("hit one viewer alone", async () => {
    origin.faults.add({ match: ".", client: "^bob$", status: 404 });
    expect((await get("/vod-ts/seg-0.ts?v=bob")).status).toBe(404);
    expect((await get("/vod-ts/seg-0.ts?v=eve")).status).toBe(200);
  });

  it("break off after so many bytes, and only those are counted", async () => {
    origin.faults.add({ match: "seg-0", dropAfterBytes: 70_000 });
    await expect(get("/vod-ts/seg-0.ts").then(bytes)).rejects.toThrow();
    expect(origin.bytes().mediaBytes).toBe(70_000);
  });

  it("fall silent after so many bytes until the viewer gives up", async () => {
    origin.faults.add({ match: "seg-0", stallAfterBytes: 1000 });
    const abort = new AbortController();
    const response = await get("/vod-ts/seg-0.ts", { signal: abort.signal });
    const reader = response.body?.getReader();
    let received = 0;
    while (received < 1000) received += (await reader?.read())?.value?.length ?? 0;
    abort.abort();
    expect(received).toBe(1000);
  });

  it("ignore ranges", async () => {
    origin.faults.add({ match: "seg-0", ignoreRange: true });
    const response = await get("/vod-ts/seg-0.ts", { headers: { Range: "bytes=10-19" } });
    expect(response.status).toBe(200);
    expect(SEGMENT.equals(await bytes(response))).toBe(true);
  });

  it("slow a response down", async () => {
    origin.faults.add({ match: "seg-0", bytesPerSecond: SEGMENT.length * 4 });
    const startMs = performance.now();
    await bytes(await get("/vod-ts/seg-0.ts"));
    expect(performance.now() - startMs).toBeGreaterThan(240);
  });

  it("are out of reach of a site whose name points to this machine", async () => {
    const host = `rebound.example:${origin.port}`;
    const headers = { Host: host, Origin: `http://${host}` };
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${origin.url}/_faults`, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end(JSON.stringify({ match: ".", status: 500 }));
    });
    expect(status).toBe(403);
    expect(origin.faults.list()).toEqual([]);
  });

  it("can be set, listed and cleared over HTTP, by pages of this origin only", async () => {
    const post = (fault: unknown, headers = {}): Promise<Response> =>
      get("/_faults", { method: "POST", body: JSON.stringify(fault), headers });
    expect((await post({ match: "seg-0", status: 503 })).status).toBe(204);
    expect((await get("/vod-ts/seg-0.ts")).status).toBe(503);
    expect(await (await get("/_faults")).json()).toEqual([{ match: "seg-0", status: 503 }]);
    await get("/_faults", { method: "DELETE" });
    expect((await get("/vod-ts/seg-0.ts")).status).toBe(200);
    const wrong = await post({ match: "(", status: 503 });
    expect([wrong.status, await wrong.text()]).toEqual([400, '"fault.match: not a regular expression"']);
    expect(await (await post({ match: "x", speed: 1 })).text()).toBe('"fault.speed: unknown field"');
    expect((await post({ match: "." }, { Origin: "http://elsewhere" })).status).toBe(403);
    expect(origin.faults.list()).toEqual([]);
  });

  it("leave the counts readable over HTTP", async () => {
    await bytes(await get("/vod-ts/seg-0.ts"));
    const counts = (await (await get("/_counts")).json()) as { mediaBytes: number };
    expect(counts.mediaBytes).toBe(SEGMENT.length);
    await get("/_reset", { method: "POST" });
    expect(origin.bytes().mediaBytes).toBe(0);
  });
});
