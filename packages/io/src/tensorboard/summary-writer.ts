import { Tensor, ValueError } from '@gradus/core'
import {
  defineOptions,
  describeValue,
  kind,
  oneOf,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { appendSink, folderOf } from '../source/node-files.ts'
import type { ByteSink, Folder } from '../source/types.ts'
import { histogram } from './histogram.ts'
import { encodePng, type Pixels } from './png.ts'
import { bytes, double, float, int, joined, message, text, type Field } from './protobuf.ts'
import { record } from './record.ts'

/** Options of the methods of {@link SummaryWriter}. */
export interface SummaryOptions {
  /** When it was, in seconds since 1970; now by default. */
  wallTime?: number
}

/** Options of {@link SummaryWriter.addImage}. */
export interface ImageOptions extends SummaryOptions {
  /** What the axes are: channels, height, width; `CHW` by default. */
  dataformats?: 'CHW' | 'HWC' | 'HW'
}

const summaryOptions = /* @__PURE__ */ defineOptions<SummaryOptions>({ wallTime: real })
const imageOptions = /* @__PURE__ */ defineOptions<ImageOptions>({
  wallTime: real,
  dataformats: /* @__PURE__ */ oneOf('CHW', 'HWC', 'HW'),
})

let files = 0

/** Refuses a tag that is no text, and a step that is no integer. */
function checkPlace(tag: string, step: number): void {
  if (typeof tag !== 'string' || tag === '')
    throw new ValueError(`the tag must be a string that is not empty, got ${describeValue(tag)}`)
  if (!Number.isSafeInteger(step))
    throw new ValueError(`the step of ${JSON.stringify(tag)} must be an integer, got ${describeValue(step)}`)
}

const histogramValues = /* @__PURE__ */ kind<Tensor | ArrayLike<number>>(
  'a tensor, an array or a typed array of numbers',
  (x) => x instanceof Tensor || Array.isArray(x) || ArrayBuffer.isView(x),
)

/**
 * Writes what TensorBoard shows: scalars, histograms, images and text. In Node a file in a folder, which grows as training goes on; in a page a file of
 * a folder, which is there once the writer is closed.
 *
 * What is added is written in the background; an error of it is thrown by `flush()` and `close()`.
 *
 * @see https://pytorch.org/docs/stable/tensorboard.html
 * @example
 * const folder = g.io.memoryFolder()
 * const writer = new g.io.SummaryWriter(folder)
 * for (let step = 0; step < 3; step++) writer.addScalar('loss', 1 / (step + 1), step)
 * writer.addHistogram('weights', g.randn(100), 2)
 * await writer.close()
 * ;(await folder.list()).length // => 1
 */
export class SummaryWriter {
  /** The name of its file. */
  readonly file: string
  private readonly opened: Promise<ByteSink>
  private writing: Promise<void>
  private failure: { error: unknown } | null = null
  private closed = false

  /** @param logDir - the path of a folder, which is made, or a folder */
  constructor(logDir: string | Folder = 'runs') {
    if (typeof logDir !== 'string') folderOf('SummaryWriter', 'logDir', logDir)
    const now = Date.now() / 1000
    this.file = `events.out.tfevents.${Math.floor(now)}.gradus.${processNumber()}.${files++}`
    this.opened = typeof logDir === 'string' ? appendSink(logDir, this.file) : logDir.create(this.file)
    this.writing = this.opened.then(() => {})
    this.writing = this.noting(this.writing)
    this.event([double(1, now), text(3, 'brain.Event:2')])
  }

  /**
   * Adds a number.
   *
   * @param value - a number, or a tensor of one element
   * @throws ValueError for what is neither
   */
  addScalar(tag: string, value: number | Tensor, step: number, options?: SummaryOptions): void {
    checkPlace(tag, step)
    const number = value instanceof Tensor ? value.item() : value
    if (typeof number !== 'number')
      throw new ValueError(
        `addScalar(${JSON.stringify(tag)}): the value must be a number, got a ${typeof value}`,
      )
    this.summary(tag, [float(2, number)], step, takeOptions('addScalar', summaryOptions, options))
  }

  /**
   * Adds how values are spread.
   *
   * @throws ValueError for no values, and for some that are not finite
   */
  addHistogram(
    tag: string,
    values: Tensor | ArrayLike<number>,
    step: number,
    options?: SummaryOptions,
  ): void {
    checkPlace(tag, step)
    takeArgument('addHistogram', 'values', histogramValues, values)
    const numbers =
      values instanceof Tensor
        ? Float64Array.from(values.detach().to('float64').readSync(), Number)
        : Float64Array.from({ length: values.length }, (_, i) => values[i])
    if (numbers.length === 0)
      throw new ValueError(`addHistogram(${JSON.stringify(tag)}): The input has no element.`)
    if (!numbers.every(Number.isFinite))
      throw new ValueError(`addHistogram(${JSON.stringify(tag)}): the values must be finite`, {
        hint: 'NaN and infinities have no place in a histogram',
      })
    this.summary(tag, [histogram(numbers)], step, takeOptions('addHistogram', summaryOptions, options))
  }

  /**
   * Adds an image.
   *
   * @param image - [channels, height, width], of 1, 3 or 4 channels; uint8, or floating from 0 to 1
   * @throws ValueError for another shape
   */
  addImage(tag: string, image: Tensor, step: number, options?: ImageOptions): void {
    const { dataformats = 'CHW', ...rest } = takeOptions('addImage', imageOptions, options)
    checkPlace(tag, step)
    takeTensor('addImage', 'image', image)
    const pixels = pixelsOf(tag, image, dataformats)
    const { width, height, channels } = pixels
    this.enqueue(async () => {
      const png = await encodePng(pixels)
      return this.encode(
        tag,
        [message(4, [int(1, height), int(2, width), int(3, channels), bytes(4, png)])],
        step,
        rest,
      )
    })
  }

  /** Adds text, which TensorBoard reads as Markdown. */
  addText(tag: string, value: string, step: number, options?: SummaryOptions): void {
    checkPlace(tag, step)
    if (typeof value !== 'string')
      throw new ValueError(
        `addText(${JSON.stringify(tag)}): the value must be a string, got a ${typeof value}`,
      )
    // a tensor of one string, for the plugin of that name
    const content = [int(1, 7), message(2, [message(2, [int(1, 1)])]), text(8, value)]
    const plugin = message(9, [message(1, [text(1, 'text')])])
    this.summary(
      `${tag}/text_summary`,
      [message(8, content), plugin],
      step,
      takeOptions('addText', summaryOptions, options),
    )
  }

  /** Waits until all that was added is written. */
  async flush(): Promise<void> {
    await this.writing
    const { failure } = this
    this.failure = null
    if (failure) throw failure.error
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    if (!this.closed) {
      this.closed = true
      this.writing = this.noting(this.writing.then(async () => (await this.opened).close()))
    }
    await this.flush()
  }

  // ---- inside

  private summary(tag: string, fields: readonly Field[], step: number, options: SummaryOptions): void {
    const event = this.encode(tag, fields, step, options)
    this.enqueue(async () => event)
  }

  private encode(
    tag: string,
    fields: readonly Field[],
    step: number,
    { wallTime = Date.now() / 1000 }: SummaryOptions,
  ): Field[] {
    return [double(1, wallTime), int(2, step), message(5, [message(1, [text(1, tag), ...fields])])]
  }

  private event(fields: readonly Field[]): void {
    this.enqueue(async () => fields)
  }

  private enqueue(make: () => Promise<readonly Field[]>): void {
    if (this.closed) throw new ValueError('the writer is closed')
    this.writing = this.noting(
      this.writing.then(async () => (await this.opened).write(record(joined(await make())))),
    )
  }

  /** Keeps an error for whoever waits next. */
  private noting(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      this.failure ??= { error }
    })
  }
}

const processNumber = (): number =>
  typeof process === 'object' && typeof process.pid === 'number' ? process.pid : 0

/** Bytes of an image, channels last. */
function pixelsOf(tag: string, image: Tensor, format: 'CHW' | 'HWC' | 'HW'): Pixels {
  const refuse = (): ValueError =>
    new ValueError(
      `addImage(${JSON.stringify(tag)}): the image is [${image.shape.join(', ')}], which is not ${format} of 1, 3 or 4 channels`,
      {
        hint: 'say { dataformats } if the axes are others; a batch is added one by one',
      },
    )
  if (image.ndim !== format.length) throw refuse()
  const last = format === 'CHW' ? image.permute(1, 2, 0) : format === 'HW' ? image.unsqueeze(2) : image
  const [height, width, channels] = last.shape
  if ((channels !== 1 && channels !== 3 && channels !== 4) || height === 0 || width === 0) throw refuse()
  const values = last.detach().readSync()
  const scale = image.isFloatingPoint() ? 255 : image.dtype === 'bool' ? 255 : 1
  // as NumPy does it after clipping: fractions are cut
  const data = Uint8Array.from(values, (x: number | bigint) =>
    Math.trunc(Math.min(255, Math.max(0, Number(x) * scale))),
  )
  return { width, height, channels, data }
}
