import { expect, test } from "vitest";
import errCode from "./err-code.ts";

test("a channel's own error broke the page: its code has only a getter", () => {
  const error = new DOMException("the channel failed", "OperationError");
  expect(errCode(error, "ERR_DATA_CHANNEL")).toBe(error);
  expect(error.code).toBe("ERR_DATA_CHANNEL");
});
