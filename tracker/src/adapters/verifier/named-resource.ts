import { createHash } from "node:crypto";
import { askedName, splitUrl } from "@tributary/protocol";
import type { TrackerConfig, VerifierSource } from "../../core/index.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** What a root is bound to beside its segment id, as viewers compute it. */
export function nameDigestOf(source: VerifierSource): Uint8Array {
  return new Uint8Array(createHash("sha256").update(askedName(source)).digest());
}

/** What the core has to know of names. */
export const resourceNames: Pick<TrackerConfig, "isSourceOf" | "nameDigestOf"> = {
  isSourceOf: (source, { fingerprint }) => fingerprintOf(source) === fingerprint,
  nameDigestOf,
};

/**
 * The URL of what the source's name names. `URL` reads some texts differently, a backslash in the host for one: made of
 * the name's own path, it cannot lead anywhere else. @throws Error for what is no URL with a host
 */
export function urlOfName({ url }: VerifierSource): URL {
  const { path, query } = splitUrl(url);
  if (!path.startsWith("/")) throw new Error("not a URL with a host");
  return new URL(`${new URL(url).origin}${path}${query === "" ? "" : `?${query}`}`);
}
