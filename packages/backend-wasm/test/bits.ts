/** Whether two arrays hold the same bytes: quicker by far than comparing large ones element by element. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const bytes = (x: ArrayBufferView): Buffer => Buffer.from(x.buffer, x.byteOffset, x.byteLength)
  return bytes(a).equals(bytes(b))
}
