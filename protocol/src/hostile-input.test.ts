import fc, { type Arbitrary } from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  appendPeerMessage,
  type ClientMessage,
  createWriter,
  decodeBase64Url,
  decodeCandidate,
  decodeClientMessage,
  decodeDescription,
  type Decoded,
  decodeHex,
  decodePeerFrame,
  decodePeerMessage,
  decodeTrackerMessage,
  decodeUtf8,
  encodeBase64Url,
  encodeCandidate,
  encodeClientMessage,
  encodeDescription,
  encodeHex,
  encodePeerMessage,
  encodeTrackerMessage,
  encodeUtf8,
  MAX_PEER_FRAME_BYTES,
  MAX_PEER_MESSAGE_BYTES,
  MAX_SIGNAL_BYTES,
  MAX_TRACKER_MESSAGE_BYTES,
  type PeerMessage,
  type SegmentKey,
  segmentIdOf,
  type TrackerMessage,
  writtenBytes,
} from "./index.ts";
import {
  candidate,
  clientMessages,
  description,
  peerMessages,
  trackerMessages,
} from "./testing/arbitraries.ts";
import { createRandom, type Random, seed } from "./testing/seed.ts";

/** A decoder under attack, with the encoder that defines what it may accept and honest frames to spoil. */
interface Target {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => Decoded<unknown>;
  readonly encode: (value: never) => Uint8Array;
  readonly frames: readonly Uint8Array[];
  readonly maxBytes: number;
  readonly cases: number;
}

function target<T>(
  name: string,
  arbitraries: readonly Arbitrary<T>[],
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => Decoded<T>,
  maxBytes: number,
  cases: number,
): Target {
  const frames = arbitraries.flatMap((arbitrary) => fc.sample(arbitrary, { seed, numRuns: 30 }).map(encode));
  return { name, decode, encode: encode as Target["encode"], frames, maxBytes, cases };
}

const targets: Target[] = [
  target(
    "peer messages",
    Object.values<Arbitrary<PeerMessage>>(peerMessages),
    encodePeerMessage,
    decodePeerMessage,
    MAX_PEER_MESSAGE_BYTES,
    24_000,
  ),
  target(
    "peer frames",
    [
      fc.array(fc.oneof(...Object.values<Arbitrary<PeerMessage>>(peerMessages)), {
        minLength: 1,
        maxLength: 4,
      }),
    ],
    (messages) => {
      const frame = createWriter();
      for (const message of messages) appendPeerMessage(frame, message);
      return writtenBytes(frame);
    },
    decodePeerFrame,
    MAX_PEER_FRAME_BYTES,
    10_000,
  ),
  target(
    "client messages",
    Object.values<Arbitrary<ClientMessage>>(clientMessages),
    encodeClientMessage,
    decodeClientMessage,
    MAX_TRACKER_MESSAGE_BYTES,
    27_000,
  ),
  target(
    "tracker messages",
    Object.values<Arbitrary<TrackerMessage>>(trackerMessages),
    encodeTrackerMessage,
    decodeTrackerMessage,
    MAX_TRACKER_MESSAGE_BYTES,
    27_000,
  ),
  target("descriptions", [description], encodeDescription, decodeDescription, MAX_SIGNAL_BYTES, 8_000),
  target("candidates", [candidate], encodeCandidate, decodeCandidate, MAX_SIGNAL_BYTES, 4_000),
];

const HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function spliced(frame: Uint8Array, at: number, removed: number, inserted: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([
    ...frame.subarray(0, at),
    ...Array.from(inserted),
    ...frame.subarray(at + removed),
  ]);
}

/** One spoiled frame. The ways are those of the network, of a bug and of an attacker. */
function spoil(random: Random, frames: readonly Uint8Array[]): Uint8Array {
  const pick = () => frames[random.below(frames.length)]!;
  const frame = pick();
  const at = random.below(frame.length + 1);
  switch (random.below(9)) {
    case 0:
      return randomBytes(random, random.below(120));
    case 1:
      // Past the type byte, where the fields are.
      return spliced(randomBytes(random, 1 + random.below(120)), 0, 1, frame.subarray(0, 1));
    case 2:
      return frame.slice(0, at);
    case 3: {
      const flipped = frame.slice();
      for (let flips = 1 + random.below(4); flips > 0 && frame.length > 0; flips--)
        flipped[random.below(frame.length)]! ^= 1 << random.below(8);
      return flipped;
    }
    case 4:
      return spliced(frame, at, random.below(9), HUGE);
    case 5:
      return spliced(frame, at, 0, randomBytes(random, 1 + random.below(8)));
    case 6:
      return spliced(frame, at, 1 + random.below(8), []);
    case 7: {
      const other = pick();
      return spliced(frame, at, frame.length, other.subarray(random.below(other.length + 1)));
    }
    default:
      return spliced(frame, at, 1, [random.below(2) === 0 ? 0x00 : 0xff]);
  }
}

/** Whatever is accepted must be exactly what the encoder writes: then nothing has two readings. */
function attack({ decode, encode }: Target, bytes: Uint8Array): boolean {
  const before = bytes.slice();
  const decoded = decode(bytes);
  if (Buffer.compare(bytes, before) !== 0) throw new Error("the decoder wrote into its input");
  if (!decoded.ok) {
    if (decoded.reason === "" || decoded.reason.length > 200) throw new Error(`reason: ${decoded.reason}`);
    return false;
  }
  if (Buffer.compare(encode(decoded.value as never), bytes) !== 0)
    throw new Error("accepted but not canonical");
  return true;
}

function attackNamed(victim: Target, bytes: Uint8Array, attempt: number): boolean {
  try {
    return attack(victim, bytes);
  } catch (error) {
    const hex = Buffer.from(bytes.subarray(0, 400)).toString("hex");
    throw new Error(
      `${victim.name}, case ${attempt}, PROTOCOL_SEED=${seed}, input ${hex}: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
}

describe("spoiled frames never throw, and what is accepted is canonical", () => {
  let cases = 0;
  afterAll(() => expect(cases).toBe(100_000));

  test.each(targets)("$cases $name", (victim) => {
    const random = createRandom(seed);
    let accepted = 0;
    for (let attempt = 0; attempt < victim.cases; attempt++, cases++)
      if (attackNamed(victim, spoil(random, victim.frames), attempt)) accepted++;
    // Both ways must have been taken, or the attack was aimless.
    expect(accepted).toBeGreaterThan(victim.cases / 100);
    expect(accepted).toBeLessThan(victim.cases / 2);
  });
});

describe("bounded time and memory", () => {
  test.each(targets)("no count in $name is believed before the bytes are there", (victim) => {
    const before = process.memoryUsage();
    let attempt = 0;
    for (const frame of victim.frames.filter((frame) => frame.length < 200))
      for (let at = 0; at < frame.length; at++) attackNamed(victim, spliced(frame, at, 1, HUGE), attempt++);
    const after = process.memoryUsage();
    // One believed count of 2^32 or more would cost gigabytes or throw.
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(2 ** 28);
  });

  test.each(targets)("$name of full length are read in time that grows with their length", (victim) => {
    const random = createRandom(seed);
    const pool = randomBytes(random, victim.maxBytes);
    const codes = new Set(victim.frames.map((frame) => frame[0] ?? 0));
    const started = performance.now();
    let count = 0;
    for (const code of codes)
      for (const filler of [null, 0x00, 0x01, 0x20, 0x7f, 0x80, 0xff]) {
        const bytes = filler === null ? pool.slice() : new Uint8Array(victim.maxBytes).fill(filler);
        bytes[0] = code;
        attackNamed(victim, bytes, count++);
      }
    // About 0.1 ms each; quadratic work on 64 KiB would take seconds.
    expect((performance.now() - started) / count).toBeLessThan(100);
  });

  test.each(targets)("$name over the limit are refused unread", (victim) => {
    const decoded = victim.decode(new Uint8Array(victim.maxBytes + 1).fill(1));
    expect(decoded).toEqual({ ok: false, reason: `longer than ${victim.maxBytes} bytes` });
  });
});

test("the text decoders return null rather than throw, and accept only what their encoders write", () => {
  const random = createRandom(seed);
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const bytes = randomBytes(random, random.below(6));
    const text = String.fromCharCode(...bytes.map((byte) => byte >> random.below(2)));
    const utf8 = decodeUtf8(bytes);
    const base64Url = decodeBase64Url(text);
    const hex = decodeHex(text);
    if (utf8 !== null) expect([...encodeUtf8(utf8)]).toEqual([...bytes]);
    if (base64Url !== null) expect(encodeBase64Url(base64Url)).toBe(text);
    if (hex !== null) expect(encodeHex(hex)).toBe(text);
    expect(segmentIdOf(text as SegmentKey)).toBeNull();
  }
});
