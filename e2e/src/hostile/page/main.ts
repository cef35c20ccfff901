import type { HostilePage } from "../contract.ts";
import { knock } from "./knock.ts";
import { createLiar, type Liar } from "./liar.ts";
import { pester } from "./pester.ts";

const liars: Liar[] = [];

const hostile: HostilePage = {
  async enter(config) {
    return liars.push(await createLiar(config)) - 1;
  },
  report: (liar) => liars[liar]!.report(),
  turn: (liar) => liars[liar]!.turn(),
  pester,
  knock,
};

Object.assign(window, { hostile });
