import { decodeDescription, encodeDescription } from "@tributary/protocol";
import { expect, test } from "vitest";
import { candidateToSend, readSdp, writeSdp } from "./sdp.ts";

/** As Chromium 156 wrote it. */
const chromiumOffer =
  "v=0\r\no=- 8505136342848839182 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=candidate:868802438 1 udp 2113937151 8cc610d6-e8ad-4356-b0d7-d69030ac29cb.local 54122 typ host generation 0 network-cost 999\r\na=candidate:884650806 1 udp 2113942271 a3b50095-6ab3-4d36-99b0-2bf2589bc769.local 43677 typ host generation 0 network-cost 999\r\na=ice-ufrag:3q0Z\r\na=ice-pwd:NX/aC9eKsSi4th4ZcPEvg4rV\r\na=ice-options:trickle\r\na=fingerprint:sha-256 AD:04:6D:E9:32:73:35:55:14:6B:79:EB:E6:72:C3:7D:62:AC:CF:4D:E5:D7:97:B0:D8:D7:80:10:CC:66:9C:03\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

test("what Chromium says survives the way over the tracker", () => {
  const local = readSdp(chromiumOffer)!;
  expect(local.mid).toBe("0");
  const body = encodeDescription(local.description);
  expect(body.length).toBeLessThan(320);
  const decoded = decodeDescription(body);
  if (!decoded.ok) throw new Error(decoded.reason);
  const sdp = writeSdp(decoded.value, "0");
  expect(readSdp(sdp)).toEqual(local);
  const kept = chromiumOffer.split("\r\n").filter((line) => !/^(o=|a=extmap|a=msid)/.test(line));
  expect(sdp.split("\r\n").filter((line) => !line.startsWith("o="))).toEqual(kept);
});

test("a fingerprint before the media section, and another mid", () => {
  const sdp = writeSdp({ ...readSdp(chromiumOffer)!.description, setup: "active", candidates: [] }, "data");
  expect(readSdp(sdp)).toMatchObject({ mid: "data", description: { setup: "active", candidates: [] } });
});

test("descriptions that lack what has to travel are refused", () => {
  for (const line of ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"]) {
    expect(readSdp(chromiumOffer.replace(new RegExp(`${line}[^\\r]*\\r\\n`), ""))).toBeNull();
  }
  expect(readSdp(chromiumOffer.replace("setup:actpass", "setup:holdconn"))).toBeNull();
  expect(readSdp("")).toBeNull();
});

const host = "868802438 1 udp 2113937151 192.168.1.7 54122 typ host";
const relay = "1 1 udp 41885439 203.0.113.9 60000 typ relay";

test("candidates travel without the browser's own extensions", () => {
  expect(candidateToSend(`${host} generation 0 ufrag 3q0Z network-cost 999`, "all")).toBe(host);
  expect(candidateToSend("", "all")).toBeNull();
});

test("T9 under relay no address of the viewer leaves", () => {
  expect(candidateToSend(host, "relay")).toBeNull();
  expect(candidateToSend("2 1 udp 1 198.51.100.4 5 typ srflx raddr 192.168.1.7 rport 5", "relay")).toBeNull();
  expect(candidateToSend(`${relay} raddr 198.51.100.4 rport 54122 generation 0`, "relay")).toBe(
    `${relay} raddr 0.0.0.0 rport 0`,
  );
});
