import { createRequire } from "node:module";

/** What is used of uWebSockets.js, which brings no types to the binaries' packages. */
export interface UwsWebSocket<T> {
  getUserData(): T;
  /** 1 sent, 0 waiting behind other bytes, 2 dropped because too much waits. */
  send(bytes: Uint8Array, isBinary: boolean): number;
  end(code: number, reason: string): void;
  close(): void;
}

export interface UwsRequest {
  getMethod(): string;
  getUrl(): string;
  getQuery(): string | undefined;
  getHeader(lowerCaseName: string): string;
}

export interface UwsResponse {
  cork(callback: () => void): void;
  writeStatus(status: string): void;
  writeHeader(name: string, value: string): void;
  end(body: string | Uint8Array): void;
  endWithoutBody(reportedLength: number): void;
  onAborted(callback: () => void): void;
  onData(callback: (chunk: ArrayBuffer, isLast: boolean) => void): void;
  getRemoteAddressAsText(): ArrayBuffer;
  upgrade<T>(userData: T, key: string, protocol: string, extensions: string, context: unknown): void;
}

export interface UwsBehavior<T> {
  maxPayloadLength: number;
  maxBackpressure: number;
  closeOnBackpressureLimit: boolean;
  idleTimeout: number;
  compression: number;
  upgrade(response: UwsResponse, request: UwsRequest, context: unknown): void;
  open(socket: UwsWebSocket<T>): void;
  message(socket: UwsWebSocket<T>, message: ArrayBuffer, isBinary: boolean): void;
  close(socket: UwsWebSocket<T>, code: number, message: ArrayBuffer): void;
}

export interface UwsApp {
  ws<T>(pattern: string, behavior: UwsBehavior<T>): UwsApp;
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  listen(host: string, port: number, options: number, callback: (token: unknown) => void): UwsApp;
  close(): void;
}

export interface UwsModule {
  App(): UwsApp;
  us_listen_socket_close(token: unknown): void;
  us_socket_local_port(token: unknown): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  readonly DISABLED: number;
}

/** The official package where the operator installed it, else the binary that fits this Node, else null. */
export function loadUws(): UwsModule | null {
  const require = createRequire(import.meta.url);
  const nodeMajor = process.versions.node.split(".")[0];
  const names = ["uWebSockets.js", `@uwsjs/${process.platform}-${process.arch}-${nodeMajor}`];
  for (const name of names) {
    try {
      return require(name) as UwsModule;
    } catch {
      // Not installed, or built for another system: the next one, in the end `ws`, does.
    }
  }
  return null;
}
