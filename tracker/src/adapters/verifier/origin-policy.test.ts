import { describe, expect, it } from "vitest";
import { bareOriginOf, createOriginPolicy, isLoopbackHost, originOf } from "./origin-policy.ts";

const demo = { open: true, host: "127.0.0.1", trustProxy: false, origins: [] };

it("reads origins of http and https alone", () => {
  expect(originOf("https://CDN.example:443/a/b?c")).toBe("https://cdn.example");
  expect(originOf("http://a.example:8080/x")).toBe("http://a.example:8080");
  for (const text of ["ftp://a.example", "file:///etc/passwd", "javascript:1", "a.example", "", "http://"])
    expect(originOf(text)).toBeNull();
  expect(bareOriginOf("https://a.example/")).toBe("https://a.example");
  expect(bareOriginOf("https://a.example/path")).toBeNull();
  expect(bareOriginOf("https://user@a.example")).toBeNull();
});

it("knows the names of this machine, however they are written", () => {
  for (const url of [
    "http://localhost",
    "http://127.0.0.1",
    "http://127.1",
    "http://2130706433",
    "http://[::1]",
  ])
    expect(isLoopbackHost(new URL(url).hostname), url).toBe(true);
  for (const host of ["localhost.example", "128.0.0.1", "example"]) expect(isLoopbackHost(host)).toBe(false);
});

describe("loopback origins", () => {
  it("are allowed on an open tracker that only this machine reaches", () => {
    for (const host of ["127.0.0.1", "localhost", "::1"])
      expect(createOriginPolicy({ ...demo, host }).originAllowed("http://127.0.0.1:8080")).toBe(true);
  });

  it.each([
    ["not open", { ...demo, open: false }],
    ["on all interfaces", { ...demo, host: "0.0.0.0" }],
    ["behind a proxy", { ...demo, trustProxy: true }],
  ])("are not on one that is %s", (_, options) => {
    expect(createOriginPolicy(options).originAllowed("http://127.0.0.1:8080")).toBe(false);
    expect(createOriginPolicy(options).originAllowed("http://localhost:8080")).toBe(false);
  });

  it("do not open other hosts", () => {
    expect(createOriginPolicy(demo).originAllowed("https://cdn.example")).toBe(false);
    expect(createOriginPolicy(demo).originAllowed("http://192.168.1.1")).toBe(false);
  });
});

describe("addresses", () => {
  const policy = createOriginPolicy({ ...demo, origins: ["https://cdn.example", "http://10.0.0.5:8080"] });

  it("of a listed name must be public", () => {
    const url = new URL("https://cdn.example/x");
    expect(policy.addressAllowed(url, "1.1.1.1")).toBe(true);
    for (const address of [
      "127.0.0.1",
      "10.0.0.1",
      "169.254.169.254",
      "::1",
      "fd00::1",
      "::ffff:127.0.0.1",
      "?",
    ])
      expect(policy.addressAllowed(url, address), address).toBe(false);
  });

  it("of a loopback name must be loopback", () => {
    const url = new URL("http://localhost:8080/x");
    expect(policy.addressAllowed(url, "127.0.0.1")).toBe(true);
    expect(policy.addressAllowed(url, "10.0.0.1")).toBe(false);
  });

  it("are taken as they are where the operator listed one", () => {
    expect(policy.originAllowed("http://10.0.0.5:8080")).toBe(true);
    expect(policy.originAllowed("http://10.0.0.6:8080")).toBe(false);
    expect(policy.addressAllowed(new URL("http://10.0.0.5:8080/x"), "10.0.0.5")).toBe(true);
  });
});
