import {
  encodeBase64Url,
  MAX_ORIGINS,
  MAX_WANTED_PEERS,
  peerIdOf,
  peerKeyOf,
  rootsPreimage,
  segmentKeyOf,
  type ClientMessage,
  type TrackerMessage,
  type TrackerMessageOf,
} from "@tributary/protocol";
import { createBackoff } from "./backoff.ts";
import { openConnection, type Connection, type Ending } from "./connection.ts";
import type { TrackerClient, TrackerEnvironment, TrackerHandlers } from "./contract.ts";
import { createRootQuestions } from "./root-questions.ts";
import { checkTrackerUrls } from "./tracker-urls.ts";

type Session =
  | { readonly state: "idle" }
  | { readonly state: "dialling"; readonly connection: Connection }
  | {
      readonly state: "ready";
      readonly connection: Connection;
      readonly trackerId: Uint8Array;
      swarm: Uint8Array | null;
    }
  | { readonly state: "waiting"; readonly callOff: () => void }
  | { readonly state: "given-up" }
  | { readonly state: "destroyed" };

/** Partners asked for on entering, before the core knows better. */
const firstWantedPeers = 10;
/** Different objections of trackers that a page is told of. */
const complaintsMax = 20;
/** A tracker that names less would be asked without pause. */
const announceIntervalMinMs = 5_000;

export function createTrackerClient(
  environment: TrackerEnvironment,
  handlers: TrackerHandlers,
): TrackerClient {
  const { clock, credentials } = environment;
  const backoff = createBackoff(environment.random);
  const checked = checkTrackerUrls(environment.urls);
  let urls = [...checked.usable];
  let urlIndex = 0;
  let session: Session = { state: "idle" };
  let contentId: string | null = null;
  let origins: readonly string[] = [];
  let resumeTicket: Uint8Array = new Uint8Array(0);
  /** Whether this connection's HELLO carries the ticket, and so no token. */
  let ticketShown = false;
  let wantedPeers = firstWantedPeers;
  let joined = false;
  let verifier = false;
  let suspended = false;
  let everReady = false;
  let outageWarned = false;
  let trouble: string | null = null;
  const complaints = new Set<string>();
  let callOffAnnounce = () => {};
  let announceIntervalMs = announceIntervalMinMs;
  const questions = createRootQuestions(clock, credentials, (asked) => joined && send(asked));

  function send(message: ClientMessage): boolean {
    if (session.state !== "ready") return false;
    try {
      return session.connection.send(message);
    } catch (error) {
      // Our own value is out of the protocol's range, an overlong content id for instance.
      handlers.warning("tracker-refused", error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  function dial(): void {
    if (contentId === null || suspended || session.state === "destroyed") return;
    const url = urls[urlIndex];
    if (url === undefined) return roundFailed();
    let connection: Connection;
    ticketShown = resumeTicket.length > 0;
    try {
      connection = openConnection(url, resumeTicket, environment, {
        welcome,
        message: receive,
        ended: (ending) => ended(url, ending),
      });
    } catch (error) {
      // Mixed content, a port that browsers block, a policy of the page.
      return ended(url, { kind: "refused", code: "not-admitted", reason: String(error) });
    }
    session = { state: "dialling", connection };
  }

  function roundFailed(): void {
    if (urls.length === 0) {
      session = { state: "given-up" };
      return;
    }
    if (!outageWarned) {
      outageWarned = true;
      handlers.warning(
        "tracker-unreachable",
        `there is no session with a tracker: ${trouble ?? "nothing answers"}; trying again`,
      );
    }
    waitForNextRound();
  }

  function waitForNextRound(): void {
    urlIndex = 0;
    session = { state: "waiting", callOff: clock.after(backoff.nextDelayMs(), dial) };
  }

  function welcome(message: TrackerMessageOf<"welcome">, trackerId: Uint8Array): void {
    if (session.state !== "dialling") return;
    session = { state: "ready", connection: session.connection, trackerId, swarm: null };
    everReady = true;
    outageWarned = false;
    trouble = null;
    backoff.reset();
    resumeTicket = message.resumeTicket;
    verifier = message.verifier;
    announceIntervalMs = Math.max(announceIntervalMinMs, message.announceIntervalMs);
    handlers.ready(message);
    if (!joined) sendJoin(wantedPeers);
    questions.flush();
  }

  function sendJoin(wanted: number): void {
    if (contentId === null) return;
    const sent = send({
      type: "join",
      contentId,
      wantedPeers: wanted,
      role: "viewer",
      origins: [...origins],
    });
    joined ||= sent;
    callOffAnnounce();
    // The tracker forgets who stays silent; being remembered needs no new partners.
    if (sent) callOffAnnounce = clock.after(announceIntervalMs, () => sendJoin(0));
  }

  function leaveSession(): void {
    const wasReady = session.state === "ready";
    if (session.state === "waiting") session.callOff();
    if (session.state === "dialling" || session.state === "ready") session.connection.close();
    session = { state: "idle" };
    joined = false;
    callOffAnnounce();
    if (wasReady) handlers.lost();
  }

  function ended(url: string, ending: Ending): void {
    const wasReady = session.state === "ready";
    trouble = `${url}: ${ending.reason}`;
    leaveSession();
    if (ending.kind === "refused") {
      resumeTicket = new Uint8Array(0);
      // The ticket may have run out: the next HELLO carries a fresh token.
      if (ticketShown) return dial();
      urls = urls.filter((other) => other !== url);
      const code = ending.code === "version" ? "tracker-version" : "tracker-refused";
      handlers.warning(code, trouble);
      return dial();
    }
    // After a session that worked everybody comes back at once: spread that, from the first address on.
    if (wasReady) return waitForNextRound();
    urlIndex += 1;
    dial();
  }

  function receive(message: Exclude<TrackerMessage, { type: "nonce" | "welcome" | "pong" }>): void {
    if (session.state !== "ready") return;
    switch (message.type) {
      case "swarm":
        session.swarm = message.swarm;
        return handlers.swarm(message);
      case "peers":
        // Grants come in messages of their own.
        if (message.grants.length > 0) return handlers.granted(message.grants);
        return handlers.peers(message.peers.map(({ peer, ticket }) => ({ peer: peerKeyOf(peer), ticket })));
      case "banned":
        return handlers.banned(message.peers.map(peerKeyOf));
      case "ack":
        return handlers.acked(message.of);
      case "signal":
        return handlers.signal(peerKeyOf(message.peer), message.kind, message.body);
      case "root-conflict":
        return void questions
          .answered([message])
          .then(([known]) => known && handlers.rootContradicted(segmentKeyOf(known.segment)));
      case "hashes":
        return void checkRoots(message, session.trackerId, session.swarm);
      case "error":
        return complain(message);
    }
  }

  /** The tracker may repeat an objection with every message: the page hears each one once. */
  function complain({ code, message }: TrackerMessageOf<"error">): void {
    if (message.startsWith("statement: ")) handlers.statementRefused(code);
    // Viewers leave while a signal to them is under way: nothing that the page could do anything about.
    if (code === "not-introduced") return;
    if (complaints.has(message) || complaints.size >= complaintsMax) return;
    complaints.add(message);
    handlers.warning("tracker-refused", `${code}: ${message}`);
  }

  async function checkRoots(
    { roots, signature }: TrackerMessageOf<"hashes">,
    trackerId: Uint8Array,
    swarm: Uint8Array | null,
  ): Promise<void> {
    if (swarm === null) return;
    const verdict = await environment.verify(trackerId, signature, rootsPreimage(swarm, roots));
    // Without Ed25519 the socket vouches for them: the tracker's key came over the same one.
    const answers = verdict === "invalid" ? [] : await questions.answered(roots);
    if (answers.length === 0 || session.state === "destroyed") return;
    handlers.roots(
      answers.map(({ segment, sizeBytes, root }) => ({
        segment: segmentKeyOf(segment),
        root: { hash: encodeBase64Url(root), sizeBytes },
      })),
    );
  }

  function start(): void {
    if (session.state === "idle") dial();
  }

  return {
    join(id) {
      if (contentId === null && checked.objection) handlers.warning("tracker-unreachable", checked.objection);
      if (contentId === id) return;
      contentId = id;
      wantedPeers = firstWantedPeers;
      if (session.state === "ready" && resumeTicket.length === 0) return sendJoin(wantedPeers);
      // Tokens are for one title: the next one needs its own, and may find a tracker that refused the last.
      if (session.state === "ready" || session.state === "dialling" || session.state === "given-up") {
        leaveSession();
        urls = [...checked.usable];
        urlIndex = 0;
      }
      resumeTicket = new Uint8Array(0);
      start();
    },
    origins(list) {
      origins = list.slice(0, MAX_ORIGINS);
      if (joined) sendJoin(0);
    },
    announce(wanted) {
      wantedPeers = Math.min(MAX_WANTED_PEERS, Math.max(0, wanted));
      if (session.state === "ready") sendJoin(wantedPeers);
    },
    signal: (peer, kind, body) => void send({ type: "signal", peer: peerIdOf(peer), kind, body }),
    askRoots(asked) {
      if (verifier || session.state !== "ready") questions.ask(asked);
    },
    reportPeer: (peer) => void send({ type: "report", peer: peerIdOf(peer) }),
    reportRootConflict: (segment) =>
      void questions.nameOf(segment)?.then((name) => send({ type: "root-conflict", segment, name })),
    sendStatement: (bytes) => void send({ type: "statement", bytes }),
    url: () => (session.state === "ready" && urls[urlIndex]) || null,
    suspend() {
      suspended = true;
      send({ type: "leave" });
      leaveSession();
    },
    resume() {
      if (!suspended) return;
      suspended = false;
      urlIndex = 0;
      start();
    },
    retryNow() {
      if (session.state !== "waiting") return;
      session.callOff();
      session = { state: "idle" };
      start();
    },
    state() {
      if (contentId === null || suspended || environment.urls.length === 0) return "off";
      if (session.state === "ready") return "ready";
      if (session.state === "given-up" || everReady || outageWarned) return "lost";
      return "connecting";
    },
    trouble: () => trouble ?? checked.objection,
    destroy() {
      if (session.state === "destroyed") return;
      send({ type: "leave" });
      leaveSession();
      questions.stop();
      session = { state: "destroyed" };
    },
  };
}
