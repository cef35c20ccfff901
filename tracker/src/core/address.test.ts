import { expect, it } from "vitest";
import { isLoopback, isPublicAddress, networkOf, parseAddress, subscriberOf } from "./address.ts";

const parsed = (text: string) => {
  const bytes = parseAddress(text);
  if (bytes === null) throw new Error(`${text} does not parse`);
  return bytes;
};

it.each(["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "::1::", "1:2:3", "12345::", "g::", "::1.2.3"])(
  "refuses %j",
  (text) => {
    expect(parseAddress(text)).toBeNull();
  },
);

it("reads every way to write the same address", () => {
  expect(parsed("::ffff:1.2.3.4")).toEqual(parsed("1.2.3.4"));
  expect(parsed("0000:0000:0000:0000:0000:ffff:0102:0304")).toEqual(parsed("1.2.3.4"));
  expect(parsed("2001:db8::1")).toEqual(parsed("2001:0db8:0000:0000:0000:0000:0000:0001"));
  expect(parsed("fe80::1%eth0")).toEqual(parsed("fe80::1"));
});

it("counts by IPv4 address and /24, by IPv6 /64 and /48", () => {
  expect(subscriberOf(parsed("203.0.113.7"))).toBe("203.0.113.7");
  expect(networkOf(parsed("203.0.113.7"))).toBe("203.0.113");
  expect(subscriberOf(parsed("2a00:1:2:3:4:5:6:7"))).toBe(subscriberOf(parsed("2a00:1:2:3::9")));
  expect(subscriberOf(parsed("2a00:1:2:3::"))).not.toBe(subscriberOf(parsed("2a00:1:2:4::")));
  expect(networkOf(parsed("2a00:1:2:3::"))).toBe(networkOf(parsed("2a00:1:2:4::")));
  expect(networkOf(parsed("2a00:1:2::"))).not.toBe(networkOf(parsed("2a00:1:3::")));
});

it.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])("knows the loopback %s", (text) => {
  expect(isLoopback(parsed(text))).toBe(true);
  expect(isPublicAddress(parsed(text))).toBe(false);
});

it.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.127.255.255",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "198.19.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::ffff:10.0.0.1",
  "fc00::1",
  "fd12::1",
  "fe80::1",
  "ff02::1",
  "64:ff9b::a00:1",
  "2001:db8::1",
  "2001::1",
  "2002:a00:1::",
])("does not take %s for a public address", (text) => {
  expect(isPublicAddress(parsed(text))).toBe(false);
});

it.each([
  "1.1.1.1",
  "100.63.0.1",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "198.17.0.1",
  "223.255.255.1",
  "2606:4700::1111",
  "2a00:1450::1",
])("takes %s for a public address", (text) => {
  expect(isPublicAddress(parsed(text))).toBe(true);
});
