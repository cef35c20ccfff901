import { run, tryRun } from "./commands.ts";

/** Rates of one host's link, as seen from it, in bits per second. */
export interface LinkRates {
  readonly upBps: number;
  readonly downBps: number;
}

/** A host of its own: a Linux network namespace whose only way out is a link of limited rate. */
export interface NetworkHost {
  /** For `ip netns exec`. */
  readonly namespace: string;
  readonly address: string;
  setRates(rates: LinkRates): void;
}

export interface Network {
  /** Where this process is reached by the hosts. */
  readonly address: string;
  addHost(rates: LinkRates): NetworkHost;
  /** Takes every host down again. */
  close(): void;
}

/** Room for one full data channel write and for Ethernet frames that arrive together. */
const BURST = "32kb";
/** A home router's queue: deep enough for TCP, shallow enough that a full uplink does not delay everything for seconds. */
const QUEUE = "300ms";
/** Hosts begin at .11, so that the addresses are told from the bridge's. */
const FIRST_HOST = 11;
const HOSTS_MAX = 200;

/** Why a network cannot be made here, in plain words; null where it can. */
export function networkObstacle(): string | null {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  let network: Network | null = null;
  try {
    network = createNetwork();
    network.addHost({ upBps: 1_000_000, downBps: 1_000_000 });
    return null;
  } catch (error) {
    return `network namespaces are not permitted here (${(error as Error).message})`;
  } finally {
    network?.close();
  }
}

/** A bridge with hosts around it, each behind a token bucket for either direction. Throws where that is not permitted. */
export function createNetwork(): Network {
  // Runs beside each other have subnets of their own.
  const subnet = `10.89.${process.pid % 256}`;
  const bridge = `tbr${process.pid % 100_000}`;
  const hosts: { namespace: string; link: string }[] = [];

  function close(): void {
    process.off("exit", close);
    for (const { namespace, link } of hosts) {
      tryRun("ip", "link", "del", link);
      tryRun("ip", "netns", "del", namespace);
    }
    hosts.length = 0;
    tryRun("ip", "link", "del", bridge);
  }

  process.once("exit", close);
  try {
    run("ip", "link", "add", bridge, "type", "bridge");
    run("ip", "addr", "add", `${subnet}.1/24`, "dev", bridge);
    run("ip", "link", "set", bridge, "up");
  } catch (error) {
    close();
    throw error;
  }

  function addHost(rates: LinkRates): NetworkHost {
    if (hosts.length >= HOSTS_MAX) throw new RangeError(`a network holds at most ${HOSTS_MAX} hosts`);
    const namespace = `${bridge}-${hosts.length}`;
    const link = `${bridge}v${hosts.length}`;
    const address = `${subnet}.${FIRST_HOST + hosts.length}`;
    hosts.push({ namespace, link });
    const inside = ["-n", namespace];
    run("ip", "netns", "add", namespace);
    run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    run("ip", "link", "set", link, "master", bridge, "up");
    run("ip", ...inside, "addr", "add", `${address}/24`, "dev", "eth0");
    run("ip", ...inside, "link", "set", "eth0", "up");
    run("ip", ...inside, "link", "set", "lo", "up");
    run("ip", ...inside, "route", "add", "default", "via", `${subnet}.1`);
    function setRates({ upBps, downBps }: LinkRates): void {
      const bucket = (bps: number) => ["root", "tbf", "rate", `${bps}bit`, "burst", BURST, "latency", QUEUE];
      run("tc", "qdisc", "replace", "dev", link, ...bucket(downBps));
      run("tc", ...inside, "qdisc", "replace", "dev", "eth0", ...bucket(upBps));
    }
    setRates(rates);
    return { namespace, address, setRates };
  }

  return { address: `${subnet}.1`, addHost, close };
}
