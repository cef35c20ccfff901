/** simple-peer names its errors so. */
export default (error: Error, code: string): Error => Object.assign(error, { code });
