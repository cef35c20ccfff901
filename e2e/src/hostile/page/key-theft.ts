/** Everything that might bring a private key's bytes out; the names of those that did. */
export async function takenOutBy(key: CryptoKey): Promise<readonly string[]> {
  const { subtle } = crypto;
  const wrapping = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["wrapKey"]);
  const iv = new Uint8Array(12);
  const lying = Object.create(key, { extractable: { value: true } }) as CryptoKey;
  const ways: Readonly<Record<string, () => unknown>> = {
    "exportKey pkcs8": () => subtle.exportKey("pkcs8", key),
    "exportKey jwk": () => subtle.exportKey("jwk", key),
    "exportKey raw": () => subtle.exportKey("raw", key),
    "wrapKey pkcs8": () => subtle.wrapKey("pkcs8", key, wrapping, { name: "AES-GCM", iv }),
    "wrapKey jwk": () => subtle.wrapKey("jwk", key, wrapping, { name: "AES-GCM", iv }),
    "a clone": () => subtle.exportKey("pkcs8", structuredClone(key)),
    "an heir that says it is extractable": () => subtle.exportKey("pkcs8", lying),
    "a prototype that says it is extractable": () => believing(() => subtle.exportKey("pkcs8", key)),
    "its JSON": () => {
      if (JSON.stringify(key) === "{}") throw new Error("empty");
    },
  };
  const found: string[] = [];
  for (const [name, way] of Object.entries(ways))
    try {
      await way();
      found.push(name);
    } catch {
      // That is the point.
    }
  return found;
}

async function believing<T>(run: () => Promise<T>): Promise<T> {
  const honest = Object.getOwnPropertyDescriptor(CryptoKey.prototype, "extractable")!;
  Object.defineProperty(CryptoKey.prototype, "extractable", { ...honest, get: () => true });
  try {
    return await run();
  } finally {
    Object.defineProperty(CryptoKey.prototype, "extractable", honest);
  }
}

export const kindOf = ({ algorithm, usages }: CryptoKey): string => `${algorithm.name} ${usages.join(", ")}`;

/** All keys in what can be reached from here by properties, symbols, maps, sets and prototypes. */
export function keysWithin(root: unknown): Set<CryptoKey> {
  const keys = new Set<CryptoKey>();
  const seen = new Set<unknown>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value))
      continue;
    seen.add(value);
    if (value instanceof CryptoKey) keys.add(value);
    if (value instanceof Map) open.push(...value.keys(), ...value.values());
    if (value instanceof Set) open.push(...value);
    open.push(Object.getPrototypeOf(value));
    for (const name of Reflect.ownKeys(value))
      try {
        open.push((value as Record<PropertyKey, unknown>)[name]);
      } catch {
        // A getter of a prototype.
      }
  }
  return keys;
}
