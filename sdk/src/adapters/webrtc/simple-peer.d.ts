/** The part of the `lite` build that a link uses; the package has no types of its own. */
declare module "@thaunknown/simple-peer/lite.js" {
  export interface PeerSignal {
    readonly type: string;
    readonly sdp?: string;
    readonly candidate?: {
      readonly candidate: string;
      readonly sdpMid?: string | null;
      readonly sdpMLineIndex?: number | null;
    };
  }

  export interface PeerOptions {
    readonly initiator: boolean;
    readonly trickle: boolean;
    readonly channelName?: string;
    readonly config: RTCConfiguration;
  }

  export default class SimplePeer {
    constructor(options: PeerOptions);
    readonly destroyed: boolean;
    /** Null once destroyed, and undefined where the browser refused to make one. */
    readonly _pc: RTCPeerConnection | null | undefined;
    readonly _channel: RTCDataChannel | null;
    _iceCompleteTimer: ReturnType<typeof setTimeout> | null;
    _onFinishBound: (() => void) | null | undefined;
    signal(data: PeerSignal): void;
    destroy(error?: Error): void;
    on(type: "signal", listener: (signal: PeerSignal) => void): this;
    on(type: "data", listener: (data: Uint8Array) => void): this;
    on(type: "connect" | "close" | "end" | "finish", listener: () => void): this;
    on(type: "error", listener: (error: Error) => void): this;
    on(type: "iceStateChange", listener: (connection: string, gathering: string) => void): this;
    removeListener(type: string, listener: (...values: never[]) => void): this;
  }
}
