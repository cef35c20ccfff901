import type { DemoStatus } from "../../src/status.ts";
import { createAccount } from "./logic/account.ts";
import { formatBytes, formatPercent, plural } from "./logic/format.ts";
import { createDemoServer } from "./server.ts";
import { createStage, type Programme } from "./stage.ts";
import { createControls, type StreamChoice } from "./view/controls.ts";
import { need, setText } from "./view/dom.ts";
import { createEarnedView } from "./view/earned.ts";
import { createHeadlineView } from "./view/headline.ts";
import { createLog } from "./view/log.ts";
import { createMeshView } from "./view/mesh.ts";

/** The page: owns what happens when; the views draw, the stage keeps the viewers, the account adds up. */

const VIEWERS_AT_START = 4;
const STATUS_INTERVAL_MS = 1_000;
/** The tracker looks as often whether an epoch is to be settled. */
const EARNED_INTERVAL_MS = 5_000;
const CHART_INTERVAL_MS = 500;
/** Often enough to follow by ear, seldom enough not to talk all the time. */
const ANNOUNCE_INTERVAL_MS = 20_000;

const server = createDemoServer();
const account = createAccount();
const headline = createHeadlineView();
const earned = createEarnedView();
const mesh = createMeshView(need<SVGSVGElement>(document, "#mesh"));
const log = createLog();
const banner = need(document, "#banner");
const empty = need(document, "#empty");
const announcer = need(document, "#announcer");

let status: DemoStatus | null = null;
let choice: StreamChoice = { kind: "vod" };
/** Which viewer of this page is behind which peer id. Peers in other tabs are not in it. */
const viewerOfPeer = new Map<string, number>();
/** Whom the viewers earn for; null: nobody yet, or this browser cannot. */
let earner: string | null = null;
/** Viewers whose engine holds a session with the tracker. */
const knownToTracker = new Set<number>();

const stage = createStage(need(document, "#viewers"), {
  viewersChanged(numbers) {
    mesh.setViewers(numbers);
    controls.setViewerCount(numbers.length);
    empty.hidden = numbers.length > 0;
  },
  report(viewer, { stats }) {
    account.used(viewer, stats);
    const used = stats.peerBytes + stats.cdnBytes;
    mesh.setShare(viewer, used > 0 ? stats.peerBytes / used : null);
    if (stats.account !== null && earner === null) {
      earner = stats.account;
      void showEarned();
    }
    if (stats.tracker === "ready") knownToTracker.add(viewer);
    else knownToTracker.delete(viewer);
    if (stats.peerId !== null) viewerOfPeer.set(stats.peerId, viewer);
    const peers = new Map<number, number>();
    for (const { id, downloadedBytes } of stats.peerList) {
      const other = viewerOfPeer.get(id);
      if (other !== undefined) peers.set(other, downloadedBytes);
    }
    mesh.report(viewer, stats.cdnBytes, peers, performance.now());
  },
  departed(viewer) {
    account.departed(viewer);
    knownToTracker.delete(viewer);
    for (const [peer, owner] of viewerOfPeer) if (owner === viewer) viewerOfPeer.delete(peer);
    mesh.forget(viewer);
  },
  happenedTo: log.sayOf,
});

const controls = createControls({
  addViewer: () => stage.add(),
  choose(next) {
    choice = next;
    log.say(
      next.kind === "vod"
        ? "Now on demand."
        : next.kind === "live"
          ? "Now live."
          : `Now ${new URL(next.url).host}.`,
    );
    void play();
  },
  setP2p(on) {
    stage.setP2p(on);
    account.rebase();
    log.say(
      on
        ? "Peer-to-peer is on: counting from here."
        : "Peer-to-peer is off: everybody asks the CDN. Counting from here.",
    );
  },
  async commandTracker(action) {
    const done = await server.command({ action });
    if (!done) log.say(`The demo server could not ${action} the tracker.`);
    else if (action === "kill") log.say("The tracker is dead. Viewers who know each other go on sharing.");
    else log.say("The tracker is back: viewers find each other again.");
    await refresh();
  },
});

async function refresh(): Promise<void> {
  const fresh = await server.status();
  // Another run of the server has other ports.
  const moved = fresh !== null && status !== null && fresh.tracker.url !== status.tracker.url;
  status = fresh ?? status;
  if (moved) void play();
  banner.hidden = fresh !== null;
  if (!fresh)
    setText(
      banner,
      "The demo server does not answer. Start it again with npm start; this page then goes on.",
    );
  const sent = fresh?.media.reduce((sum, port) => sum + port.sentBytes, 0) ?? null;
  account.tick(sent, choice.kind !== "other");
  const tracker = fresh?.tracker.state ?? "down";
  controls.setTracker(tracker, knownToTracker.size);
  mesh.setTracker(tracker, knownToTracker);
  headline.show(account.summary(), choice.kind !== "other");
}

async function showEarned(): Promise<void> {
  // A fetch that fails is a line in the console.
  if (status?.tracker.state === "running" && earner !== null)
    await earned.refresh(status.tracker.url, earner);
}

function programme(): Programme | null {
  if (!status) return null;
  const { media, streams, titles, tracker } = status;
  if (choice.kind === "other") {
    const { url } = choice;
    return { urlOf: () => url, contentId: null, tracker: tracker.url };
  }
  const path = streams[choice.kind];
  return {
    // One port per viewer, so the address differs while the title is the same.
    urlOf: (viewer) => (media[(viewer - 1) % media.length]?.url ?? "") + path,
    contentId: titles + path,
    tracker: tracker.url,
  };
}

async function play(): Promise<void> {
  const next = programme();
  if (!next) return;
  await stage.play(next, async () => {
    await refresh();
    account.rebase();
  });
}

function describe(): string {
  const { offload, used, sentBytes } = account.summary();
  const saved = Math.max(0, used.peerBytes + used.cdnBytes - sentBytes);
  return `${plural(stage.numbers.length, "viewer")}. ${formatPercent(offload)} of the CDN's traffic saved, which is ${formatBytes(saved)}.`;
}

async function begin(): Promise<void> {
  for (let count = 0; count < VIEWERS_AT_START; count++) stage.add();
  log.say("The viewers join one after the other.");
  do await refresh();
  while (!status && (await new Promise((resolve) => setTimeout(resolve, STATUS_INTERVAL_MS, true))));
  setInterval(() => void refresh(), STATUS_INTERVAL_MS);
  setInterval(() => void showEarned(), EARNED_INTERVAL_MS);
  setInterval(() => headline.chart(account.running(), performance.now()), CHART_INTERVAL_MS);
  setInterval(() => {
    setText(announcer, describe());
    mesh.describe(`The mesh: ${describe()}`);
  }, ANNOUNCE_INTERVAL_MS);
  await play();
}

void begin();
