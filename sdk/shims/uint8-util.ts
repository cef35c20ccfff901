// What a link's simple-peer needs of uint8-util: text messages as bytes.
export const text2arr = (text: string): Uint8Array => new TextEncoder().encode(text);
