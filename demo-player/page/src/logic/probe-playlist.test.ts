import { describe, expect, it } from "vitest";
import { probePlaylist, type Fetch } from "./probe-playlist.ts";

const PAGE = "http://localhost:8080/";
const answers =
  (body: string, init: ResponseInit = {}): Fetch =>
  async () =>
    new Response(body, init);
const never: Fetch = () => Promise.reject(new Error("must not be called"));

describe("probing another stream", () => {
  it("accepts a playlist", async () => {
    expect(
      await probePlaylist(" https://cdn.example/a.m3u8 ", PAGE, answers("\ufeff\n#EXTM3U\n")),
    ).toBeNull();
  });

  it("refuses what is no web address without asking the network", async () => {
    expect(await probePlaylist(" ", PAGE, never)).toMatch(/Type the address/);
    for (const text of ["nonsense", "ftp://a/b.m3u8", "javascript:alert(1)", "/a.m3u8"]) {
      expect(await probePlaylist(text, PAGE, never)).toMatch(/not a web address/);
    }
    expect(await probePlaylist("http://a/b.m3u8", "https://demo.example/", never)).toMatch(/plain http/);
  });

  it("names the status and a body that is no playlist", async () => {
    const gone = answers("", { status: 404, statusText: "Not Found" });
    expect(await probePlaylist("https://cdn.example/a.m3u8", PAGE, gone)).toBe(
      "cdn.example answered 404 Not Found.",
    );
    expect(await probePlaylist("https://cdn.example/", PAGE, answers("<html>"))).toMatch(
      /not an HLS playlist/,
    );
  });

  it("tells a server without CORS from one that is not there", async () => {
    const noCors: Fetch = (_url, init) =>
      init.mode === "no-cors"
        ? Promise.resolve(new Response())
        : Promise.reject(new TypeError("Failed to fetch"));
    const absent: Fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    const silent: Fetch = () => Promise.reject(new DOMException("too late", "TimeoutError"));
    expect(await probePlaylist("https://cdn.example/a.m3u8", PAGE, noCors)).toMatch(/CORS/);
    expect(await probePlaylist("https://cdn.example/a.m3u8", PAGE, absent)).toMatch(/cannot be reached/);
    expect(await probePlaylist("https://cdn.example/a.m3u8", PAGE, silent)).toMatch(
      /did not answer within 10/,
    );
  });
});
