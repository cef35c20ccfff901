// What simple-peer needs of uint8-util: random names for a peer and its channel, and text messages as bytes.
export const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
export const arr2hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const text2arr = (text: string): Uint8Array => new TextEncoder().encode(text);
