export interface HttpRequest {
  readonly method: string;
  /** As in the request line, without the query. */
  readonly path: string;
  readonly query: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
