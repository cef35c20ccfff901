/**
 * Time the player needs between receiving a segment and being able to play it, transmuxing and appending: what it took
 * for the first one, within these bounds. A page that shows its first frame later than that has other reasons.
 */
export const appendMarginMinMs = 250;
export const appendMarginMaxMs = 2000;
/** Timers of hidden pages run once a second, so decisions there must be taken that much earlier. */
export const hiddenMarginMs = 1500;
/** Buffer below which nobody waits for a peer, whatever the CDN's speed: one slow answer must not stall. */
export const waitReserveMinMs = 1000;
/** LL-HLS plays about three parts behind the edge, so a reserve of a second would leave nothing to wait with. */
export const partReserveMinMs = 300;
/**
 * A part that no peer has brought by then comes from the CDN: waits add up, because each part is asked for in turn.
 * What is on its way to a neighbour has the time that the CDN takes besides.
 */
export const partWaitMaxMs = 400;
/** What the player has waited for so long puts the line in doubt, if what comes is too little... */
export const doubtMs = 1000;
/** ...and the buffer holds no more than so many times the segment, which it takes hls.js to see that and to fall a level... */
export const fallDurations = 2;
/** ...or a line that carries just what is watched to bring the segment, where there is no lower level... */
export const rescueDurations = 1.25;
/** (how often to look) */
export const doubtStepMs = 250;
/** ...unless the line was seen lately to carry more: so long ago for each time that the CDN's rate is what is watched... */
export const trustPerRoomMs = 300;
export const trustMinMs = 2000;
export const trustMaxMs = 10_000;
/** ...or this, where a whole segment is the price of another look. */
export const rangelessTrustMs = 15_000;
/** A probe's first byte may take so much longer than usual: caches do not have everything. */
export const probeAnswerMs = 500;
/** A fetch is late that takes so many times what the CDN's latest rate says... */
export const lateFactor = 2;
/** ...and this long in any case. */
export const lateMinMs = 400;
/** All these besides so many of the page's latest turns: there and back, and one for each timer. */
export const lateTurnsCount = 5;
/** Assumed CDN fetch time before the first sample. */
export const cdnFetchGuessMs = 800;

/** How long each lower-ranked contender lets the one before it claim: a claim needs one way plus scheduling. */
export const claimStepMinMs = 180;
/** More would only delay everybody behind a contender that is gone. */
export const claimStepMaxMs = 800;
/** Stages of backups in large swarms: long enough for a claim to travel some hops, short enough to matter. */
export const backupStepMinMs = 250;
export const backupStepMaxMs = 1500;
/** Contenders are those about to fetch the same segment; one segment of lead is within a playlist reload. */
export const contenderLeadCount = 1;
/** Live segments that peers may bring before the player asks: as many as it stays behind the edge. */
export const prefetchCount = 3;
/** A viewer whose CDN fetch takes longer brings no segment for others before its own player asks for it. */
export const seedMaxMs = 600;
/** After a failed fetch of that kind it brings none for this long, and twice as long after each further one... */
export const seedRestMinMs = 2000;
/** ...up to this: a CDN that is back is noticed within a minute. */
export const seedRestMaxMs = 60_000;
/** Segments of which it knows that it asked the CDN: far more than can be upcoming at once. */
export const seedsRememberedMax = 256;
/** A claim without news for this long is dead: four times a slow CDN's usual first byte. */
export const claimSilenceMs = 2500;
/** A partner that was asked and brings nothing at all for this long is passed over: three times a full queue there. */
export const transferSilenceMs = 2500;
/** What was asked for this long before the CDN had to be asked was a promise. */
export const brokenPromiseMs = 800;
/** A peer passed over for silence is not asked again for this long. */
export const silentPeerRestMs = 5000;
/** Silences in a row after which the link is closed. */
export const silencesMax = 3;
/** A peer that refused for being busy is asked again after this, unless it calls before. */
export const busyRestMs = 300;
/** Connections under way count as hope for this long after they began; ICE on a LAN takes well under a second. */
export const connectHopeMs = 3000;
/** The tracker is asked after a quarter of a second at the latest, and answers after four round trips. */
export const namesHopeMs = 1500;
/** Once one neighbour has spoken, the rest are given only this long from the session's start. */
export const furtherHopeMs = 1200;

/** Requests under way with one partner: what it brings in this time, so that it never waits for the next one. */
export const pipelineMs = 100;
/** But not more than it brings in this time. */
export const pipelineMaxMs = 500;
/** A piece is asked for even this long after the CDN was: it saves the bytes that lie behind what was fetched. */
export const lateAllowanceMs = 300;
/** Of what the CDN is bringing a peer is asked for what it brings in this part of the time that the CDN needs. */
export const raceFactor = 0.5;
/** A partner may take so much longer for one piece than all together for the segment, because rates vary... */
export const patienceFactor = 3;
/** ...and this long in any case. */
export const patienceMinMs = 250;
/** Three cover a round trip of 300 ms at 5 Mbit/s. */
export const pipelinePiecesMin = 3;
export const pipelinePiecesMax = 16;
/** What all partners together may owe: half a second of the line, or two partners' worth. */
export const pendingMs = 500;
export const pendingMinBytes = 6 * 65_536;
/** But no more than a slow line brings in this time. */
export const pendingSlowMs = 2000;

/** All channels together hold what the uplink carries in this time; it only has to bridge the reports of draining. */
export const uploadWindowMs = 50;
export const uploadWindowMinBytes = 3 * 65_536;
/**
 * An uplink that takes longer for a piece holds only so much in them: what is there can be neither called off nor
 * overtaken. Faster ones need several connections at once, because each may be held back at its other end.
 */
export const uploadWindowSlowMs = 500;
/** Two chunks, so that one is on its way while the other's draining is reported. */
export const uploadWindowSlowMinBytes = 2 * 16_384;
export const uploadWindowMaxBytes = 1024 * 1024;
/** What waits in the router before an uplink as narrow as this waits for a good part of a second. */
export const queuingUplinkBps = 1_000_000;
/** An uplink as narrow as this uploads nothing: what waits in the router before it keeps a request back for a second. */
export const tooNarrowUplinkBps = 400_000;
/** Unless the page's own turns come as late as this: channels then drain no faster than it looks at them. */
export const busyPageMs = 100;
/** Except to see whether it still is, this long after it was seen last. */
export const narrowTrustMs = 20_000;
/** An uplink as narrow as this, and so many times narrower than what the CDN sends, has no room for uploads beside that. */
export const narrowUplinkBps = 4_000_000;
export const acksRoomFactor = 10;
/** Requests wait behind uploads as well: so long before the CDN has to be asked the uplink is free already. */
export const giveWayAheadMs = 500;
/** How soon such an uplink looks whether the CDN is through. */
export const giveWayMs = 100;
/** Media bytes allowed in one channel's send buffer: more would hold up control messages behind media. */
export const channelHighWaterBytes = 256 * 1024;
/** A channel that has not drained for this long does not count: its other end is slow, not this uplink. */
export const channelStuckMs = 400;
/** A request that would wait longer is refused: the asker finds another holder sooner. */
export const uploadQueueMaxMs = 300;
/** With less than this to send, an uploader calls those it refused: their requests come a round trip later. */
export const callAtMs = 200;
/** Who was called and has not asked by then wants nothing any more. */
export const calledMaxMs = 300;
/** How much sooner a neighbour is served for each class of its uplink: what it gets it can pass on the wider. */
export const leadPerClassMs = 500;
/** Upload requests one peer may have waiting here. */
export const uploadsPerPeerMax = 16;
/** A segment that is arriving is told of no more often than neighbours can act on. */
export const progressIntervalMinMs = 20;
/** And no less often than this, however long its uplink takes for one piece: the neighbours' choice would be stale. */
export const progressIntervalMaxMs = 300;
/** Segments whose roots are asked for in one message. */
export const rootsPerAskMax = 32;
/** A root that was asked for and did not come is asked for again after this. */
export const rootAskAgainMs = 4000;
/** A verifier that has not answered by then has no root to give: nobody waits for neighbours any longer. */
export const rootHopeMs = 2 * rootAskAgainMs;
/** Requests remembered for one peer: far more than chunks can be under way for. */
export const askedMax = 256;
/** Segments remembered for one peer; a two-hour title of 2 s segments has 3,600. */
export const peerHoldingsMax = 8192;
/**
 * Connections wait for the first frame, because building them takes the processor from the decoder; but not longer
 * than this after the first segment was asked for: something else keeps that frame.
 */
export const linkDelayMaxMs = 5000;
/** Connections begun at once, enough to share the next segment even if one of them comes to nothing... */
export const linksAtOnceCount = 2;
/** ...and each further one this long after the last: making one takes both ends some 25 ms of a processor. */
export const linkPaceMs = 400;
/** Announcing again brings new partners; more often would only load the tracker. */
export const announceIntervalMs = 5000;
/**
 * A partner that has neither given nor taken anything for so long may be replaced, and no more than one in that time:
 * as long as BitTorrent leaves to an optimistic unchoke (BEP 3), for a link to show what it is good for.
 */
export const replaceIntervalMs = 30_000;
/** Where the tracker has nobody new, a partner that parted is tried again after this: what parted them may be over. */
export const partedRestMs = 60_000;
/**
 * What one neighbour may say at once and for good, counted in short messages. Filling a minute of 8 Mbit/s over a LAN
 * takes 920 requests for single pieces, in the worst case each with a CANCEL and a PROGRESS; 512 a second are 270 Mbit/s.
 */
export const messageBurst = 4096;
export const messagesPerSecond = 512;
