/** ipRangeContains: a single address, a CIDR range, or "first-last". */
import { isIPv4, isIPv6 } from "node:net";
import { Failed, type Maybe } from "../json.ts";
import { wantText, type TemplateFunction } from "./types.ts";

interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

function address(text: string): { bits: 32 | 128; value: bigint } {
  if (isIPv4(text)) return { bits: 32, value: v4(text) };
  if (isIPv6(text) && !text.includes("%")) return { bits: 128, value: v6(text) };
  throw new Failed(`found "${text}"; expected an IP address`);
}

function v4(text: string): bigint {
  return text.split(".").reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function v6(text: string): bigint {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const value = v4(quad);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const [before, after] = [head, tail ?? ""].map((side) => (side === "" ? [] : side.split(":")));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array<string>(zeros).fill("0"), ...(after ?? [])];
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

function range(given: Maybe): Range {
  const text = wantText(given).trim();
  const [from = "", to] = text.split("-").map((side) => side.trim());
  if (to !== undefined) {
    const [first, last] = [address(from), address(to)];
    if (first.bits !== last.bits || first.value > last.value) throw new Failed(`"${text}" is no range`);
    return { bits: first.bits, first: first.value, last: last.value };
  }
  const [start = "", length] = text.split("/");
  const { bits, value } = address(start);
  if (length === undefined) return { bits, first: value, last: value };
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) throw new Failed(`"${text}" is no range`);
  const size = 1n << BigInt(bits - Number(length));
  const first = value - (value % size);
  return { bits, first, last: first + size - 1n };
}

/** "Mixing between IP families isn't allowed and results in evaluation failure." */
function ipRangeContains(outer: Maybe, inner: Maybe): boolean {
  const [whole, part] = [range(outer), range(inner)];
  if (whole.bits !== part.bits) throw new Failed("ipRangeContains: found two families of addresses");
  return whole.first <= part.first && part.last <= whole.last;
}

export const addressFunctions: Readonly<Record<string, TemplateFunction>> = { ipRangeContains };
