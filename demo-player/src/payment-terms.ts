/** When viewers are paid. */
export interface PaymentTerms {
  readonly epochSeconds: number;
  /** From an epoch's close. */
  readonly settleAfterSeconds: number;
  /** So long rewards are pending. */
  readonly escrowSeconds: number;
}

/**
 * A newcomer sees earnings within two minutes. Viewers state what they served once a minute, and so long the settlement
 * has to wait for them.
 */
export const DEMO_TERMS: PaymentTerms = { epochSeconds: 30, settleAfterSeconds: 60, escrowSeconds: 60 };
