/** simple-peer names its errors so. The browser's own have a `code` that cannot be assigned to. */
export default (error: Error, code: string): Error =>
  Object.defineProperty(error, "code", { value: code, enumerable: true, configurable: true });
