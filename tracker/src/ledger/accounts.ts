/**
 * Who holds money. `treasury` stands for the money outside and is the only one that may owe: a deposit debits it.
 * `escrow` holds what publishers paid until it is released to those who earned it.
 */
export type AccountKind = "publisher" | "peer" | "hunter" | "escrow" | "treasury" | "burn";

/** `pending` reserves; a later transfer that names it posts or voids it, once. */
export type TransferState = "pending" | "posted" | "voided";
