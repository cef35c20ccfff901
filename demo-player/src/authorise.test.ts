import { describe, expect, it } from "vitest";
import { refusal } from "./authorise.ts";

const own = { host: "localhost:8080", origin: "http://localhost:8080", "x-tributary-demo": "1" };

describe("commands to the demo server", () => {
  it("are taken from its own page under every name of this machine", () => {
    expect(refusal(own)).toBeNull();
    for (const host of ["127.0.0.1:9", "[::1]:8080", "localhost"]) {
      expect(refusal({ ...own, host, origin: `http://${host}` })).toBeNull();
    }
  });

  it("are refused from other sites, through other names and without the header", () => {
    expect(refusal({ ...own, origin: "https://evil.example" })).toMatch(/own page/);
    expect(refusal({ ...own, origin: "http://localhost:9999" })).toMatch(/own page/);
    expect(refusal({ host: own.host, "x-tributary-demo": "1" })).toMatch(/own page/);
    expect(refusal({ ...own, host: "evil.example:8080", origin: "http://evil.example:8080" })).toMatch(
      /localhost/,
    );
    expect(
      refusal({ ...own, host: "localhost.evil.example", origin: "http://localhost.evil.example" }),
    ).toMatch(/localhost/);
    expect(refusal({ host: own.host, origin: own.origin })).toMatch(/header/);
  });
});
