/** Hosts that only this machine answers to. A site that points its own name here does not pass. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);
