import { expect, test } from "vitest";
import { resourceName, splitUrl } from "./resource-name.ts";

test.each([
  ["https://cdn.example/vod/seg-1.ts?token=1&x#t=1", "/vod/seg-1.ts", "token=1&x"],
  ["HTTP://user@cdn.example:8080/a%20b/?x", "/a%20b/", "x"],
  ["https://cdn.example?x=1", "/", "x=1"],
  ["blob:https://site.example/2d1f", "blob:https://site.example/2d1f", ""],
  ["data:video/mp2t;base64,AA?=", "data:video/mp2t;base64,AA?=", ""],
])("%s is split where its path begins and ends", (url, path, query) => {
  expect(splitUrl(url)).toEqual({ path, query });
});

test("a byte range is part of the name", () => {
  expect(resourceName("/all.ts", { start: 500, length: 1000 })).toBe("/all.ts@500+1000");
  expect(resourceName("/all.ts", null)).toBe("/all.ts");
});
