import { expect, test } from "vitest";
import type { DriverOptions } from "../driver-contract.ts";
import { tokenOf } from "./token.ts";

const tokenFor = (token: unknown) => tokenOf({ token } as DriverOptions, "title", "thumbprint");

test("a token is the text, what the function gives, or nothing", async () => {
  expect(await tokenFor("a.b.c")).toBe("a.b.c");
  expect(await tokenFor(({ contentId }: { contentId: string }) => Promise.resolve(`for ${contentId}`))).toBe(
    "for title",
  );
  expect(await tokenFor(null)).toBe("");
});

test.each([undefined, { token: "a.b.c" }])(
  "a token function that gives %o: the tracker was told that it is a token",
  async (given) => {
    await expect(tokenFor(() => Promise.resolve(given))).rejects.toThrow('option "token" must give a string');
  },
);
