/**
 * The 32-bit number that stands for a name in ids: FNV-1a (draft-eastlake-fnv, section 2) with UTF-16 code units in
 * the place of bytes, which for ASCII is the same. It tells apart what one publisher lists and proves nothing: what is
 * true is settled by roots.
 */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
