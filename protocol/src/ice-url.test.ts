import { expect, test } from "vitest";
import { isIceUrl } from "./ice-url.ts";

// What Chromium's RTCPeerConnection says of each.
test.each([
  "stun:h",
  "STUN:h:3478",
  "stun:h:65535",
  "stun:h:05",
  "stun:1.2.3.4:1",
  "stun:[::1]:3478",
  "stun:[::FFFF:1.2.3.4]",
  "stun:ex_a-m.org",
  "stun:exämple.org.",
  "turn:h?transport=udp",
  "turns:h:5349?transport=TCP",
])("%s is an ICE server's URL", (url) => {
  expect(isIceUrl(url)).toBe(true);
});

test.each([
  "h:3478",
  "http:h",
  "stun:",
  "stun:h:",
  "stun:h:0",
  "stun:h:65536",
  "stun:h:99999",
  "stun:h:+5",
  "stun:h:12a",
  "stun::3478",
  "stun:::1",
  "stun:[::1",
  "stun:u@h",
  "stun:h/path",
  "stun://h",
  "stun:h#f",
  "stun:a|b",
  "stun: h",
  "stun:h?transport=udp",
  "turn:h?",
  "turn:h?transport=",
  "turn:h?transport=sctp",
  "turn:h?Transport=tcp",
  "turn:h?transport=tcp&x=1",
])("%s is none: no connection could be made with it", (url) => {
  expect(isIceUrl(url)).toBe(false);
});
