/** A version 4 UUID from the engine's seeded generator, so that the same seed names the same things. */
export function uuid(random: () => number): string {
  const bytes = Buffer.alloc(16);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
  // RFC 9562: the version in the high half of byte 6, the variant in the two high bits of byte 8.
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
