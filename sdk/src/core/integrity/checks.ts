import type { State, Step } from "../state.ts";
import type { Holding, Piece } from "../store/inventory.ts";

/** Has a received piece digested if there is a list to compare it with. */
export function provePiece(state: State, step: Step, holding: Holding, index: number): void {
  const piece = holding.pieces[index]!;
  if (holding.list === "checked" && piece.state === "received") check(state, step, holding, piece, index);
}

/** A segment of both sources is one version only if the CDN's pieces match the peers' list too. */
export function proveCdnPieces(state: State, step: Step, holding: Holding): void {
  holding.pieces.forEach((piece, index) => {
    if (piece.state === "cdn") check(state, step, holding, piece, index);
  });
}

function check(state: State, step: Step, holding: Holding, piece: Piece, index: number): void {
  piece.state = "checking";
  piece.check = state.inventory.nextCheck();
  step.out.push({ type: "check-piece", segment: holding.key, piece: index, check: piece.check });
}
