import { unit, type Defence } from "./defence.ts";

const admissionTest = "tracker/src/admission.test.ts";
const selfDealingTest = "tracker/src/adversary/self-dealing.test.ts";
const outsiderTest = "tracker/src/adversary/outsider.test.ts";
const verifierRaceTest = "tracker/src/adversary/verifier-race.test.ts";
const accountingTest = "tracker/src/accounting.test.ts";
const hostilePeerTest = "e2e/tests/hostile-peer.test.ts";
const tokenCheck = "tracker/src/adapters/admission/token-check.ts";

/** At the door, before the fetch, by the root's name at the tracker and at the viewer: all are switched off at once. */
const VERIFIER_FOR_ITS_SEGMENT = {
  threat: "T2",
  rule: "the verifier takes a URL for its own segment alone",
  patches: [
    {
      file: "tracker/src/core/roots.ts",
      find: "if (!state.config.isSourceOf(source, id)) {",
      replace: "if (!state.config.isSourceOf(source, id) && nowMs < 0) {",
    },
    {
      file: "tracker/src/adapters/verifier/verifier.ts",
      find: "if (fingerprintOf(source) !== segment.fingerprint)",
      replace: "if (fingerprintOf(source) !== segment.fingerprint && signal.aborted)",
    },
    {
      file: "tracker/src/core/roots.ts",
      find: "entryOf(swarm, id, state.config.nameDigestOf(source))",
      replace: "entryOf(swarm, id, new Uint8Array(32))",
    },
    {
      file: "sdk/src/adapters/tracker/root-questions.ts",
      find: "=== encodeHex(name)",
      replace: "!== encodeHex(name)",
    },
  ],
} as const;

/** What the tracker does against its clients; its ledger has a file of its own. */
export const TRACKER_DEFENCES: readonly Defence[] = [
  unit({
    threat: "T1",
    rule: "a token bound to a key is good for that key",
    file: tokenCheck,
    find: "if (claims.keyThumbprint !== null && claims.keyThumbprint !== bearer.keyThumbprint)",
    replace: "if (claims.keyThumbprint === bearer.pageOrigin)",
    testFile: admissionTest,
    test: "refuses a stolen token that is bound to its viewer's key",
  }),
  unit({
    threat: "T1",
    rule: "the first key that brings a token keeps it",
    file: tokenCheck,
    find: "if (!isFirst) return",
    replace: "if (!isFirst && nowMs < 0) return",
    testFile: admissionTest,
    test: "refuses a token that another session brought before",
  }),
  unit({
    threat: "T1",
    rule: "who names a session key proves that it holds it",
    file: "tracker/src/adapters/crypto/hello-check.ts",
    find: "if (await verifyEd25519(sessionKey, signed, signature))",
    replace: "if ((await verifyEd25519(sessionKey, signed, signature)) || true)",
    testFile: admissionTest,
    test: "refuses a stolen token with the viewer's public key, but without its private one",
  }),
  unit({
    threat: "T1",
    rule: "a token is for one title",
    file: "tracker/src/core/messages.ts",
    find: "} else if (!admitsTitle(state, before.identity.admission, message.contentId)) {",
    replace: "} else if (!admitsTitle(state, before.identity.admission, message.contentId) && nowMs < 0) {",
    testFile: admissionTest,
    test: "refuses a token that is for another title",
  }),
  {
    ...VERIFIER_FOR_ITS_SEGMENT,
    runner: "vitest",
    testFile: verifierRaceTest,
    test: "who asks first, with URLs of other bytes",
  },
  {
    ...VERIFIER_FOR_ITS_SEGMENT,
    runner: "playwright",
    testFile: hostilePeerTest,
    test: "roots asked for first, with URLs of other segments",
  },
  unit({
    threat: "T2",
    rule: "the verifier fetches from registered origins alone",
    file: "tracker/src/core/roots.ts",
    find: "if (config.originAllowed(origin)) return true;",
    replace: "if (config.originAllowed(origin) || origin !== null) return true;",
    testFile: verifierRaceTest,
    test: "who asks first, with URLs of other bytes",
  }),
  unit({
    threat: "T2",
    rule: "one address contradicts so many roots and no more",
    file: "tracker/src/core/roots.ts",
    find: "!takeTokens(conflicts, limits.addressConflicts, 1, nowMs)",
    replace: "!takeTokens(conflicts, limits.addressConflicts, 0, nowMs)",
    testFile: verifierRaceTest,
    test: "a liar that contradicts every root at once takes sixteen",
  }),
  unit({
    threat: "T4",
    rule: "a receipt is signed by its downloader",
    file: "tracker/src/accounting.ts",
    find: ": proofs.includes(false)",
    replace: ": proofs.includes(false) && number < 0",
    testFile: accountingTest,
    test: "signs grants with the tracker's key, and acknowledges both sides' statements",
  }),
  unit({
    threat: "T5",
    rule: "statements are numbered, each is taken once",
    file: "tracker/src/core/accounting/statements.ts",
    find: "return isLate ? null : {",
    replace: "return isLate || seq > 0 ? null : {",
    testFile: accountingTest,
    test: "signs grants with the tracker's key, and acknowledges both sides' statements",
  }),
  unit({
    threat: "T6",
    rule: "nothing is paid inside one network",
    file: "tracker/src/core/accounting/grants.ts",
    find: "const areApart = one.network !== null && other.network !== null && one.network !== other.network;",
    replace: "const areApart = one.network !== null && other.network !== null;",
    testFile: selfDealingTest,
    test: "T6 are paid nothing where they share a network",
  }),
  unit({
    threat: "T8",
    rule: "without a balance there are no grants",
    file: "tracker/src/index.ts",
    find: "bookkeeper?.hasBudget(publisher) ?? true;",
    replace: "(bookkeeper?.hasBudget(publisher) ?? true) || true;",
    testFile: selfDealingTest,
    test: "T8 invented publisher: without a balance there is not one grant",
  }),
  unit({
    threat: "T10",
    rule: "a token for one title opens no other",
    file: "tracker/src/core/messages.ts",
    find: "} else if (!admitsTitle(state, before.identity.admission, message.contentId)) {",
    replace: "} else if (!admitsTitle(state, before.identity.admission, message.contentId) && nowMs < 0) {",
    testFile: outsiderTest,
    test: "T10 enumerates swarms and viewers in vain",
  }),
  unit({
    threat: "T10",
    rule: "only who was introduced may signal",
    file: "tracker/src/core/signals.ts",
    find: "if (receiver === undefined || !membership.introduced.has(receiver)) {",
    replace: "if (receiver === undefined) {",
    testFile: outsiderTest,
    test: "T10 enumerates swarms and viewers in vain",
  }),
  unit({
    threat: "T10",
    rule: "swarm ids are an HMAC under a secret",
    file: "tracker/src/adapters/crypto/tracker-key.ts",
    find: "return new Uint8Array(hmac(ofDay, contentId));",
    replace: "return new Uint8Array(hmac(ofDay.fill(0), contentId));",
    testFile: outsiderTest,
    test: "T10 cannot compute a swarm's id",
  }),
  unit({
    threat: "T4",
    rule: "two whose accounts contradict each other meet last",
    file: "tracker/src/core/matching.ts",
    find: "if (isLast(candidate)) {",
    replace: "if (isLast(candidate) && wanted < 0) {",
    testFile: "tracker/src/core/matching.test.ts",
    test: "T4 introduces two whose accounts contradict each other after all others",
  }),
  unit({
    threat: "T12",
    rule: "two partners of a network, where there are others",
    file: "tracker/src/core/matching.ts",
    find: "if (taken >= sameNetworkMax) {",
    replace: "if (taken >= sameNetworkMax && wanted < 0) {",
    testFile: outsiderTest,
    test: "T12 eclipse",
  }),
  unit({
    threat: "T13",
    rule: "a stranger's address is named so often and no more",
    file: "tracker/src/core/named-addresses.ts",
    find: "takeTokens(bucket, namedAddress, 1, nowMs)",
    replace: "takeTokens(bucket, namedAddress, 0, nowMs)",
    testFile: outsiderTest,
    test: "T13 reflection",
  }),
  unit({
    threat: "T13",
    rule: "who floods is cut",
    file: "tracker/src/core/sessions.ts",
    find: "!takeTokens(session.messages, limits.sessionMessages, 1, nowMs)",
    replace: "!takeTokens(session.messages, limits.sessionMessages, 0, nowMs)",
    testFile: "tracker/src/core/sessions.test.ts",
    test: "drops a flood, says so once a second, and cuts when it goes on",
  }),
  {
    threat: "T16",
    rule: "a delegation is for one session key",
    patches: [
      {
        file: "tracker/src/adapters/crypto/delegation-check.ts",
        find: "if (Buffer.compare(value.sessionKey, sessionKey) !== 0)",
        replace: "if (value.sessionKey.length !== sessionKey.length)",
      },
      {
        file: "tracker/src/adapters/crypto/delegation-check.ts",
        find: "(await verifyEd25519(sessionKey, preimage, signature));",
        replace: "(await verifyEd25519(value.sessionKey, preimage, signature));",
      },
    ],
    runner: "playwright",
    testFile: "e2e/tests/key-theft.test.ts",
    test: "T16 delegation: what one session showed",
  },
];
