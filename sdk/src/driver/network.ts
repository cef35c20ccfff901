import {
  linkPreimage,
  PROTOCOL_VERSION,
  segmentIdOf,
  type PeerKey,
  type SegmentKey,
} from "@tributary/protocol";
import type { Digests } from "../adapters/crypto/digest.ts";
import { createIdentity, verifySignature, type Identity } from "../adapters/crypto/identity.ts";
import type { SegmentStore } from "../adapters/storage/segment-store.ts";
import { createTrackerClient } from "../adapters/tracker/client.ts";
import type { WebSocketConstructor } from "../adapters/tracker/connection.ts";
import type { TrackerClient } from "../adapters/tracker/contract.ts";
import { createLinks, type Links } from "../adapters/webrtc/links.ts";
import type { Input, Output, WarningCode } from "../core/index.ts";
import type { Clock, DriverOptions, TrackerState } from "../driver-contract.ts";
import type { AccountingEnvironment } from "./accounting.ts";
import { createEarning, type Earning } from "./earning.ts";
import { objectionTo } from "./hello-check.ts";
import { iceServersOf, refusal, toRtcIceServer } from "./ice-servers.ts";
import { tokenOf } from "./token.ts";
import { version } from "../version.ts";

export interface NetworkEnvironment {
  readonly options: DriverOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly crypto: Crypto;
  readonly WebSocket: WebSocketConstructor;
  readonly digests: Digests;
  readonly store: SegmentStore;
  raise(input: Input): void;
  warn(code: WarningCode, message: string): void;
  /** A bug of ours. */
  failed(error: unknown): void;
  /** Whether this viewer gives anything to others. */
  uploads(): boolean;
  readonly cdnBytes: AccountingEnvironment["cdnBytes"];
  readonly rootOf: AccountingEnvironment["rootOf"];
  readonly tell: AccountingEnvironment["tell"];
  readonly beacon: AccountingEnvironment["beacon"];
}

/** The tracker session and the links to other viewers, joined by one identity. */
export interface Network {
  /** The swarm to be in from `open` on, or to change to. */
  join(contentId: string): void;
  /** Opens the tracker session; again and again does no harm. */
  open(): void;
  origins(origins: readonly string[]): void;
  /** False while the page is paused or left: links end, the tracker session too. */
  present(present: boolean, reason: string): void;
  online(): void;
  /** True where the output was one of the network's. */
  perform(output: Output): boolean;
  /** Our own peer id, null before there is a session key. */
  self(): PeerKey | null;
  /** Whom the tracker was told to credit, in base64url. */
  account(): string | null;
  rttMs(peer: PeerKey): number | null;
  trackerState(): TrackerState;
  trackerTrouble(): string | null;
  /** Why the browser makes no connections, null where it does. */
  linkTrouble(): string | null;
  destroy(): void;
}

interface Parts {
  readonly self: PeerKey;
  readonly accounting: Earning;
  readonly links: Links;
  readonly tracker: TrackerClient;
}

export function createNetwork(environment: NetworkEnvironment): Network {
  const { options, clock, raise, digests, store } = environment;
  let parts: Parts | null = null;
  let contentId: string | null = null;
  let opened = false;
  let origins: readonly string[] = [];
  let ticket = 0;
  let released = false;
  let isPresent = true;
  let p2pAllowed = true;
  let destroyed = false;
  let linkTrouble: string | null = null;

  const verify = (publicKey: Uint8Array, signature: Uint8Array, bytes: Uint8Array) =>
    verifySignature(environment.crypto.subtle, publicKey, signature, bytes);

  async function start(): Promise<void> {
    const identity = await createIdentity(environment.crypto, digests);
    if (destroyed) return;
    const links = connectLinks(identity);
    const tracker = connectTracker(identity, links);
    const accounting = createEarning({
      ...environment,
      earn: options.earn,
      subtle: environment.crypto.subtle,
      identity,
      giveReceipt: (peer, bytes) => links.send(peer, { type: "receipt", bytes }),
      sendStatement: (sealed) => tracker.sendStatement(sealed),
      credit: (peer, good) => raise({ type: "credit", peer, good }),
    });
    parts = { self: identity.peer, accounting, links, tracker };
    admit();
    links.iceServers(iceServersOf(options));
    tracker.origins(origins);
    if (!isPresent) tracker.suspend();
    if (contentId !== null) tracker.join(contentId);
  }

  function connectLinks(identity: Identity): Links {
    return createLinks(
      {
        clock,
        policy: options.ice.policy,
        self: identity.peer,
        read: (segment, offsetBytes, lengthBytes) => store.slice(segment, offsetBytes, lengthBytes),
        hello: async (own, other) => ({
          type: "hello",
          version: PROTOCOL_VERSION,
          sessionKey: identity.sessionKey,
          ticket,
          signature: await identity.sign(linkPreimage(own, other)),
          uploads: environment.uploads(),
        }),
        objection: (peer, hello, other, own) =>
          objectionTo(hello, peer, linkPreimage(other, own), environment),
      },
      {
        signal: (peer, kind, body) => parts?.tracker.signal(peer, kind, body),
        connected(peer, theirTicket) {
          linkTrouble = null;
          parts?.accounting.feed({ type: "link", peer, open: true });
          raise({ type: "peer-connected", peer, ticket: theirTicket });
        },
        message(peer, message) {
          raise({ type: "peer-message", peer, message });
          if (message.type === "receipt")
            parts?.accounting.feed({ type: "receipt", peer, bytes: message.bytes });
        },
        chunk: (peer, { requestId, offsetBytes, data }) =>
          raise({ type: "chunk-received", peer, requestId, offsetBytes, lengthBytes: data.length, data }),
        buffered: (peer, bufferedBytes) => raise({ type: "peer-buffered", peer, bufferedBytes }),
        garbage: (peer, reason) => raise({ type: "peer-garbage", peer, reason }),
        refused(reason) {
          if (linkTrouble === null) environment.warn("p2p-unavailable", (linkTrouble = refusal(reason)));
        },
        closed(peer, reason) {
          parts?.accounting.feed({ type: "link", peer, open: false });
          raise({ type: "peer-closed", peer, reason });
        },
      },
    );
  }

  function connectTracker(identity: Identity, links: Links): TrackerClient {
    return createTrackerClient(
      {
        urls: options.tracker,
        clock,
        random: environment.random,
        WebSocket: environment.WebSocket,
        credentials: {
          client: `tributary-sdk/${version}`,
          sessionKey: identity.sessionKey,
          sign: (bytes) => identity.sign(bytes),
          sha256: (bytes) => digests.sha256(bytes),
          token: () => tokenOf(options, contentId ?? "", identity.keyThumbprint),
          delegation: () => parts!.accounting.delegation(),
        },
        verify,
      },
      {
        ready(welcome) {
          p2pAllowed = welcome.p2pAllowed;
          links.iceServers([...iceServersOf(options), ...welcome.iceServers.map(toRtcIceServer)]);
          admit();
          parts?.accounting.feed({ type: "welcome", timeMs: welcome.timeMs });
          raise({ type: "tracker-ready", p2pAllowed, verifier: welcome.verifier });
        },
        lost() {
          parts?.accounting.feed({ type: "tracker-lost" });
          raise({ type: "tracker-lost" });
        },
        swarm(swarm) {
          ticket = swarm.ticket;
          const { viewerCount, copiesTarget } = swarm;
          raise({ type: "swarm", viewerCount, copiesTarget, ticket });
        },
        peers: (peers) => raise({ type: "peers-named", peers }),
        banned: (peers) => raise({ type: "peers-banned", peers }),
        granted: (grants) => parts?.accounting.feed({ type: "granted", grants }),
        acked: (seq) => parts?.accounting.feed({ type: "acked", seq }),
        statementRefused: (code) => parts?.accounting.feed({ type: "refused", code }),
        signal: (peer, kind, body) => links.signal(peer, kind, body),
        roots: (roots) => raise({ type: "roots", roots }),
        rootContradicted: (segment) => raise({ type: "root-contradicted", segment }),
        warning: (code, message) => environment.warn(code, message),
      },
    );
  }

  const lastWords = () => parts?.accounting.lastWords(parts.tracker.url());
  const admit = () => parts?.links.admit(released && isPresent && p2pAllowed);

  return {
    join(id) {
      if (contentId === id) return;
      contentId = id;
      raise({ type: "tracker-joining" });
      parts?.tracker.join(id);
    },
    open() {
      if (opened || destroyed) return;
      opened = true;
      start().catch((error: unknown) => environment.failed(error));
    },
    origins(list) {
      origins = list;
      parts?.tracker.origins(list);
    },
    present(present, reason) {
      if (present === isPresent) return;
      isPresent = present;
      admit();
      if (present) parts?.tracker.resume();
      else {
        lastWords();
        parts?.links.closeAll(reason);
        parts?.tracker.suspend();
      }
    },
    online: () => parts?.tracker.retryNow(),
    perform(output) {
      switch (output.type) {
        case "admit-peers":
          released = true;
          admit();
          return true;
        case "connect-peer":
          if (parts === null) raise({ type: "peer-closed", peer: output.peer, reason: "no network yet" });
          else parts.links.connect(output.peer);
          return true;
        case "close-peer":
          parts?.links.close(output.peer, output.reason);
          return true;
        case "send-to-peer":
          parts?.links.send(output.peer, output.message);
          return true;
        case "send-piece":
          parts?.links.sendMedia(output.peer, output);
          parts?.accounting.sent(output);
          return true;
        case "piece-proved":
          parts?.accounting.proved(output);
          return true;
        case "send-hashes":
          sendHashes(output.peer, output.segment);
          return true;
        case "announce":
          parts?.tracker.announce(output.wantedPeers);
          return true;
        case "ask-roots":
          parts?.tracker.askRoots(output.segments);
          return true;
        case "report-peer":
          parts?.tracker.reportPeer(output.peer);
          return true;
        case "report-root-conflict":
          parts?.tracker.reportRootConflict(output.segment);
          return true;
        default:
          return false;
      }
    },
    self: () => parts?.self ?? null,
    account: () => parts?.accounting.account() ?? null,
    rttMs: (peer) => parts?.links.rttMs(peer) ?? null,
    trackerState: () => parts?.tracker.state() ?? (contentId === null ? "off" : "connecting"),
    trackerTrouble: () => parts?.tracker.trouble() ?? null,
    linkTrouble: () => linkTrouble,
    destroy() {
      destroyed = true;
      lastWords();
      parts?.accounting.destroy();
      parts?.links.destroy();
      parts?.tracker.destroy();
    },
  };

  function sendHashes(peer: PeerKey, segment: SegmentKey): void {
    const id = segmentIdOf(segment);
    const list = store.hashesOf(segment);
    if (id !== null && list !== null) parts?.links.send(peer, { type: "piece-hashes", segment: id, ...list });
  }
}
