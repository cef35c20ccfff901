/** What a connection says. `closed` is the last call; none is made before the function that made it has returned. */
export interface ConnectionHandlers {
  /** The browser's own description, once. */
  description(kind: "offer" | "answer", sdp: string): void;
  /** As in the browser's event, with the "candidate:" prefix. */
  candidate(line: string): void;
  state(state: RTCPeerConnectionState): void;
  opened(channel: RTCDataChannel): void;
  /** May come before `opened`. */
  message(data: Uint8Array): void;
  closed(reason: string): void;
}

/** One RTCPeerConnection that carries one reliable, ordered data channel, negotiated once, with trickle ICE. */
export interface Connection {
  /** The other side's description, once: an answer where this side made the offer, else an offer. */
  describe(kind: "offer" | "answer", sdp: string): void;
  /** What comes before the description waits for it. */
  candidate(candidate: RTCIceCandidateInit): void;
  /** At once, and without a word to the handlers: a page that is being left may run no timer any more. */
  close(): void;
}

/** @throws what the browser says of a configuration that it makes no connection with */
export function createConnection(
  initiator: boolean,
  configuration: RTCConfiguration,
  handlers: ConnectionHandlers,
): Connection {
  const pc = new RTCPeerConnection(configuration);
  /** Candidates that wait for the other side's description; null once it is known. */
  let early: RTCIceCandidateInit[] | null = [];
  let closed = false;

  function close(): void {
    if (closed) return;
    closed = true;
    pc.close();
  }

  function fail(reason: string): void {
    if (closed) return;
    close();
    handlers.closed(reason);
  }

  const failed = (error: unknown) => fail(error instanceof Error ? error.message : String(error));

  pc.onicecandidate = ({ candidate }) => {
    if (!closed && candidate) handlers.candidate(candidate.candidate);
  };
  pc.onconnectionstatechange = () => {
    if (!closed) handlers.state(pc.connectionState);
    if (pc.connectionState === "failed") fail("the connection failed");
  };

  function use(channel: RTCDataChannel): void {
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      // Text is no frame.
      if (!closed) handlers.message(typeof data === "string" ? new Uint8Array(0) : new Uint8Array(data));
    };
    channel.onopen = () => {
      if (!closed) handlers.opened(channel);
    };
    channel.onclose = () => fail("the other side closed the link");
  }

  async function negotiate(): Promise<void> {
    const made = await (initiator ? pc.createOffer() : pc.createAnswer());
    if (closed) return;
    await pc.setLocalDescription(made);
    if (!closed)
      handlers.description(initiator ? "offer" : "answer", (pc.localDescription ?? made).sdp ?? "");
  }

  function add(candidate: RTCIceCandidateInit): void {
    // One that the browser has no use for is no loss: without any that it can use, ICE ends by itself.
    pc.addIceCandidate(candidate).catch(() => {});
  }

  async function learn(kind: "offer" | "answer", sdp: string): Promise<void> {
    await pc.setRemoteDescription({ type: kind, sdp });
    if (closed) return;
    early?.forEach(add);
    early = null;
    if (!initiator) await negotiate();
  }

  if (initiator) {
    use(pc.createDataChannel("tributary"));
    negotiate().catch(failed);
  } else pc.ondatachannel = ({ channel }) => use(channel);

  return {
    describe: (kind, sdp) => void learn(kind, sdp).catch(failed),
    candidate(candidate) {
      if (early === null) add(candidate);
      else early.push(candidate);
    },
    close,
  };
}
