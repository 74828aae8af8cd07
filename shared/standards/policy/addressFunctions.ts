/** Functions on IP addresses: `ipRangeContains` of policies, and those on CIDR blocks of templates. */
import { fixed, whole, words, type FunctionTable } from "./arguments.ts";
import { unusable } from "./refusal.ts";

interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

interface Block extends Range {
  readonly prefix: number;
}

export const addressFunctions: FunctionTable = {
  ipRangeContains: fixed(2, ([a, b]) => {
    const [outer, inner] = [rangeOf(words("ipRangeContains", a)), rangeOf(words("ipRangeContains", b))];
    return outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;
  }),
  parseCidr: fixed(1, ([a]) => {
    const block = blockOf("parseCidr", words("parseCidr", a));
    const isSmall = block.bits === 128 || block.prefix >= 31;
    return {
      network: shown(block.first, block.bits),
      netmask: shown(maskOf(block), block.bits),
      ...(block.bits === 32 ? { broadcast: shown(block.last, 32) } : {}),
      firstUsable: shown(isSmall ? block.first : block.first + 1n, block.bits),
      lastUsable: shown(isSmall ? block.last : block.last - 1n, block.bits),
      cidr: block.prefix,
    };
  }),
  cidrSubnet: fixed(3, ([a, b, c]) => {
    const block = blockOf("cidrSubnet", words("cidrSubnet", a));
    const [prefix, at] = [whole("cidrSubnet", b), whole("cidrSubnet", c)];
    if (prefix < block.prefix || prefix > block.bits) {
      throw unusable("cidrSubnet()", `/${prefix}`, `/${block.prefix} to /${block.bits}`);
    }
    const first = block.first + (BigInt(at) << BigInt(block.bits - prefix));
    if (at < 0 || first > block.last) throw unusable("cidrSubnet()", `number ${at}`, "one within the block");
    return `${shown(first, block.bits)}/${prefix}`;
  }),
  cidrHost: fixed(2, ([a, b]) => {
    const block = blockOf("cidrHost", words("cidrHost", a));
    const at = whole("cidrHost", b);
    const host = block.first + BigInt(at) + (block.bits === 32 && block.prefix < 31 ? 1n : 0n);
    if (at < 0 || host > block.last) throw unusable("cidrHost()", `number ${at}`, "one within the block");
    return shown(host, block.bits);
  }),
};

/** `10.0.0.0/8`, `10.0.0.1`, `10.0.0.1-10.0.0.9`. */
function rangeOf(text: string): Range {
  const [from, to, ...more] = text.split("-").map((part) => part.trim());
  if (to === undefined) return blockOf("ipRangeContains", from ?? "");
  const [first, last] = [addressOf(from ?? ""), addressOf(to)];
  if (more.length > 0 || first?.bits !== last?.bits || first === undefined || last === undefined) throw badRange();
  if (first.value > last.value) throw unusable("ipRangeContains()", "a range that ends before it begins", "first-last");
  return { bits: first.bits, first: first.value, last: last.value };
}

function badRange(): Error {
  return unusable("ipRangeContains()", "another text", "an address, a block (10.0.0.0/8) or a range (first-last)");
}

function blockOf(name: string, text: string): Block {
  const [head = "", tail, ...more] = text.trim().split("/");
  const address = addressOf(head);
  const prefix = tail === undefined ? address?.bits : /^\d{1,3}$/.test(tail) ? Number(tail) : undefined;
  if (address === undefined || prefix === undefined || prefix > address.bits || more.length > 0) {
    throw unusable(`${name}()`, "another text", "a block of addresses such as 10.0.0.0/8");
  }
  const size = 1n << BigInt(address.bits - prefix);
  const first = address.value - (address.value % size);
  return { bits: address.bits, prefix, first, last: first + size - 1n };
}

function maskOf({ bits, prefix }: Block): bigint {
  return (1n << BigInt(bits)) - (1n << BigInt(bits - prefix));
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function addressOf(text: string): Address | undefined {
  const four = fourOf(text);
  if (four !== undefined) return { bits: 32, value: four };
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(":")) return undefined;
  // The last two groups may be written as a version 4 address.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? undefined : fourOf(dotted[2] ?? "");
  if (dotted !== null && tail === undefined) return undefined;
  const whole =
    tail === undefined ? text : `${dotted?.[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const sides = whole.split("::");
  const [left = [], right] = sides.map((side) => (side === "" ? [] : side.split(":")));
  const missing = 8 - left.length - (right?.length ?? 0);
  if (sides.length > 2 || (right === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...Array<string>(right === undefined ? 0 : missing).fill("0"), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) };
}

function fourOf(text: string): bigint | undefined {
  const parts = text.split(".");
  const isOne = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return isOne ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) : undefined;
}

function shown(value: bigint, bits: 32 | 128): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((by) => String((value >> by) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16));
  const zeros = [...groups.join(":").matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = zeros.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? groups.join(":") : groups.join(":").replace(longest, "::").replace(":::", "::");
}
