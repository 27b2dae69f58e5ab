/** A piece of what a container says, as Docker packs it. */
export function frame(text: string, stream = 1): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}
