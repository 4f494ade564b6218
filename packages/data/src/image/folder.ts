import type { Tensor } from '@gradus/core'
import { defineOptions, functionKind, takeArgument, text, withDefaults } from '@gradus/core/internal'
import type { ItemContext } from '../datasets/context.ts'
import { positionIn, type Dataset } from '../datasets/dataset.ts'
import { DataError } from '../readers/data-error.ts'
import { nodeFiles } from '../readers/source.ts'
import { decodeImage } from './decode.ts'

/** An image, and the number of its class. */
export type ImageItem = [image: Tensor, label: number]

/** Options of {@link ImageFolder}. */
export interface ImageFolderOptions {
  /** What becomes of an image, uint8 `[3, height, width]`; drawing from the context's generator repeats when resumed. */
  transform?: (image: Tensor, context?: ItemContext) => Tensor
}

const table = /* @__PURE__ */ defineOptions<ImageFolderOptions>({ transform: functionKind() })

const extensions = /\.(png|jpe?g)$/i

/**
 * Images in Node's folders, one for each class: `root/cat/1.png`, `root/dog/2.jpg`. Classes are numbered in the order of their
 * names; files lie in the folder of their class, or deeper. For `for await`, since files are read as they are asked for.
 *
 * @throws DataError for a folder that is not there, and a class without images
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 * @example
 * ```ts norun
 * import { ImageFolder } from '@gradus/data/image'
 * const images = new ImageFolder('pets', { transform: (x) => x.to('float32').div(255) })
 * for await (const [x, y] of new g.utils.data.DataLoader(images, { batchSize: 32, shuffle: true })) …
 * ```
 */
export class ImageFolder implements Dataset<ImageItem> {
  /** Names of the classes. */
  readonly classes: readonly string[]
  /** Paths of the images, and the numbers of their classes. */
  readonly samples: readonly (readonly [path: string, label: number])[]
  readonly #transform: ImageFolderOptions['transform']

  constructor(root: string, options?: ImageFolderOptions) {
    takeArgument('ImageFolder', 'root', text, root)
    this.#transform = withDefaults('ImageFolder', table, options, {}).transform
    const fs = nodeFiles()
    if (fs === undefined) {
      throw new DataError('an ImageFolder reads folders of Node', {
        hint: 'in a page give decodeImage() the files',
      })
    }
    const list = (folder: string) => {
      try {
        return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause)
        throw new DataError(`the folder ${JSON.stringify(folder)} cannot be read: ${what}`, { cause })
      }
    }
    const imagesIn = (folder: string): string[] =>
      list(folder).flatMap((entry) => {
        const path = `${folder}/${entry.name}`
        if (entry.isDirectory()) return imagesIn(path)
        return extensions.test(entry.name) ? [path] : []
      })
    this.classes = list(root)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
    if (this.classes.length === 0) {
      throw new DataError(`Couldn't find any class folder in ${JSON.stringify(root)}`, {
        hint: 'each class has a folder of its own, with PNG or JPEG files',
      })
    }
    this.samples = this.classes.flatMap((name, label) => {
      const paths = imagesIn(`${root}/${name}`)
      if (paths.length > 0) return paths.map((path) => [path, label] as const)
      throw new DataError(`Found no valid file for the class ${JSON.stringify(name)}`, {
        hint: 'files end in .png, .jpg or .jpeg',
      })
    })
  }

  get length(): number {
    return this.samples.length
  }

  async get(index: number, context?: ItemContext): Promise<ImageItem> {
    const [path, label] = this.samples[positionIn(index, this.length)]
    const image = await decodeImage(path)
    return [this.#transform ? this.#transform(image, context) : image, label]
  }
}
