/** What a decoder returns: bad input is a value, never an exception. `reason` names the field at fault. */
export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };
