import { inspect } from 'node:util'
import { ones, setBackend, setWarningHandler, tensor, zeros, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { beforeEach, expect, test } from 'vitest'
import {
  Identity,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  ParameterList,
  Sequential,
} from '../src/index.ts'

setBackend(referenceBackend())

let warnings: string[] = []
beforeEach(() => {
  warnings = []
  setWarningHandler((message) => warnings.push(message))
})

class Scale extends Module {
  weight = new Parameter(tensor([2, 3]))
  forward(x: Tensor): Tensor {
    return x.mul(this.weight)
  }
}

class Shift extends Module {
  bias = new Parameter(tensor([10]))
  offset = this.registerBuffer('offset', tensor([1]))
  cache = this.registerBuffer('cache', tensor([0]), { persistent: false })
  forward(x: Tensor, { twice = false } = {}): Tensor {
    return x
      .add(this.bias)
      .add(this.offset)
      .mul(twice ? 2 : 1)
  }
}

class Model extends Module {
  override name = 'a field that functions have too'
  override length = 7
  scale = new Scale()
  blocks = [new Scale(), new Shift()]
  gain = new Parameter(tensor([1]))
  forward(x: Tensor): Tensor {
    return this.scale(x)
  }
}

test('a module is called like a function, with the arguments of forward', () => {
  const shift = new Shift()
  expect(shift(tensor([1]), { twice: true }).tolist()).toEqual([24])
  expect(shift).toBeInstanceOf(Module)
  expect(shift).toBeInstanceOf(Shift)
})

test('fields may have the names that functions have', () => {
  const model = new Model()
  expect(model.name).toBe('a field that functions have too')
  expect(model.length).toBe(7)
})

test('private fields of subclasses work', () => {
  class Counting extends Module {
    #calls = 0
    forward(): number {
      return ++this.#calls
    }
  }
  const counting = new Counting()
  counting()
  expect(counting()).toBe(2)
})

test('parameters are listed by path, own ones first, arrays by position', () => {
  const names = new Model().namedParameters().map(([name]) => name)
  expect(names).toEqual(['gain', 'scale.weight', 'blocks.0.weight', 'blocks.1.bias'])
})

test('a prefix is put before names and recurse can be turned off', () => {
  const own = new Model().namedParameters({ prefix: 'm', recurse: false }).map(([name]) => name)
  expect(own).toEqual(['m.gain'])
})

test('a parameter that is reachable twice is listed once and saved twice', () => {
  const shared = new Scale()
  const model = new Sequential(shared, shared)
  expect(model.parameters()).toHaveLength(1)
  expect(model.namedParameters({ removeDuplicate: false })).toHaveLength(2)
  expect(Object.keys(model.stateDict())).toEqual(['0.weight', '1.weight'])
  expect(model(ones(2)).tolist()).toEqual([4, 9])
})

test('buffers are listed, and only persistent ones are in the state dict', () => {
  const shift = new Shift()
  expect(shift.namedBuffers().map(([name]) => name)).toEqual(['offset', 'cache'])
  expect(Object.keys(shift.stateDict())).toEqual(['bias', 'offset'])
})

test('a buffer may be replaced by assignment', () => {
  const shift = new Shift()
  shift.offset = tensor([5])
  expect(shift.buffers()[0].tolist()).toEqual([5])
})

test('names of buffers and parameters are checked', () => {
  const module = new Scale()
  expect(() => module.registerBuffer('a.b', zeros(1))).toThrow('buffer name can\'t contain "."')
  expect(() => module.registerBuffer('', zeros(1))).toThrow('buffer name can\'t be empty string ""')
  expect(() => module.registerBuffer('weight', zeros(1))).toThrow("attribute 'weight' already exists")
  expect(() => module.registerParameter('forward', null)).toThrow("attribute 'forward' already exists")
})

test('modules are listed parents first, each once', () => {
  const model = new Model()
  expect(model.namedModules().map(([name]) => name)).toEqual(['', 'scale', 'blocks.0', 'blocks.1'])
  expect(model.namedChildren().map(([name]) => name)).toEqual(['scale', 'blocks.0', 'blocks.1'])
  expect(model.modules()[0]).toBe(model)
})

test('paths lead to modules, parameters and buffers, or are named in the error', () => {
  const model = new Model()
  expect(model.getSubmodule('blocks.1')).toBe(model.blocks[1])
  expect(model.getSubmodule('')).toBe(model)
  expect(model.getParameter('scale.weight')).toBe(model.scale.weight)
  expect(model.getBuffer('blocks.1.offset').tolist()).toEqual([1])
  expect(() => model.getSubmodule('scale.nothing')).toThrow('Scale has no attribute `nothing`')
  expect(() => model.getParameter('scale')).toThrow('`scale` is not an nn.Parameter')
})

test('train and eval reach every module', () => {
  const model = new Model().eval()
  expect(model.modules().map((m) => m.training)).toEqual([false, false, false, false])
  expect(model.train().blocks[0].training).toBe(true)
})

test('apply visits children before their parent', () => {
  const seen: string[] = []
  new Model().apply((m) => seen.push(m.constructor.name))
  expect(seen).toEqual(['Scale', 'Scale', 'Shift', 'Model'])
})

test('requiresGrad_ freezes every parameter', () => {
  const model = new Model().requiresGrad_(false)
  expect(model.parameters().some((p) => p.requiresGrad)).toBe(false)
})

test('zeroGrad forgets gradients, or fills them with zeros', () => {
  const scale = new Scale()
  scale(ones(2)).sum().backward()
  const before = scale.weight.grad
  scale.zeroGrad({ setToNone: false })
  expect(scale.weight.grad?.tolist()).toEqual([0, 0])
  expect(before?.tolist()).toEqual([0, 0])
  scale.zeroGrad()
  expect(scale.weight.grad).toBeNull()
})

test('to converts floating parameters, gradients and buffers in place', () => {
  const shift = new Shift()
  shift.registerBuffer('count', tensor([1], { dtype: 'int64' }))
  shift(tensor([1]))
    .sum()
    .backward()
  const { bias } = shift
  shift.to('float16')
  expect(shift.bias).toBe(bias)
  expect([bias.dtype, bias.grad?.dtype, shift.offset.dtype]).toEqual(['float16', 'float16', 'float16'])
  expect(shift.getBuffer('count').dtype).toBe('int64')
  expect(bias.tolist()).toEqual([10])
  expect(() => shift.to('int32')).toThrow('only accepts floating point')
})

test('a state dict is detached and shares memory', () => {
  const scale = new Scale()
  const { weight } = scale.stateDict()
  expect(weight.requiresGrad).toBe(false)
  weight.fill_(9)
  expect(scale.weight.tolist()).toEqual([9, 9])
})

test('loading a state dict copies values and reports that all keys matched', () => {
  const scale = new Scale()
  const result = scale.loadStateDict({ weight: tensor([5, 6]) })
  expect(String(result)).toBe('<All keys matched successfully>')
  expect(scale.weight.tolist()).toEqual([5, 6])
  expect(scale.weight.requiresGrad).toBe(true)
})

test('loading lists everything that does not fit, in the words of PyTorch, and changes nothing', () => {
  const model = new Model()
  const before = model.scale.weight.tolist()
  const state = { 'scale.weight': ones(3), zzz: ones(1), gain: tensor([4]), 'blocks.0.weight': ones(2) }
  expect(() => model.loadStateDict(state)).toThrow(
    'Error(s) in loading state_dict for Model:\n' +
      '\tMissing key(s) in state_dict: "blocks.1.bias", "blocks.1.offset". \n' +
      '\tUnexpected key(s) in state_dict: "zzz". \n' +
      '\tsize mismatch for scale.weight: copying a param with shape [3] from checkpoint, the shape in current model is [2].',
  )
  expect(model.gain.tolist()).toEqual([1])
  expect(model.scale.weight.tolist()).toEqual(before)
})

test('loading with strict: false gives the keys that did not match', () => {
  const result = new Scale().loadStateDict({ other: ones(1) }, { strict: false })
  expect(result.missingKeys).toEqual(['weight'])
  expect(result.unexpectedKeys).toEqual(['other'])
  expect(String(result)).toBe("_IncompatibleKeys(missing_keys=['weight'], unexpected_keys=['other'])")
})

test('loading with assign takes over memory and dtype', () => {
  const scale = new Scale()
  scale.loadStateDict({ weight: tensor([1, 2], { dtype: 'float64' }) }, { assign: true })
  expect(scale.weight.dtype).toBe('float64')
  expect(scale.weight).toBeInstanceOf(Parameter)
})

test('the first call reports a module that it uses and does not own', () => {
  class Hidden extends Module {
    #scale = new Scale()
    forward(x: Tensor): Tensor {
      return this.#scale(x)
    }
  }
  const hidden = new Hidden()
  hidden(ones(2))
  hidden(ones(2))
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('Hidden calls a Scale that is not one of its modules')
  expect(warnings[0]).toContain('a #private field cannot be seen')
})

test('modules of a plain array and modules without parameters are not reported', () => {
  class Fine extends Module {
    layers = [new Scale(), [new Scale()]] as const
    forward(x: Tensor): Tensor {
      return new Identity()(this.layers[1][0](this.layers[0](x)))
    }
  }
  const fine = new Fine()
  fine(ones(2))
  expect(warnings).toEqual([])
  expect(Object.keys(fine.stateDict())).toEqual(['layers.0.weight', 'layers.1.0.weight'])
})

test('a module prints as in PyTorch, children indented by two spaces', () => {
  const text = 'Model(\n  (scale): Scale()\n  (blocks.0): Scale()\n  (blocks.1): Shift()\n)'
  expect(String(new Model())).toBe(text)
  expect(inspect(new Model())).toBe(text)
})

test('a list prints equal neighbours on one line', () => {
  const list = new ModuleList([new Scale(), new Scale(), new Shift()])
  expect(String(list)).toBe('ModuleList(\n  (0-1): 2 x Scale()\n  (2): Shift()\n)')
})

test('a parameter prints as one', () => {
  expect(String(new Parameter(tensor([1])))).toBe('Parameter containing:\ntensor([1.], requires_grad=True)')
})

test('a sequential takes layers or a record of them', () => {
  const model = new Sequential({ first: new Scale(), second: new Scale() })
  expect(model(ones(2)).tolist()).toEqual([4, 9])
  expect(Object.keys(model.stateDict())).toEqual(['first.weight', 'second.weight'])
  expect(new Sequential(new Scale(), new Identity()).at(-1)).toBeInstanceOf(Identity)
})

test('a list takes modules in between and gives them by position', () => {
  const list = new ModuleList([new Scale(), new Scale()])
  const shift = new Shift()
  list.insert(1, shift as never)
  expect(list.length).toBe(3)
  expect(list[1]).toBe(shift)
  expect(list.at(-1)).toBeInstanceOf(Scale)
  expect(() => list.at(3)).toThrow('index 3 is out of range')
  expect(() => list()).toThrow('Module [ModuleList] is missing the required "forward" function')
})

test('a dictionary of modules gives them by name', () => {
  const heads = new ModuleDict({ a: new Scale() })
  heads.set('b', new Scale())
  expect(heads.keys()).toEqual(['a', 'b'])
  expect(heads.get('b')(ones(2)).tolist()).toEqual([2, 3])
  expect(() => heads.get('c')).toThrow("ModuleDict has no module 'c'")
})

test('a list of parameters registers them under their positions', () => {
  const list = new ParameterList([ones(2), new Parameter(ones(1))])
  expect(Object.keys(list.stateDict())).toEqual(['0', '1'])
  expect(list.at(0)).toBeInstanceOf(Parameter)
  expect(String(list)).toContain('(0): Parameter containing: [float32 of size 2]')
})
