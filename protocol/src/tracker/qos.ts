import { f64, list, record, type ValueOf, varint } from "../codec/layout.ts";
import { message } from "../codec/message.ts";
import { MAX_INDICATORS } from "../limits.ts";

const indicator = record({ id: varint(0xffff_ffff), value: f64 });

export type QosIndicator = ValueOf<typeof indicator>;

export const qos = message("qos", 0x07, { indicators: list(indicator, MAX_INDICATORS) });
