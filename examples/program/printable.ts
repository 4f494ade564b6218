/** Text whose control characters cannot move the cursor or change colours: each becomes its picture, or U+FFFD. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (control) => {
    const code = control.codePointAt(0)!
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\ufffd'
  })
}
