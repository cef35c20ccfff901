import { createHash } from "node:crypto";
import {
  encodeHex,
  type Grant,
  grantMessage,
  type Link,
  type PeerKey,
  PIECE_BYTES,
  PROTOCOL_VERSION,
  type SegmentId,
  segmentKeyOf,
  statementMessage,
  type TrackerMessage,
} from "@tributary/protocol";
import {
  createAccounts,
  type Accounts,
  type AccountsCounters,
  type AccountsInput,
  type AccountsOutput,
} from "@tributary/sdk/core";
import { createTrackerCore, type Input, type Output, type StatementRecord } from "@tributary/tracker/core";
import { createEventQueue } from "../event-queue.ts";
import { createRandom } from "../random.ts";

export const sha256 = (...parts: readonly Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** Stands for Ed25519, which is tested elsewhere: whoever knows the key can make it. A thousand seeds need its speed. */
const signatureOf = (key: Uint8Array, preimage: Uint8Array) => {
  const half = sha256(key, preimage);
  return Uint8Array.from([...half, ...half]);
};

export const SEGMENT_BYTES = 16 * PIECE_BYTES;
export const EPOCH_MS = 60_000;
const START_MS = 1_700_000_000_000;

const segmentOf = (sequence: number): SegmentId => ({ track: 1, sequence, part: -1, fingerprint: sequence });
const rootBytes = ({ sequence }: SegmentId) => sha256(Uint8Array.of(sequence & 0xff, sequence >> 8));
export const rootsOf = ({ segment }: Link) => [{ root: rootBytes(segment), sizeBytes: SEGMENT_BYTES }];

/** What really went from one viewer to another, piece by piece. */
export interface Served {
  readonly atMs: number;
  readonly bytes: number;
  /** False before the first grant, and while the tracker is away for long. */
  readonly granted: boolean;
}

/** What one side of a pair holds receipts for, or gave them for. */
interface Receipted {
  bytes: number;
  /** The last one. */
  atMs: number;
}

interface Viewer {
  readonly key: Uint8Array;
  readonly peer: PeerKey;
  accounts: Accounts;
  session: number | null;
  fate: "alive" | "crashed" | "closed";
  endedAtMs: number;
  /** Ids of the grants that it was told. */
  readonly granted: Set<string>;
  /** By the partner. */
  readonly held: Map<PeerKey, Receipted>;
  readonly given: Map<PeerKey, Receipted>;
  /** HTTP requests with its last words that no tracker has answered. */
  readonly unheard: Set<number>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly viewers: number;
  readonly seconds: number;
}

/** Viewers' accounts and a tracker's core, joined by links and sockets that are cut at any moment. */
export function playAccounts({ seed, viewers: count, seconds }: WorldOptions) {
  const queue = createEventQueue();
  const random = createRandom(seed, "accounts");
  const clocks = createRandom(seed, "clocks");
  const durable: StatementRecord[] = [];
  const grants = new Map<string, Grant>();
  const served = new Map<string, Served[]>();
  const refusals: string[] = [];
  const viewers: Viewer[] = [];
  /** Open links, each with a number of its own: what one that was cut had under way never arrives. */
  const open = new Map<string, number>();
  let lastLink = 0;
  /** Of the last message to each session. */
  const arrivals = new Map<number, number>();
  let tracker = createTracker();
  let trackerLife = 0;
  let lastSession = 0;
  let lastPost = 0;

  const call = { fire: (run: () => void) => run() };
  const after = (ms: number, run: () => void) => queue.at(queue.nowMs() + ms, call, run);
  const trackerMs = () => START_MS + Math.floor(queue.nowMs());
  const wayMs = () => random.between(10, 200);
  const linkOf = (one: Viewer, other: Viewer) => [one.peer, other.peer].sort().join();

  function createTracker() {
    return createTrackerCore({
      trackerId: new Uint8Array(32),
      open: true,
      verifier: false,
      iceServersFor: () => [],
      random: () => random.next(),
      swarmIdOf: () => new Uint8Array(32),
      contentHashOf: () => new Uint8Array(32),
      nameDigestOf: () => new Uint8Array(32),
      originOf: () => null,
      isSourceOf: () => false,
      originAllowed: () => false,
      turnBlocks: [],
      accounting: {
        trackerKeyId: new Uint8Array(8),
        epochMs: EPOCH_MS,
        allowSameNetwork: true,
        hasBudget: () => true,
      },
    });
  }

  function tellTracker(input: Input): void {
    const out: Output[] = [];
    tracker.handle(input, trackerMs(), out);
    for (const output of out) perform(output);
  }

  function later(ms: number, input: Input): void {
    const life = trackerLife;
    after(ms, () => life === trackerLife && tellTracker(input));
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "send":
        return deliver(output.session, output.message);
      case "check-hello": {
        const peer = sha256(output.hello.sessionKey).slice(0, 16);
        return later(2, {
          type: "hello-checked",
          session: output.session,
          verdict: { kind: "signed", peer },
        });
      }
      case "sign-grants": {
        for (const grant of output.grants) grants.set(encodeHex(grant.grantId), grant);
        const sealed = output.grants.map((grant) => grantMessage.seal(grant, new Uint8Array(64)));
        return later(3, { type: "grants-signed", number: output.number, sealed });
      }
      case "check-statement": {
        const { number, sessionKey, preimage, signature, unknownGrants } = output;
        const isTrue = encodeHex(signatureOf(sessionKey, preimage)) === encodeHex(signature);
        const fault = isTrue ? null : ({ code: "bad-signature", reason: "false" } as const);
        const found = unknownGrants.flatMap((id) => grants.get(encodeHex(id)) ?? []);
        return later(3, { type: "statement-checked", check: { number, fault, grants: found } });
      }
      case "store-statement": {
        const { number, record } = output;
        const life = trackerLife;
        // A crash comes before the disk, or between the disk and the acknowledgement.
        return after(random.between(1, 40), () => {
          if (life !== trackerLife) return;
          durable.push(record);
          later(random.between(0, 20), { type: "statement-stored", number, stored: true });
        });
      }
      case "answer-post":
        // One that had come over the socket before is there.
        if (output.wrong === null || output.wrong.code === "replayed")
          for (const { unheard } of viewers) unheard.delete(output.request);
        if (output.wrong !== null) refusals.push(`post ${output.wrong.code}: ${output.wrong.reason}`);
    }
  }

  function deliver(session: number, message: TrackerMessage): void {
    const life = trackerLife;
    // A socket keeps the order of its messages: grants do not overtake the WELCOME.
    const arrivalMs = Math.max(queue.nowMs() + wayMs(), arrivals.get(session) ?? 0);
    arrivals.set(session, arrivalMs);
    after(arrivalMs - queue.nowMs(), () => {
      const viewer = viewers.find((one) => one.session === session && one.fate === "alive");
      if (viewer === undefined || life !== trackerLife) return;
      if (message.type === "welcome") feed(viewer, { type: "welcome", timeMs: message.timeMs });
      if (message.type === "peers" && message.grants.length > 0) {
        for (const sealed of message.grants) {
          const parsed = grantMessage.parse(sealed);
          if (parsed.ok) viewer.granted.add(encodeHex(parsed.value.grantId));
        }
        feed(viewer, { type: "granted", grants: message.grants });
      }
      if (message.type === "ack") feed(viewer, { type: "acked", seq: message.of });
      if (message.type === "error") {
        refusals.push(`${message.code}: ${message.message}`);
        feed(viewer, { type: "refused", code: message.code });
      }
    });
  }

  function connect(viewer: Viewer): void {
    const session = (viewer.session = ++lastSession);
    const hello = {
      type: "hello",
      version: PROTOCOL_VERSION,
      sessionKey: viewer.key,
      signature: new Uint8Array(64),
      token: "",
      delegation: new Uint8Array(0),
      resumeTicket: new Uint8Array(0),
      client: "sim",
    } as const;
    const join = { type: "join", contentId: "film", wantedPeers: 10, role: "viewer", origins: [] } as const;
    later(10, { type: "opened", session, address: "127.0.0.1", nonce: new Uint8Array(32) });
    later(20, { type: "message", session, message: hello, sizeBytes: 200 });
    later(200, { type: "message", session, message: join, sizeBytes: 200 });
    keepAlive(viewer, session);
  }

  function keepAlive(viewer: Viewer, session: number): void {
    after(20_000, () => {
      if (viewer.session !== session || viewer.fate !== "alive") return;
      later(wayMs(), { type: "message", session, message: { type: "ping", nonce: 1 }, sizeBytes: 5 });
      keepAlive(viewer, session);
    });
  }

  /** Each viewer's clock began at another moment, as performance.now() does. */
  function feed(viewer: Viewer, input: AccountsInput): void {
    if (viewer.fate !== "alive") return;
    const out: AccountsOutput[] = [];
    viewer.accounts.handle(input, queue.nowMs() + offsetOf(viewer), out);
    for (const output of out) carryOut(viewer, output);
  }
  const offsets = Array.from({ length: count }, () => clocks.between(0, 1_200_000));
  const offsetOf = (viewer: Viewer) => offsets[viewers.indexOf(viewer)] ?? 0;

  function carryOut(viewer: Viewer, output: AccountsOutput): void {
    switch (output.type) {
      case "sign": {
        const { job, preimage } = output;
        const signature = signatureOf(viewer.key, preimage);
        return after(1, () => feed(viewer, { type: "signed", job, signature }));
      }
      case "verify": {
        const { job, key, preimage, signature } = output;
        const valid = encodeHex(signatureOf(key, preimage)) === encodeHex(signature);
        return after(1, () => feed(viewer, { type: "verified", job, valid }));
      }
      case "give-receipt": {
        const other = viewers.find(({ peer }) => peer === output.peer)!;
        const link = linkOf(viewer, other);
        const life = open.get(link);
        return after(wayMs(), () => {
          // The channel is reliable for as long as it lives.
          if (life !== undefined && open.get(link) === life)
            feed(other, { type: "receipt", peer: viewer.peer, bytes: output.bytes });
        });
      }
      case "event": {
        const { peer, direction, bytes } = output.event;
        const before = viewer[direction].get(peer)?.bytes ?? 0;
        viewer[direction].set(peer, { bytes: before + bytes, atMs: queue.nowMs() });
        return;
      }
      case "state": {
        if (viewer.session === null) return;
        const message = { type: "statement", bytes: output.bytes } as const;
        return later(wayMs(), { type: "message", session: viewer.session, message, sizeBytes: 1_000 });
      }
    }
  }

  function setLink(one: Viewer, other: Viewer, isOpen: boolean): void {
    const link = linkOf(one, other);
    if (open.has(link) === isOpen) return;
    if (isOpen) open.set(link, ++lastLink);
    else open.delete(link);
    feed(one, { type: "link", peer: other.peer, open: isOpen });
    feed(other, { type: "link", peer: one.peer, open: isOpen });
  }

  /** By a grant that both sides were told of: a tracker may die between telling the one and the other. */
  const isGranted = (up: Viewer, down: Viewer) =>
    [...grants].some(
      ([id, { uploaderKey, downloaderKey, notBeforeMs, expiryMs }]) =>
        uploaderKey === up.key &&
        downloaderKey === down.key &&
        up.granted.has(id) &&
        down.granted.has(id) &&
        notBeforeMs <= trackerMs() &&
        trackerMs() < expiryMs,
    );

  /** A run of pieces of one segment goes over; what is on its way when a link is cut is lost. */
  function transfer(up: Viewer, down: Viewer): void {
    const link = linkOf(up, down);
    const life = open.get(link);
    if (life === undefined) return;
    const segment = segmentOf(random.below(2_000));
    const bytes = PIECE_BYTES * (1 + random.below(16));
    const key = segmentKeyOf(segment);
    const root = rootBytes(segment);
    feed(up, { type: "sent", peer: down.peer, segment: key, root, bytes, segmentBytes: SEGMENT_BYTES });
    after(wayMs(), () => {
      if (open.get(link) !== life || down.fate !== "alive" || random.chance(0.02)) return;
      const pair = `${up.peer} ${down.peer}`;
      const piece = { atMs: queue.nowMs(), bytes, granted: isGranted(up, down) };
      served.set(pair, [...(served.get(pair) ?? []), piece]);
      feed(down, { type: "proved", peer: up.peer, segment, root, bytes, complete: random.chance(0.7) });
    });
  }

  function end(viewer: Viewer, fate: "crashed" | "closed"): void {
    if (viewer.fate !== "alive") return;
    if (fate === "closed")
      for (const bytes of viewer.accounts.lastWords()) {
        const request = ++lastPost;
        viewer.unheard.add(request);
        later(wayMs(), { type: "statement-posted", request, address: "127.0.0.1", bytes });
      }
    viewer.fate = fate;
    viewer.endedAtMs = queue.nowMs();
    for (const other of viewers) if (other !== viewer) setLink(viewer, other, false);
    if (viewer.session !== null) later(wayMs(), { type: "closed", session: viewer.session });
  }

  function restartTracker(): void {
    trackerLife += 1;
    tracker = createTracker();
    for (const viewer of viewers) {
      viewer.session = null;
      feed(viewer, { type: "tracker-lost" });
      after(random.between(500, 3_000), () => viewer.fate === "alive" && connect(viewer));
    }
  }

  for (let index = 0; index < count; index++) {
    const key = sha256(Uint8Array.of(seed & 0xff, seed >> 8, index));
    const peer = encodeHex(sha256(key).subarray(0, 16)) as PeerKey;
    const accounts = createAccounts({ sessionKey: key, sha256: (bytes) => sha256(bytes), cdnBytes: () => 0 });
    const viewer: Viewer = {
      key,
      peer,
      accounts,
      session: null,
      fate: "alive",
      endedAtMs: Infinity,
      granted: new Set(),
      held: new Map(),
      given: new Map(),
      unheard: new Set(),
    };
    viewers.push(viewer);
    after(random.between(0, 20_000), () => {
      connect(viewer);
      after(2_000, () => viewers.forEach((other) => other !== viewer && setLink(viewer, other, true)));
    });
  }
  const endMs = seconds * 1_000;
  const anyone = () => viewers[random.below(count)]!;
  const everySome = (fromMs: number, toMs: number, run: () => void): void => {
    after(random.between(fromMs, toMs), () => {
      if (queue.nowMs() > endMs) return;
      run();
      everySome(fromMs, toMs, run);
    });
  };
  everySome(50, 900, () => {
    const [up, down] = [anyone(), anyone()];
    if (up !== down) transfer(up, down);
  });
  everySome(5_000, 60_000, () => {
    const [one, other] = [anyone(), anyone()];
    if (one === other) return;
    setLink(one, other, false);
    after(random.between(200, 5_000), () => {
      if (one.fate === "alive" && other.fate === "alive") setLink(one, other, true);
    });
  });
  everySome(30_000, 200_000, restartTracker);
  everySome(40_000, 300_000, () => end(anyone(), random.chance(0.5) ? "crashed" : "closed"));
  const tickAll = (): void =>
    after(250, () => {
      for (const viewer of viewers) feed(viewer, { type: "tick" });
      tellTracker({ type: "tick" });
      if (queue.nowMs() < endMs + 200_000) tickAll();
    });
  tickAll();
  queue.run(endMs);
  for (const viewer of viewers) end(viewer, "closed");
  queue.run(endMs + 5_000);

  return {
    durable: durable.map((record) => ({ ...record, parsed: statementMessage.parse(record.sealed) })),
    grants: [...grants.values()],
    served,
    refusals,
    viewers: viewers.map(({ accounts, ...viewer }) => ({
      ...viewer,
      counters: accounts.counters as AccountsCounters,
    })),
  };
}
