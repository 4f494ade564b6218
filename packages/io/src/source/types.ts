/** Bytes that are somewhere: a file, a `Blob`, memory, behind HTTP. What reads a format asks for no more than it needs. */
export interface ByteSource {
  /** How errors name it. */
  readonly name: string
  /** Length in bytes. */
  readonly size: number
  /**
   * Exactly `length` bytes from `offset`.
   *
   * @param into - memory that may be used for the answer, `length` bytes or longer; the answer is a view of it then
   * @returns the bytes, which may be a view of memory that others hold: not to be written
   * @throws FileError if they are not all there
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  /** The file of that name beside this one, where that means something. */
  sibling?(name: string): Promise<ByteSource>
  /** Lets go of what is held open. */
  close(): Promise<void>
}

/** A file that is being written, from its beginning to its end. Under its name there is nothing new until `close`. */
export interface ByteSink {
  readonly name: string
  /** Appends bytes. They may be changed once the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes what was written the file, whole and lasting, in place of one of the same name. */
  close(): Promise<void>
  /** Drops what was written; a file of the same name stays as it was. */
  abort(): Promise<void>
}

/** A flat place of named files: a directory, the origin's private files, a database. */
export interface Folder {
  readonly name: string
  /** Names of the files, in no particular order. */
  list(): Promise<string[]>
  /** @throws FileError if there is no such file */
  open(name: string): Promise<ByteSource>
  create(name: string): Promise<ByteSink>
  /** Removes a file; nothing happens if there is none. */
  remove(name: string): Promise<void>
}
