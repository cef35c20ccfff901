import { expect, test } from "vitest";
import { askedName, resourceName, splitUrl, withoutPassword } from "./resource-name.ts";

test.each([
  ["https://cdn.example/vod/seg-1.ts?token=1&x#t=1", "/vod/seg-1.ts", "token=1&x"],
  ["HTTP://user@cdn.example:8080/a%20b/?x", "/a%20b/", "x"],
  ["https://cdn.example?x=1", "/", "x=1"],
  ["blob:https://site.example/2d1f", "blob:https://site.example/2d1f", ""],
  ["data:video/mp2t;base64,AA?=", "data:video/mp2t;base64,AA?=", ""],
])("%s is split where its path begins and ends", (url, path, query) => {
  expect(splitUrl(url)).toEqual({ path, query });
});

test.each([
  ["https://user:p@ss@cdn.example:8443/a@b/seg-1.ts", "https://cdn.example:8443/a@b/seg-1.ts"],
  ["http://user@cdn.example", "http://cdn.example"],
  ["https://cdn.example/a@b", "https://cdn.example/a@b"],
  ["https://cdn.example?@", "https://cdn.example?@"],
])("%s is %s without its password", (url, without) => {
  expect(withoutPassword(url)).toBe(without);
});

test("a byte range is part of the name", () => {
  expect(resourceName("/all.ts", { start: 500, length: 1000 })).toBe("/all.ts@500+1000");
  expect(resourceName("/all.ts", null)).toBe("/all.ts");
});

test("no path names what another path and a range name to the verifier", () => {
  const url = "https://cdn.example/all.ts";
  expect(askedName({ url: `${url}?t=1`, rangeStart: 0, rangeLength: 0 })).toBe("0+0@/all.ts");
  const range = askedName({ url, rangeStart: 500, rangeLength: 1000 });
  expect(range).toBe("500+1000@/all.ts");
  expect(resourceName("/all.ts@500+1000", null)).toBe(resourceName("/all.ts", { start: 500, length: 1000 }));
  expect(askedName({ url: `${url}@500+1000`, rangeStart: 0, rangeLength: 0 })).not.toBe(range);
});
