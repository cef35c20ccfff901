import type { VerifySignature } from "@tributary/protocol/log";

/** What the page cannot do in this browser, in plain words; null where it can check signatures. */
export async function obstacleToChecking(): Promise<string | null> {
  if (typeof crypto.subtle === "undefined")
    return "this page was not loaded over https, so the browser offers no cryptography here";
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(9), "Ed25519", false, ["verify"]);
    return null;
  } catch (error) {
    const unsupported = error instanceof DOMException && error.name === "NotSupportedError";
    return unsupported ? "this browser cannot check Ed25519 signatures" : null;
  }
}

export const verifySignature: VerifySignature = async (publicKey, data, signature) => {
  try {
    const raw = publicKey as Uint8Array<ArrayBuffer>;
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature as Uint8Array<ArrayBuffer>, data);
  } catch {
    return false;
  }
};
