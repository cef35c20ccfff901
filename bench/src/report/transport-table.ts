import { median } from "../figures/statistics.ts";
import type { TransportResult } from "../transport/result.ts";

/** Goodput of the SDK's whole path beside a raw data channel, run by run. */
export function transportTable(results: readonly TransportResult[]): string[] {
  if (results.length === 0) return ["No run finished."];
  const ratio = ({ sdkBytesPerSecond, rawBytesPerSecond }: TransportResult) =>
    sdkBytesPerSecond / rawBytesPerSecond;
  const rate = (bytesPerSecond: number) => (bytesPerSecond / 1e6).toFixed(1);
  return [
    [
      "| run | raw data channel, MB/s | request to verified segment, MB/s | ratio |",
      "| --- | --- | --- | --- |",
      ...results.map(
        (result) =>
          `| ${result.run} | ${rate(result.rawBytesPerSecond)} | ${rate(result.sdkBytesPerSecond)} | ${ratio(result).toFixed(2)} |`,
      ),
      `| median | ${rate(median(results.map((result) => result.rawBytesPerSecond)))} | ${rate(median(results.map((result) => result.sdkBytesPerSecond)))} | **${median(results.map(ratio)).toFixed(2)}** |`,
    ].join("\n"),
  ];
}
