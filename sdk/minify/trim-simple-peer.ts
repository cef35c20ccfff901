import type { Plugin } from "vite";

interface Cut {
  /** The text where it begins, and the first that stays. Each stands once in the library, whose version is fixed. */
  readonly from: string;
  readonly to: string;
  readonly with?: string;
}

/** HACK of simple-peer's own: Chrome crashes if createOffer is called immediately. */
const INITIAL_OFFER = "if (this.initiator) unrefTimeout(() => this._createOffer(), 0)\n  ";

/**
 * What a link never uses of simple-peer: it writes to the raw channel, asks for no addresses, negotiates once and
 * trickles, names its servers itself, and ends on its own terms.
 */
const CUTS: readonly Cut[] = [
  // Its log, and what only a log is told.
  { from: "import debug from ", to: "import { RTCPeerConnection" },
  { from: "const Debug = ", to: "const MAX_BUFFERED_AMOUNT" },
  { from: "_debug () {", to: "}\n\nPeer.WEBRTC" },
  {
    from: "if (this._connected) this.emit('disconnect')",
    to: "this._connected = false\n      this._pcReady",
  },
  { from: "import errCode from ", to: "import { randomBytes" },
  { from: "randomBytes, arr2hex, ", to: "text2arr } from" },
  // Options, and values of them that a link never changes.
  { from: "this.__objectMode = ", to: "this.channelName = opts.initiator" },
  { from: " || arr2hex(randomBytes(20))", to: "\n      : null" },
  { from: "this.channelConfig = opts", to: "this.config = " },
  { from: "Object.assign({}, Peer.config", to: "this.offerOptions = opts", with: "opts.config\n" },
  { from: "this.offerOptions = opts", to: "this._destroying = false" },
  { from: " || this.channelNegotiated", to: ") {" },
  { from: ", this.channelConfig)", to: "\n      })\n    } else {\n      this._pc.ondata", with: ")" },
  { from: "Peer.WEBRTC_SUPPORT = ", to: "export default Peer" },
  // A browser without WebRTC is told so by what creates the link, and by the constructor below.
  {
    from: "this.remoteAddress = undefined",
    to: "this._pcReady = false\n    this._channelReady = false\n    this._ice",
  },
  // Getters and address().
  { from: "get bufferSize () {", to: "signal (data) {" },
  { from: "opts = Object.assign({", to: "super(opts)" },
  // Signals as text, and none of the known kinds.
  { from: "if (typeof data === 'string') {", to: "this._debug('signal()')" },
  { from: "if (!data.sdp && !data.candidate && ", to: "}\n\n  _addIceCandidate" },
  // What cannot be: signals after the end were turned away above, and a channel comes with its event, errors with theirs.
  { from: "if (this.destroyed) throw errCode(new Error('cannot signal", to: "if (data.renegotiate && " },
  { from: "if (!event.channel) {", to: "this._channel = event.channel" },
  { from: "event.error instanceof Error", to: "\n      this.__destroy(errCode(err", with: "event.error" },
  // Negotiating again, tracks and streams.
  { from: "if (data.renegotiate && ", to: "if (data.candidate) {" },
  { from: "this._isNegotiating = false // is this", to: "this._closingInterval = null\n\n    this._remote" },
  { from: "this._remoteTracks = []", to: "try {\n      this._pc = new" },
  { from: "this._pc.onsignalingstatechange = () => {", to: "this._pc.onicecandidate = event" },
  // Its first offer stays, and no timer of a second follows the stream's end.
  { from: "this._needsNegotiation()\n\n    this._on", to: "}\n\n  signal (data) {", with: INITIAL_OFFER },
  { from: "send (chunk) {", to: "_final (cb) {" },
  { from: "this._remoteTracks = null", to: "clearInterval(this._closingInterval)" },
  { from: "this._pc.onsignalingstatechange = null", to: "this._pc.onicecandidate = null" },
  { from: "this._pc.ontrack = null", to: "this._pc.ondatachannel = null" },
  {
    from: "if (!this.initiator) this._requestMissing",
    to: "}\n\n        const onSuccess = () => {\n          if",
  },
  { from: "_onSignalingStateChange () {", to: "_onIceCandidate (event) {" },
  // Waiting for all candidates.
  { from: "if (!this.trickle && !this.allowHalfTrickle) offer", to: "const sendOffer" },
  { from: "if (!this.trickle && !this.allowHalfTrickle) answer", to: "const sendAnswer" },
  {
    from: "if (this.trickle || this._iceComplete) sendOffer",
    to: "}\n\n        const onError",
    with: "sendOffer()\n",
  },
  {
    from: "if (this.trickle || this._iceComplete) sendAnswer",
    to: "}\n\n        const onError",
    with: "sendAnswer()\n",
  },
  {
    from: " && this.trickle) {",
    to: "\n      this.emit('signal', {\n        type: 'candidate'",
    with: ") {",
  },
  {
    from: "} else if (!event.candidate && !this._iceComplete",
    to: "_onChannelMessage (event) {",
    with: "}\n}\n",
  },
  { from: "_startIceCompleteTimeout () {", to: "_createOffer () {" },
  { from: "this._iceComplete = false //", to: "this._channel = null\n    this._pendingCandidates" },
  { from: "this.offerOptions)", to: "\n      .then(offer", with: ")" },
  { from: "this.answerOptions)", to: "\n      .then(answer", with: ")" },
  // Writing through the stream, and what then waits for the channel to drain.
  { from: "_write (chunk, cb) {", to: "// When stream finishes writing" },
  { from: "if (this._chunk) {", to: "this.emit('connect')" },
  { from: "_onInterval () {", to: "_onIceCandidate (event) {" },
  { from: "clearInterval(this._interval)", to: "if (this._onFinishBound) this.remove" },
  { from: "this._channel.onbufferedamountlow = () => {", to: "this._channel.onopen = () => {" },
  { from: "_onChannelBufferedAmountLow () {", to: "_onChannelOpen () {" },
  { from: "if (typeof this._channel.bufferedAmountLow", to: "this._channel.onmessage = event" },
  { from: "else if (this.__objectMode === false) {", to: "\n      data = text2arr", with: "else {" },
  { from: "if (this._onFinishBound) this.remove", to: "if (this._channel) {\n        try" },
  { from: "_onFinish () {", to: "_createOffer () {" },
  // getStats() of browsers before they gave a promise, and stand-ins for its names of today.
  { from: "this._isReactNativeWebrtc = ", to: "this._pc.oniceconnectionstatechange = () =>" },
  { from: "// Single-parameter callback-based", to: "_maybeReady () {", with: "}\n" },
  { from: "const flattenValues = report", to: "this._pc.getStats()\n" },
  {
    from: "reports.push(flattenValues(report))",
    to: "\n          })\n          cb(null, reports)\n        }, err",
    with: "reports.push(report)",
  },
  { from: "item.type === 'localcandidate' || ", to: "item.type === 'local-candidate'" },
  {
    from: "item.type === 'candidatepair' || item.type === 'candidate-pair') {",
    to: "\n            candidatePairs[item.id]",
    with: "item.type === 'candidate-pair') {",
  },
  { from: "(item.type === 'googCandidatePair'", to: "((item.type === 'candidatepair'" },
  // The addresses of the selected pair. That there is one still counts.
  { from: "const remoteCandidates = {}", to: "const localCandidates = {}" },
  { from: "if (item.type === 'remotecandidate'", to: "if (item.type === 'local-candidate'" },
  { from: "let local = localCandidates[", to: "items.forEach(item => {\n          // Spec", with: "}\n" },
];

/**
 * Nobody reads its log, whose calls hold no more than one pair of brackets, or asks for an error's code, which a
 * browser's own errors do not even let it set.
 */
const LOG_CALLS = /^ *this\._debug\((?:[^()]|\([^()]*\))*\)$/gm;
const ERROR_CODES = /errCode\((.*), 'ERR_\w+'\)/g;

export function trimSimplePeer(): Plugin {
  return {
    name: "trim-simple-peer",
    transform(code, id) {
      return id.endsWith("/simple-peer/lite.js") ? { code: trimmed(code), map: null } : undefined;
    },
  };
}

export function trimmed(code: string): string {
  let rest = code.replaceAll("\r\n", "\n");
  for (const { from, to, with: replacement = "" } of CUTS) {
    const [before, inside, ...more] = rest.split(from);
    const end = inside?.indexOf(to) ?? -1;
    if (more.length > 0 || end < 0) throw new Error(`simple-peer has changed: "${from}" to "${to}"`);
    rest = before + replacement + inside!.slice(end);
  }
  return rest.replace(LOG_CALLS, "").replace(ERROR_CODES, "$1");
}
