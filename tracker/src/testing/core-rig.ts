import {
  encodeDescription,
  PROTOCOL_VERSION,
  peerKeyOf,
  type ClientMessage,
  type ClientMessageOf,
  type PeerKey,
  type SegmentId,
  type TrackerMessage,
  type TrackerMessageOf,
} from "@tributary/protocol";
import {
  createTrackerCore,
  type Input,
  type Output,
  type SessionId,
  type TrackerConfig,
} from "../core/index.ts";
import { nameDigestOf } from "../adapters/verifier/named-resource.ts";
import { createSeededRandom } from "./seeded-random.ts";

export { nameDigestOf };

/** Far enough from zero that a forgotten clock shows. */
export const START_MS = 1_700_000_000_000;

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

/** A peer id that tells which session it is of. */
export function peerOfSession(session: SessionId): Uint8Array {
  const peer = filled(16, 0xee);
  new DataView(peer.buffer).setUint32(0, session);
  return peer;
}

export const peerKeyOfSession = (session: SessionId): PeerKey => peerKeyOf(peerOfSession(session));

export function segmentOf(sequence: number): SegmentId {
  return { track: 7, sequence, part: -1, fingerprint: 99 };
}

export const helloMessage: ClientMessageOf<"hello"> = {
  type: "hello",
  version: PROTOCOL_VERSION,
  sessionKey: filled(32, 1),
  signature: filled(64, 2),
  token: "",
  delegation: new Uint8Array(0),
  resumeTicket: new Uint8Array(0),
  client: "rig",
};

/** A session key that tells which session it is of; `helloOf` shows it. */
export const keyOfSession = (session: SessionId) => filled(32, session & 0xff);

export const helloOf = (session: SessionId): ClientMessageOf<"hello"> => ({
  ...helloMessage,
  sessionKey: keyOfSession(session),
});

export function joinMessage(
  contentId: string,
  changes: Partial<ClientMessageOf<"join">> = {},
): ClientMessageOf<"join"> {
  return { type: "join", contentId, wantedPeers: 10, role: "viewer", origins: [], ...changes };
}

/** The body of an offer or answer. */
export function descriptionBody(candidates: readonly string[] = []): Uint8Array<ArrayBuffer> {
  return encodeDescription({
    ufrag: "EsAw",
    pwd: "P2uYro0UCOQ4zxjKXaWCBui1",
    fingerprint: filled(32, 0xab),
    setup: "actpass",
    candidates,
    maxMessageSize: 262_144,
  });
}

export const candidateLine = (address: string, port = 5_000) =>
  `1 1 udp 2122260223 ${address} ${port} typ host`;

/** A core with a clock, and the outputs of the last step sorted by what they are. */
export function createCoreRig(changes: Partial<TrackerConfig> = {}, seed = 1) {
  const core = createTrackerCore({
    trackerId: filled(32, 0x11),
    open: true,
    verifier: true,
    iceServersFor: () => [],
    turnBlocks: [],
    random: createSeededRandom(seed),
    swarmIdOf: (title) => filled(32, title.length - 1 + title.charCodeAt(1)),
    contentHashOf: (contentId) => filled(32, contentId.length + contentId.charCodeAt(0)),
    originOf: (url) => /^https?:\/\/[^/?#]+/.exec(url)?.[0] ?? null,
    isSourceOf: () => true,
    originAllowed: () => true,
    nameDigestOf,
    accounting: null,
    ...changes,
  });
  let nowMs = START_MS;
  let out: Output[] = [];

  const rig = {
    core,
    get nowMs() {
      return nowMs;
    },
    /** Everything since the last `feed`. */
    get out() {
      return out;
    },
    advance(ms: number) {
      nowMs += ms;
    },
    feed(input: Input): Output[] {
      out = [];
      core.handle(input, nowMs, out);
      return out;
    },
    open(session: SessionId, address = `203.0.${session % 250}.9`) {
      return rig.feed({ type: "opened", session, address, nonce: filled(32, session & 0xff) });
    },
    say(session: SessionId, message: ClientMessage, sizeBytes = 50) {
      return rig.feed({ type: "message", session, message, sizeBytes });
    },
    admit(session: SessionId, address?: string) {
      rig.open(session, address);
      rig.say(session, helloOf(session));
      return rig.feed({
        type: "hello-checked",
        session,
        verdict: { kind: "signed", peer: peerOfSession(session) },
      });
    },
    join(session: SessionId, contentId = "film", changes: Partial<ClientMessageOf<"join">> = {}) {
      return rig.say(session, joinMessage(contentId, changes));
    },
    enter(session: SessionId, address?: string, changes: Partial<ClientMessageOf<"join">> = {}) {
      rig.admit(session, address);
      return rig.join(session, "film", changes);
    },
    sentTo(session: SessionId): TrackerMessage[] {
      return out.flatMap((output) =>
        output.type === "send" && output.session === session ? [output.message] : [],
      );
    },
    /** The only message of this type in the last step. */
    told<Type extends TrackerMessage["type"]>(session: SessionId, type: Type): TrackerMessageOf<Type> {
      const found = rig.sentTo(session).filter((message) => message.type === type);
      if (found.length !== 1) throw new Error(`${found.length} messages "${type}" for session ${session}`);
      return found[0] as TrackerMessageOf<Type>;
    },
    isClosed(session: SessionId) {
      return out.some((output) => output.type === "close" && output.session === session);
    },
  };
  return rig;
}

export type CoreRig = ReturnType<typeof createCoreRig>;
