import { encodeHex, grantMessage, PEER_ID_BYTES, type PeerKey } from "@tributary/protocol";
import type { AccountsConfig, Book } from "./model.ts";

/** Twelve partners, both directions, and the grants before and after the present ones; the rest is long settled. */
const booksMax = 256;

/** Owns the grants of this session and what was receipted over each. */
export interface Books {
  add(sealed: Uint8Array): void;
  get(id: string): Book | undefined;
  all(): Iterable<Book>;
  /** The one that counts for this peer now: the newest that has begun and not expired. */
  current(peer: PeerKey, role: Book["role"], trackerMs: number): Book | undefined;
}

export function createBooks({ sessionKey, sha256 }: AccountsConfig): Books {
  const books = new Map<string, Book>();
  const self = encodeHex(sessionKey);

  return {
    add(sealed) {
      const parsed = grantMessage.parse(sealed);
      // It came over the tracker's own socket, which vouches for it: others check its signature.
      if (!parsed.ok) return;
      const grant = parsed.value;
      const role = encodeHex(grant.uploaderKey) === self ? "uploader" : "downloader";
      if (role === "downloader" && encodeHex(grant.downloaderKey) !== self) return;
      const other = role === "uploader" ? grant.downloaderKey : grant.uploaderKey;
      const peer = encodeHex(sha256(other).subarray(0, PEER_ID_BYTES)) as PeerKey;
      const id = encodeHex(grant.grantId);
      if (books.has(id)) return;
      books.set(id, {
        id,
        grant,
        role,
        peer,
        claim: null,
        sealed: null,
        given: [],
        hasGap: false,
        links: [],
        ackedSeq: 0,
        busy: false,
        refused: false,
      });
      if (books.size > booksMax) books.delete(books.keys().next().value!);
    },
    get: (id) => books.get(id),
    all: () => books.values(),
    current(peer, role, trackerMs) {
      let newest: Book | undefined;
      for (const book of books.values()) {
        const { notBeforeMs, expiryMs } = book.grant;
        if (book.peer !== peer || book.role !== role || trackerMs < notBeforeMs || trackerMs >= expiryMs)
          continue;
        if (newest === undefined || notBeforeMs >= newest.grant.notBeforeMs) newest = book;
      }
      return newest;
    },
  };
}
